"""What may be done on a Facebook Page, and how: replies, private replies, messages, hiding, liking, deleting, posts.

https://developers.facebook.com/docs/pages-api/comments-mentions, .../posts, .../docs/messenger-platform/send-messages
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from . import _json as js
from . import _meta_talk as talk
from ._answers import dumped
from ._facebook import COMMENT, POST, envelope
from ._graph import Graph, Json
from ._meta_token import page_id
from .live import Command, Context, Deed, Line, Problem, Receipt, Way

LONGEST, LONGEST_POST, LONGEST_MESSAGE = 8000, 63_206, 2000
_PAIRS: tuple[tuple[Deed, Deed], ...] = (("hide", "unhide"), ("unhide", "hide"), ("like", "unlike"), ("unlike", "like"))


def ways(about: Context, settings: Mapping[str, str], now: datetime) -> tuple[Way, ...]:
    """What may be done with a comment, post, review, mention or message; a lead is answered by mail or telephone."""
    if talk.is_talk(about):
        return (talk.message_way(about, settings, now, LONGEST_MESSAGE),)
    if about.object_type in ("Form", "Profile", "Purpose", "Page", "") or about.verb in ("Like", "Undo"):
        return ()
    reply, liked = Way(deed="reply", longest=LONGEST, takes_files=1), Way(deed="unlike" if "like" in about.done else "like")
    if about.author is not None and about.author.value == str(about.props.get("account", "")):
        return (reply, Way(deed="delete"))
    if about.object_type in ("Review", "Mention"):
        return (reply, liked)
    is_hidden = bool(about.props.get("hidden")) or "hide" in about.done
    return (reply, talk.private_way(about, now, LONGEST_MESSAGE), Way(deed="unhide" if is_hidden else "hide"), liked)


def act(line: Line, command: Command) -> Receipt:
    """Raises Problem: what the Page's law forbids is not even asked."""
    graph, page, about = Graph(line), page_id(line), command.about
    if command.deed == "post":
        return _post(graph, page, command)
    target = about.object_key or about.native_id.partition(":")[2] or about.native_id
    open_ways = _reversible(ways(about, line.settings, line.now))
    way = talk.allowed(open_ways, command.deed, len(command.text))
    if command.deed in ("message", "private_reply"):
        who = js.text(about.author.value if about.author else "") if command.deed == "message" else ""
        recipient: Json = {"id": _customer(about, who, page)} if command.deed == "message" else {_private_key(about): target}
        return talk.send(graph, page, command, way, recipient, ("page", page))
    return _DEEDS[command.deed](graph, page, target, command)


def _reversible(found: tuple[Way, ...]) -> tuple[Way, ...]:
    """What was hidden or liked may be so again, and the other way round: another agent may have been quicker."""
    deeds = {way.deed for way in found}
    return found + tuple(Way(deed=other) for deed, other in _PAIRS if deed in deeds and other not in deeds)


def _customer(about: Context, author: str, page: str) -> str:
    """Who the talk is with: the other side of its thread, also when its last word was ours."""
    return author if author and author != page else about.thread_key.rpartition(":")[2]


def _private_key(about: Context) -> str:
    return "comment_id" if about.parent_key else "post_id"


def _change(page: str, now: datetime, value: Json, **more: Any) -> bytes:
    """A change of the feed as Facebook itself would deliver it."""
    seconds = int(now.timestamp())
    whole = {"from": {"id": page}, "created_time": seconds} | value | more
    return dumped({"object": "page", "entry": [{"id": page, "time": seconds, "changes": [{"field": "feed", "value": whole}]}]})


def _reply(graph: Graph, page: str, target: str, command: Command) -> Receipt:
    body: Json = {"message": command.text}
    if command.files:
        body["attachment_id"] = _photo(graph, page, command)
    said, now = js.text(graph.post(f"{target}/comments", body).get("id")), graph.line.now
    post = command.about.thread_key or target
    raw = _change(
        page, now, {"item": "comment", "verb": "add", "comment_id": said, "post_id": post, "parent_id": target, "message": command.text}
    )
    return Receipt(native_id=said, happened_at=now, url=f"https://www.facebook.com/{said}", raw=raw, quota=graph.quota)


def _photo(graph: Graph, page: str, command: Command) -> str:
    """An unpublished photo, to be attached."""
    file = command.files[0]
    if not file.content_type.startswith("image/"):
        raise Problem("permanent", "file_not_taken", file.content_type)
    sent = graph.ask(
        "POST", f"{page}/photos", {}, files={"source": (file.name, file.content, file.content_type)}, form={"published": "false"}
    )
    return js.text(sent.get("id"))


