"""What screens, the download and the command show of what people are worth with all they do. No question for each person."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import QuerySet

from vincle.accounts.models import Workspace
from vincle.organise import relations
from vincle.organise.influence_page import Someone, names
from vincle.organise.models import Profile
from vincle.store import bulk
from vincle.store.folding import fold

from .models import EngagementEvidence, EngagementRun, EngagementValue

SIZE: Final = 50
DRAWN: Final = 300
NAMED: Final = 8
"""People drawn in the picture, and of each kind so many by name."""
LISTED: Final = 6
SORTS: Final = ("total", "bought", "own", "referral", "influence", "knowledge", "cost", "brings")
FILTERS: Final[dict[str, dict[str, Any]]] = {
    "advocate": {"kind": "advocate"}, "costly": {"kind": "costly"}, "brought": {"newcomers__gt": 0}, "knows": {"ideas__gt": 0},
}  # fmt: skip
_SUMMED: Final = (
    "total", "own", "referral", "influence", "knowledge", "cost", "brings", "bought", "low", "high", "purchases", "other_money",
    "newcomers", "swayed", "ideas", "reviews", "answers", "seconds", "sends",
)  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """A list as its address asks for it."""

    kind: str = ""
    words: str = ""
    sort: str = "-total"
    page: int = 1


@dataclass(frozen=True)
class Line:
    """Someone with what they are worth."""

    who: Someone
    value: EngagementValue


@dataclass(frozen=True)
class Page:
    lines: list[Line]
    total: int
    after: int | None
    before: int | None


def asked(params: Any) -> Asked:
    """Of an address; what cannot be read is as if it were not there."""
    sort, place = params.get("sort", ""), params.get("after") or params.get("before") or "1"
    kind = params.get("kind", "")
    return Asked(
        kind if kind in FILTERS else "", params.get("q", "").replace("\x00", "").strip()[:80],
        sort if sort.removeprefix("-") in SORTS else "-total", int(place) if place.isdecimal() and 0 < len(place) < 6 else 1,
    )  # fmt: skip


def run_of(workspace: Workspace) -> EngagementRun | None:
    found: EngagementRun | None = EngagementRun.objects.of(workspace).first()
    return found


def rows(workspace: Workspace, wanted: Asked = Asked()) -> "QuerySet[EngagementValue]":
    """Of everybody as the last round left them; `lines` leaves out whoever was joined to somebody since."""
    found = EngagementValue.objects.of(workspace)
    if wanted.words:
        people = Profile.objects.of(workspace)
        for word in fold(wanted.words).split():
            people = people.filter(search__contains=word)
        found = found.filter(person__in=people.values("person"))
    if wanted.kind == "knows":
        return found.exclude(ideas=0, reviews=0, answers=0).order_by(wanted.sort, "person")
    return found.filter(**FILTERS.get(wanted.kind, {})).order_by(wanted.sort, "person")


def _taken(found: "QuerySet[EngagementValue]", first: int, last: int) -> list[EngagementValue]:
    """These places of the order. Keys are sorted, not the wide rows."""
    keys = list(found.values_list("person", flat=True)[first:last])
    there = {each.person: each for each in EngagementValue.objects.filter(person__in=keys)}
    return [there[key] for key in keys if key in there]


def page(workspace: Workspace, wanted: Asked) -> Page:
    """Four queries."""
    found = rows(workspace, wanted)
    total = found.count()
    last = max(1, -(-total // SIZE))
    at = min(max(wanted.page, 1), last)
    part = _taken(found, (at - 1) * SIZE, at * SIZE)
    return Page(lines(workspace, part), total, at + 1 if at < last else None, at - 1 if at > 1 else None)


def lines(workspace: Workspace, values: Sequence[EngagementValue]) -> list[Line]:
    known = names(workspace, [each.person for each in values])
    return [Line(known[each.person], each) for each in values if each.person in known]


def advocates(workspace: Workspace, most: int = LISTED) -> list[Line]:
    return lines(workspace, list(rows(workspace, Asked("advocate", sort="-brings"))[:most]))


def costly(workspace: Workspace, most: int = LISTED) -> list[Line]:
    return lines(workspace, list(rows(workspace, Asked("costly", sort="-cost"))[:most]))


def drawn(workspace: Workspace) -> list[tuple[Line, bool]]:
    """Those of the picture, and whether by name: advocates and costly ones first, then whoever bought or brings most."""
    found: dict[int, EngagementValue] = {}
    everybody = rows(workspace).exclude(bought=0, brings=0)
    for part in (
        everybody.filter(kind="advocate").order_by("-brings"), everybody.filter(kind="costly").order_by("-cost"),
        everybody.order_by("-brings"), everybody.order_by("-bought"), everybody.order_by("person"),
    ):  # fmt: skip
        found |= {each.person: each for each in _taken(part, 0, DRAWN // 4)}
    kept = list(found.values())[:DRAWN]
    named: set[int] = set()
    for kind in ("advocate", "costly"):
        named |= {each.person for each in [each for each in kept if each.kind == kind][:NAMED]}
    return [(line, line.value.person in named) for line in lines(workspace, kept)]


@dataclass(frozen=True)
class Standing:
    """What one person is worth now. `is_summed`: they were joined with somebody since the last round, and both are added up."""

    value: EngagementValue
    evidence: dict[str, Any]
    is_summed: bool


def of_person(workspace: Workspace, person: int) -> Standing | None:
    """Three queries; None where there is nothing to tell."""
    ids = relations.ids_of(workspace, person)
    found = list(EngagementValue.objects.of(workspace).filter(person__in=ids))
    if not found:
        return None
    behind = EngagementEvidence.objects.of(workspace).filter(person__in=[each.person for each in found])
    evidence = list(behind.values_list("found", flat=True))
    if len(found) == 1:
        return Standing(found[0], evidence[0] if evidence else {}, found[0].person != person)
    whole = EngagementValue(workspace=workspace, person=person, at=min(each.at for each in found))
    for name in _SUMMED:
        setattr(whole, name, sum(getattr(each, name) for each in found))
    return Standing(whole, _together(evidence), True)


def _together(parts: Iterable[dict[str, Any]]) -> dict[str, Any]:
    whole: dict[str, Any] = {}
    for part in parts:
        for name, rows in part.items():
            if isinstance(rows, dict):
                sums = whole.setdefault(name, {})
                whole[name] = {key: sums.get(key, 0) + rows.get(key, 0) for key in {*sums, *rows}}
            else:
                whole.setdefault(name, []).extend(rows)
    return whole


COLUMNS: Final = (
    "id", "name", "currency", "total", "low", "high", "own", "referral", "influence", "knowledge", "cost", "bought", "purchases",
    "purchases_in_other_currencies", "newcomers", "swayed", "ideas", "reviews", "answers", "minutes", "sends", "kind",
)  # fmt: skip


def every(workspace: Workspace, most: int | None = None, wanted: Asked = Asked()) -> Iterator[tuple[Any, ...]]:
    """A line for everybody in order: what the download and the command give. COLUMNS; amounts as text."""
    ids = list(rows(workspace, wanted).values_list("person", flat=True)[:most])
    for part in bulk.chunks(ids, 2_000):
        found = {each.person: each for each in EngagementValue.objects.of(workspace).filter(person__in=part)}
        for line in lines(workspace, [found[person] for person in part if person in found]):
            yield _row(line, workspace.currency)


def _row(line: Line, currency: str) -> tuple[Any, ...]:
    v = line.value
    amounts = (v.total, v.low, v.high, v.own, v.referral, v.influence, v.knowledge, v.cost, v.bought)
    counts = (v.purchases, v.other_money, v.newcomers, v.swayed, v.ideas, v.reviews, v.answers)
    return (line.who.public, line.who.name, currency, *(str(each) for each in amounts), *counts, round(v.seconds / 60, 1), v.sends, v.kind)
