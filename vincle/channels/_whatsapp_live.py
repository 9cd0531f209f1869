"""WhatsApp Cloud, live: how the number stands, how long one may answer, templates outside of that, and how it is sent.

https://developers.facebook.com/docs/whatsapp/cloud-api. There is nothing to pull: WhatsApp delivers, and tells no past.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from vincle.vocabulary import HandleRef

from . import _json as js
from . import _meta_token as token
from ._answers import dumped
from ._graph import Graph, Json
from .live import Command, Context, File, Line, Problem, Receipt, Standing, Way

SCOPES = ("whatsapp_business_messaging", "whatsapp_business_management")
WINDOW = timedelta(hours=24)
LONGEST, LONGEST_CAPTION, MOST_FILES = 4096, 1024, 10
_NUMBER = "id,display_phone_number,verified_name,quality_rating,messaging_limit_tier,code_verification_status,status"
_KINDS = {"image": "image", "video": "video", "audio": "audio"}


def check(line: Line) -> Standing:
    """The number, its quality and tier, the rights of the token, and that Meta delivers to our app."""
    about = token.told(line)
    graph = Graph(line)
    number = graph.get(number_id(line), fields=_NUMBER)
    granted = frozenset(js.texts(about.get("scopes")))
    told = ((name, js.text(number.get(name)).lower()) for name in ("quality_rating", "messaging_limit_tier"))
    notes = [f"{name}:{said}" for name, said in told if said]
    if (account := line.settings.get("business_id", "").strip()) and not _delivered(graph, account):
        notes.append("not_subscribed")
    shown = js.text(number.get("display_phone_number"))
    digits = "".join(filter(str.isdigit, shown))
    name = js.text(number.get("verified_name"))
    own = (HandleRef("whatsapp", number_id(line), name), *((HandleRef("whatsapp", digits, name),) if digits else ()))
    return Standing(
        account=f"{name} {shown}".strip(),
        own=own,
        abilities=granted,
        token_ends_at=token.ends_at(about),
        quota=graph.quota,
        notes=tuple(notes),
        scopes_missing=tuple(each for each in SCOPES if each not in granted) if granted else (),
    )


def number_id(line: Line) -> str:
    found = line.settings.get("number_id", "").strip()
    if not found.isdigit():
        raise Problem("permanent", "no_number", found)
    return found


def _delivered(graph: Graph, account: str) -> bool:
    try:
        if js.objs(graph.get(f"{account}/subscribed_apps").get("data")):
            return True
        return graph.post(f"{account}/subscribed_apps", {}).get("success") is True
    except Problem as problem:
        if problem.kind in ("quota", "transient"):
            raise
        return False


def ways(about: Context, settings: Mapping[str, str], now: datetime) -> tuple[Way, ...]:
    """24 hours from their last word whatever we like; afterwards, and first of all, only a template that Meta has approved.

    `needs_template`: words of one's own are not taken; `Command.extra` names a template, its language and its variables.
    """
    if not about.thread_key.startswith("messages:"):
        return ()
    last = about.last_in_at
    if last is None or now >= last + WINDOW:
        return (Way(deed="message", is_open=False, code="needs_template", until=last + WINDOW if last else None, longest=LONGEST),)
    liked = (Way(deed="unlike" if "like" in about.done else "like"),) if _is_said(about) else ()
    return (Way(deed="message", until=last + WINDOW, longest=LONGEST, takes_files=MOST_FILES), *liked)


def _is_said(about: Context) -> bool:
    return about.object_type == "Message" and bool(about.native_id) and about.verb == "Create"


def act(line: Line, command: Command, key: str) -> Receipt:
    """Raises Problem: outside of the window only a template is sent."""
    graph, number, about = Graph(line), number_id(line), command.about
    whom = _recipient(command)
    if command.deed == "message" and command.extra.get("template"):
        return _send(graph, number, whom, [_template(command)], about, key)
    wanted = {"unlike": "like", "like": "unlike"}
    way = next((each for each in ways(about, line.settings, line.now) if command.deed in (each.deed, wanted.get(each.deed))), None)
    if way is None:
        raise Problem("permanent", "cannot_act", command.deed)
    if not way.is_open:
        raise Problem("permanent", way.code)
    if way.longest is not None and len(command.text) > way.longest:
        raise Problem("permanent", "too_long", f"{len(command.text)} of {way.longest}")
    if command.deed in ("like", "unlike"):
        emoji = (command.extra.get("emoji") or "👍") if command.deed == "like" else ""
        return _send(graph, number, whom, [{"type": "reaction", "reaction": {"message_id": about.native_id, "emoji": emoji}}], about, key)
    return _send(graph, number, whom, _messages(graph, number, command), about, key)


def _recipient(command: Command) -> Json:
    """`recipient` takes a business-scoped id, `to` a phone number: the thread's, for the last word may have been ours."""
    key = command.to[0] if command.to else command.about.thread_key.rpartition(":")[2]
    if not key and command.about.author:
        key = command.about.author.value
    digits = key.removeprefix("+")
    if not digits:
        raise Problem("permanent", "cannot_receive")
    return {"to": digits} if digits.isascii() and digits.isdigit() else {"recipient": key}


