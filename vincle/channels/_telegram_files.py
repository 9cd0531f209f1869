"""What is attached to messages on Telegram, and how it is fetched. Source: core.telegram.org/bots/api#getfile: files of 20 MB at most."""

from collections.abc import Mapping
from typing import Any

from . import _json as js
from ._answers import problem
from ._telegram_api import SERVER, Json, call
from .live import Attached, File, Line, Problem

_KINDS = {
    "document": "",
    "video": "video/mp4",
    "animation": "video/mp4",
    "audio": "audio/mpeg",
    "voice": "audio/ogg",
    "video_note": "video/mp4",
}
_ENDS = {"image/jpeg": ".jpg", "video/mp4": ".mp4", "audio/mpeg": ".mp3", "audio/ogg": ".ogg"}


def kept(message: Json) -> Json:
    """What is kept of a message to fetch its files by; of a photo its largest size."""
    photos = [photo for photo in js.objs(message.get("photo")) if photo.get("file_id")]
    found = [("photo", max(photos, key=lambda photo: js.number(photo.get("width")) or 0))] if photos else []
    # An animation is told as a document as well, for readers that know none.
    skipped = {"document"} if message.get("animation") else set()
    found += [(kind, js.obj(message.get(kind))) for kind in _KINDS if kind not in skipped and js.obj(message.get(kind)).get("file_id")]
    return {"attachments": [_one(kind, told) for kind, told in found]} if found else {}


def _one(kind: str, told: Json) -> Json:
    sort = js.text(told.get("mime_type")) or ("image/jpeg" if kind == "photo" else _KINDS[kind])
    values = {"type": kind, "name": js.text(told.get("file_name"))[:200], "content_type": sort[:100],
              "file_id": js.text(told.get("file_id")), "size": js.number(told.get("file_size"))}  # fmt: skip
    return {key: value for key, value in values.items() if value}


def attached(body: Mapping[str, Any]) -> tuple[Attached, ...]:
    return tuple(
        Attached(
            name=js.text(each.get("name")) or f"{js.text(each.get('type'))}{_ENDS.get(js.text(each.get('content_type')), '')}",
            content_type=js.text(each.get("content_type")), size=int(js.number(each.get("size")) or 0) or None,
            ref=js.text(each.get("file_id")), is_shown=each.get("type") == "photo",
        )
        for each in js.objs(body.get("attachments"))
    )  # fmt: skip


def fetch(line: Line, told: Attached) -> File:
    """Raises Problem."""
    if not told.ref:
        raise Problem("gone", "not_there")
    place = js.text(js.at(call(line, "getFile", file_id=told.ref), "file_path"))
    if not place:
        raise Problem("gone", "not_there")
    server = (line.settings.get("server", "") or SERVER).rstrip("/")
    answer = line.send("GET", f"{server}/file/bot{line.secrets.get('bot_token', '')}/{place.lstrip('/')}", timeout=60.0)
    if answer.status >= 300:
        raise problem(answer, line.now)
    return File(name=told.name, content_type=told.content_type, content=answer.body)
