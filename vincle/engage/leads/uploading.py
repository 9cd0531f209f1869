"""Files of ours: pictures for landing pages, and what forms offer in return."""

import io
import secrets
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace

from .actions import Refused
from .answers import clean
from .models import Upload

LARGEST_PICTURE, LARGEST_OFFER, LARGEST_CARD = 8 * 1024**2, 20 * 1024**2, 6 * 1024**2
WIDEST = 2_000
"""Pixels: larger pictures are made smaller, and lose what the camera wrote into them."""

_FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/png"}
Image.MAX_IMAGE_PIXELS = 80_000_000


def pictures(workspace: Workspace) -> list[Upload]:
    return list(Upload.objects.of(workspace).filter(kind="picture").defer("content").order_by("-at")[:200])


def offers(workspace: Workspace) -> list[Upload]:
    return list(Upload.objects.of(workspace).filter(kind="offer").defer("content").order_by("-at")[:200])


def picture_bytes(raw: bytes, widest: int = WIDEST) -> tuple[bytes, str, int, int]:
    """(bytes, content type, width, height) of a picture drawn anew: whatever else was in the file is gone. Raises Refused."""
    try:
        with Image.open(io.BytesIO(raw)) as image:
            if image.format not in _FORMATS:
                raise Refused(_("Pictures are JPEG, PNG, WebP or GIF."))
            kind = _FORMATS[image.format]
            from PIL import ImageOps

            drawn = ImageOps.exif_transpose(image)
            drawn.thumbnail((widest, widest * 2))
            if kind == "image/jpeg" and drawn.mode != "RGB":
                drawn = drawn.convert("RGB")
            elif kind == "image/png" and drawn.mode not in ("RGB", "RGBA", "L"):
                drawn = drawn.convert("RGBA")
            out = io.BytesIO()
            drawn.save(out, {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}[kind], quality=85)
            return out.getvalue(), kind, drawn.width, drawn.height
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        if isinstance(error, Refused):
            raise
        raise Refused(_("This is no picture that can be read.")) from error


def keep_picture(workspace: Workspace, user: User, file: Any) -> Upload:
    """Raises Refused."""
    content, kind, width, height = picture_bytes(content_of(file, LARGEST_PICTURE))
    return _keep(workspace, user, "picture", clean(file.name, 200) or "picture", kind, content, width=width, height=height)


def keep_offer(workspace: Workspace, user: User, file: Any) -> Upload:
    """What a form offers. It is only ever handed out as a download. Raises Refused."""
    content = content_of(file, LARGEST_OFFER)
    name = clean(file.name.replace("/", " ").replace("\\", " "), 200) or "file"
    return _keep(workspace, user, "offer", name, _kind_of(content), content)


def _kind_of(content: bytes) -> str:
    return "application/pdf" if content.startswith(b"%PDF-") else "application/octet-stream"


def content_of(file: Any, most: int) -> bytes:
    if file is None or not file.size:
        raise Refused(_("Choose a file."))
    if file.size > most:
        raise Refused(_("The file may have %(n)d MB at most.") % {"n": most // 1024**2})
    return bytes(file.read())


def _keep(workspace: Workspace, user: User, kind: str, name: str, content_type: str, content: bytes, **more: Any) -> Upload:
    with transaction.atomic():
        row: Upload = Upload.objects.create(
            workspace=workspace, kind=kind, token=secrets.token_urlsafe(18), name=name, content_type=content_type, size=len(content),
            content=content, by=user, **more,
        )  # fmt: skip
        audit.record(workspace, user, "added", kind, row.pk, name, size=len(content))
    return row
