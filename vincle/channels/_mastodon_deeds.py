"""What we do on Mastodon: answers as public as what they answer, reactions, posts with pictures; each once however often it is tried."""

import re
import time
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from . import _json as js
from ._answers import dumped, judged, quota
from ._graphemes import graphemes
from ._mastodon_server import account, ask, get
from ._text import plain
from .live import Answer, Command, Context, File, Line, Problem, Receipt

Json = dict[str, Any]
_URL = re.compile(r"(?<![\w@/])https?://[^\s<>\"]+", re.IGNORECASE)
_NAME = re.compile(r"(?<![\w/])@(\w+(?:[.-]+\w+)*)(?:@[\w.-]+\w)?", re.ASCII)
_LINK_LENGTH = 23
_SKEW = timedelta(minutes=5)
_MARKS = {"like": "favourite", "unlike": "unfavourite", "boost": "reblog"}


def length(text: str) -> int:
    """As servers count: a link is 23 long whatever it is, and a name counts without its server."""
    return graphemes(_NAME.sub(r"@\1", _URL.sub("x" * _LINK_LENGTH, text)))


def act(line: Line, command: Command, key: str) -> Receipt:
    """Do it. Raises Problem; what this one thing does not allow is permanent and says nothing of our rights."""
    if command.deed not in ("post", "message") and not _native(command.about):
        raise Problem("gone", "not_there", "nothing to do it to")
    try:
        if command.deed in _MARKS:
            return _marked(line, command.about, command.deed, key)
        if command.deed == "delete":
            return _deleted(line, command.about)
        if command.deed in ("reply", "private_reply", "message", "post"):
            return _said(line, command, key)
    except Problem as problem:
        is_one_thing = problem.code == "not_allowed" and not any(word in problem.detail.lower() for word in ("scope", "login", "token"))
        if is_one_thing:
            raise Problem("permanent", "not_allowed", problem.detail) from problem
        raise
    raise Problem("permanent", "cannot_act", command.deed)


def words(command: Command) -> str:
    """The text with the names of those it is for, without whom they would never hear of it."""
    text, about = command.text.strip(), command.about
    names = [name.strip().removeprefix("@") for name in command.to]
    if command.deed in ("reply", "private_reply") and about.author is not None:
        names = [about.author.value, *names]
    missing = [name for name in dict.fromkeys(names) if name and not _names(text, name)]
    return " ".join([*(f"@{name}" for name in missing), text]) if command.deed != "post" else text


def _names(text: str, name: str) -> bool:
    return re.search(rf"(?<![\w@])@{re.escape(name)}(?![\w@]|\.\w)", text, re.IGNORECASE) is not None


def _visibility(command: Command) -> str:
    """As public as what is answered, never more."""
    if command.deed in ("private_reply", "message"):
        return "direct"
    if command.deed == "reply":
        return js.text(command.about.props.get("visibility")) or "public"
    return command.extra.get("visibility", "")


def _said(line: Line, command: Command, key: str) -> Receipt:
    text, warning = words(command), command.about.title if command.deed in ("reply", "private_reply") else command.subject
    if not command.text.strip() and not command.files:
        raise Problem("permanent", "empty")
    media = [_attached(line, file) for file in command.files]
    status: Json = {
        "status": text, "in_reply_to_id": _native(command.about), "visibility": _visibility(command), "spoiler_text": warning,
        "sensitive": bool(warning), "language": command.extra.get("language", ""), "media_ids": media,
    }  # fmt: skip
    answer = ask(
        line, "POST", "/api/v1/statuses", json={name: value for name, value in status.items() if value}, headers={"idempotency-key": key}
    )
    if answer.status == 422 and b"finished processing" in answer.body:
        raise Problem("transient", "media_processing", retry_after=10.0)
    return _receipt(js.obj(judged(answer, line.now)), answer, line)


def _native(about: Context) -> str:
    return about.object_key or about.native_id


