"""Speaking with a personal data server of the AT protocol: a session that renews itself, calls, names of records."""

import base64
import json
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

from . import _json as js
from ._answers import judged, problem, told
from .base import FileError
from .live import Answer, Context, Line, Problem

Json = dict[str, Any]
SERVICE = "https://bsky.social"
_LETTERS = "234567abcdefghijklmnopqrstuvwxyz"
_STALE = ("ExpiredToken", "InvalidToken")
_CLOSED = ("AccountTakedown", "AccountSuspended", "AccountDeactivated", "RepoDeactivated", "RepoTakendown", "RepoSuspended")
_ABSENT = ("RecordNotFound", "RepoNotFound", "NotFound", "BlobNotFound")
_EARLY, _USUAL = 60.0, 3600.0
_FIRST_YEAR, _YEARS = 1_672_531_200_000_000, 2 * 365 * 86_400_000_000  # 2023, in microseconds


def get(line: Line, method: str, query: Mapping[str, str] | None = None) -> Any:
    """A query of the protocol, signed in. Raises Problem."""
    return judged_here(signed(line, "GET", method, query=query), line)


def do(line: Line, method: str, value: Json) -> Any:
    """A procedure of the protocol, signed in. Raises Problem."""
    return judged_here(signed(line, "POST", method, json=value), line)


def judged_here(answer: Answer, line: Line) -> Any:
    """As `judged`; and what this protocol calls a bad request is sorted by the error it names."""
    name = error(answer) if answer.status >= 400 else ""
    said = told(answer)
    if name in _STALE:
        raise Problem("auth", "not_authorised", said)
    if name in _CLOSED:
        raise Problem("auth", "account_closed", said)
    if name in _ABSENT or (answer.status == 400 and said.startswith(("Could not locate record", "Could not find repo"))):
        raise Problem("gone", "not_there", said)
    if name in ("MethodNotImplemented", "XRPCNotSupported") or said.startswith("No service configured"):
        raise Problem("permanent", "not_offered", said)
    return judged(answer, line.now)


def signed(line: Line, verb: str, method: str, **request: Any) -> Answer:
    """The bare answer to a call within the session; a token that the server finds stale is renewed once."""
    place, token = session(line)
    answer = _sent(line, verb, place, method, token, request)
    if answer.status == 401 or error(answer) in _STALE:
        place, token = session(line, is_stale=True)
        answer = _sent(line, verb, place, method, token, request)
    return answer


def session(line: Line, is_stale: bool = False) -> tuple[str, str]:
    """(the account's server, a token that is good there): the kept one, else a refreshed one, else a new session.

    New sessions are few (300 a day): one lasts as long as its refresh token, which every refresh replaces.
    """
    kept = line.secrets if line.secrets.get("session_of") == _whose(line) else {}
    access, refresh = kept.get("access_token", ""), kept.get("refresh_token", "")
    if access and not is_stale and (js.number(kept.get("access_until")) or 0) > line.now.timestamp():
        return home(line), access
    if refresh:
        answer = _sent(line, "POST", home(line), "com.atproto.server.refreshSession", refresh, {})
        if 200 <= answer.status < 300:
            return _kept(line, js.obj(judged(answer, line.now)))
        if answer.status == 429 or answer.status >= 500:
            raise problem(answer, line.now)
    return _begun(line)


def _begun(line: Line) -> tuple[str, str]:
    name, password = line.settings.get("handle", "").strip().removeprefix("@"), line.secrets.get("app_password", "").strip()
    if not name or not password:
        raise Problem("auth", "no_password")
    answer = line.send("POST", f"{service(line)}/xrpc/com.atproto.server.createSession", json={"identifier": name, "password": password})
    if error(answer) == "AuthFactorTokenRequired":
        raise Problem("auth", "needs_app_password", told(answer))
    if answer.status == 401:
        raise Problem("auth", "wrong_password", told(answer))
    return _kept(line, js.obj(judged_here(answer, line)))


