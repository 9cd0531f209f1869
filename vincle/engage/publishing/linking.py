"""Short links: which addresses they may lead to, how they look, and what is added on the way. Pure but for our own address."""

import secrets
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.conf import settings

ALPHABET: Final = "23456789abcdefghjkmnpqrstvwxyz"
"""Without signs that look alike; small letters only, for people type codes by hand."""
LENGTH: Final = 7
LONGEST_TARGET: Final = 2000


class BadTarget(ValueError):
    """`args[0]` is the code of what is wrong with an address."""


def new_code(length: int = LENGTH) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def address(code: str) -> str:
    """The whole short link."""
    return f"{settings.PUBLIC_URL}/l/{code}"


def as_long(url: str) -> str:
    """Something as long as the short link that will stand for `url`."""
    return address("x" * LENGTH)


def checked(url: str) -> str:
    """An address that a link may lead to. BadTarget: only http(s), to a host, without credentials, not back to a short link."""
    url = url.strip()
    if not url or len(url) > LONGEST_TARGET:
        raise BadTarget("too_long" if url else "empty")
    if not url.isprintable() or any(sign.isspace() or sign in '\\"<>^`{|}' for sign in url):
        raise BadTarget("not_an_address")
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError as error:
        raise BadTarget("not_an_address") from error
    if parts.scheme.lower() not in ("http", "https") or not host or host.startswith((".", "-")):
        raise BadTarget("not_an_address")
    if "@" in parts.netloc:
        raise BadTarget("has_credentials")
    own = urlsplit(settings.PUBLIC_URL)
    if host == own.hostname and parts.path.startswith("/l/"):
        raise BadTarget("leads_to_itself")
    return url


def tagged(url: str, tags: dict[str, str]) -> str:
    """The address with these parameters added; what it carries already stays.

    >>> tagged("https://a.example/x?utm_source=mail#top", {"utm_source": "x", "utm_medium": "social", "utm_term": ""})
    'https://a.example/x?utm_source=mail&utm_medium=social#top'
    """
    parts = urlsplit(url)
    there = {name for name, _value in parse_qsl(parts.query, keep_blank_values=True)}
    more = urlencode([(name, value) for name, value in tags.items() if value and name not in there])
    return urlunsplit(parts._replace(query="&".join(part for part in (parts.query, more) if part)))


def is_local(url: str = "") -> bool:
    """Whether this installation stands where nobody else can reach it: short links would lead nowhere."""
    host = urlsplit(url or settings.PUBLIC_URL).hostname or ""
    return host in ("localhost", "127.0.0.1", "::1") or host.endswith(".localhost")
