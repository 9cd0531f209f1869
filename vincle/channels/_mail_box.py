"""Folders of a mailbox read by UIDVALIDITY and UID (RFC 9051): what is new, what was there before, and what comes while we wait.

A raw delivery is one line of JSON (who we are, which folder, when it arrived there) and the message as it stands on the server.
"""

import imaplib
import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from time import monotonic
from typing import Any

import msgspec
from msgspec import Struct

from . import _mail_servers as setup
from ._mail_large import LIMIT, reduced
from ._mail_problems import imap_problem
from .live import Line, Problem, Pulled

PAGE, PAGE_BYTES = 100, 8 * 1024**2
WINDOW = 400
RECENT = 60
OVERLAP = timedelta(days=1)
LOOK_AGAIN, PULSE = 60.0, 3.0
SENT = "sent"
_SENT_NAMES = {"sent", "sent items", "sent messages", "sent mail", "sent-mail", "enviados", "elementos enviados", "mensajes enviados",
               "enviats", "elements enviats", "inviata", "inviati", "posta inviata", "posta inviati", "envoyés", "éléments envoyés",
               "messages envoyés", "gesendet", "gesendete elemente", "gesendete objekte", "itens enviados", "verzonden"}
_ASKED = ["RFC822.SIZE", "INTERNALDATE", "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]"]


class Place(Struct, omit_defaults=True):
    """How far a folder was read: its UIDVALIDITY, the last UID, when that message arrived, and the last few messages by their id."""

    v: int = 0
    u: int = 0
    at: str = ""
    recent: list[str] = []


class Past(Struct, omit_defaults=True):
    """How far back a first import has come: the folder, its UIDVALIDITY, the lowest UID read, and how many of how many."""

    folder: int = 0
    v: int = 0
    below: int = 0
    done: int = 0
    total: int = 0


@contextmanager
def opened(line: Line) -> Iterator[Any]:
    """The mailbox, whose errors are Problems."""
    try:
        with line.mailbox() as client:
            yield client
    except (imaplib.IMAP4.error, OSError, EOFError) as error:
        raise imap_problem(error) from error


def names(client: Any, line: Line, stream: str) -> tuple[str, ...]:
    """The folders of a stream."""
    if stream != SENT:
        return setup.folders(line.settings)
    return tuple(found for found in (sent_folder(client, line),) if found)


def sent_folder(client: Any, line: Line) -> str:
    """Where sent mail is kept: as set, else as the server marks it (RFC 6154), else by its usual names; '' when there is none."""
    if written := line.settings.get("sent_folder", "").strip():
        return written
    listed = [(flags, delimiter, str(name)) for flags, delimiter, name in client.list_folders()]
    marked = [name for flags, _, name in listed if any(bytes(flag).lower() == b"\\sent" for flag in flags)]
    named = [name for _, delimiter, name in listed if name.split(_text(delimiter) or "/")[-1].casefold() in _SENT_NAMES]
    return next(iter([*marked, *sorted(named, key=len)]), "")


def _text(value: Any) -> str:
    return value.decode("ascii", "replace") if isinstance(value, bytes) else str(value or "")


def look(client: Any, line: Line, stream: str, cursor: str) -> Pulled:
    """What is new in the folders of a stream, at most a page."""
    places = _places(cursor)
    items: list[bytes] = []
    more = False
    for number, name in enumerate(names(client, line, stream)):
        try:
            found, place, rest = _new(client, line, name, places.get(name), stream == SENT, PAGE - len(items))
        except imaplib.IMAP4.error as error:
            problem = imap_problem(error)
            if number == 0 or problem.code not in ("no_such_folder", "imap_refused"):
                raise problem from error
            continue
        items, more = [*items, *found], more or rest
        places[name] = place
        if len(items) >= PAGE or rest:
            more = True
            break
    return Pulled(items=tuple(items), cursor=json.dumps(msgspec.to_builtins(places), sort_keys=True), more=more)


def _places(cursor: str) -> dict[str, Place]:
    try:
        return msgspec.json.decode(cursor or "{}", type=dict[str, Place])
    except msgspec.MsgspecError:
        return {}


