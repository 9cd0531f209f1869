"""Pictures for letters: what they are is read from their bytes, nothing but pixels is kept, and no letter carries ten megabytes."""

from hashlib import sha256
from io import BytesIO
from pathlib import PurePosixPath
from secrets import token_urlsafe
from typing import Any, Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace

from .actions import Refused
from .models import Picture

LARGEST: Final = 8 * 1024**2
WIDEST: Final = 1_200
MOST_PIXELS: Final = 40_000_000
KINDS: Final = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "WEBP": "image/jpeg"}
"""What is read, and as what it is kept: not every mail program shows WebP."""


def add(workspace: Workspace, user: User, name: str, content: bytes) -> Picture:
    """Keep a picture; the same one again is the one that stands. Raises Refused."""
    if len(content) > LARGEST:
        raise Refused(_("The picture is larger than %(most)d MB.") % {"most": LARGEST // 1024**2})
    made, kind, size = _drawn(content)
    digest = sha256(made).hexdigest()
    standing: Picture | None = Picture.objects.of(workspace).filter(sha256=digest).first()
    if standing:
        Picture.objects.of(workspace).filter(pk=standing.pk).update(hidden_at=None)
        return standing
    called = " ".join(PurePosixPath(name.replace("\\", "/").replace("\x00", "")).name.split())[:120] or _("Picture")
    try:
        with transaction.atomic():
            kept: Picture = Picture.objects.create(
                workspace=workspace, token=token_urlsafe(16), name=called, content_type=kind, width=size[0], height=size[1],
                size=len(made), sha256=digest, content=made, by=user,
            )  # fmt: skip
            audit.record(workspace, user, "added", "picture", kept.pk, called)
    except IntegrityError:
        return Picture.objects.of(workspace).get(sha256=digest)  # somebody added the same one meanwhile
    return kept


def _drawn(content: bytes) -> tuple[bytes, str, tuple[int, int]]:
    """The picture drawn anew without what cameras write beside it, (bytes, content type, (width, height)). Raises Refused."""
    try:
        with Image.open(BytesIO(content), formats=list(KINDS)) as image:
            if image.width * image.height > MOST_PIXELS:
                raise Refused(_("The picture has too many pixels."))
            kind = KINDS[image.format or ""]
            if image.format == "GIF" and getattr(image, "is_animated", False) and image.width <= WIDEST and len(content) < 2 * 1024**2:
                return content, kind, (image.width, image.height)
            upright = ImageOps.exif_transpose(image)
            if upright.width > WIDEST:
                upright = upright.resize((WIDEST, max(1, round(upright.height * WIDEST / upright.width))))
            return _saved(upright, kind)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError, KeyError) as error:
        raise Refused(_("This is no picture that letters can show. PNG, JPEG, GIF and WebP are.")) from error


def _saved(image: Image.Image, kind: str) -> tuple[bytes, str, tuple[int, int]]:
    out = BytesIO()
    has_alpha = image.mode in ("RGBA", "LA", "PA") or (image.mode == "P" and "transparency" in image.info)
    if kind == "image/jpeg" and not has_alpha:
        image.convert("RGB").save(out, "JPEG", quality=85, optimize=True, progressive=True)
    else:
        kind = "image/png"
        image.convert("RGBA" if has_alpha else "RGB").save(out, "PNG", optimize=True)
    return out.getvalue(), kind, image.size


def address(picture: Picture) -> str:
    """Where everybody sees it."""
    return f"{settings.PUBLIC_URL}{reverse('letters_public:picture', kwargs={'token': picture.token})}"


def shown(picture: Picture) -> dict[str, Any]:
    """As the editor offers it."""
    return {
        "pk": picture.pk,
        "url": address(picture),
        "name": picture.name,
        "alt": picture.alt,
        "width": picture.width,
        "height": picture.height,
    }


def offered(workspace: Workspace, most: int = 60) -> list[dict[str, Any]]:
    """Pictures that are not hidden, newest first."""
    rows = Picture.objects.of(workspace).filter(hidden_at=None).defer("content").order_by("-at", "-pk")[:most]
    return [shown(row) for row in rows]


def hide(workspace: Workspace, user: User, pk: int) -> bool:
    """Offer it no longer; letters that show it go on showing it."""
    with transaction.atomic():
        row = Picture.objects.of(workspace).filter(pk=pk, hidden_at=None)
        if not row.update(hidden_at=timezone.now()):
            return False
        audit.record(workspace, user, "hid", "picture", pk)
    return True
