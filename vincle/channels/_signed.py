"""Schemes by which a sender proves what it sends, for senders nobody wrote a channel for.

Standard Webhooks 1.0 (https://www.standardwebhooks.com), an HMAC-SHA256 of the body in hexadecimal or base64, or the secret itself.
"""

import hmac
import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256

from .base import Accepted, Rejected, Request, Verdict

TOLERANCE = 300
_MOST = 20
_SIGNED = re.compile(r"signature|hmac|digest|hub-sig", re.IGNORECASE).search
_SHARED = re.compile(r"secret|token|api-?key|authorization|password", re.IGNORECASE).search


def proven(request: Request, scheme: str, secret: str) -> Verdict:
    """By one scheme, or ("auto") by whichever the sender uses: none of them can be met without the secret."""
    if not secret:
        return Rejected("no_secret")
    tried = SCHEMES.values() if scheme not in SCHEMES else (SCHEMES[scheme],)
    verdicts = [scheme(request, secret) for scheme in tried]
    good = next((verdict for verdict in verdicts if isinstance(verdict, Accepted)), None)
    if good:
        return good
    codes = {verdict.code for verdict in verdicts if isinstance(verdict, Rejected)}
    return Rejected(next((code for code in ("too_old", "wrong_signature") if code in codes), "no_signature"))


def standard(request: Request, secret: str) -> Verdict:
    """`webhook-signature: v1,<base64>` over `<id>.<time>.<body>`; several while a secret rotates; five minutes either way."""
    headers = request.headers
    name, time, given = (headers.get(f"webhook-{part}", "") for part in ("id", "timestamp", "signature"))
    if not (name and time and given):
        return Rejected("no_signature")
    try:
        key = b64decode(secret.removeprefix("whsec_"), validate=True) if secret.startswith("whsec_") else secret.encode()
    except (NotBase64, ValueError):
        key = secret.encode()
    expected = b64encode(hmac.digest(key, f"{name}.{time}.".encode("utf-8", "replace") + request.body, sha256))
    signatures = [part.partition(",")[2] for part in given.split(" ")[:_MOST] if part.startswith("v1,")]
    matches = [hmac.compare_digest(expected, each.encode(errors="replace")) for each in signatures]
    if not any(matches):
        return Rejected("wrong_signature")
    if not (time.isascii() and time.isdigit() and len(time) < 13) or abs(request.received_at.timestamp() - int(time)) > TOLERANCE:
        return Rejected("too_old")
    return Accepted(name[:200])


def _body(request: Request, secret: str) -> bytes:
    return hmac.digest(secret.encode(), request.body, sha256)


def hexadecimal(request: Request, secret: str) -> Verdict:
    return _fits(_values(request.headers, _SIGNED), _body(request, secret).hex(), str.lower)


def base64(request: Request, secret: str) -> Verdict:
    return _fits(_values(request.headers, _SIGNED), b64encode(_body(request, secret)).decode(), str)


def shared(request: Request, secret: str) -> Verdict:
    """The secret itself in a header, also as `Bearer` or as the password of `Basic`."""
    given = list(_values(request.headers, _SHARED))
    for each in list(given):
        kind, _, said = each.partition(" ")
        given.append(said.strip())
        if kind.lower() == "basic":
            try:
                given.append(b64decode(said, validate=True).decode("utf-8", "replace").partition(":")[2])
            except (NotBase64, ValueError):
                continue
    return _fits(iter(given), secret, str)


def _values(headers: Mapping[str, str], names: Callable[[str], object]) -> Iterator[str]:
    for name, value in list(headers.items())[:100]:
        if names(name):
            yield value.strip()


def _fits(given: Iterator[str], expected: str, fold: Callable[[str], str]) -> Verdict:
    """Whether one of the values is it, with or without the name of its method before it (`sha256=`)."""
    seen = [part for value in given if value for part in (value, value.partition("=")[2]) if part]
    if not seen:
        return Rejected("no_signature")
    good = [hmac.compare_digest(fold(each).encode(errors="replace"), expected.encode(errors="replace")) for each in seen]
    return Accepted() if any(good) else Rejected("wrong_signature")


SCHEMES: Mapping[str, Callable[[Request, str], Verdict]] = {
    "standard": standard, "hex": hexadecimal, "base64": base64, "header": shared,
}  # fmt: skip