def _new(client: Any, line: Line, name: str, place: Place | None, is_sent: bool, most: int) -> tuple[list[bytes], Place, bool]:
    """Items, the place behind them, and whether there is more. What we know by its Message-ID is passed over.

    A folder numbered anew is looked through from the day before we were last there; so is one that now ends before the place we know,
    which no server should hold, but one whose mail was restored does.
    """
    opened_as = _select(client, name)
    validity = int(opened_as.get(b"UIDVALIDITY", 0))
    if place is None or place.v != validity or 0 < int(opened_as.get(b"UIDNEXT", 0)) <= place.u:
        since = datetime.fromisoformat(place.at) if place and place.at else line.now
        uids = sorted(client.search(["SINCE", (since - OVERLAP).date()]))
        first = uids[0] if uids else _next(client, opened_as)
        place = Place(validity, first - 1, place.at if place else "", place.recent if place else [])
    else:
        uids = sorted(uid for uid in client.search(["UID", f"{place.u + 1}:*"]) if uid > place.u)
    items, seen, last = _taken(client, line, name, uids[:most], is_sent, frozenset(place.recent))
    reached = last or place.u
    rest = bool(uids) and reached < uids[-1]
    at = max((told.at for told in seen), default=None)
    recent = [*place.recent, *(told.key for told in seen if told.key)][-RECENT:]
    return items, Place(validity, reached, at.isoformat() if at else place.at, recent), rest


def _next(client: Any, opened_as: dict[bytes, Any]) -> int:
    """The UID the next message will have; servers need not tell it."""
    if b"UIDNEXT" in opened_as:
        return int(opened_as[b"UIDNEXT"])
    return max(client.search(["UID", "*"]), default=0) + 1 if int(opened_as.get(b"EXISTS", 0)) else 1


def _select(client: Any, name: str) -> dict[bytes, Any]:
    found: dict[bytes, Any] = client.select_folder(name, readonly=True)
    return found


class _Told(Struct, frozen=True):
    """A message before its content is fetched. `key` stands for its Message-ID; "" when it has none."""

    uid: int
    size: int
    at: datetime
    key: str


def _taken(
    client: Any, line: Line, name: str, uids: Sequence[int], is_sent: bool, known: frozenset[str]
) -> tuple[list[bytes], list[_Told], int]:
    """Items of as many of these messages as fit a page, in the order given, what was told of them, and the last UID looked at."""
    if not uids:
        return [], [], 0
    answer = client.fetch(list(uids), _ASKED)
    told = [_told(uid, answer[uid], line.now) for uid in uids if uid in answer]
    fits, total = list[_Told](), 0
    for each in told:
        total += min(each.size, LIMIT)
        if fits and total > PAGE_BYTES:
            return _items(client, line, name, [one for one in fits if one.key not in known], is_sent), fits, fits[-1].uid
        fits.append(each)
    return _items(client, line, name, [one for one in fits if one.key not in known], is_sent), fits, uids[-1]


def _told(uid: int, answer: dict[bytes, Any], now: datetime) -> _Told:
    written = next((value for key, value in answer.items() if key.startswith(b"BODY[HEADER.FIELDS")), b"") or b""
    identity = b"".join(written.split()).lower().removeprefix(b"message-id:")
    key = urlsafe_b64encode(blake2b(identity, digest_size=6).digest()).decode() if identity else ""
    at = answer.get(b"INTERNALDATE")
    return _Told(uid, int(answer.get(b"RFC822.SIZE") or 0), at.astimezone(UTC) if isinstance(at, datetime) else now, key)


def _items(client: Any, line: Line, name: str, wanted: Sequence[_Told], is_sent: bool) -> list[bytes]:
    whole = [each.uid for each in wanted if each.size <= LIMIT]
    bodies = client.fetch(whole, ["BODY.PEEK[]"]) if whole else {}
    items = []
    for each in wanted:
        more: dict[str, Any] = {}
        raw = bodies.get(each.uid, {}).get(b"BODY[]")
        if each.size > LIMIT:
            raw, parts = reduced(client, each.uid)
            more = {"cut": True, "size": each.size, "files": parts}
        if raw:
            items.append(enveloped(line, raw, each.at, is_sent, {"folder": name, **more}))
    return items


