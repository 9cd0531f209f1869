"""Searching what is stored: a listening query as one question to the full-text index, newest first, a page at a time, counted.

All of a query (words, fields, numbers) is answered by the index; days are a stretch of it, for rows stand in the order in which they were
said. Nothing of the query's text ever becomes SQL: it goes in as one parameter, made of atoms in quotes.
"""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from itertools import product
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection

from vincle.accounts.models import Workspace
from vincle.language import query as queries
from vincle.language._atoms import atom, fact
from vincle.language._query_facts import FIELDS, TAG, range_atoms, value_atom
from vincle.language._query_match import is_wild, pattern
from vincle.language.query import And, Compare, Field, Near, Not, Or, Part, Query, QueryError, Tag, Words

from . import fulltext
from .terms import known_terms

SIZE = 50
MOST_COUNTED = 10_000
MOST_VARIANTS = 300
"""Spellings that wildcards may stand for, in a query."""
LAST = (1 << 63) - 1
Form = tuple[tuple[str, bool], ...]
"""A phrase in one spelling: atoms in a row, each whole or (True) a beginning."""


@dataclass(frozen=True)
class Search:
    """A query of a workspace, ready to be asked: `match` as the index takes it, and the stretch of points [`low`, `high`)."""

    workspace: int
    match: str
    low: int = 0
    high: int = LAST


def prepare(workspace: Workspace, query: Query) -> Search:
    """Make a query ready. QueryError `too_many_words` where a wildcard stands for too many."""
    zone = ZoneInfo(workspace.timezone)
    low, high = (_point(day, zone) if day else None for day in (query.after, query.before))
    writer = _Sqlite(workspace.pk) if connection.vendor == "sqlite" else _Postgres(workspace.pk)
    return Search(workspace.pk, writer.whole(query), low or 0, LAST if high is None else high)


def _point(day: date, zone: ZoneInfo) -> int:
    try:
        return fulltext.point_of(datetime.combine(day, time(0), zone).astimezone(UTC), 0)
    except OverflowError:
        return 0 if day.year < 2000 else LAST


class _Writer(ABC):
    """Writes the parts of a query in the index's own language; the two databases differ in few words."""

    conjunction, alternative = " AND ", " OR "

    def __init__(self, workspace: int) -> None:
        self.workspace, self.variants = workspace, 0

    def whole(self, query: Query) -> str:
        what = query.what
        ours = () if queries.asks_for_ours(query) else (Not(Field("is", ("ours",))),)
        parts = (what.parts if isinstance(what, And) else (what,) if what else ()) + ours
        return self._and(parts, self.everything())

    def part(self, part: Part) -> str:
        match part:
            case And(parts):
                return self._and(parts, "")
            case Or(parts):
                return self.any([self.part(each) for each in parts])
            case Not():
                return self._and((part,), "")
            case Words():
                return self.any([self.phrase(form) for form in self.forms(part)])
            case Near(left, right, most):
                pairs = product(self.forms(left), self.forms(right))
                return self.any([self.near(one, other, most) for one, other in pairs])
            case Tag(name):
                return self.atom(fact(TAG, name.removesuffix("*")), is_open=name.endswith("*"))
            case Field(name, values):
                return self.any([self.atom(value_atom(name, value)) for value in values])
            case Compare(name, sign, number):
                return self.any([self.atom(text) for text in range_atoms(name, sign, number)])

    def _and(self, parts: Sequence[Part], always: str) -> str:
        wanted = [self.part(each) for each in parts if not isinstance(each, Not)]
        wanted += [always] if always or wanted else [self.everything()]
        found = f"({self.conjunction.join(each for each in wanted if each)})"
        unwanted = [self.part(each.part) for each in parts if isinstance(each, Not)]
        return self.but(found, self.any(unwanted)) if unwanted else found

    def any(self, texts: Sequence[str]) -> str:
        """One of several; of none, nothing."""
        return f"({self.alternative.join(texts)})" if len(texts) > 1 else texts[0] if texts else self.atom("_nothing")

    def forms(self, words: Words) -> list[Form]:
        """A phrase with its wildcards spelled out where the index cannot."""
        choices = [self.spelled(piece, words, place == len(words.pieces) - 1) for place, piece in enumerate(words.pieces)]
        count = 1
        for each in choices:
            count *= len(each)
        self.variants += count
        if self.variants > MOST_VARIANTS:
            raise QueryError("too_many_words", words.at, words.length, most=str(MOST_VARIANTS))
        return list(product(*choices))

    def spelled(self, piece: str, words: Words, is_last: bool) -> list[tuple[str, bool]]:
        if not is_wild(piece):
            return [(atom(piece), False)]
        if "?" not in piece and (is_last or self.opens_inside):
            return [(atom(piece[:-1]), True)]
        first = min(piece.find(sign) for sign in "*?" if sign in piece)
        found = known_terms(self.workspace, atom(piece[:first]), pattern(piece), MOST_VARIANTS)
        if found is None:
            raise QueryError("too_many_words", words.at, words.length, most=str(MOST_VARIANTS))
        return [(each, False) for each in found]

    opens_inside = False
    """Whether a phrase may hold a beginning of a word before its last."""

    @abstractmethod
    def everything(self) -> str:
        """What every text of the workspace has."""

    @abstractmethod
    def atom(self, text: str, is_open: bool = False) -> str: ...

    @abstractmethod
    def phrase(self, form: Form) -> str: ...

    @abstractmethod
    def near(self, left: Form, right: Form, most: int) -> str: ...

    @abstractmethod
    def but(self, found: str, unwanted: str) -> str:
        """What is found without what is unwanted."""


