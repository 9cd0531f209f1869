"""How Meta proves its deliveries, alike for Pages, Instagram and WhatsApp: the handshake, the signature, the wish to be deleted.

https://developers.facebook.com/docs/graph-api/webhooks/getting-started, .../development/create-an-app/app-dashboard/data-deletion-callback
"""

import hmac
import re
from base64 import urlsafe_b64decode
from binascii import Error as NotBase64
from collections.abc import Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs

from vincle.vocabulary import Activity, HandleRef, Item, ObjectType, Verb

from . import _json as js
from ._answers import dumped
from .base import Accepted, FileError, Rejected, Reply, Request, Secret, Verdict

SIGNATURE = "x-hub-signature-256"
DELETION = "data_deletion"
FORGET = "asks to be forgotten"
_FORM = b"signed_request="
_CODE = re.compile(r"[0-9a-f]{24}").fullmatch
SECRETS = (
    Secret(name="client_secret", label="App secret", help="On developers.facebook.com: your app › App settings › Basic › App secret."),
    Secret(name="verify_token", label="Verify token",
           help="Make up a long word. Write the same at Meta in the field “Verify token” of the webhook."),
)  # fmt: skip


def verified(request: Request, secrets: Mapping[str, str]) -> Verdict:
    """The handshake by the verify token; deliveries by `X-Hub-Signature-256` over the raw body; deletions by their own signature."""
    if request.method != "POST":
        return _question(request, secrets.get("verify_token", ""))
    secret = secrets.get("client_secret", "")
    if not secret:
        return Rejected("no_secret")
    if request.body.startswith(_FORM):
        return _deletion(request, secret)
    given = request.headers.get(SIGNATURE, "").strip()
    if not given:
        return Rejected("no_signature")
    expected = b"sha256=" + hmac.new(secret.encode(), request.body, sha256).hexdigest().encode()
    return Accepted() if hmac.compare_digest(expected, given.encode(errors="replace")) else Rejected("wrong_signature")


def _question(request: Request, token: str) -> Verdict:
    """hub.challenge is given back to whoever knows the token; who asks for a deletion may see that it was heard."""
    asked = request.query
    if _CODE(asked.get("deletion", "")):
        return Reply(f"The request {asked['deletion']} to delete your data has been received.".encode())
    if asked.get("hub.mode") != "subscribe":
        return Reply(b"ok")
    if not token:
        return Rejected("no_secret")
    if not hmac.compare_digest(token.encode(errors="replace"), asked.get("hub.verify_token", "").encode(errors="replace")):
        return Rejected("wrong_token")
    return Reply(asked.get("hub.challenge", "")[:400].encode(errors="replace"))


def _signed(body: bytes) -> tuple[bytes, str, dict[str, Any]]:
    """(signature, what it signs, what that says) of a `signed_request`. FileError when it is none."""
    try:
        given, _, payload = parse_qs(body.decode("ascii"), max_num_fields=20)["signed_request"][0].partition(".")
        signature, said = (urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in (given, payload))
    except (KeyError, ValueError, NotBase64) as fault:
        raise FileError("not_a_delivery", "signed_request") from fault
    return signature, payload, js.obj(js.load(said))


def _deletion(request: Request, secret: str) -> Verdict:
    try:
        given, payload, said = _signed(request.body)
    except FileError:
        return Rejected("wrong_signature")
    if not hmac.compare_digest(hmac.digest(secret.encode(), payload.encode(), sha256), given) or not js.text(said.get("user_id")):
        return Rejected("wrong_signature")
    code = _confirmation(said)
    url = f"https://{request.headers.get('host', '')}{request.path}?deletion={code}"
    return Accepted(reply=Reply(dumped({"url": url, "confirmation_code": code}), "application/json"))


def _confirmation(said: dict[str, Any]) -> str:
    return js.digest(DELETION, js.text(said.get("user_id")), js.text(said.get("issued_at")))


def kept(request: Request, network: str) -> bytes:
    """The body; of a wish to be deleted what it says, for its signature is of no use later."""
    if not request.body.startswith(_FORM):
        return request.body
    try:
        said = _signed(request.body)[2]
    except FileError:
        return request.body
    wish = {"user_id": js.text(said.get("user_id")), "issued_at": said.get("issued_at"), "confirmation_code": _confirmation(said)}
    return dumped({"source": DELETION, "network": network} | wish)


def is_deletion(value: Mapping[str, Any], network: str) -> bool:
    return value.get("source") == DELETION and value.get("network") == network and bool(js.text(value.get("user_id")))


def deletion(network: str, value: Mapping[str, Any], received_at: datetime) -> Iterator[Item]:
    """Someone took the app off their account and wants to be forgotten: it stands in the stream for someone to act on."""
    code = js.text(value.get("confirmation_code")) or _confirmation(dict(value))
    yield Activity(
        verb=Verb.TRACK, object_type=ObjectType.PERSON, native_id=f"privacy:{code}", event_name=FORGET, is_machine=True,
        happened_at=js.when(value.get("issued_at"), received_at), actor=HandleRef(network, js.text(value.get("user_id"))),
        props={"confirmation_code": code},
    )  # fmt: skip
