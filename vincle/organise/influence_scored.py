"""What a look at the network gives each person as scores, with the reasons."""

from typing import Any, Final

import numpy as np

from vincle.vocabulary import public_id

from .influence_actions import Scored
from .influence_graph import Look, told
from .influence_ties import Ties

WHO: Final = 3
"""Named in a reason: those who gave most."""


def scored(found: Look, ties: Ties, followers: dict[int, int]) -> dict[str, list[Scored]]:
    """Rows of `influence`, `reach`, `broker` and `community`; of whom nothing is to be said nothing is."""
    reasons = told(ties, found.people, WHO)
    return {
        "influence": _influence(found, reasons),
        "reach": _reach(found, followers),
        "broker": _broker(found),
        "community": [
            Scored(person, float(number), None, [])
            for person, number in zip(found.people.tolist(), found.community.tolist(), strict=True)
            if number >= 0
        ],
    }


def _influence(found: Look, reasons: dict[int, list[tuple[str, bool, int, int, float, list[int]]]]) -> list[Scored]:
    """In times the average attention; the weight of a reason is its share of all that came to them, negative where it was against them."""
    rows = []
    people, value, remains = found.people.tolist(), found.influence.tolist(), found.remains.tolist()
    for place in np.flatnonzero(found.positive + found.negative > 0).tolist():
        why = reasons.get(place, [])
        total = sum(each[4] for each in why)
        said: list[list[Any]] = [
            [f"{kind}_against" if against else kind, {"people": count, "acts": acts, "who": [public_id(one) for one in who]},
             round((-weight if against else weight) / total, 4)]
            for kind, against, count, acts, weight, who in why
        ]  # fmt: skip
        rows.append(Scored(people[place], round(value[place], 6), round(remains[place], 4), said))
    return rows


def _reach(found: Look, followers: dict[int, int]) -> list[Scored]:
    """At least so many people: those who follow, as a source said, or those who turned to them, whichever are more."""
    reached = {person: count for person, count in zip(found.people.tolist(), found.reached.tolist(), strict=True) if count}
    rows = []
    for person in sorted({*reached, *followers}):
        counts = {"followers": followers.get(person, 0), "reached": reached.get(person, 0)}
        most = max(counts.values())
        why: list[list[Any]] = [[code, {"count": count}, round(count / most, 4)] for code, count in counts.items() if count]
        rows.append(Scored(person, float(most), None, sorted(why, key=lambda each: -each[2])))
    return rows


def _broker(found: Look) -> list[Scored]:
    """Share of the ways between others; sure as far as the sample it comes from tells it from nothing."""
    rows = []
    for place in np.flatnonzero(found.between > 0).tolist():
        value = float(found.between[place])
        why: list[list[Any]] = [["between", {"share": round(value, 6)}, 1.0]]
        if found.bridged[place]:
            why.append(["bridged", {"count": int(found.bridged[place])}, 0.5])
        if not np.isnan(found.constraint[place]):
            why.append(["constraint", {"value": round(float(found.constraint[place]), 4)}, 0.25])
        sure = max(0.0, 1 - float(found.unsure[place]) / value)
        rows.append(Scored(int(found.people[place]), round(value, 8), round(sure, 4), why))
    return rows