def _receipt(status: Json, answer: Answer, line: Line) -> Receipt:
    native = js.text(status.get("id"))
    if not native:
        raise Problem("transient", "not_json", "a post without an id")
    return Receipt(
        native_id=native, happened_at=js.when(status.get("created_at"), line.now), url=js.first(status, "url", "uri"),
        raw=dumped(status), quota=quota(answer),
    )  # fmt: skip


def _attached(line: Line, file: File) -> str:
    """Hand a file over and wait until the server has made of it what it shows; larger ones take it some seconds."""
    request: Json = {
        "files": {"file": (file.name, file.content, file.content_type)},
        "form": {"description": file.alt} if file.alt else None,
    }
    answer = ask(line, "POST", "/api/v2/media", timeout=60.0, **request)
    if answer.status == 404:
        answer = ask(line, "POST", "/api/v1/media", timeout=60.0, **request)
    found = js.obj(judged(answer, line.now))
    native = js.text(found.get("id"))
    if not native:
        raise Problem("transient", "not_json", "a file without an id")
    pause = 0.2
    while answer.status in (202, 206) and not js.text(found.get("url")):
        if pause > 7:
            raise Problem("transient", "media_processing", file.name, 30.0)
        time.sleep(pause)
        pause *= 2
        answer = ask(line, "GET", f"/api/v1/media/{quote(native, safe='')}")
        found = js.obj(judged(answer, line.now))
    return native


def _marked(line: Line, about: Context, deed: str, key: str) -> Receipt:
    """A reaction of ours. Servers answer with the post alone: that it was us is put beside it, as a notification says it."""
    answer = ask(line, "POST", f"/api/v1/statuses/{quote(_native(about), safe='')}/{_MARKS[deed]}")
    status = js.obj(judged(answer, line.now))
    if deed == "boost":
        return _receipt(status, answer, line)
    now, ours = line.now, account(line)
    did: Json = {"id": f"own-{key}", "created_at": now.isoformat(), "account": ours, "status": status}
    did |= {"type": "favourite"} if deed == "like" else {"source": "vincle", "event": "unfavourite"}
    return Receipt(native_id=_native(about), happened_at=now, url=js.first(status, "url", "uri"), raw=dumped(did), quota=quota(answer))


def _deleted(line: Line, about: Context) -> Receipt:
    native = _native(about)
    answer = ask(line, "DELETE", f"/api/v1/statuses/{quote(native, safe='')}")
    try:
        judged(answer, line.now)
    except Problem as problem:
        if problem.kind != "gone":  # gone already is as good
            raise
    return Receipt(native_id=native, happened_at=line.now, raw=dumped({"event": "delete", "payload": native}), quota=quota(answer))


def found(line: Line, command: Command, since: datetime) -> Receipt | None:
    """Our own newest posts, looked through for these words in this place. Reactions may be done again without harm."""
    if command.deed not in ("reply", "private_reply", "message", "post"):
        return None
    ours, wanted, place = js.text(account(line).get("id")), _bare(words(command)), _native(command.about)
    answer = ask(line, "GET", f"/api/v1/accounts/{quote(ours, safe='')}/statuses", query={"limit": "40"})
    for status in js.objs(judged(answer, line.now)):
        is_new = js.when(status.get("created_at"), line.now) >= since - _SKEW
        is_there = js.text(status.get("in_reply_to_id")) == place
        if is_new and is_there and _bare(plain(js.text(status.get("content")))) == wanted:
            return _receipt(status, answer, line)
    return None


def _bare(text: str) -> str:
    """Words without the server of a name and without the shape of white space: servers show both in their own way."""
    return " ".join(_NAME.sub(r"@\1", text).split()).lower()


def granted(line: Line) -> frozenset[str]:
    """The scopes the server says our app has; empty where it does not say."""
    try:
        found = js.obj(get(line, "/api/v1/apps/verify_credentials"))
    except Problem as problem:
        if problem.kind in ("gone", "permanent") or problem.code == "not_json":
            return frozenset()
        raise
    scopes = found.get("scopes")
    return frozenset(js.texts(scopes) if isinstance(scopes, list) else js.text(scopes).split())