def _post(graph: Graph, page: str, command: Command) -> Receipt:
    if not command.text and not command.files:
        raise Problem("permanent", "empty")
    body: Json = {"message": command.text}
    if link := command.extra.get("link"):
        body["link"] = link
    if command.files:
        body["attached_media"] = [{"media_fbid": _photo(graph, page, command)}]
    said, now = js.text(graph.post(f"{page}/feed", body).get("id")), graph.line.now
    raw = _change(page, now, {"item": "status", "verb": "add", "post_id": said, "message": command.text, "published": 1})
    return Receipt(native_id=said, happened_at=now, url=f"https://www.facebook.com/{said}", raw=raw, quota=graph.quota)


def _hidden(graph: Graph, page: str, target: str, command: Command) -> Receipt:
    is_hidden, now = command.deed == "hide", graph.line.now
    graph.post(target, {"is_hidden": is_hidden})
    value: Json = {"item": "comment", "verb": command.deed, "comment_id": target, "post_id": command.about.thread_key}
    if not is_hidden:
        shown = graph.get(target, fields=COMMENT)
        value |= {"message": shown.get("message"), "from": shown.get("from"), "created_time": shown.get("created_time"),
                  "parent_id": js.text(js.at(shown, "parent", "id")) or command.about.parent_key}  # fmt: skip
    return Receipt(native_id=target, happened_at=now, raw=_change(page, now, value), quota=graph.quota)


def _liked(graph: Graph, page: str, target: str, command: Command) -> Receipt:
    now, is_liked = graph.line.now, command.deed == "like"
    graph.post(f"{target}/likes", {}) if is_liked else graph.delete(f"{target}/likes")
    about = command.about
    key = {"comment_id": target, "post_id": about.thread_key, "parent_id": about.parent_key} if about.parent_key else {"post_id": target}
    raw = _change(page, now, {"item": "reaction", "reaction_type": "like", "verb": "add" if is_liked else "remove"} | key)
    return Receipt(native_id=f"reaction:{target}:{page}", happened_at=now, raw=raw, quota=graph.quota)


def _deleted(graph: Graph, page: str, target: str, command: Command) -> Receipt:
    graph.delete(target)
    now, kind = graph.line.now, "comment" if command.about.parent_key else "post"
    raw = _change(page, now, {"item": kind, "verb": "remove", f"{kind}_id": target})
    return Receipt(native_id=target, happened_at=now, raw=raw, quota=graph.quota)


_DEEDS: dict[str, Callable[[Graph, str, str, Command], Receipt]] = {
    "reply": _reply, "hide": _hidden, "unhide": _hidden, "like": _liked, "unlike": _liked, "delete": _deleted,
}  # fmt: skip


def found(line: Line, command: Command, since: datetime) -> Receipt | None:
    """Graph takes no key for a deed: what we said is looked for where we said it. The rest may be done twice without harm."""
    graph, page, about = Graph(line), page_id(line), command.about
    if command.deed in ("message", "private_reply"):
        who = about.author.value if about.author else ""
        said = talk.sent_before(graph, page, "messenger", _customer(about, who, page), command.text, since, page)
        return None if said is None else _received(said, page, envelope(page) | {"messages": [said]}, graph)
    if command.deed not in ("reply", "post"):
        return None
    target = about.object_key or about.native_id
    edge = f"{page}/feed" if command.deed == "post" else f"{target}/comments"
    order = {} if command.deed == "post" else {"filter": "stream", "order": "reverse_chronological"}
    page_of_it = graph.get(edge, fields=POST if command.deed == "post" else COMMENT, limit="25", **order)
    for each in js.objs(page_of_it.get("data")):
        ours = js.text(js.at(each, "from", "id")) == page and js.text(each.get("message")).strip() == command.text.strip()
        if ours and js.when(each.get("created_time"), since) >= since.replace(microsecond=0):
            kept: Json = {"posts": [each]} if command.deed == "post" else {"comments": {about.thread_key or target: [each]}}
            return _received(each, page, envelope(page) | kept, graph)
    return None


def _received(said: Json, page: str, item: Json, graph: Graph) -> Receipt:
    moment = js.when(said.get("created_time"), graph.line.now)
    return Receipt(
        native_id=js.text(said.get("id")), happened_at=moment, url=js.text(said.get("permalink_url")), raw=dumped(item), quota=graph.quota
    )