def _template(command: Command) -> Json:
    """`extra`: template, language, and 1, 2, 3 ... for its variables. https://.../cloud-api/guides/send-message-templates"""
    name = command.extra["template"]
    numbers = sorted(int(key) for key in command.extra if key.isascii() and key.isdigit())
    said = [{"type": "text", "text": command.extra[str(number)]} for number in numbers]
    body: Json = {"name": name, "language": {"code": command.extra.get("language") or "en"}}
    return {"type": "template", "template": body | ({"components": [{"type": "body", "parameters": said}]} if said else {})}


def _messages(graph: Graph, number: str, command: Command) -> list[Json]:
    """Words stand as the caption of the first picture, where it takes them; else they go first."""
    found, text = [], command.text
    for file in command.files[:MOST_FILES]:
        kind = _KINDS.get(file.content_type.partition("/")[0], "document")
        media = {"id": _uploaded(graph, number, file)} | ({"filename": file.name} if kind == "document" else {})
        if kind != "audio" and text and len(text) <= LONGEST_CAPTION:
            media, text = media | {"caption": text}, ""
        found.append({"type": kind, kind: media})
    if text:
        found.insert(0, {"type": "text", "text": {"body": text, "preview_url": True}})
    if not found:
        raise Problem("permanent", "empty")
    if _is_said(command.about):
        found[0]["context"] = {"message_id": command.about.native_id}
    return found


def _uploaded(graph: Graph, number: str, file: File) -> str:
    form = {"messaging_product": "whatsapp", "type": file.content_type}
    return js.text(
        graph.ask("POST", f"{number}/media", {}, form=form, files={"file": (file.name, file.content, file.content_type)}).get("id")
    )


def _send(graph: Graph, number: str, whom: Json, messages: list[Json], about: Context, key: str) -> Receipt:
    """Our words as WhatsApp tells them when they were written on the phone of the business."""
    now, first, echoes = graph.line.now, "", list[Json]()
    side = about.thread_key.rpartition(":")[2] or next(iter(whom.values()))
    # What becomes of it is told with the key of the deed.
    frame: Json = {"messaging_product": "whatsapp", "recipient_type": "individual", "biz_opaque_callback_data": key[:512]}
    for message in messages:
        try:
            said = graph.post(f"{number}/messages", frame | whom | message)
        except Problem as problem:
            if not echoes:
                raise
            raise Problem("permanent", "partly_sent", problem.detail) from problem  # whole once more would say the first part twice
        native = js.text(js.objs(said.get("messages"))[0].get("id")) if js.objs(said.get("messages")) else ""
        first = first or native
        person = {"to": side} if side.isascii() and side.isdigit() else {"to_user_id": side}
        echoes.append(_said(message) | person | {"id": native, "from": number, "timestamp": str(int(now.timestamp()))})
    value = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": number}, "message_echoes": echoes}
    change = {"field": "smb_message_echoes", "value": value}
    raw = {"object": "whatsapp_business_account", "entry": [{"id": number, "changes": [change]}]}
    return Receipt(native_id=first, happened_at=now, raw=dumped(raw), quota=graph.quota)


def found(command: Command) -> Receipt | None:
    """WhatsApp tells of what was sent by webhook alone: only a reaction may be done again without harm. Problem `maybe_sent`."""
    if command.deed == "message":
        raise Problem("permanent", "maybe_sent")
    return None


def _said(message: Json) -> Json:
    """A template is kept as what it says is called: Meta holds its words."""
    if message["type"] != "template":
        return message
    words = [
        js.text(part.get("text")) for each in js.objs(message["template"].get("components")) for part in js.objs(each.get("parameters"))
    ]
    return {"type": "text", "text": {"body": " · ".join([message["template"]["name"], *words])}}


def templates(line: Line) -> tuple[tuple[str, str], ...]:
    """(name, language) of what Meta has approved."""
    account = line.settings.get("business_id", "").strip()
    if not account:
        return ()
    found = Graph(line).get(f"{account}/message_templates", fields="name,language,status", limit="200")
    good = [each for each in js.objs(found.get("data")) if each.get("status") == "APPROVED"]
    return tuple((js.text(each.get("name")), js.text(each.get("language"))) for each in good)