def enveloped(line: Line, raw: bytes, at: datetime, is_sent: bool, more: dict[str, Any]) -> bytes:
    """A raw delivery of a message."""
    told = {"source": "mail", "own": list(setup.own_addresses(line.settings)), "at": at.isoformat(), "sent": is_sent, **more}
    return json.dumps(told, ensure_ascii=False, sort_keys=True).encode("utf-8", "replace") + b"\n" + raw


def look_back(client: Any, line: Line, stream: str, cursor: str) -> Pulled:
    """What was there before, newest first, folder by folder."""
    try:
        state = msgspec.json.decode(cursor or "{}", type=Past)
    except msgspec.MsgspecError:
        state = Past()
    wanted = names(client, line, stream)
    if not cursor:
        state.total = sum(int(client.folder_status(name, ["MESSAGES"]).get(b"MESSAGES", 0)) for name in _there(client, wanted))
    items: list[bytes] = []
    while state.folder < len(wanted) and not items:
        items = _earlier(client, line, wanted[state.folder], state, stream == SENT)
    is_over = state.folder >= len(wanted)
    done = state.total if is_over else min(state.done, state.total)
    return Pulled(items=tuple(items), cursor=json.dumps(msgspec.to_builtins(state)), more=not is_over, done=done, total=state.total)


def _there(client: Any, wanted: Sequence[str]) -> list[str]:
    return [name for name in wanted if name.upper() == "INBOX" or client.folder_exists(name)]


def _earlier(client: Any, line: Line, name: str, state: Past, is_sent: bool) -> list[bytes]:
    """The next older page of one folder; `state` moves on, to the next folder at the end."""
    try:
        opened_as = _select(client, name)
    except imaplib.IMAP4.error as error:
        problem = imap_problem(error)
        if state.folder == 0 or problem.code not in ("no_such_folder", "imap_refused"):
            raise problem from error
        opened_as = {}
    validity = int(opened_as.get(b"UIDVALIDITY", 0))
    if state.below == 0 or state.v != validity:
        state.v, state.below = validity, _next(client, opened_as) if opened_as else 1
    window = WINDOW
    while state.below > 1:
        lowest = max(1, state.below - window)
        uids = sorted(client.search(["UID", f"{lowest}:{state.below - 1}"]), reverse=True)
        if not uids:
            state.below, window = lowest, window * 8
            continue
        items, seen, last = _taken(client, line, name, uids[:PAGE], is_sent, frozenset())
        state.below = lowest if last == uids[-1] else last
        state.done += len(seen)
        return items
    state.folder, state.below, state.v = state.folder + 1, 0, 0
    return []


def wait(client: Any, line: Line, name: str, cursor: str) -> Iterator[bool]:
    """Wait in a folder by IDLE (RFC 2177) until something happens there or a minute is over; False now and then meanwhile, True at the end.

    What slipped in since the look that left this cursor ends it at once. A minute is far below the 29 after which servers may hang up.
    """
    opened_as, place = _select(client, name), _places(cursor).get(name, Place())
    slipped_in = (uid for uid in client.search(["UID", f"{place.u + 1}:*"]) if uid > place.u)
    if int(opened_as.get(b"UIDVALIDITY", 0)) != place.v or any(slipped_in):
        yield True
        return
    until = monotonic() + LOOK_AGAIN
    client.idle()
    try:
        while not line.stopping and (now := monotonic()) < until:
            told = client.idle_check(timeout=PULSE)
            if any(len(each) > 1 and each[1] in (b"EXISTS", b"RECENT") for each in told):
                break
            if told and any(each[0] == b"BYE" for each in told):
                raise Problem("transient", "imap_dropped", "BYE")
            if not told and monotonic() - now < PULSE / 2:  # readable, and nothing to read: the server has hung up
                raise Problem("transient", "imap_dropped", "the connection ended while we waited")
            yield False
    finally:
        _end_idle(client)
    yield True


def _end_idle(client: Any) -> None:
    try:
        client.idle_done()
    except OSError as error:
        raise Problem("transient", "imap_dropped", "the connection ended while we waited") from error
    except (imaplib.IMAP4.error, EOFError) as error:
        raise imap_problem(error) from error
