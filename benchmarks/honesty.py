"""Experiments without any effect, looked at every day: how often are they called significant? Thousands of simulated campaigns.

Beside it, in the same run: the usual z-test at 5 %, looked at as often.
"""

import sys
from statistics import NormalDist
from typing import Final, NamedTuple

import numpy as np

from vincle.science.lift import People, best, lift
from vincle.science.sample_size import for_shares

from .common import row, title

CAMPAIGNS: Final = 500
DAYS: Final = 28
NAIVE: Final = NormalDist().inv_cdf(0.975)
Floats = np.typing.NDArray[np.float64]


class World(NamedTuple):
    """People, how many of them buy within the window, how often again, how unequal purchases are, and who gets nothing."""

    name: str
    people: int
    buying: float
    again: float
    spread: float
    held: float


WORLDS: Final = (
    World("1,000 people, 10 % buy, a tenth held out", 1_000, 0.10, 0.0, 0.6, 0.1),
    World("1,000 people, 2 % buy, a tenth held out", 1_000, 0.02, 0.3, 0.9, 0.1),
    World("5,000 people, 5 % buy and again, half held out", 5_000, 0.05, 0.8, 0.6, 0.5),
    World("5,000 people, 30 % buy, purchases very unequal", 5_000, 0.30, 0.5, 1.4, 0.1),
)


class Drawn(NamedTuple):
    """One campaign without an effect: who was held out, first purchases (NaN: none), every purchase as (person, day, amount)."""

    held: np.typing.NDArray[np.bool_]
    first: Floats
    who: np.typing.NDArray[np.int64]
    day: Floats
    amount: Floats


def run(campaigns: int = CAMPAIGNS) -> None:
    title(f"Honesty: {campaigns:,} campaigns without an effect, looked at on each of {DAYS} days")
    for place, world in enumerate(WORLDS):
        ours, money, naive = called(world, campaigns, np.random.default_rng(place))
        row(f"{world.name}: who buys", f"{ours:.1%} called sure", "<= 5 %", f"z-test daily: {naive:.1%}")
        row(f"{world.name}: money", f"{money:.1%} called sure", "<= 5 %")
    row("three letters alike: a winner called", f"{called_best(campaigns, np.random.default_rng(9)):.1%}", "<= 5 %")
    found = power(campaigns // 4, np.random.default_rng(10))
    row("an effect of the size planned for (5 % to 8 %)", f"{found:.1%} called sure", ">= 80 %")


def called(world: World, campaigns: int, chance: np.random.Generator) -> tuple[float, float, float]:
    """Shares of campaigns ever called sure: by who buys, by money, and by the z-test."""
    found = np.zeros(3)
    for _ in range(campaigns):
        found += looked(world, drawn(world, chance))
    return float(found[0] / campaigns), float(found[1] / campaigns), float(found[2] / campaigns)


def drawn(world: World, chance: np.random.Generator) -> Drawn:
    buys = chance.random(world.people) < world.buying
    first = np.where(buys, chance.random(world.people) * DAYS, np.nan)
    buyers = np.flatnonzero(buys)
    times = 1 + chance.poisson(world.again, buyers.size)
    who = np.repeat(buyers, times)
    is_again = np.r_[False, who[1:] == who[:-1]]
    day = first[who] + is_again * chance.random(who.size) * (DAYS - first[who])
    habit = np.repeat(chance.normal(0, world.spread / 2, buyers.size), times)
    held = np.zeros(world.people, bool)
    held[chance.permutation(world.people)[: int(world.people * world.held)]] = True
    return Drawn(held, first, who, day, np.exp(3 + habit + chance.normal(0, world.spread, who.size)))


def looked(world: World, campaign: Drawn) -> Floats:
    """Whether it was ever called sure: by who buys, by money, by the z-test."""
    found = np.zeros(3)
    planned = world.buying * (1 + world.again) ** 2 * float(np.exp(6 + 2.5 * world.spread**2))
    for today in range(1, DAYS + 1):
        first = np.where(campaign.first <= today, campaign.first, np.nan)
        spent = np.bincount(campaign.who, campaign.amount * (campaign.day <= today), world.people)
        groups = [People.of(np.zeros(side.sum()), first[side], spent[side]) for side in (~campaign.held, campaign.held)]
        read = lift(*groups, planned=planned)
        found = np.maximum(found, [read.is_sure, read.is_money_sure, _naive(*groups)])
    return found


def _naive(one: People, other: People) -> bool:
    pooled = (one.acted + other.acted) / (one.size + other.size)
    error = (pooled * (1 - pooled) * (1 / one.size + 1 / other.size)) ** 0.5
    return bool(error) and abs(one.share - other.share) > NAIVE * error


def called_best(campaigns: int, chance: np.random.Generator, arms: int = 3, people: int = 900) -> float:
    found = 0
    for _ in range(campaigns):
        first = np.where(chance.random(people) < 0.1, chance.random(people) * DAYS, np.nan)
        theirs = chance.permutation(np.arange(people) % arms)
        found += any(_led(first, theirs, arms, today) for today in range(1, DAYS + 1))
    return found / campaigns


def _led(first: Floats, theirs: np.typing.NDArray[np.int64], arms: int, today: int) -> bool:
    known = np.where(first <= today, first, np.nan)
    leader = best((arm, People.of(np.zeros((theirs == arm).sum()), known[theirs == arm])) for arm in range(arms))
    return leader is not None and leader.is_sure


def power(campaigns: int, chance: np.random.Generator, base: float = 0.05, other: float = 0.08) -> float:
    """The share of campaigns with an effect that are called sure by their end, with as many people as were said to be needed."""
    people = round(for_shares(base, other))
    found = 0
    for _ in range(campaigns):
        written = np.arange(people) % 2 == 0
        first = np.where(chance.random(people) < np.where(written, other, base), chance.random(people) * DAYS, np.nan)
        groups = [People.of(np.zeros(side.sum()), first[side]) for side in (written, ~written)]
        found += any(_sure(groups, day) for day in (7, 14, 21, DAYS))
    return found / campaigns


def _sure(groups: list[People], day: int) -> bool:
    until = [each._replace(first=np.where(each.first <= day, each.first, np.nan)) for each in groups]
    return lift(until[0], until[1]).is_sure


if __name__ == "__main__":
    run(int(sys.argv[1]) if sys.argv[1:] else CAMPAIGNS)
