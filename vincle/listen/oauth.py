"""Saying yes at a platform (OAuth 2.0, RFC 6749, with PKCE, RFC 7636): the way there, the way back, and new tokens before the old end."""

import re
import secrets as chance
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from hashlib import sha256
from string import Formatter
from threading import Lock
from time import monotonic, sleep
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlencode

import msgspec
import structlog
from django.conf import settings
from django.core import signing
from django.utils import timezone
from django.utils.translation import gettext as _

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace
from vincle.accounts.rules import Refused
from vincle.channels import _answers
from vincle.channels.live import Answer, OAuth, Problem
from vincle.channels.registry import channels
from vincle.store import lease
from vincle.store.secrets import Unreadable

from . import credentials
from .line import OutLine
from .models import Connection

SALT, SESSION, VALID = "oauth", "oauth", 3600
MOST_OPEN: Final = 5
"""Ways begun and not ended that a session remembers."""
WAITS: Final = 20.0
EARLY: Final = timedelta(minutes=10)
"""Tokens are renewed so long before they end."""
APP_NAME: Final = "Vincle"
logger = structlog.get_logger(__name__)


def spec_of(connection: Connection) -> OAuth | None:
    channel = channels().get(connection.channel)
    return channel.spec.oauth if channel else None


def start(session: MutableMapping[str, Any], connection: Connection, redirect_uri: str) -> str:
    """Where the browser is to go; `redirect_uri` is where it comes back to. An app is registered there first where the server has
    everyone do that. Raises Problem, Refused."""
    spec = spec_of(connection)
    if spec is None:
        raise Refused(_("This service is not connected by signing in there."))
    known = _app(connection, spec, redirect_uri)
    state, verifier = chance.token_urlsafe(24), chance.token_urlsafe(48)
    asked = {
        "response_type": "code", "client_id": known["client_id"], "redirect_uri": redirect_uri, "state": state,
        "scope": spec.scope_separator.join(spec.scopes), **spec.extra,
    }  # fmt: skip
    if spec.uses_pkce:
        digest = urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")
        asked |= {"code_challenge": digest, "code_challenge_method": "S256"}
    open_ways = dict(list(session.get(SESSION, {}).items())[-(MOST_OPEN - 1) :])
    open_ways[state] = signing.dumps([connection.workspace_id, connection.pk, verifier, redirect_uri], salt=SALT, compress=True)
    session[SESSION] = open_ways
    where = _filled(spec.authorize_url, connection.settings)
    return f"{where}{'&' if '?' in where else '?'}{urlencode({name: value for name, value in asked.items() if value})}"


def finish(session: MutableMapping[str, Any], workspace: Workspace, user: User | None, given: Mapping[str, str]) -> Connection:
    """What the platform sent the browser back with (`state`, `code` or `error`) becomes tokens, sealed.

    Raises Problem: wrong_state, expired, no_code, the platform's own code (access_denied ...), disconnected.
    """
    open_ways = dict(session.get(SESSION, {}))
    kept = open_ways.pop(given.get("state", ""), None)
    session[SESSION] = open_ways
    try:
        owner, pk, verifier, redirect_uri = signing.loads(kept or "", salt=SALT, max_age=VALID)
    except signing.SignatureExpired as error:
        raise Problem("auth", "expired") from error
    except signing.BadSignature as error:
        raise Problem("auth", "wrong_state") from error
    connection = Connection.objects.of(workspace).filter(pk=pk, token__isnull=False).first()
    spec = spec_of(connection) if connection else None
    if connection is None or spec is None or owner != workspace.pk:
        raise Problem("permanent", "disconnected")
    connection.workspace = workspace
    if given.get("error") or not given.get("code"):
        raise Problem("auth", _code(given.get("error"), "no_code"), given.get("error_description") or "")
    asked = {"grant_type": "authorization_code", "code": given["code"], "redirect_uri": redirect_uri}
    asked |= {"code_verifier": verifier} if spec.uses_pkce else {}
    _store(connection, spec, _tokens(connection, spec, asked))
    _looked_at_soon(connection)
    audit.record(workspace, user, "signed in", "connection", connection.pk, connection.name)
    return connection


def _looked_at_soon(connection: Connection) -> None:
    told: dict[str, Any] = {"checked_at": None, "check_next_at": timezone.now(), "state_kind": "", "state_code": "", "state_detail": ""}
    Connection.objects.filter(pk=connection.pk).update(**told)
    for name, value in told.items():
        setattr(connection, name, value)


def _app(connection: Connection, spec: OAuth, redirect_uri: str) -> dict[str, str]:
    """Id and secret of our app there; registered at this server first where it has everyone do that."""
    try:
        known = {**connection.settings, **credentials.given(connection)}
    except Unreadable as error:
        raise Problem("auth", credentials.UNREADABLE) from error
    if known.get("client_id") and known.get("redirect_uri", redirect_uri) == redirect_uri:
        return known
    if not spec.register_url:
        raise Refused(_("Give the id and the secret of your app at the service first."))
    asked = {"client_name": APP_NAME, "redirect_uris": redirect_uri, "scopes": " ".join(spec.scopes), "website": settings.PUBLIC_URL}
    with credentials.line(connection) as line:
        made = _answers.judged(line.send("POST", _filled(spec.register_url, connection.settings), form=asked))
    if not isinstance(made, dict) or not made.get("client_id"):
        raise Problem("permanent", "not_registered", "the server gave no client_id")
    fresh = {"client_id": str(made["client_id"]), "client_secret": str(made.get("client_secret") or ""), "redirect_uri": redirect_uri}
    credentials.renew(connection, fresh)
    return {**known, **fresh}


