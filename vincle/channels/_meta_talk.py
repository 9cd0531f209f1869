"""Talks on Messenger and Instagram: how long one may answer, how it is sent, how the talks of before are read.

https://developers.facebook.com/docs/messenger-platform/policy/policy-overview, .../discovery/private-replies
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from . import _json as js
from ._answers import dumped
from ._graph import Graph, Json, following
from ._walk import Walk, pulled
from .live import Command, Context, Deed, Problem, Pulled, Receipt, Way

WINDOW, HUMAN, PRIVATE = timedelta(hours=24), timedelta(days=7), timedelta(days=7)
_MESSAGE = "id,created_time,from,to,message,attachments,sticker"
_KINDS = (("image_data", "image"), ("video_data", "video"), ("file_url", "file"))


def is_talk(about: Context) -> bool:
    return about.object_type == "Message" or about.thread_key.startswith("messages:")


def message_way(about: Context, settings: Mapping[str, str], now: datetime, longest: int) -> Way:
    """24 hours from the last word of the other side; seven days for a person who answers, where Meta lets the app do so."""
    last = about.last_in_at
    if last is None:
        return Way(deed="message", is_open=False, code="never_wrote", longest=longest)
    if now < last + WINDOW:
        return Way(deed="message", until=last + WINDOW, longest=longest, takes_files=1)
    if settings.get("human_agent") and now < last + HUMAN:
        return Way(deed="message", code="human_agent", until=last + HUMAN, longest=longest, takes_files=1)
    return Way(deed="message", is_open=False, code="window_closed", until=last + WINDOW, longest=longest)


def private_way(about: Context, now: datetime, longest: int, *, live: bool = False) -> Way:
    """One message to whoever wrote a comment, within seven days of it."""
    until = about.happened_at + PRIVATE if about.happened_at else None
    way = Way(deed="private_reply", code="once", until=until, longest=longest)
    if "private_reply" in about.done:
        return replace(way, is_open=False, code="already_sent", instead="reply")
    if live:
        return replace(way, is_open=False, code="only_while_live", until=None, instead="reply")
    if until is None or now >= until:
        return replace(way, is_open=False, code="too_old", instead="reply")
    return way


def allowed(ways: tuple[Way, ...], deed: Deed, length: int) -> Way:
    """The way of this deed, as it stands at the moment of doing it. Raises Problem where it is closed or the text is too long."""
    way = next((each for each in ways if each.deed == deed), None)
    if way is None:
        raise Problem("permanent", "cannot_act", deed)
    if not way.is_open:
        raise Problem("permanent", way.code or "window_closed", f"instead: {way.instead}" if way.instead else "")
    if way.longest is not None and length > way.longest:
        raise Problem("permanent", "too_long", f"{length} of {way.longest}")
    return way


def send(graph: Graph, node: str, command: Command, way: Way, recipient: Json, echo: tuple[str, str]) -> Receipt:
    """Send text, then files. `echo`: (object of the delivery, our own id) of how the platform will tell us of our own words."""
    about: Json = {"recipient": recipient, "messaging_type": "RESPONSE"}
    if way.code == "human_agent":
        about |= {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
    now = graph.line.now
    events, mid = [], ""
    parts: list[Json] = [{"text": command.text}] if command.text else []
    parts += [
        {"attachment": {"type": _kind(file.content_type), "payload": {"attachment_id": upload(graph, node, file)}}}
        for file in command.files
    ]
    if not parts:
        raise Problem("permanent", "empty")
    for message in parts:
        answer = graph.post(f"{node}/messages", about | {"message": message})
        said = js.text(answer.get("message_id"))
        mid, to = mid or said, js.text(answer.get("recipient_id")) or js.text(recipient.get("id"))
        inner = {"mid": said, "is_echo": True, "text": js.text(message.get("text"))}
        if "attachment" in message:
            inner["attachments"] = [{"type": message["attachment"]["type"]}]
        events.append({"sender": {"id": echo[1]}, "recipient": {"id": to}, "timestamp": stamp(now), "message": inner})
    raw = {"object": echo[0], "entry": [{"id": echo[1], "time": stamp(now), "messaging": events}]}
    return Receipt(native_id=mid, happened_at=now, raw=dumped(raw), quota=graph.quota)


def upload(graph: Graph, node: str, file: Any) -> str:
    kind = _kind(file.content_type)
    said = graph.ask(
        "POST", f"{node}/message_attachments", {}, files={"filedata": (file.name, file.content, file.content_type)},
        form={"message": dumped({"attachment": {"type": kind, "payload": {"is_reusable": True}}}).decode()},
    )  # fmt: skip
    return js.text(said.get("attachment_id"))


def _kind(content_type: str) -> str:
    kind = content_type.partition("/")[0]
    return kind if kind in ("image", "video", "audio") else "file"


def stamp(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def talks(graph: Graph, node: str, place: Walk, envelope: Json, platform: str) -> Pulled:
    """A page of talks, newest first, or a further page of the messages of one."""
    if place.queue:
        talk, *told = place.queue.pop()
        page = graph.get(f"{talk}/messages", fields=_MESSAGE, limit="50", **dict(zip(told[::2], told[1::2], strict=True)))
        return _pulled(graph, place, envelope, _news(place, talk, page))
    fields = f"id,updated_time,messages.limit(50){{{_MESSAGE}}}"
    page = graph.get(f"{node}/conversations", platform=platform, fields=fields, limit="10", **place.page)
    found = js.objs(page.get("data"))
    new = [talk for talk in found if place.takes(talk.get("updated_time"), js.text(talk.get("id")))]
    place.page = following(page) if len(new) == len(found) else {}
    return _pulled(
        graph, place, envelope, [each for talk in new for each in _news(place, js.text(talk.get("id")), js.obj(talk.get("messages")))]
    )


def _news(place: Walk, talk: str, page: Json) -> list[Json]:
    """What is new on a page of messages. The page after it belongs to the walk, unless something here was seen before."""
    found = js.objs(page.get("data"))
    new = [each for each in found if place.takes(each.get("created_time"), js.text(each.get("id")))]
    if len(new) == len(found) and (after := following(page)):
        place.queue.append([talk, *(part for pair in after.items() for part in pair)])
    return new


def _pulled(graph: Graph, place: Walk, envelope: Json, found: list[Json]) -> Pulled:
    return pulled(graph, place, envelope | {"messages": found} if found else {}, len(found))


def event(message: Json, account: str) -> Json:
    """A message as the Graph API answers it, in the shape of a delivery."""
    sender = js.obj(message.get("from"))
    others = [each for each in js.objs(js.at(message, "to", "data")) if js.text(each.get("id")) != js.text(sender.get("id"))]
    attachments = list(_attachments(js.objs(js.at(message, "attachments", "data"))))
    return {
        "sender": _party(sender), "recipient": _party(others[0] if others else {"id": account}), "timestamp": message.get("created_time"),
        "message": {"mid": message.get("id"), "text": message.get("message"), "is_echo": js.text(sender.get("id")) == account,
                    **({"attachments": attachments} if attachments else {})},
    }  # fmt: skip


def _party(source: Json) -> Json:
    return {"id": source.get("id"), "username": js.first(source, "username", "name")}


def _attachments(found: list[Json]) -> Iterator[Json]:
    for each in found:
        key, kind = next(((key, kind) for key, kind in _KINDS if each.get(key)), ("", "unknown"))
        url = js.text(js.at(each, key, "url")) or js.text(each.get(key))
        yield {"type": kind, "payload": {"url": url}} if url else {"type": kind}


def sent_before(graph: Graph, node: str, platform: str, person: str, text: str, since: datetime, ours: str) -> Json | None:
    """Our message with these words to this person since then, where an earlier try went through."""
    page = graph.get(f"{node}/conversations", platform=platform, user_id=person, fields=f"messages.limit(20){{{_MESSAGE}}}")
    said = [message for talk in js.objs(page.get("data")) for message in js.objs(js.at(talk, "messages", "data"))]
    return next((each for each in said if js.text(each.get("message")).strip() == text.strip()
                 and js.text(js.at(each, "from", "id")) == ours and js.when(each.get("created_time"), since) >= since), None)  # fmt: skip
