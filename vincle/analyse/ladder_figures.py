"""The figures of the Ladder: who stands where, who moved, what went before a rise, and the brands beside each other."""

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Final, NamedTuple

from django.db.models import Sum

from vincle.accounts.models import Workspace
from vincle.listen.models_listening import Listening
from vincle.organise.models import StageDay
from vincle.science.proportions import wilson
from vincle.science.strata import Ratio, Stratum, ratio
from vincle.vocabulary import Stage

from .choice import Choice
from .measure import measure
from .metrics.base import Period

STAGES: Final = tuple(stage.value for stage in Stage)
HEIGHT: Final = {stage: height for height, stage in enumerate(STAGES)}
FEWEST: Final = 10
"""Things that fewer met with are not judged."""
Moves = dict[tuple[str, str], int]


class Rise(NamedTuple):
    """People who met with a thing: how many of them rose, how many of the others; and how many times as often, rung by rung."""

    kind: str
    what: str
    rose: int
    met: int
    others_rose: int
    others: int
    ratio: Ratio


@dataclass(frozen=True)
class Voice:
    """A brand that is listened for: people by the highest rung they reached in what was said of it."""

    name: str
    is_ours: bool
    people: Counter[str]

    @property
    def reached(self) -> int:
        return self.people.total()

    def at_least(self, stage: str) -> int:
        return sum(n for each, n in self.people.items() if HEIGHT[each] >= HEIGHT[stage])

    def share(self, stage: str) -> tuple[float, float, float]:
        """(share of those reached who stood at least there, its interval)."""
        return (self.at_least(stage) / self.reached if self.reached else 0.0, *wilson(self.at_least(stage), self.reached))


class Ladder:
    """What the page says of one workspace and one choice of days."""

    def __init__(self, workspace: Workspace, choice: Choice) -> None:
        self.workspace, self.choice, self.period = workspace, choice, choice.period

    @cached_property
    def halves(self) -> tuple[Period, Period] | None:
        """The two halves of the period; None for one of a day."""
        if self.period.days < 2:
            return None
        middle = self.period.first + timedelta(days=self.period.days // 2)
        return replace(self.period, last=middle - timedelta(days=1)), replace(self.period, first=middle)

    def moves(self, period: Period) -> Moves:
        """(before, after) -> people; before is empty for those who were not known yet."""
        return {(before, after): people for before, after, people in measure(self.workspace, "ladder_moves", period)}

    @cached_property
    def whole(self) -> Moves:
        return self.moves(self.period)

    @cached_property
    def now(self) -> Counter[str]:
        """People by the rung they stand on at the end."""
        counts: Counter[str] = Counter()
        for (_before, after), people in self.whole.items():
            counts[after] += people
        return counts

    @property
    def rose(self) -> int:
        return sum(n for (before, after), n in self.whole.items() if before and HEIGHT[after] > HEIGHT[before])

    @property
    def fell(self) -> int:
        return sum(n for (before, after), n in self.whole.items() if before and HEIGHT[after] < HEIGHT[before])

    @property
    def came(self) -> int:
        return sum(n for (before, _after), n in self.whole.items() if not before)

    @cached_property
    def days(self) -> dict[date, Counter[str]]:
        """Of each day that is kept: people by the rung they stood on when it ended."""
        first = min(self.period.first, self.period.last - timedelta(days=89))
        rows = StageDay.objects.of(self.workspace).filter(day__range=(first, self.period.last))
        found: dict[date, Counter[str]] = defaultdict(Counter)
        for day, after, people in rows.values_list("day", "after").annotate(people=Sum("people")).order_by("day"):
            found[day][after] = people
        return found

    @cached_property
    def flags(self) -> list[tuple[tuple[int, ...], int]]:
        """((spectator, semi-active, critic, creator), people): every rung that was reached, not the highest alone; most first."""
        rows = measure(self.workspace, "ladder_flags", self.period)
        found = [(tuple(flags), people) for *flags, people in rows if any(flags)]
        return sorted(found, key=lambda row: (-row[1], row[0]))

    @cached_property
    def rises(self) -> list[Rise]:
        """What went before a rise more, or less, often than chance explains; the strongest first. All intervals hold together."""
        seen: dict[tuple[str, str], dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
        for kind, what, stage, rose, people in measure(self.workspace, "ladder_rises", self.period):
            seen[kind, what][stage][rose] = people
        whole = seen.pop(("", ""), {})
        met = {thing: by for thing, by in seen.items() if sum(map(sum, by.values())) >= FEWEST}
        found = [_rise(thing, by, whole, 1 - 0.05 / len(met)) for thing, by in met.items()]
        sure = [each for each in found if each is not None and each.ratio.is_sure]
        return sorted(sure, key=lambda each: (-each.ratio.value, each.kind, each.what))

    @cached_property
    def voices(self) -> list[Voice]:
        """Brands and competitors that are listened for, ours first."""
        kinds = (Listening.Kind.BRAND, Listening.Kind.COMPETITOR)
        queries = Listening.objects.of(self.workspace).filter(kind__in=kinds, archived_at=None, is_draft=False, is_shared=True)
        listed = list(queries.order_by("kind", "place", "pk"))
        if not listed:
            return []
        people: dict[int, Counter[str]] = defaultdict(Counter)
        for listening, stage, n in measure(self.workspace, "ladder_voices", self.period):
            people[listening][stage] += n
        return [Voice(each.name or each.text[:40], each.kind == Listening.Kind.BRAND, people[each.pk]) for each in listed]


def _rise(thing: tuple[str, str], by: dict[str, list[int]], whole: dict[str, list[int]], confidence: float) -> Rise | None:
    strata = [_stratum(by.get(stage, [0, 0]), counts) for stage, counts in whole.items()]
    found = ratio(strata, confidence)
    if found is None:
        return None
    rose, met, others_rose, others = (sum(column) for column in zip(*strata, strict=True))
    return Rise(*thing, rose, met, others_rose, others, found)


def _stratum(met: list[int], whole: list[int]) -> Stratum:
    return Stratum(met[1], sum(met), whole[1] - met[1], sum(whole) - sum(met))
