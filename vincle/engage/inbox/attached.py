"""Files people attached, as they are handed to a browser: never run there, pictures shown only when they are pictures."""

from typing import Final

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from vincle.channels.live import Attached, File

_PICTURES: Final = {
    "image/jpeg": (b"\xff\xd8\xff",), "image/png": (b"\x89PNG\r\n\x1a\n",), "image/gif": (b"GIF87a", b"GIF89a"), "image/webp": (b"RIFF",),
}  # fmt: skip
_KNOWN: Final = frozenset({"application/pdf", "audio/mpeg", "audio/ogg", "audio/mp4", "video/mp4"})
PLAIN: Final = "application/octet-stream"
_SHOWN: Final = 3 * 1024**2


def is_picture(told: Attached) -> bool:
    """Whether it is shown within the conversation: pictures, as far as they do not make a page slow."""
    return told.content_type.lower() in _PICTURES and (told.size or 0) <= _SHOWN


def type_of(content_type: str, content: bytes) -> str:
    """The type a file is handed out with: what it claims to be where that is harmless and true, else bytes that nothing opens by itself.

    >>> type_of("image/png", b"<script>"), type_of("text/html", b"<p>"), type_of("application/pdf; x=1", b"%PDF-1.7")
    ('application/octet-stream', 'application/octet-stream', 'application/pdf')
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind in _PICTURES:
        return kind if content.startswith(_PICTURES[kind]) else PLAIN
    return kind if kind in _KNOWN else PLAIN


def response(told: Attached, file: File) -> HttpResponse:
    """Saved under its name, whatever it is: a browser opens nothing of it within the product."""
    name = "".join(sign for sign in told.name or file.name if sign.isprintable() and sign not in "/\\")[:120] or "file"
    answer = HttpResponse(file.content, content_type=type_of(file.content_type or told.content_type, file.content))
    answer["Content-Disposition"] = content_disposition_header(True, name)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["Cache-Control"] = "private, no-store"
    return answer
