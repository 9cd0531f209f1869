"""Signed words that travel through other people's hands: when a form was shown, whom a link is for, which file was promised."""

import secrets
import time
from typing import Any

from django.conf import settings
from django.core import signing
from django.urls import reverse
from msgspec import Struct

from vincle.accounts.models import Workspace

from .models import Form, Submission, Upload

_SHOWN, _PERSON, _FILE, _SENT = "leads.shown", "leads.person", "leads.file", "leads.sent"
LASTS = 24 * 3600
"""Seconds for which a page that was shown may be sent; then it is shown once more, with everything typed."""

STAND = 14 * 24 * 3600
"""Likewise for a page that was made ready for an event without a network."""


class Shown(Struct, frozen=True):
    """`id`: of the submission that this showing of the form may bring; `seconds` ago."""

    id: str
    seconds: float


def show(form: Form, now: float | None = None) -> str:
    """What a page that is shown carries, so that it can be told from what was never shown."""
    return signing.dumps([form.pk, secrets.token_hex(12), round(now or time.time(), 1)], salt=_SHOWN)


def shown(form: Form, token: str, lasts: float = LASTS, now: float | None = None) -> Shown | None:
    """None for what is no showing of this form, or too long ago."""
    found = _read(token, _SHOWN)
    if not isinstance(found, list) or len(found) != 3 or found[0] != form.pk:
        return None
    ago = (now or time.time()) - float(found[2])
    return Shown(str(found[1]), ago) if -60 <= ago <= lasts else None


def person(workspace: Workspace, handle: int) -> str:
    """For a link to someone known, who is then not asked again what is known. It shows nothing of them."""
    return signing.dumps([workspace.pk, handle], salt=_PERSON)


def person_of(workspace: Workspace, token: str) -> int | None:
    found = _read(token, _PERSON)
    return int(found[1]) if isinstance(found, list) and len(found) == 2 and found[0] == workspace.pk else None


def file(submission: Submission, upload: Upload) -> str:
    return signing.dumps([submission.pk, upload.pk], salt=_FILE)


def file_of(token: str) -> tuple[int, int] | None:
    found = _read(token, _FILE)
    return (int(found[0]), int(found[1])) if isinstance(found, list) and len(found) == 2 else None


def sent(submission: Submission) -> str:
    """For the page of thanks."""
    return signing.dumps(submission.pk, salt=_SENT)


def sent_of(token: str) -> int | None:
    found = _read(token, _SENT, max_age=LASTS)
    return found if isinstance(found, int) else None


def _read(token: str, salt: str, max_age: int | None = None) -> Any:
    try:
        return signing.loads(token, salt=salt, max_age=max_age) if 0 < len(token) < 500 else None
    except (signing.BadSignature, ValueError):
        return None


def form_url(form: Form, handle: int | None = None, **more: str) -> str:
    """The public address of a form; with a handle, for that person. `more`: what stands in its query, such as utm_source."""
    from urllib.parse import urlencode

    query = {**more, **({"p": person(form.workspace, handle)} if handle is not None else {})}
    address = f"{settings.PUBLIC_URL}{reverse('leads_public:form', kwargs={'slug': form.slug})}"
    return f"{address}?{urlencode(query)}" if query else address
