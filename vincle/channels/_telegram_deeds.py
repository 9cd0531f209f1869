"""What a Telegram bot does: answers, edits, reactions, files, each in one call."""

import re
from typing import Any

from . import _json as js
from ._answers import dumped
from ._telegram_api import SOURCE, call
from .live import Command, Context, File, Line, Problem, Receipt, Way

Json = dict[str, Any]
LONGEST, LONGEST_CAPTION, MOST_FILES = 4096, 1024, 10
MOST_BYTES = 50 * 1024**2
_PLACE = re.compile(r"(-?\d+|@\w+):(\d+)$", re.ASCII)
_CHAT = re.compile(r"chat:(-?\d+)(?::(\d+))?$", re.ASCII)


def length(text: str) -> int:
    """As Telegram counts: UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def ways(about: Context) -> tuple[Way, ...]:
    if about.verb != "Create" or about.object_type not in ("Message", "Note") or not _chat(about)[0]:
        return ()
    return (Way(deed="reply", longest=LONGEST, takes_files=MOST_FILES), Way(deed="like"))


def _chat(about: Context) -> tuple[str, str]:
    """(chat, topic) of a conversation."""
    found = _CHAT.match(about.thread_key)
    if found:
        return found[1], found[2] or ""
    place = _PLACE.match(about.object_key or about.native_id)
    return (place[1], "") if place else ("", "")


def _message(key: str) -> tuple[str, int]:
    """(chat, message) of a native id. Problem when it is none."""
    found = _PLACE.match(key)
    if found is None:
        raise Problem("permanent", "not_there", key)
    return found[1], int(found[2])


def act(line: Line, command: Command) -> Receipt:
    about = command.about
    if command.extra.get("edit"):
        return _edited(line, command)
    if command.deed in ("reply", "message", "post"):
        return _sent(line, command)
    if command.deed in ("like", "unlike"):
        chat, number = _message(about.object_key or about.native_id)
        sign = command.extra.get("emoji", "👍")
        reaction = [{"type": "emoji", "emoji": sign}] if command.deed == "like" else []
        call(line, "setMessageReaction", chat_id=chat, message_id=number, reaction=reaction)
        return _told(line, f"reaction:{chat}:{number}", {"reacted": {"chat": chat, "message": number, "emoji": sign, "on": bool(reaction)}})
    if command.deed == "delete":
        chat, number = _message(about.object_key or about.native_id)
        call(line, "deleteMessage", chat_id=chat, message_id=number)
        return _told(line, f"{chat}:{number}", {"deleted": {"chat": chat, "message": number}})
    raise Problem("permanent", "cannot_act", command.deed)


def _told(line: Line, native: str, deed: Json) -> Receipt:
    """A deed of which Telegram says no more than that it is done."""
    bot = line.secrets.get("bot_token", "").partition(":")[0]
    raw = {"source": SOURCE, "at": line.now.isoformat(), "bot": bot, **deed}
    return Receipt(native_id=native, happened_at=line.now, raw=dumped(raw))


def _sent(line: Line, command: Command) -> Receipt:
    about = command.about
    chat, topic = _chat(about)
    chat = chat if command.deed == "reply" else next(iter(command.to), chat)
    if not chat:
        raise Problem("permanent", "no_recipients")
    _look_at(command)
    given: Json = {"chat_id": chat, "message_thread_id": int(topic) if topic and command.deed == "reply" else None,
                   "business_connection_id": js.text(about.props.get("business"))}  # fmt: skip
    place = _PLACE.match(about.object_key or about.native_id)
    if command.deed == "reply" and place:
        given["reply_parameters"] = {"message_id": int(place[2]), "allow_sending_without_reply": True}
    messages = js.objs(_delivered(line, command, given))
    first = messages[0] if messages else {}
    native = f"{js.text(js.at(first, 'chat', 'id'))}:{js.text(first.get('message_id'))}"
    return Receipt(native_id=native, happened_at=js.when(first.get("date"), line.now), url=_link(first),
                   raw=dumped({"source": SOURCE, "sent": messages}))  # fmt: skip


def _look_at(command: Command) -> None:
    """What Telegram would refuse is refused before anything leaves."""
    if not command.text.strip() and not command.files:
        raise Problem("permanent", "nothing_to_say")
    longest = LONGEST_CAPTION if command.files else LONGEST
    if length(command.text) > longest:
        raise Problem("permanent", "too_long", f"at most {longest}")
    if len(command.files) > MOST_FILES or sum(len(file.content) for file in command.files) > MOST_BYTES:
        raise Problem("permanent", "files_too_large", f"at most {MOST_FILES} files of {MOST_BYTES // 1024**2} MB together")


def _delivered(line: Line, command: Command, given: Json) -> Any:
    """One call whatever there is to send: it is done or not, and never by half."""
    if not command.files:
        return call(line, "sendMessage", text=command.text, **given)
    if len(command.files) == 1:
        file = command.files[0]
        kind = "photo" if file.content_type in ("image/jpeg", "image/png") and len(file.content) < 10 * 1024**2 else "document"
        return call(line, f"send{kind.title()}", {kind: _part(file)}, 60.0, caption=command.text, **given)
    media = [{"type": "document", "media": f"attach://file{place}"} for place in range(len(command.files))]
    if command.text:
        media[-1]["caption"] = command.text
    parts = {f"file{place}": _part(file) for place, file in enumerate(command.files)}
    return call(line, "sendMediaGroup", parts, 60.0, media=media, **given)


def _part(file: File) -> tuple[str, bytes, str]:
    name = re.sub(r"[\x00-\x1f\"\\/]", "_", file.name)[:150] or "file"
    return name, file.content, file.content_type or "application/octet-stream"


def found(command: Command) -> Receipt | None:
    """Telegram tells nothing of what a bot sent: only what may be done twice without harm is done again. Problem `maybe_sent`."""
    if command.deed in ("reply", "message", "post") and not command.extra.get("edit"):
        raise Problem("permanent", "maybe_sent")
    return None


def _edited(line: Line, command: Command) -> Receipt:
    chat, number = _message(command.extra["edit"])
    _look_at(command)
    result = call(line, "editMessageText", chat_id=chat, message_id=number, text=command.text)
    message = js.obj(result)
    return Receipt(native_id=f"{chat}:{number}", happened_at=js.when(message.get("edit_date"), line.now), url=_link(message),
                   raw=dumped({"source": SOURCE, "edited": message}))  # fmt: skip


def _link(message: Json) -> str:
    name = js.text(js.at(message, "chat", "username"))
    public = js.text(js.at(message, "chat", "type")) in ("channel", "supergroup") and name
    return f"https://t.me/{name}/{js.text(message.get('message_id'))}" if public else ""