def _kept(line: Line, found: Json) -> tuple[str, str]:
    """Keep a session. The account may live on another server than the one that let us in: its DID document tells."""
    access = js.text(found.get("accessJwt"))
    if not access:
        raise Problem("transient", "not_json", "a session without a token")
    if found.get("active") is False:
        raise Problem("auth", "account_closed", js.text(found.get("status")))
    services = js.objs(js.at(found, "didDoc", "service"))
    place = next((js.text(each.get("serviceEndpoint")) for each in services if js.text(each.get("id")).endswith("#atproto_pds")), "")
    if not place or (place.startswith("http://") and service(line).startswith("https://")):  # never from https to where all can listen
        place = home(line)
    place = place.rstrip("/")
    claims = _claims(access)
    lasts = (js.number(claims.get("exp")) or 0) - (js.number(claims.get("iat")) or 0)  # their clock may differ from ours
    until = line.now.timestamp() + (lasts - _EARLY if lasts > _EARLY else _USUAL)
    line.renew({
        "access_until": str(int(until)),
        "access_token": access, "refresh_token": js.text(found.get("refreshJwt")), "home": place, "did": js.text(found.get("did")),
        "session_of": _whose(line),
    })  # fmt: skip
    return place, access


def _whose(line: Line) -> str:
    """What a session was begun with: given another name, password or server, it is no longer used."""
    return js.digest(line.settings.get("handle", ""), line.secrets.get("app_password", ""), service(line))


def service(line: Line) -> str:
    """Where sessions begin, as the settings say."""
    place = line.settings.get("server", "").strip().rstrip("/") or SERVICE
    return place if "://" in place else f"https://{place}"


def home(line: Line) -> str:
    """Where the account lives, as its session told."""
    is_ours = line.secrets.get("session_of") == _whose(line)
    return (line.secrets.get("home", "") if is_ours else "") or service(line)


def did(line: Line) -> str:
    """The lasting name of our own account."""
    if not line.secrets.get("did") or line.secrets.get("session_of") != _whose(line):
        session(line)
    return line.secrets.get("did", "")


def _sent(line: Line, verb: str, place: str, method: str, token: str, request: Mapping[str, Any]) -> Answer:
    headers = {"authorization": f"Bearer {token}", **request.get("headers", {})}
    return line.send(verb, f"{place}/xrpc/{method}", **{**request, "headers": headers})


def scope(line: Line) -> str:
    """What our token may do, as it says itself: `com.atproto.appPass` for an app password, `com.atproto.access` for the real one."""
    return js.text(_claims(line.secrets.get("access_token", "")).get("scope"))


def _claims(token: str) -> Json:
    """What a token says of itself (RFC 7519), unverified: it is ours to hand back, not to trust."""
    try:
        return js.obj(json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "===")))
    except (ValueError, IndexError):
        return {}


def error(answer: Answer) -> str:
    """The name of the error in an answer, "" when it names none."""
    try:
        return js.text(js.obj(js.load(answer.body)).get("error")) if answer.status >= 400 and answer.body.strip() else ""
    except FileError:
        return ""


def address(uri: str) -> tuple[str, str, str]:
    """(owner, collection, key) of `at://owner/collection/key`; empty texts for what it does not name."""
    parts = uri.removeprefix("at://").split("/") if uri.startswith("at://") else []
    owner, collection, key = (*parts, "", "", "")[:3]
    return owner, collection, key


def record_key(key: str, about: Context) -> str:
    """A name for the record we make, the same for every try: a timestamp identifier close to what it answers.

    Records made to answer nothing get a moment of their own out of `key`: names only have to be sortable and unlike.
    """
    number = int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), "big")
    if about.happened_at is not None:
        moment = int(about.happened_at.timestamp() * 1_000_000) + number % 1_000_000
    else:
        moment = _FIRST_YEAR + number % _YEARS
    return tid(moment, number >> 32 & 1023)


def tid(moment: int, clock: int = 0) -> str:
    """A timestamp identifier of microseconds since 1970 and a clock's number below 1024: 13 letters that sort by time."""
    number = (moment & (1 << 53) - 1) << 10 | clock & 1023
    return "".join(_LETTERS[number >> shift & 31] for shift in range(60, -1, -5))


def tid_time(name: str) -> int | None:
    """Microseconds since 1970 in a timestamp identifier; None for any other name."""
    if len(name) != 13 or any(letter not in _LETTERS for letter in name):
        return None
    number = 0
    for letter in name:
        number = number << 5 | _LETTERS.index(letter)
    return number >> 10
