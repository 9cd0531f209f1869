"""Files of a LinkedIn download: connections, messages, invitations, and what we wrote, shared and reacted to there."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import BinaryIO

from msgspec import Struct

from vincle.vocabulary import Activity, Direction, Fact, HandleRef, ObjectType, Outcome, Reject, Verb, Warn

from . import _json as js
from . import _tables
from ._dates import DateError, Dates
from ._identifiers import email, fold, profile, url
from ._rows import Table
from .base import FileError, Options

Row = dict[str, str]
# What a file is, by headings that only it has (folded).
KINDS: dict[str, frozenset[str]] = {
    "connections": frozenset({"first name", "last name", "position", "connected on"}),
    "messages": frozenset({"conversation id", "from", "to", "date", "content"}),
    "invitations": frozenset({"from", "to", "sent at", "direction"}),
    "shares": frozenset({"date", "sharelink", "sharecommentary"}),
    "comments": frozenset({"date", "link", "message"}),
    "reactions": frozenset({"date", "type", "link"}),
}
NAMES = re.compile(r"(?:^|/)(?:Connections|messages|Invitations|Shares|Comments|Reactions)(?:_\d+)?\.csv$", re.IGNORECASE)
_BREAK = re.compile(r'"?\s*\n\s*"?')
_REACTIONS = {
    "like": "like",
    "praise": "celebrate",
    "empathy": "love",
    "interest": "insightful",
    "appreciation": "support",
    "entertainment": "funny",
}


class Download(Struct, frozen=True):
    """Whose download it is, as far as its messages tell."""

    owner: str
    dates: Dates


def kind_of(headings: tuple[str, ...] | list[str]) -> str:
    found = {fold(each) for each in headings}
    return next((kind for kind, needed in KINDS.items() if needed <= found), "")


def read(file: BinaryIO, options: Options) -> Iterator[Outcome]:
    """The rows of one file. FileError where it is none of LinkedIn's."""
    table = _tables.open_table(file, options)
    kind = kind_of(table.headings)
    if not kind:
        raise FileError("not_a_download")
    rows = list(_rows(table)) if kind == "messages" else _rows(table)
    download = Download(_owner([row for _, row in rows if isinstance(row, dict)]) if kind == "messages" else "", Dates(UTC, "mdy"))
    reader = _READERS[kind]
    for line, row in rows:
        yield from reader(line, row, download) if isinstance(row, dict) else (row,)


def _rows(table: Table) -> Iterator[tuple[int, Row | Reject | Warn]]:
    names = [fold(heading) for heading in table.headings]
    for row in table.rows:
        if isinstance(row, Reject | Warn):
            yield row.line, row
        else:
            yield row[0], {name: cell.strip() for name, cell in zip(names, row[1], strict=False)}


def _owner(rows: list[Row]) -> str:
    """Who takes part in every conversation of the download: they whose it is."""
    seen: Counter[str] = Counter()
    for row in rows:
        seen.update({who for cell in (row.get("sender profile url", ""), row.get("recipient profile urls", "")) for who in _people(cell)})
    both = seen.most_common(2)
    return both[0][0] if both and (len(both) == 1 or both[0][1] > both[1][1]) else ""


def _people(cell: str) -> list[str]:
    return [found.value for part in cell.split(",") if (found := _person(part))]


def _person(address: str, name: str = "") -> HandleRef | None:
    found = profile(address) if address else None
    return HandleRef("linkedin", found.value, name or found.name) if found and found.kind == "linkedin" else None


def _moment(line: int, row: Row, field: str, download: Download) -> datetime | Reject:
    try:
        return download.dates.moment(row.get(field, ""))
    except DateError as fault:
        return Reject(line=line, code=fault.code, field=field, detail=row.get(field, "")[:100])


