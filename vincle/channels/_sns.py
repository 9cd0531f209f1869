"""Messages of Amazon SNS, by which SES reports: signed with a certificate that is fetched from Amazon and from nowhere else.

Amazon signs for everybody who has a topic, so only one topic is believed: the one that was entered.
"""

import re
from base64 import b64decode
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256

from . import _json as js
from .base import Accepted, FileError, Rejected, Reply, Request, Verdict

_ARN: Final = re.compile(
    r"arn:(aws|aws-cn|aws-us-gov):sns:([a-z]{2,4}(?:-[a-z]{2,12}){1,3}-\d{1,2}):\d{12}:[\w-]{1,256}(?:\.fifo)?", re.ASCII
)
_CERTIFICATE: Final = re.compile(r"/SimpleNotificationService-[A-Za-z0-9]{20,64}\.pem", re.ASCII)
_CONFIRM: Final = re.compile(r"/\?Action=ConfirmSubscription&[\w.~%&=:-]{1,1500}", re.ASCII)
_SIGNED: Final = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    "UnsubscribeConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}
_HASHES: Final = {"1": SHA1, "2": SHA256}
MOST_KEYS: Final = 16
Fetch = Callable[[str, str], bytes]
_keys: dict[tuple[str, str], RSAPublicKey] = {}


class NotReached(Exception):
    """Amazon did not answer; trying later may help."""


def believed(request: Request, topic: str) -> Verdict:
    """Whether this is a message of our topic. A subscription is confirmed by asking Amazon at the address it names."""
    try:
        told = js.obj(js.load(request.body))
    except FileError:
        return Rejected("no_signature")
    kind, signature = js.text(told.get("Type")), js.text(told.get("Signature"))
    region = _ARN.fullmatch(topic)
    if kind not in _SIGNED or not signature or region is None:
        return Rejected("no_signature")
    if js.text(told.get("TopicArn")) != topic:
        return Rejected("wrong_signature")
    host = f"sns.{region[2]}.amazonaws.com{'.cn' if region[1] == 'aws-cn' else ''}"
    try:
        if not _is_signed(told, kind, signature, host, request.fetch):
            return Rejected("wrong_signature")
        path = _path(js.text(told.get("SubscribeURL")), host, _CONFIRM) if kind == "SubscriptionConfirmation" else ""
        if path and not request.fetch(host, path):
            raise NotReached(host)
    except NotReached:
        return Reply(status=503)
    except ValueError:
        return Rejected("wrong_signature")
    return Accepted(js.text(told.get("MessageId"))[:200]) if kind == "Notification" else Reply()


def _path(url: str, host: str, pattern: "re.Pattern[str]") -> str:
    """The path of an address on Amazon's own host, by https and the usual port. ValueError for any other."""
    parts = urlsplit(url)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    if parts.scheme != "https" or parts.netloc != host or parts.fragment or not pattern.fullmatch(path):
        raise ValueError(url[:200])
    return path


def _is_signed(told: dict[str, object], kind: str, signature: str, host: str, fetch: Fetch) -> bool:
    """ValueError and NotReached where the certificate cannot be had."""
    hashed = _HASHES.get(js.text(told.get("SignatureVersion")))
    if hashed is None:
        return False
    words = "".join(f"{name}\n{told[name]}\n" for name in _SIGNED[kind] if isinstance(told.get(name), str))
    key = _key(host, _path(js.text(told.get("SigningCertURL")), host, _CERTIFICATE), fetch)
    try:
        key.verify(b64decode(signature, validate=True), words.encode("utf-8", "replace"), PKCS1v15(), hashed())
    except InvalidSignature:
        return False
    return True


def _key(host: str, path: str, fetch: Fetch) -> RSAPublicKey:
    """Of a certificate, fetched once while the process lives."""
    if (host, path) not in _keys:
        pem = fetch(host, path)
        if not pem:
            raise NotReached(host)
        key = x509.load_pem_x509_certificate(pem).public_key()
        if not isinstance(key, RSAPublicKey):
            raise ValueError(path)
        if len(_keys) >= MOST_KEYS:
            _keys.clear()
        _keys[host, path] = key
    return _keys[host, path]
