"""How mail providers prove their reports: by a key (SendGrid, Postal), by Amazon's certificate (SES), by a secret.

What is entered as the secret says which: the name of a topic (`arn:aws:sns:...`), a public key, or words that only both sides know.
A public key and a topic are no secrets, so whoever knows them proves nothing by them.
"""

import hmac
import re
from base64 import b64decode
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from . import _json as js
from . import _sns
from ._signed import proven
from .base import Accepted, FileError, Rejected, Request, Verdict

TOLERANCE: Final = 86_400
"""Seconds: providers report for a day what they could not report at once."""

_KEY: Final = re.compile(r"[A-Za-z0-9+/=\s]{80,2000}")
_TIME: Final = "x-twilio-email-event-webhook-timestamp"
_SENDGRID: Final = "x-twilio-email-event-webhook-signature"
_POSTAL: Final = {"x-postal-signature-256": SHA256, "x-postal-signature": SHA1}
_SVIX: Final = ("svix-id", "svix-timestamp", "svix-signature")


def believed(request: Request, secret: str) -> Verdict:
    """Whether a report comes from the provider that this secret was entered for."""
    if not secret:
        return Rejected("no_secret")
    if secret.startswith("arn:"):
        return _sns.believed(request, secret)
    key = _public_key(secret)
    if isinstance(key, EllipticCurvePublicKey):
        return _sendgrid(request, key)
    if isinstance(key, RSAPublicKey):
        return _postal(request, key)
    if _mailgun(request, secret):
        return Accepted()
    return proven(_as_standard(request), "auto", secret)


@cache
def _public_key(text: str) -> object:
    """A key as PEM or as its bare base64; None where it is something else."""
    bare = re.sub(r"-----[A-Z ]+-----", "", text).strip().removeprefix("p=")
    if not _KEY.fullmatch(bare):
        return None
    try:
        return load_der_public_key(b64decode("".join(bare.split()), validate=True))
    except (ValueError, TypeError):
        return None


def _signature(request: Request, name: str) -> bytes:
    try:
        return b64decode(request.headers.get(name, ""), validate=True)
    except ValueError:
        return b""


def _sendgrid(request: Request, key: EllipticCurvePublicKey) -> Verdict:
    """ECDSA over the time and the body."""
    time, signature = request.headers.get(_TIME, ""), _signature(request, _SENDGRID)
    if not (time and signature):
        return Rejected("no_signature")
    try:
        key.verify(signature, time.encode("utf-8", "replace") + request.body, ECDSA(SHA256()))
    except InvalidSignature:
        return Rejected("wrong_signature")
    return Accepted() if _is_fresh(request, time) else Rejected("too_old")


def _is_fresh(request: Request, time: str) -> bool:
    return time.isascii() and time.isdigit() and len(time) < 13 and abs(request.received_at.timestamp() - int(time)) <= TOLERANCE


def _postal(request: Request, key: RSAPublicKey) -> Verdict:
    """RSA over the body; the newer hash where both are sent."""
    name = next((name for name in _POSTAL if request.headers.get(name)), "")
    if not name:
        return Rejected("no_signature")
    try:
        key.verify(_signature(request, name), request.body, PKCS1v15(), _POSTAL[name]())
    except InvalidSignature:
        return Rejected("wrong_signature")
    return Accepted()


def _as_standard(request: Request) -> Request:
    """Resend signs as Standard Webhooks do and names the headers by whom it has it done."""
    if not all(request.headers.get(name) for name in _SVIX):
        return request
    headers: Mapping[str, str] = {**request.headers, **{name.replace("svix", "webhook"): request.headers[name] for name in _SVIX}}
    return Request(
        method=request.method, path=request.path, received_at=request.received_at, query=request.query, headers=headers, body=request.body
    )


def _mailgun(request: Request, secret: str) -> bool:
    """Mailgun signs a time and a token within the body."""
    try:
        told = js.obj(js.obj(js.load(request.body)).get("signature"))
    except FileError:
        return False
    time, token, given = (js.text(told.get(name)) for name in ("timestamp", "token", "signature"))
    if not (token and given and _is_fresh(request, time)):
        return False
    expected = hmac.digest(secret.encode(), f"{time}{token}".encode("utf-8", "replace"), sha256).hex()
    return hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace"))