class _Sqlite(_Writer):
    """FTS5."""

    def everything(self) -> str:
        return self.atom(fact("ws", self.workspace))

    def atom(self, text: str, is_open: bool = False) -> str:
        return f'"{text}"{"*" if is_open else ""}'

    def phrase(self, form: Form) -> str:
        return f'"{" ".join(text for text, _ in form)}"{" *" if form[-1][1] else ""}'

    def near(self, left: Form, right: Form, most: int) -> str:
        return f"NEAR({self.phrase(left)} {self.phrase(right)}, {most:d})"

    def but(self, found: str, unwanted: str) -> str:
        return f"({found} NOT {unwanted})"


class _Postgres(_Writer):
    """`tsquery`. Its phrases know exact distances only: what is near is any of the patterns that are."""

    conjunction, alternative, opens_inside = " & ", " | ", True

    def everything(self) -> str:
        return ""

    def atom(self, text: str, is_open: bool = False) -> str:
        return f"'{text}'{':*' if is_open else ''}"

    def phrase(self, form: Form) -> str:
        return f"({' <-> '.join(self.atom(*each) for each in form)})"

    def near(self, left: Form, right: Form, most: int) -> str:
        found = [self._pattern(left, right, shift) for shift in range(-most - len(right), most + len(left) + 1)]
        # That both are there at all is asked first: it is told without their places.
        there = " & ".join(self.atom(*each) for each in dict.fromkeys((*left, *right)))
        return f"({there} & {self.any([text for text in found if text])})"

    def _pattern(self, left: Form, right: Form, shift: int) -> str:
        """The right phrase `shift` words behind the beginning of the left one; "" where two words would stand in one place."""
        places: dict[int, set[tuple[str, bool]]] = {}
        for start, form in ((0, left), (shift, right)):
            for place, each in enumerate(form, start):
                places.setdefault(place, set()).add(each)
        if any(len({text for text, is_open in stand if not is_open}) > 1 for stand in places.values()):
            return ""
        order = sorted(places)
        text, before = "", order[0]
        for place in order:
            for at, each in enumerate(sorted(places[place])):
                text += f" <{0 if at else place - before}> {self.atom(*each)}" if text else self.atom(*each)
            before = place
        return f"({text})"

    def but(self, found: str, unwanted: str) -> str:
        return f"{found} & !{unwanted}" if found != "()" else f"!{unwanted}"