def _filled(template: str, values: Mapping[str, str]) -> str:
    """An address with the settings it names; what stands for a whole address begins it."""
    names = [name for _text, name, _spec, _conversion in Formatter().parse(template) if name]
    if missing := [name for name in names if not values.get(name)]:
        raise Problem("permanent", "setting_missing", ", ".join(missing))
    kept = {name: values[name].rstrip("/") if "://" in values[name] else quote(values[name], safe="") for name in names}
    return template.format(**kept)


def _tokens(connection: Connection, spec: OAuth, asked: Mapping[str, str]) -> dict[str, Any]:
    """Ask the platform for tokens, with the app's secret in the form, else (where it wants that) in the header. Raises Problem."""
    with credentials.line(connection) as line:
        known = {**line.settings, **line.secrets}
        url = _filled(spec.token_url, connection.settings)
        client = {"client_id": known.get("client_id", ""), "client_secret": known.get("client_secret", "")}
        answer = _posted(line, url, {**asked, **{name: value for name, value in client.items() if value}})
        if answer.status in (400, 401) and client["client_secret"] and b"invalid_client" in answer.body:
            basic = b64encode(f"{quote(client['client_id'], safe='')}:{quote(client['client_secret'], safe='')}".encode()).decode()
            answer = _posted(line, url, asked, {"authorization": f"Basic {basic}"})
        found = _read(answer)
        if not found.get("access_token"):
            raise line.problem(_refusal(answer))
        return found


def _posted(line: OutLine, url: str, form: Mapping[str, str], headers: Mapping[str, str] | None = None) -> Answer:
    return line.send("POST", url, form=form, headers={"accept": "application/json", **(headers or {})})


def _read(answer: Answer) -> dict[str, Any]:
    """JSON as the standard says, or a form as some older servers do."""
    if not 200 <= answer.status < 300:
        return {}
    if "form-urlencoded" in answer.headers.get("content-type", ""):
        return dict(parse_qsl(answer.body.decode("utf-8", "replace")))
    found = _answers.judged(answer)
    return found if isinstance(found, dict) else {}


def _refusal(answer: Answer) -> Problem:
    """The codes of RFC 6749 where the platform uses them."""
    if 200 <= answer.status < 300 or answer.status in (400, 401, 403):
        return Problem("auth", _code(_error(answer.body), "token_invalid"), _answers.told(answer))
    return _answers.problem(answer)


def _error(body: bytes) -> Any:
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return found.get("error") if isinstance(found, dict) else None


def _code(given: Any, usual: str) -> str:
    return given if isinstance(given, str) and re.fullmatch(r"[a-z_]{3,40}", given) else usual


def _store(connection: Connection, spec: OAuth, found: Mapping[str, Any]) -> None:
    """Keep tokens; what a renewal leaves out stays as it was."""
    fresh = {name: str(found[name]) for name in ("access_token", "refresh_token", "id_token") if found.get(name)}
    credentials.renew(connection, fresh, _end(found))
    if (granted := found.get("scope")) and isinstance(granted, str):
        had = set(granted.replace(",", " ").split())
        had |= {"offline_access"} if found.get("refresh_token") else set()  # some grant it without saying so
        missing = [scope for scope in spec.scopes if scope not in had]
        Connection.objects.filter(pk=connection.pk).update(scopes_missing=missing)
        connection.scopes_missing = missing


def _end(found: Mapping[str, Any]) -> datetime | None:
    try:
        seconds = float(found.get("expires_in") or 0)
    except (TypeError, ValueError):
        return None
    return timezone.now() + timedelta(seconds=min(seconds, 10 * 366 * 86400)) if seconds > 0 else None


def mended(connection: Connection, problem: Problem) -> Problem | None:
    """None when rights that ran out were renewed, so that it can be tried again; else what is to be told instead."""
    if problem.kind != "auth" or problem.code == credentials.UNREADABLE:
        return problem
    try:
        return None if refreshed(connection) else problem
    except Problem as later:
        return later if later.kind != "auth" else problem


def refreshed(connection: Connection) -> bool:
    """New tokens for a connection whose tokens ended or are about to. False where there is no way to. Raises Problem.

    Of several that ask at once one renews, for a token to renew by is often good for one use only; the others take what came of it.
    """
    spec = spec_of(connection)
    try:
        seen = credentials.given(connection).get("access_token")
        if spec is None or not seen:
            return False
        with _alone(connection) as is_ours:
            connection.refresh_from_db(fields=["credentials", "token", "token_ends_at", "settings"])
            known = credentials.given(connection)
            if known.get("access_token") != seen:
                return True
            if not is_ours or not known.get("refresh_token") or connection.token is None:
                return False
            _store(connection, spec, _tokens(connection, spec, {"grant_type": "refresh_token", "refresh_token": known["refresh_token"]}))
    except Unreadable:
        return False
    logger.info("tokens renewed", connection=connection.pk)
    return True


_locks: dict[int, Lock] = {}
_locks_lock = Lock()


@contextmanager
def _alone(connection: Connection) -> Iterator[bool]:
    """Whether we alone are at the tokens of a connection, among the threads here and the processes elsewhere; waits for others a while."""
    with _locks_lock:
        lock = _locks.setdefault(connection.pk, Lock())
    until = monotonic() + WAITS
    if not lock.acquire(timeout=WAITS):
        yield False
        return
    rows = Connection.objects.filter(pk=connection.pk)
    try:
        while not (is_ours := lease.claim(rows)) and monotonic() < until:
            sleep(0.2)
        try:
            yield is_ours
        finally:
            if is_ours:
                lease.release(rows)
    finally:
        lock.release()
