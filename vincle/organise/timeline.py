"""Everything a person did, and all that was said to them, over all their handles: newest first, a page by key."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import msgspec
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from vincle.accounts.models import Workspace
from vincle.channels import team as team_channel
from vincle.listen import log
from vincle.listen.phrases import phrase
from vincle.listen.views_understanding import Said, at_a_glance
from vincle.store import bulk
from vincle.vocabulary import ObjectType, Stage, Verb

from .models import Segment
from .scores.ladder import LADDER, WINDOW, rung
from .sql import moment
from .wording import told

SIZE = 30
TABS = ("everything", "said", "bought", "read", "ours")
_SAID = "a.direction = 'in' AND a.verb IN ('Create', 'Announce')"
_BOUGHT = "a.verb IN ('Purchase', 'Refund')"
_READ = "a.direction = 'in' AND a.verb IN ('View', 'Read')"
_OURS = "a.direction = 'out'"
SEGMENTS = "vincle"
"""The channel of entries into segments and exits."""

_NEAR = 100
"""Of so many of the latest acts the words are looked at."""

_OF_TAB = {"everything": "1 = 1", "said": _SAID, "bought": _BOUGHT, "read": _READ, "ours": _OURS}
_STANDING = "NOT a.superseded AND a.op <> 'retract'"
# What its author deleted is told of, without its words: the first row of a family that ends with a deletion.
_DELETED = (
    "a.superseded AND a.op = 'assert' AND a.object_type <> 'Profile' AND EXISTS (SELECT 1 FROM listen_activity r "
    "WHERE r.root_id = a.event_id AND r.op = 'retract' AND r.version NOT LIKE 'undo:%%')"
)
_COLUMNS = ("seq", "event_id", "op", "channel", "verb", "object_type", "reaction", "event_name", "actor", "target", "parent_key", "url",
            "happened_at", "direction", "is_machine", "amount", "currency", "rating", "rating_max", "language", "sentiment", "intents",
            "topics",
            "superseded", "delivery_id", "object_key")  # fmt: skip


@dataclass
class Entry:
    """One line of the timeline; `times` more than 1 where equal looks in a row became one line."""

    seq: int
    at: datetime
    channel: str
    did: str
    title: str = ""
    words: str = ""
    language: str = ""
    tone: str = ""
    note: str = ""
    link: str = ""
    amount: Decimal | None = None
    currency: str = ""
    rating: str = ""
    times: int = 1
    as_handle: str = ""
    is_deleted: bool = False
    is_told: bool = False
    is_ours: bool = False
    is_machine: bool = False
    is_segment: bool = False
    told: list[tuple[str, str]] = field(default_factory=list)
    same: tuple[Any, ...] = ()
    said: Said | None = None

    def hear(self, said: Said | None) -> None:
        """Let what was read of its words stand before what their source said."""
        if said is None or self.is_deleted or self.is_told:
            return
        self.said, self.language = said, said.language or self.language
        if said.word:
            self.tone, self.note = said.tone, ""

    @property
    def day(self) -> Any:
        return timezone.localtime(self.at).date()

    @property
    def is_recent(self) -> bool:
        """Today or yesterday: the hour matters."""
        return bool((timezone.localdate() - self.day).days < 2)


@dataclass
class Stretch:
    """A page of the timeline; `older` is the mark of the next one, "" at the end."""

    entries: list[Entry]
    older: str


def _whose(handles: Sequence[int]) -> str:
    keys = ", ".join(str(int(key)) for key in handles) or "NULL"
    return f"(a.actor IN ({keys}) AND (a.direction = 'in' OR a.object_type = 'Profile') OR a.target IN ({keys}) AND a.direction = 'out')"


def stretch(
    workspace: Workspace, handles: Sequence[int], tab: str = "everything", older: str = "", names: dict[int, str] | None = None
) -> Stretch:
    """Up to `SIZE` lines before the mark `older` ("<time>~<seq>")."""
    # The plus keeps SQLite from walking the whole workspace in order of time: a person's handles find their rows at once.
    clauses = ["+a.workspace_id = %s", _whose(handles), f"({_STANDING} OR {_DELETED})", _OF_TAB[tab]]
    values: list[Any] = [workspace.pk]
    if (place := _place(older)) is not None:
        clauses.append("(a.happened_at, a.seq) < (%s, %s)")
        values += place
    rows = _fetch(
        f"SELECT {', '.join(f'a.{name}' for name in _COLUMNS)}, d.name, "
        "CASE WHEN a.channel = 'team' THEN d.body END FROM listen_activity a LEFT JOIN listen_delivery d ON d.id = a.delivery_id "
        f"WHERE {' AND '.join(clauses)} ORDER BY a.happened_at DESC, a.seq DESC LIMIT {SIZE + 1}",
        values,
    )
    words = log.contents(bytes(row[1]) for row in rows[:SIZE])
    read = at_a_glance(workspace, (row[0] for row in rows[:SIZE]))
    columns = (*_COLUMNS, "source", "edit", "text", "title", "body")
    found = [_entry(dict(zip(columns, (*row, *words.get(bytes(row[1]), ("", "", ""))), strict=True)), names or {}) for row in rows[:SIZE]]
    for entry in found:
        entry.hear(read.get(entry.seq))
    _name_segments(workspace, found)
    mark = f"{found[-1].at.isoformat()}~{found[-1].seq}" if len(rows) > SIZE else ""
    return Stretch(_together(found), mark)


def _name_segments(workspace: Workspace, entries: Iterable[Entry]) -> None:
    """Which segment was entered or left."""
    about = {entry.title for entry in entries if entry.is_segment}
    called = dict(Segment.objects.of(workspace).filter(public__in=about).values_list("public", "name")) if about else {}
    for entry in entries:
        if entry.is_segment:
            entry.title = called.get(entry.title, "")


def _place(mark: str) -> tuple[Any, int] | None:
    stamp, _sep, seq = mark.rpartition("~")
    try:
        return bulk.stamp(datetime.fromisoformat(stamp)), int(seq[:18])
    except (ValueError, OverflowError):
        return None


def _entry(row: dict[str, Any], names: dict[int, str]) -> Entry:
    at = bulk.moment(row["happened_at"])
    assert at
    entry = Entry(
        row["seq"],
        at,
        row["channel"],
        "",
        is_ours=row["direction"] == "out",
        is_machine=bool(row["is_machine"]),
        link=safe_link(row["url"]),
    )
    if row["object_type"] == ObjectType.PROFILE:
        return _told(entry, row)
    entry.did = str(phrase(row["verb"], row["object_type"], bool(row["parent_key"]), row["event_name"], row["reaction"]))
    if row["superseded"]:
        entry.is_deleted = True
        return entry
    if row["object_type"] == ObjectType.GROUP and row["channel"] == SEGMENTS:
        # Not a look of some program: something of the person made it so.
        entry.is_segment, entry.is_machine, entry.title = True, False, row["object_key"]
        return entry
    entry.title, entry.words, entry.language = (row["title"] or "")[:200], row["text"] or "", row["language"]
    entry.tone = {"positive": "pos", "negative": "neg"}.get(row["sentiment"], "")
    entry.note = " · ".join(word for word in f"{row['intents']}|{row['topics']}".split("|") if word)
    entry.amount = Decimal(str(row["amount"])) if row["amount"] is not None else None
    entry.currency, entry.rating = row["currency"], _rating(row)
    entry.as_handle = names.get(row["target"] if entry.is_ours else row["actor"], "")
    if row["verb"] in (Verb.VIEW, Verb.READ) and not entry.words:
        entry.same = (row["verb"], row["object_type"], entry.title or row["url"], entry.channel, entry.day)
    return entry


def _told(entry: Entry, row: dict[str, Any]) -> Entry:
    """A fact: who told us, and what of it."""
    entry.is_told = True
    fact = msgspec.json.decode(row["body"]) if row["body"] else {}
    entry.title = row["source"] or ""
    entry.told = told(fact)
    if row["channel"] == "team" and not row["source"]:
        entry.did = _("%(who)s wrote down") % {"who": _writer(row["edit"])}
    else:
        entry.did = _("%(source)s told us") % {"source": row["source"] or _("A source")}
    return entry


def _writer(raw: Any) -> str:
    """Who of the team made an edit."""
    try:
        edit = team_channel.read(bytes(raw or b""))
    except msgspec.MsgspecError:
        return _("Someone of the team")
    return edit.by_name or edit.by


def _rating(row: dict[str, Any]) -> str:
    if row["rating"] is None:
        return ""
    return f"{row['rating']:g}" + (_(" of %(most)s") % {"most": f"{row['rating_max']:g}"} if row["rating_max"] else "")


def _together(entries: Iterable[Entry]) -> list[Entry]:
    """Equal looks in a row become one line with a count."""
    lines: list[Entry] = []
    for entry in entries:
        if lines and entry.same and lines[-1].same == entry.same:
            lines[-1].times += 1
        else:
            lines.append(entry)
    return lines


def safe_link(url: str) -> str:
    """The address when it is one a browser may follow; "" otherwise."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return ""
    return url if parts.scheme in ("http", "https") and parts.netloc else ""


