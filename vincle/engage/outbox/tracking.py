"""Links of ours that count, and the picture that tells of an opening; only what was signed here is ever led to.

A writer asks `linker(job)`; None: the workspace does not count clicks.    linker.of(send.pk, "https://example.org/offer") -> address
"""

from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings

from vincle.identify import consent

from . import naming
from .models import Job, Send

OPENS = "opens"
"""The topic under which someone agrees to being counted when they open a mail."""


class Linker(NamedTuple):
    """Leads links through us."""

    base: str
    secret: bytes

    def of(self, send: int, url: str) -> str:
        """The address that counts and leads on to `url`; what is no web address, or too long, stays as it is."""
        if not is_countable(url):
            return url
        return f"{self.base}{naming.token(self.secret, send, url)}/"


def is_countable(url: str) -> bool:
    """Whether a link is led through us.

    >>> is_countable("https://example.org/"), is_countable("mailto:ana@x.org"), is_countable("javascript:alert(1)")
    (True, False, False)
    """
    if len(url) > naming.LONGEST_URL or not url.isprintable():
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def secret() -> bytes:
    return settings.SECRET_KEY.encode()[:64]


def linker(job: Job) -> Linker | None:
    """Of a job whose clicks are counted."""
    return Linker(f"{settings.PUBLIC_URL}/t/", secret()) if job.counts_clicks else None


def agreed(job: Job, sends: Sequence[Send]) -> set[int]:
    """Handles of those who agreed to being counted when they open a mail; asked only where a job goes by it."""
    if job.counts_opens != "agreed":
        return set()
    owners = {send.handle: send.person or -send.pk for send in sends if send.handle is not None}
    known = consent.state_of(job.workspace_id, owners)
    return {handle for handle, person in owners.items() if known[person].answer(handle, "email", OPENS).state == "granted"}


def with_picture(job: Job, send: Send, html: str, is_agreed: bool = False) -> str:
    """The page with the picture at its end, where openings of this one are counted."""
    if not html or job.counts_opens == "never" or (job.counts_opens == "agreed" and not is_agreed):
        return html
    picture = f'<img src="{settings.PUBLIC_URL}/o/{naming.token(secret(), send.pk, "")}.gif" width="1" height="1" alt="">'
    head, end, tail = html.rpartition("</body>")
    return f"{head}{picture}{end}{tail}" if end else html + picture
