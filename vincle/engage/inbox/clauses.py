"""Conditions on conversations, as rules and promises keep them: clauses of which all must hold.

    [{"field": "channel", "is": ["instagram", "facebook"]}, {"not": {"field": "tag", "is": ["7"]}},
     {"field": "words", "query": "refund OR devolución"}]

A clause that asks for what is gone (a tag, a team, someone of the team) holds for nobody, also behind a "not".
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from vincle.language import query as queries
from vincle.language.query import QueryError
from vincle.language.reading import INTENTS
from vincle.listen.matching import Seen
from vincle.listen.query_words import sentence as query_sentence
from vincle.vocabulary import Stage

Clause = Mapping[str, Any]
Clauses = Sequence[Clause]
YES: Final = "1"
NOBODY: Final = "none"
MOST_CLAUSES, MOST_VALUES, LONGEST_VALUE, LONGEST_QUERY = 20, 50, 80, 500
KINDS: Final = ("comment", "message", "review", "mail", "mention")
FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "channel": (), "connection": (), "kind": KINDS, "words": (), "intent": INTENTS, "sentiment": ("negative", "neutral", "positive"),
    "topic": (), "urgent": (YES,), "language": (), "tag": (), "team": (), "assignee": (), "hours": ("in", "out"),
    "person_known": (YES,), "first_time": (YES,), "stage": tuple(Stage), "peers": (YES,),
}  # fmt: skip
"""What may be asked for, and what it may be; empty: anything."""

IDS: Final = frozenset({"connection", "tag", "team", "assignee"})
"""Fields whose values are ids of rows, which may go."""


def _always(at: datetime) -> bool:
    return True


@dataclass(frozen=True)
class Facts:
    """What is known of one conversation. `values`: by field, of those asked for by value. `living`: by field of `IDS`, ids that still
    stand. `seen`: the last thing they said, as queries see it. `is_open`: whether someone is there at a moment."""

    values: Mapping[str, frozenset[str]] = field(default_factory=dict)
    living: Mapping[str, frozenset[str]] = field(default_factory=dict)
    seen: Seen | None = None
    is_open: Callable[[datetime], bool] = _always


def holds(clauses: Clauses, facts: Facts, now: datetime) -> bool:
    """Whether all of them hold (so: none of none fails). What cannot be read holds for nobody."""
    return all(_truth(clause, facts, now) is True for clause in clauses)


def _truth(clause: Any, facts: Facts, now: datetime) -> bool | None:
    """None: it asks for what is gone, or cannot be read."""
    if not isinstance(clause, Mapping):
        return None
    if "not" in clause:
        inner = _truth(clause["not"], facts, now)
        return None if inner is None else not inner
    name = clause.get("field")
    if name == "words":
        return _said(clause.get("query"), facts)
    wanted = clause.get("is")
    if name not in FIELDS or not isinstance(wanted, list):
        return None
    if name == "hours":
        return ("in" if facts.is_open(now) else "out") in wanted
    if facts.values.get(str(name), frozenset()) & {str(each) for each in wanted}:
        return True
    return None if gone(clause, facts.living) else False


def gone(clause: Clause, living: Mapping[str, frozenset[str]]) -> list[str]:
    """Ids that a clause asks for and that stand no more."""
    inner = clause.get("not", clause)
    name = inner.get("field") if isinstance(inner, Mapping) else None
    if name not in IDS or name not in living:
        return []
    return [str(each) for each in inner.get("is") or () if str(each) != NOBODY and str(each) not in living[name]]


def _said(text: Any, facts: Facts) -> bool | None:
    try:
        query = queries.parse(str(text or ""))
    except QueryError:
        return None
    seen = facts.seen
    return seen is not None and queries.matches(query, seen.text.page, seen.facts, seen.words)


def fields_of(clauses: Clauses) -> set[str]:
    """What these clauses ask for."""
    inner = [clause.get("not", clause) for clause in clauses if isinstance(clause, Mapping)]
    return {str(each.get("field")) for each in inner if isinstance(each, Mapping)}


def problems(conditions: Any) -> list[str]:
    """What is wrong with conditions as they were given, each with its place; none: they can be kept."""
    if not isinstance(conditions, list):
        return [_("Conditions are a list.")]
    if len(conditions) > MOST_CLAUSES:
        return [_("At most %(most)d conditions.") % {"most": MOST_CLAUSES}]
    found = [(at, problem) for at, clause in enumerate(conditions, 1) if (problem := _problem(clause))]
    return [_("Condition %(at)d: %(problem)s") % {"at": at, "problem": problem} for at, problem in found]


def _problem(clause: Any) -> str:
    inner = clause["not"] if isinstance(clause, Mapping) and set(clause) == {"not"} else clause
    if not isinstance(inner, Mapping):
        return _("it says nothing.")
    name = inner.get("field")
    if name not in FIELDS:
        return _("there is no field “%(field)s”.") % {"field": str(name)[:40]}
    if set(inner) - {"field", "is", "query"}:
        return _("it says more than a condition can.")
    return _query_problem(inner.get("query")) if name == "words" else _values_problem(str(name), inner.get("is"))


def _query_problem(text: Any) -> str:
    if not isinstance(text, str) or len(text) > LONGEST_QUERY:
        return _("type what they say.")
    try:
        queries.parse(text)
    except QueryError as error:
        return query_sentence(error)
    return ""


def _values_problem(name: str, wanted: Any) -> str:
    if not isinstance(wanted, list) or not wanted:
        return _("choose at least one value.")
    if len(wanted) > MOST_VALUES:
        return _("choose at most %(most)d values.") % {"most": MOST_VALUES}
    known = FIELDS[name]
    for each in wanted:
        if not isinstance(each, str) or not each or len(each) > LONGEST_VALUE or "\x00" in each:
            return _("“%(value)s” is no value.") % {"value": str(each)[:40]}
        if known and each not in known:
            return _("“%(value)s” is no value.") % {"value": each[:40]}
        if name in IDS and not (each.isascii() and each.isdecimal() and len(each) < 18) and not _may_be_nobody(name, each):
            return _("“%(value)s” is no value.") % {"value": each[:40]}
    return ""


def _may_be_nobody(name: str, value: str) -> bool:
    return value == NOBODY and name in ("team", "assignee")