def _connection(line: int, row: Row, download: Download) -> Iterator[Outcome]:
    name = f"{row.get('first name', '')} {row.get('last name', '')}".strip()
    address = email(row.get("email address", ""))
    who = _person(row.get("url", ""), name)
    handles = ((HandleRef("email", address, name),) if address else ()) + ((who,) if who else ())
    if not handles:
        yield Reject(line=line, code="no_handle", detail=name[:100])
        return
    moment = _moment(line, row, "connected on", download)
    if isinstance(moment, Reject):
        yield Warn(line=line, code=moment.code, field="connected on", detail=moment.detail)
        moment = datetime(2003, 5, 5, tzinfo=UTC)  # the day LinkedIn began: before everything it knows
    found = {"first_name": "first name", "last_name": "last name", "company": "company", "job_title": "position"}
    traits = {ours: row[theirs] for ours, theirs in found.items() if row.get(theirs)}
    key = handles[-1].value
    yield Fact(native_id=f"connection:{key}:{js.digest(traits, address)}", observed_at=moment, handles=handles, name=name, traits=traits)
    yield Activity(
        verb=Verb.FOLLOW,
        object_type=ObjectType.PROFILE,
        native_id=f"connected:{key}",
        happened_at=moment,
        actor=handles[-1],
        event_name="connected",
        object_key=key,
    )


def _message(line: int, row: Row, download: Download) -> Iterator[Outcome]:
    moment = _moment(line, row, "date", download)
    if isinstance(moment, Reject):
        yield moment
        return
    sender = _person(row.get("sender profile url", ""), row.get("from", ""))
    others = [each for each in _people(row.get("recipient profile urls", "")) if each != download.owner]
    is_ours = bool(download.owner) and sender is not None and sender.value == download.owner
    thread = row.get("conversation id", "") or js.digest(row.get("conversation title", ""), sorted(others))
    target = HandleRef("linkedin", others[0], row.get("to", "") if len(others) == 1 else "") if is_ours and others else None
    yield Activity(
        verb=Verb.CREATE,
        object_type=ObjectType.MESSAGE,
        native_id=f"message:{js.digest(thread, moment.isoformat(), row.get('content', ''))}",
        happened_at=moment,
        actor=sender,
        target=target,
        direction=Direction.OUT if is_ours else Direction.IN,
        thread_key=f"messages:{thread}",
        text=row.get("content", ""),
        title=row.get("subject", ""),
    )


def _invitation(line: int, row: Row, download: Download) -> Iterator[Outcome]:
    moment = _moment(line, row, "sent at", download)
    if isinstance(moment, Reject):
        yield moment
        return
    is_ours = row.get("direction", "").upper() == "OUTGOING"
    inviter = _person(row.get("inviterprofileurl", ""), row.get("from", ""))
    invitee = _person(row.get("inviteeprofileurl", ""), row.get("to", ""))
    yield Activity(
        verb=Verb.FOLLOW,
        object_type=ObjectType.PROFILE,
        happened_at=moment,
        event_name="invitation",
        actor=inviter,
        target=invitee if is_ours else None,
        direction=Direction.OUT if is_ours else Direction.IN,
        text=row.get("message", ""),
        native_id=f"invitation:{js.digest(moment.isoformat(), row.get('from', ''), row.get('to', ''))}",
    )


def _own(line: int, row: Row, download: Download, kind: str, link: str, text: str) -> Iterator[Outcome]:
    """What we did there ourselves."""
    moment = _moment(line, row, "date", download)
    if isinstance(moment, Reject):
        yield moment
        return
    words, about = _BREAK.sub("\n", row.get(text, "")).strip(), url(row.get(link, ""))
    reaction = _REACTIONS.get(row.get("type", "").lower(), row.get("type", "").lower()) if kind == "reaction" else ""
    native = f"{kind}:{js.digest(moment.isoformat(), row.get(link, ''), words, reaction)}"
    yield Activity(
        verb=Verb.LIKE if kind == "reaction" else Verb.CREATE,
        object_type=ObjectType.NOTE,
        native_id=native,
        happened_at=moment,
        actor=None,
        direction=Direction.OUT,
        url=about,
        text=words,
        reaction=reaction,
        object_key=about if kind == "reaction" else native,
        parent_key=about if kind == "comment" else "",
        thread_key=about or native,
    )


_Reader = Callable[[int, Row, Download], Iterator[Outcome]]
_READERS: dict[str, _Reader] = {
    "connections": _connection,
    "messages": _message,
    "invitations": _invitation,
    "shares": lambda line, row, download: _own(line, row, download, "share", "sharelink", "sharecommentary"),
    "comments": lambda line, row, download: _own(line, row, download, "comment", "link", "message"),
    "reactions": lambda line, row, download: _own(line, row, download, "reaction", "link", ""),
}