@dataclass
class Sums:
    """What the log says in numbers: lines by tab, acts by rung within the window, the latest act of each, money by currency."""

    tabs: dict[str, int]
    by_rung: dict[Stage, int]
    last: dict[Stage, tuple[datetime, str]]
    spent: dict[str, Decimal]

    @property
    def deciding(self) -> tuple[Stage, datetime, str] | None:
        """The highest rung with an act in the window, and that act."""
        step = next((step for step in LADDER if self.by_rung.get(step)), None)
        return (step, *self.last[step]) if step else None


def sums(workspace: Workspace, handles: Sequence[int], now: datetime) -> Sums:
    """One query over all that stands of a person."""
    since = bulk.stamp(now - WINDOW)
    rows = _fetch(
        "SELECT a.verb, a.object_type, a.direction, a.is_machine, a.parent_key <> '' AS is_reply, a.happened_at > %s AS is_near, "
        "a.currency, COUNT(*), MAX(a.happened_at), SUM(a.amount) FROM listen_activity a "
        f"WHERE +a.workspace_id = %s AND {_whose(handles)} AND {_STANDING} "
        "GROUP BY 1, 2, 3, 4, 5, 6, 7",
        [since, workspace.pk],
    )
    made = Sums(dict.fromkeys(TABS, 0), {}, {}, {})
    for row in rows:
        _add(made, row)
    return made


