"""What is attached to messages on WhatsApp, and how it is fetched while Meta keeps it (30 days; 7 what came by a webhook).

https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from . import _json as js
from ._answers import problem
from ._graph import Graph
from .live import Attached, File, Line, Problem

_ENDS = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp", "video/mp4": ".mp4", "audio/ogg": ".ogg", "audio/mpeg": ".mp3",
         "application/pdf": ".pdf"}  # fmt: skip
_HOSTS = ("fbsbx.com", "facebook.com", "fbcdn.net", "whatsapp.net")


def attached(body: Mapping[str, Any]) -> tuple[Attached, ...]:
    return tuple(_one(each) for each in js.objs(body.get("attachments")))


def _one(told: dict[str, Any]) -> Attached:
    kind, sort = js.text(told.get("type")), js.text(told.get("mime_type")).partition(";")[0].strip()
    name = js.text(told.get("filename"))[:200] or f"{kind}{_ENDS.get(sort, '')}"
    return Attached(name=name, content_type=sort[:100], ref=js.text(told.get("id")), is_shown=kind in ("image", "sticker"))


def fetch(line: Line, told: Attached) -> File:
    """Raises Problem. The token goes to Meta's own hosts only."""
    if not told.ref.isalnum():
        raise Problem("gone", "not_there")
    graph = Graph(line)
    url = js.text(graph.get(told.ref).get("url"))
    place, own = urlsplit(url), urlsplit(graph.base)
    host = (place.hostname or "").lower()
    if not (host == own.hostname or (place.scheme == "https" and any(host == each or host.endswith(f".{each}") for each in _HOSTS))):
        raise Problem("permanent", "not_allowed_there", host)
    answer = line.send("GET", url, headers={"authorization": f"Bearer {graph.token}"}, timeout=60.0)
    if answer.status >= 300:
        raise problem(answer, line.now)
    return File(name=told.name, content_type=told.content_type or answer.headers.get("content-type", ""), content=answer.body)
