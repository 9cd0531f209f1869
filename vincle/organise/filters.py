"""What a list of people is asked for, as one condition that the list, its count, its export and the bulk verbs share."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from vincle.accounts.models import Workspace
from vincle.store import bulk
from vincle.store.folding import fold
from vincle.vocabulary import Stage, from_public_id

from . import sql
from .companies import of_company
from .models import Segment

WORDS = 8
MOST_CHOSEN = 1500
FILTERS = (
    "q",
    "stage",
    "channel",
    "tag",
    "owner",
    "country",
    "identified",
    "known_from",
    "known_to",
    "active_from",
    "active_to",
    "delivery",
    "segment",
    "company",
    "level",
    "score",
)
Params = Mapping[str, Sequence[str]]


@dataclass
class Where:
    """A condition on `organise_profile p`, always of one workspace."""

    workspace: Workspace
    clauses: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def add(self, clause: str, *values: Any) -> None:
        self.clauses.append(clause)
        self.values.extend(values)

    def never(self, problem: str) -> None:
        """A filter that cannot be read: an empty list and the reason, rather than a list that ignores it."""
        self.clauses.append("1 = 0")
        self.problems.append(problem)

    @property
    def is_all(self) -> bool:
        return not self.clauses

    @property
    def text(self) -> str:
        return " AND ".join(("p.workspace_id = %s", *self.clauses))

    @property
    def parameters(self) -> list[Any]:
        return [self.workspace.pk, *self.values]


def asked(params: Any) -> dict[str, list[str]]:
    """The filters of an address that say something: {name: values}."""
    found = {name: [value.replace("\x00", "").strip() for value in params.getlist(name)] for name in FILTERS}
    return {name: kept for name, values in found.items() if (kept := [value for value in values if value])}


def where(workspace: Workspace, filters: Params, me: int | None = None) -> Where:
    """The condition that filters stand for. `owner=me` is the user `me`."""
    made = Where(workspace)
    for name, values in filters.items():
        _READERS[name](made, values, me)
    return made


def chosen(workspace: Workspace, public_ids: Iterable[str]) -> Where:
    """The condition that names people one by one; ids that are none are left out."""
    made = Where(workspace)
    people = [person for text in public_ids if (person := person_id(text)) is not None][:MOST_CHOSEN]
    made.add(f"p.person IN ({', '.join(['%s'] * len(people))})" if people else "1 = 0", *people)
    return made


def person_id(text: str) -> int | None:
    try:
        return from_public_id(text)
    except ValueError:
        return None


def _words(made: Where, values: Sequence[str], _me: int | None) -> None:
    for word in fold(" ".join(values)).split()[:WORDS]:
        made.add(*sql.has("p.search", word[:100]))


def _stages(made: Where, values: Sequence[str], _me: int | None) -> None:
    known = [value for value in values if value in set(Stage)]
    if not known:
        return made.never(_("There is no stage “%(value)s”.") % {"value": values[0][:60]})
    made.add(f"p.stage IN ({', '.join(['%s'] * len(known))})", *known)


def _channels(made: Where, values: Sequence[str], _me: int | None) -> None:
    pairs = [sql.has("p.channels", f" {value} ") for value in values[:20]]
    made.add(f"({' OR '.join(clause for clause, _value in pairs)})", *(value for _clause, value in pairs))


def _tags(made: Where, values: Sequence[str], _me: int | None) -> None:
    for value in values[:10]:
        if (tag := _number(value)) is None:
            return made.never(_("There is no tag “%(value)s”.") % {"value": value[:60]})
        made.add("p.person IN (SELECT person FROM organise_tagging WHERE tag_id = %s AND removed_at IS NULL)", tag)


def _owner(made: Where, values: Sequence[str], me: int | None) -> None:
    value = values[0]
    owner = me if value == "me" else _number(value)
    if value == "none":
        made.add("p.owner_id IS NULL")
    elif owner is None:
        made.never(_("There is nobody “%(value)s” in the team.") % {"value": value[:60]})
    else:
        made.add("p.owner_id = %s", owner)


def _countries(made: Where, values: Sequence[str], _me: int | None) -> None:
    known = [value.upper() for value in values[:40]]
    made.add(f"p.country IN ({', '.join(['%s'] * len(known))})", *known)


def _identified(made: Where, values: Sequence[str], _me: int | None) -> None:
    if values[0] not in ("yes", "no"):
        return made.never(_("Identified is “yes” or “no”, not “%(value)s”.") % {"value": values[0][:60]})
    made.add("p.is_identified" if values[0] == "yes" else "NOT p.is_identified")


def _delivery(made: Where, values: Sequence[str], _me: int | None) -> None:
    if (number := _number(values[0])) is None:
        return made.never(_("There is no import “%(value)s”.") % {"value": values[0][:60]})
    made.add("p.person IN (SELECT id FROM identify_person WHERE delivery = %s)", number)


def _company(made: Where, values: Sequence[str], _me: int | None) -> None:
    condition, parameters = of_company(made.workspace, values[0][:120])
    made.add(condition, *parameters)


def _level(made: Where, values: Sequence[str], _me: int | None) -> None:
    from .scores.registration import LEVELS  # at first use: scores bring numpy

    if values[0] not in LEVELS:
        return made.never(_("There is no level “%(value)s”.") % {"value": values[0][:60]})
    scored = "SELECT person FROM organise_score WHERE workspace_id = %s AND name = 'registration' AND value = %s"
    made.add(f"p.person IN ({scored})", made.workspace.pk, LEVELS.index(values[0]))


def _segments(made: Where, values: Sequence[str], _me: int | None) -> None:
    """In each of these segments."""
    for value in values[:10]:
        key = Segment.objects.of(made.workspace).filter(public=value[:16]).values_list("pk", flat=True).first()
        if key is None:
            return made.never(_("There is no segment “%(value)s”.") % {"value": value[:60]})
        made.add("p.person IN (SELECT person FROM organise_membership WHERE segment_id = %s AND left_at IS NULL)", key)


def _scores(made: Where, values: Sequence[str], _me: int | None) -> None:
    from . import score_filter  # as above

    for value in values[:5]:
        if (condition := score_filter.in_range(made.workspace, value)) is None:
            return made.never(_("“%(value)s” is no range of a score; write it as churn:0.7..1.") % {"value": value[:60]})
        made.add(condition[0], *condition[1])


def _moment(column: str, is_end: bool) -> Any:
    def read(made: Where, values: Sequence[str], _me: int | None) -> None:
        day = day_of(values[0])
        if day is None:
            return made.never(_("“%(value)s” is not a date; write it as 2026-03-31.") % {"value": values[0][:60]})
        begin = datetime.combine(day + timedelta(days=int(is_end)), time(), ZoneInfo(made.workspace.timezone))
        made.add(f"{column} {'<' if is_end else '>='} %s", bulk.stamp(begin.astimezone(UTC)))

    return read


_READERS = {
    "q": _words, "stage": _stages, "channel": _channels, "tag": _tags, "owner": _owner, "country": _countries, "identified": _identified,
    "delivery": _delivery, "segment": _segments, "company": _company, "level": _level, "score": _scores,
    "known_from": _moment("p.known_since", False), "known_to": _moment("p.known_since", True),
    "active_from": _moment("p.last_at", False), "active_to": _moment("p.last_at", True),
}  # fmt: skip


def day_of(text: str) -> date | None:
    """A date of an address; None when it is not one (or so near the edges that no time zone holds it)."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2 <= day.year <= 9997 else None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None