def _add(made: Sums, row: tuple[Any, ...]) -> None:
    verb, kind, direction, is_machine, is_reply, is_near, currency, count, last, amount = row
    made.tabs["everything"] += count
    made.tabs["said"] += count * (direction == "in" and verb in (Verb.CREATE, Verb.ANNOUNCE))
    made.tabs["bought"] += count * (verb in (Verb.PURCHASE, Verb.REFUND))
    made.tabs["read"] += count * (direction == "in" and verb in (Verb.VIEW, Verb.READ))
    made.tabs["ours"] += count * (direction == "out")
    if amount is not None and verb in (Verb.PURCHASE, Verb.REFUND):
        value = abs(Decimal(str(amount))) * (1 if verb == Verb.PURCHASE else -1)
        made.spent[currency] = made.spent.get(currency, Decimal()) + value
    if direction != "in" or is_machine or not is_near or kind in (ObjectType.PROFILE, ObjectType.UNKNOWN):
        return
    step, at = rung(verb, kind, bool(is_reply)), moment(last)
    assert at
    made.by_rung[step] = made.by_rung.get(step, 0) + count
    if step not in made.last or at > made.last[step][0]:
        made.last[step] = (at, str(phrase(verb, kind, bool(is_reply))))


def last_words(workspace: Workspace, handles: Sequence[int]) -> dict[str, Any] | None:
    """The latest thing the person said that still stands: {text, language, at, channel}."""
    if not handles:
        return None
    keys = ", ".join(str(int(key)) for key in handles)
    rows = _fetch(
        "SELECT a.event_id, a.language, a.happened_at, a.channel FROM listen_activity a "
        f"WHERE +a.workspace_id = %s AND a.actor IN ({keys}) AND a.direction = 'in' AND a.verb = 'Create' "
        f"AND {_STANDING} ORDER BY a.happened_at DESC LIMIT {_NEAR}",
        [workspace.pk],
    )
    words = log.contents(bytes(row[0]) for row in rows)
    for event, language, at, channel in rows:
        if text := words.get(bytes(event), ("",))[0]:
            return {"text": text, "language": language, "at": bulk.moment(at), "channel": channel}
    return None


def _fetch(statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, list(values))
        return list(cursor.fetchall())
