"""The parts of everybody's engagement value, out of what was read and what the team says things are worth. Cents are whole numbers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import numpy as np

from vincle.organise.influence_ties import KINDS, WEIGHTS, Ties
from vincle.science import engagement
from vincle.science.engagement import Floats, Ints, Lines, Referrals, Sway, Value
from vincle.vocabulary import public_id

from .engagement_reading import Bought, Did, Material
from .engagement_terms import Prices

SHOWN: Final = 30
"""Of the people behind a part so many are kept, those who count most."""
PARTS: Final = ("own", "referral", "influence", "knowledge", "cost")
Cents = Ints


@dataclass(frozen=True)
class Worked:
    """[n] each, by person in the order of `people` (ids, ascending). `cents`: amounts; `counts`: how often; `evidence`: of person i."""

    people: Ints
    cents: Mapping[str, Cents]
    counts: Mapping[str, Ints]
    kinds: list[str]
    lines: Lines
    referred: Referrals
    material: Material
    evidence: Callable[[int], dict[str, Any]]
    unpriced: tuple[str, ...]

    def told(self) -> Ints:
        """Places of those of whom there is anything to tell."""
        there = np.zeros(self.people.size, np.bool_)
        for each in (*self.cents.values(), *self.counts.values()):
            there |= each != 0
        return np.flatnonzero(there)


def work_out(material: Material, prices: Prices) -> Worked:
    people = np.array(material.people, np.int64)
    place = {person: at for at, person in enumerate(people.tolist())}
    value = _value(material, people)
    bought = [material.bought.get(person, _NOTHING) for person in people.tolist()]
    newcomer, bringer, anyway, so_far = _brought(material, place, prices)
    referred = engagement.referrals(newcomer, bringer, anyway, so_far, value, float(prices.acquisition or 0))
    swayed = _swayed(material.ties, people, value, float(prices.share), set(zip(newcomer.tolist(), bringer.tolist(), strict=True)))
    counts = _counts(material, people, bought)
    counts["newcomers"] = np.bincount(bringer, minlength=people.size)
    counts["swayed"] = np.bincount(swayed.target, minlength=people.size)
    money = {
        "own": value.expected, "referral": referred.total, "influence": swayed.total, "knowledge": _knowledge(counts, prices),
        "cost": _cost(counts, prices), "bought": np.array([each.lately for each in bought], np.float64),
    }  # fmt: skip
    cents = {name: _cents(each) for name, each in money.items()}
    cents["brings"] = cents["referral"] + cents["influence"] + cents["knowledge"]
    cents["total"] = cents["own"] + cents["brings"] - cents["cost"]
    low, high = engagement.interval(cents["total"] / 100, value, referred.below + swayed.below, referred.above + swayed.above)
    cents |= {"low": _cents(low), "high": _cents(high)}
    lines = engagement.lines(money["bought"], money["own"], money["cost"])
    kinds = engagement.kinds(money["bought"], money["own"], cents["brings"] / 100, money["cost"], lines)
    told = _Evidence(material, people, (newcomer, bringer, anyway, so_far), value, swayed)
    return Worked(people, cents, counts, kinds, lines, referred, material, told.of, prices.unpriced(_sums(counts)))


_NOTHING: Final = Bought()
_NEVER: Final = Did()


def _cents(amounts: Floats) -> Cents:
    return np.rint(amounts * 100).astype(np.int64)


def money(cents: int) -> Decimal:
    """
    >>> money(-1250)
    Decimal('-12.50')
    """
    return Decimal(cents).scaleb(-2)


def _sums(counts: Mapping[str, Ints]) -> dict[str, int]:
    return {name: int(each.sum()) for name, each in counts.items()}


def _value(material: Material, people: Ints) -> Value:
    rows = np.array([material.values.get(person, (0.0, 0.0, 0.0)) for person in people.tolist()], np.float64).reshape(-1, 3)
    return Value(rows[:, 0], rows[:, 1], rows[:, 2])


def _brought(material: Material, place: Mapping[int, int], prices: Prices) -> tuple[Ints, Ints, Any, Floats]:
    """Places of newcomers and of those who brought them, who would have come anyway, and what each brought in so far."""
    rows = material.brought
    margin = float(prices.margin)
    return (
        np.array([place[each.newcomer] for each in rows], np.int64), np.array([place[each.bringer] for each in rows], np.int64),
        np.array([each.newcomer in material.anyway for each in rows], np.bool_),
        np.array([margin * material.bought.get(each.newcomer, _NOTHING).ever for each in rows], np.float64),
    )  # fmt: skip


def _swayed(ties: Ties, people: Ints, value: Value, share: float, apart: set[tuple[int, int]]) -> Sway:
    """All ties but those that say who came because of whom: these are counted as such."""
    kept = ties.kind != KINDS.index("brought")
    weight = ties.weight * np.array([WEIGHTS[kind] for kind in KINDS])[ties.kind] * np.where(ties.against, -1.0, 1.0)
    source, target = np.searchsorted(people, ties.source[kept]), np.searchsorted(people, ties.target[kept])
    return engagement.sway(source.astype(np.int64), target.astype(np.int64), weight[kept], value, share, sorted(apart))


def _counts(material: Material, people: Ints, bought: list[Bought]) -> dict[str, Ints]:
    ids = people.tolist()
    columns = {
        "purchases": [each.purchases for each in bought],
        "other_money": [each.other_money for each in bought],
        "ideas": [material.ideas.get(person, _NEVER).count for person in ids],
        "reviews": [material.reviews.get(person, _NEVER).count for person in ids],
        "answers": [material.answers.get(person, _NEVER).count for person in ids],
        "seconds": [sum(seconds for _thread, seconds in material.threads.get(person, ())) for person in ids],
        "sends": [sum(material.sends.get(person, {}).values()) for person in ids],
    }
    return {name: np.array(values, np.int64) for name, values in columns.items()}


def _knowledge(counts: Mapping[str, Ints], prices: Prices) -> Floats:
    found = np.zeros(counts["ideas"].size)
    for name, price in (("ideas", prices.idea), ("reviews", prices.review), ("answers", prices.answer)):
        if price is not None:
            found += counts[name] * float(price)
    return found


def _cost(counts: Mapping[str, Ints], prices: Prices) -> Floats:
    return counts["seconds"] * float(prices.hour or 0) / 3600 + counts["sends"] * float(prices.send or 0)


class _Evidence:
    """What the parts of each person rest on, as `EngagementEvidence` keeps it."""

    def __init__(
        self, material: Material, people: Ints, brought: tuple[Ints, Ints, Any, Floats], value: Value, swayed: Sway
    ) -> None:  # fmt: skip
        self.material, self.people, self.value, self.swayed = material, people, value, swayed
        self.rows = brought
        self.by_bringer = _places(brought[1])
        order = np.argsort(-np.abs(swayed.worth), kind="stable")
        self.by_target = {target: order[rows].tolist() for target, rows in _places(swayed.target[order]).items()}

    def of(self, at: int) -> dict[str, Any]:
        material, person = self.material, int(self.people[at])
        found: dict[str, Any] = {"brought": self._brought(at), "swayed": self._swayed(at)}
        for name, kept in (("ideas", material.ideas), ("reviews", material.reviews), ("answers", material.answers)):
            if person in kept:
                found[name] = kept[person].keys
        if person in material.threads:
            found["threads"] = [[str(thread), seconds] for thread, seconds in material.threads[person][:SHOWN]]
        if person in material.sends:
            found["sends"] = material.sends[person]
        return {name: each for name, each in found.items() if each}

    def _brought(self, at: int) -> list[list[Any]]:
        newcomer, _bringer, anyway, so_far = self.rows
        rows = sorted(self.by_bringer.get(at, ()), key=lambda row: -(so_far[row] + self.value.expected[newcomer[row]]))[:SHOWN]
        return [
            [
                public_id(int(self.people[newcomer[row]])), bool(anyway[row]), self.material.brought[row].evidence,
                round(float(so_far[row]), 2), round(float(self.value.expected[newcomer[row]]), 2),
                int(self.material.brought[row].at.timestamp()),
            ]
            for row in rows
        ]  # fmt: skip

    def _swayed(self, at: int) -> list[list[Any]]:
        swayed = self.swayed
        return [
            [public_id(int(self.people[swayed.source[row]])), round(float(swayed.share[row]), 4), round(float(swayed.worth[row]), 2)]
            for row in self.by_target.get(at, ())[:SHOWN]
        ]


def _places(column: Ints) -> dict[int, list[int]]:
    """Where each value of a column stands, in order."""
    found: dict[int, list[int]] = {}
    for at, value in enumerate(column.tolist()):
        found.setdefault(value, []).append(at)
    return found