def _where(search: Search) -> tuple[str, list[Any]]:
    if connection.vendor == "sqlite":
        found, parameters = "listen_fulltext MATCH %s", [search.match]
    else:
        found, parameters = f"workspace_id = {search.workspace:d}", []
        if search.match:
            found, parameters = f"{found} AND words @@ %s::tsquery", [search.match]
    point = point_column()
    if search.low > 0:
        found += f" AND {point} >= {search.low:d}"
    if search.high < LAST:
        found += f" AND {point} < {search.high:d}"
    return found, parameters


def point_column() -> str:
    return "rowid" if connection.vendor == "sqlite" else "point"


def points(search: Search, after: int | None = None, before: int | None = None, size: int = SIZE) -> list[int]:
    """Points in time of up to `size` texts, newest first: those behind `after`, or those just ahead of `before`."""
    where, parameters = _where(search)
    point = point_column()
    where += f" AND {point} < {after:d}" if after else f" AND {point} > {before:d}" if before else ""
    with connection.cursor() as cursor:
        sql = f"SELECT {point} FROM listen_fulltext WHERE {where} ORDER BY {point} {'ASC' if before else 'DESC'} LIMIT {size:d}"
        cursor.execute(sql, parameters)
        found = [row[0] for row in cursor.fetchall()]
    return found[::-1] if before else found


class Counted(NamedTuple):
    """What there is of a kind: value and number, most first."""

    value: str
    number: int


@dataclass
class Counts:
    """How many texts there are (`total`, and `is_more` where counting ended at the newest 10,000), and of those how many of each kind."""

    total: int = 0
    is_more: bool = False
    by: dict[str, list[Counted]] = field(default_factory=dict)


_COUNTED = {name: f"_{FIELDS[name].code}_" for name in ("sentiment", "channel", "lang")}
AUTHOR, REACH = "_au_", "_re_"


def counts(search: Search, most: int = MOST_COUNTED) -> Counts:
    """Counts of the newest `most` texts by sentiment, channel, language and author (its handle's key)."""
    where, parameters = _where(search)
    point = point_column()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT facts FROM listen_fulltext WHERE {where} ORDER BY {point} DESC LIMIT {most + 1:d}", parameters)
        rows = cursor.fetchall()
    seen = Counter(" ".join([facts for (facts,) in rows[:most]]).split(" "))
    starts = {**_COUNTED, "author": AUTHOR}
    ranked = seen.most_common()
    by = {name: [Counted(text[len(start) :], n) for text, n in ranked if text.startswith(start)] for name, start in starts.items()}
    return Counts(min(len(rows), most), len(rows) > most, by)


def widest(search: Search, size: int = SIZE, skip: int = 0, most: int = MOST_COUNTED) -> list[int]:
    """Points of the texts whose authors have most followers, of the newest `most`."""
    where, parameters = _where(search)
    point = point_column()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {point}, facts FROM listen_fulltext WHERE {where} ORDER BY {point} DESC LIMIT {most:d}", parameters)
        rows = [(_reach(facts), at) for at, facts in cursor.fetchall()]
    return [at for _, at in sorted(rows, reverse=True)[skip : skip + size]]


def _reach(facts: str) -> int:
    at = facts.find(REACH)
    return int(facts[at + len(REACH) : at + len(REACH) + 10]) if at >= 0 else -1


def everything(search: Search, size: int = 2_000) -> Iterator[list[int]]:
    """All points, newest first, some thousand at a time."""
    found = points(search, size=size)
    while found:
        yield found
        found = points(search, after=found[-1], size=size) if len(found) == size else []
