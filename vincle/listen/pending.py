"""Files that were sent and not imported yet: named by a signed word that only the one who sent them can use, for less than a day."""

import base64
from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import uuid4

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.utils.module_loading import import_string

from . import raw

LASTS = 20 * 3600
"""Seconds; `raw.sweep` removes what lies unused for a day."""

MOST = 20
_KEY = "uploads"


class Upload(NamedTuple):
    """A stored file that waits for someone's look. `nonce` tells two uploads of the same content apart."""

    digest: str
    size: int
    name: str
    nonce: str
    token: str

    @property
    def path(self) -> str:
        return f"{self.digest[:2]}/{self.digest}"


def sign(request: Any, digest: str, size: int, name: str) -> str:
    """The word for a file that `actions.keep_file` has stored."""
    short = base64.urlsafe_b64encode(bytes.fromhex(digest)).decode().rstrip("=")
    return signing.dumps([short, size, name[:120], uuid4().hex[:12]], salt=_salt(request), compress=True)


def read(request: Any, token: str) -> Upload | None:
    """The upload a word stands for; None when it is too old, of someone else, of another workspace, or when the file is gone."""
    try:
        short, size, name, nonce = signing.loads(token, salt=_salt(request), max_age=LASTS)
    except (signing.BadSignature, ValueError):
        return None
    upload = Upload(base64.urlsafe_b64decode(short + "=").hex(), size, name, nonce, token)
    return upload if raw.path(upload.path).is_file() else None


def _salt(request: Any) -> str:
    return f"listen.upload:{request.workspace.pk}:{request.user.pk}"


def remember(request: Any, tokens: Sequence[str]) -> None:
    """Keep words in the session. The stored session is held meanwhile: two uploads at once must not forget each other's."""
    _change(request, lambda kept: [*kept, *tokens][-MOST:])


def forget(request: Any, token: str) -> None:
    _change(request, lambda kept: [each for each in kept if each != token])


def waiting(request: Any) -> list[Upload]:
    """The uploads of this session that can still be imported into this workspace."""
    return [upload for token in request.session.get(_KEY, []) if (upload := read(request, token))]


def _change(request: Any, change: Any) -> None:
    store = import_string(f"{settings.SESSION_ENGINE}.SessionStore")
    with transaction.atomic():
        store.get_model_class().objects.select_for_update().filter(pk=request.session.session_key).first()
        session = store(request.session.session_key)
        kept = session.get(_KEY, [])
        changed = change(kept)
        if changed != kept:
            session[_KEY] = changed
            session.save()
