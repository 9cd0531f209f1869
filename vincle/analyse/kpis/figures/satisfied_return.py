"""Do the satisfied come back?"""

from math import sqrt
from typing import NamedTuple

import numpy as np
from django.utils.translation import gettext_lazy as _

from vincle.science.proportions import wilson

from ..base import POINTS, UP, Figure, Kpi, missing
from ..facts import Facts, Ints, Plain
from ..spans import Span
from ._sums import days_of

WITHIN = 90
HAPPY, UNHAPPY = 0.8, 0.5
"""From so much of the scale on someone is satisfied (8 of 10, 4 of 5); up to so much dissatisfied."""
FEWEST = 10
"""People that each side needs before the two are compared."""


class Band(NamedTuple):
    """People whose last answer of the period lay in a band, and how many bought within the days after it."""

    name: str
    people: int
    again: int

    @property
    def share(self) -> float | None:
        return self.again / self.people if self.people else None

    @property
    def interval(self) -> tuple[float, float]:
        return wilson(self.again, self.people)


def _reach(span: Span, today: int) -> tuple[int, int]:
    """Answers of the 365 days up to the end of the period whose days after them are over."""
    last = min(span.last, today - WITHIN)
    return span.last - 364, last


def _last_answers(facts: Facts, span: Span) -> tuple[Ints, Ints, np.typing.NDArray[np.float64]]:
    said = facts.answers.of(*_reach(span, facts.today))
    person, place = np.unique(said.person[::-1], return_index=True)
    return person, said.day[::-1][place], said.value[::-1][place]


def _returned(facts: Facts, person: Ints, day: Ints) -> np.typing.NDArray[np.bool_]:
    sales = facts.sales
    keys = sales.who * 2**32 + sales.day
    keys = np.sort(keys)
    places = np.searchsorted(sales.people, person).clip(max=max(sales.people.size - 1, 0))
    if not sales.people.size:
        return np.zeros(person.size, bool)
    known = sales.people[places] == person
    ahead = np.searchsorted(keys, places * 2**32 + day, side="right")
    until = np.searchsorted(keys, places * 2**32 + day + WITHIN, side="right")
    return known & (until > ahead)


def value(facts: Facts, span: Span) -> Figure:
    if not facts.answers.person.size:
        return missing("no answers")
    person, day, given = _last_answers(facts, span)
    again = _returned(facts, person, day)
    masks = {"unhappy": given <= UNHAPPY, "between": (given > UNHAPPY) & (given < HAPPY), "happy": given >= HAPPY}
    bands = {name: Band(name, int(mask.sum()), int(again[mask].sum())) for name, mask in masks.items()}
    rest = Band("rest", bands["unhappy"].people + bands["between"].people, bands["unhappy"].again + bands["between"].again)
    parts = {"bands": list(bands.values()), "within": WITHIN}
    happy = bands["happy"]
    if min(happy.people, rest.people) < FEWEST:
        return missing("few answers", **parts)
    return Figure(_gap(happy, rest), *_interval(happy, rest), of=happy.people + rest.people, parts=parts)


def _gap(happy: Band, rest: Band) -> float:
    return happy.again / happy.people - rest.again / rest.people


def _interval(one: Band, other: Band) -> tuple[float, float]:
    """Newcombe's hybrid score interval of the difference of two shares (Statistics in Medicine 17, 1998, 873-890, method 10)."""
    (low, high), (least, most) = one.interval, other.interval
    share, rest = one.again / one.people, other.again / other.people
    gap = share - rest
    return gap - sqrt((share - low) ** 2 + (most - rest) ** 2), gap + sqrt((high - share) ** 2 + (rest - least) ** 2)


def reference(plain: Plain, span: Span) -> float | None:
    first, last = _reach(span, plain.today)
    final: dict[int, tuple[int, float]] = {}
    for who, day, given in sorted(((w, d, g) for w, d, g in plain.said if w is not None), key=lambda row: row[1]):
        if first <= day <= last:
            final[who] = (day, given)
    bought = days_of(plain)
    sides: dict[bool, list[bool]] = {True: [], False: []}
    for who, (day, given) in final.items():
        sides[given >= HAPPY].append(any(day < each <= day + WITHIN for each in bought.get(who, [])))
    if min(map(len, sides.values())) < FEWEST:
        return None
    return sum(sides[True]) / len(sides[True]) - sum(sides[False]) / len(sides[False])


def people(facts: Facts, span: Span) -> Ints:
    """The satisfied who bought again."""
    person, day, given = _last_answers(facts, span)
    return person[(given >= HAPPY) & _returned(facts, person, day)]


kpi = Kpi(
    "satisfied_return", _("Satisfied customers come back more"), POINTS,
    _("Of people asked for their satisfaction in the year up to the end of the period: the share of the satisfied (8 of 10, 4 of 5 or "
      "more) that bought within 90 days of their last answer, less the same share of the others, in points. It goes together, it is no "
      "proof of a cause."),
    "share of satisfied who bought within 90 days - share of the others", ("answers", "sales"), UP, 350, value, reference, people,
    part="kpis/part_satisfied.html",
)  # fmt: skip
