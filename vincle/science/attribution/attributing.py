"""Every model's answer, side by side, and how far they agree."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np

from . import heuristics, markov, shapley
from ._chain import Chain, chain
from .markov import Transition
from .paths import Floats, Paths

MODELS: Final = ("first", "last", "linear", "position", "time_decay", "markov", "shapley")


class Row(NamedTuple):
    """A channel: its credit by each model in conversions, and in value by `values`; `markov_share` and `removal_effect` within 0 and 1."""

    channel: str
    first: float
    last: float
    linear: float
    position: float
    time_decay: float
    markov: float
    markov_share: float
    removal_effect: float
    shapley: float
    values: dict[str, float]
    """By model; empty where paths have no value."""
    touched: float
    """Journeys that met the channel, whether they converted or not."""
    least: float
    most: float
    """Over all models, in conversions."""


@dataclass(frozen=True, eq=False)
class Attribution:
    """`credits` and `values` by model: what each channel is owed, [channels] in the order of `channels`; the credits of each model sum to
    `conversions`, the values to `value`. `agreement`: the share of all conversions on which the models agree (0 to 1)."""

    channels: tuple[str, ...]
    conversions: float
    value: float
    journeys: float
    rate: float
    order: int
    credits: dict[str, Floats]
    values: dict[str, Floats]
    removal_effects: Floats
    markov_shares: Floats
    touched: Floats
    untouched: float
    chain: Chain = field(repr=False)
    """The Markov chain as it was counted."""

    @property
    def states(self) -> int:
        """Of the chain, the start included."""
        return self.chain.size

    @cached_property
    def transitions(self) -> tuple[Transition, ...]:
        """The matrix of the chain, from the start on; of a high order it is long."""
        return markov.transitions(self.chain, self.channels)

    @property
    def agreement(self) -> float:
        """The sum over channels of the least credit of any model, as a share of all conversions."""
        return agreement(np.stack(list(self.credits.values())), self.conversions)

    def rows(self) -> Iterator[Row]:
        """Channels, that of the most credit by Markov first."""
        every = np.stack(list(self.credits.values()))
        for at in np.argsort(-self.credits["markov"], kind="stable").tolist():
            credit = {model: float(self.credits[model][at]) for model in MODELS}
            yield Row(
                self.channels[at], **credit, markov_share=float(self.markov_shares[at]), removal_effect=float(self.removal_effects[at]),
                values={model: float(each[at]) for model, each in self.values.items()}, touched=float(self.touched[at]),
                least=float(every[:, at].min()), most=float(every[:, at].max()),
            )  # fmt: skip


def agreement(credits: Floats, conversions: float) -> float:
    """Of `credits` [models x channels]; 1 where there is nothing to disagree on."""
    return min(float(credits.min(axis=0).sum()) / conversions, 1.0) if conversions else 1.0


def attribute(
    paths: Paths, *, order: int = 1, half_life: float = heuristics.HALF_LIFE, ends: tuple[float, float] = heuristics.ENDS
) -> Attribution:
    """Share the conversions of `paths` among their channels by every model.

    `order` of the Markov chain (1 or more); `half_life` in days (steps where days are not known) of time decay; `ends`: shares of the first
    and the last touch by position. ValueError for any of them that makes no sense.
    """
    decay = heuristics.time_decay(paths, half_life)
    by_time = [heuristics.credit(paths, decay, each) for each in (paths.conversions, paths.value)]
    grouped = paths.grouped()
    counted = chain(grouped, order)
    removed = markov.removal(counted)
    shared = markov.shares(removed.effects)
    of_value = markov.shares(removed.value_effects) if (paths.value >= 0).all() else shared
    weights = [heuristics.first(grouped), heuristics.last(grouped), heuristics.linear(grouped), heuristics.position(grouped, ends)]

    def credits(amounts: Floats, timed: Floats, share: Floats) -> dict[str, Floats]:
        rules = [heuristics.credit(grouped, weight, amounts) for weight in weights]
        every = [*rules, timed, share * amounts.sum(), shapley.credit(grouped, amounts)]
        return dict(zip(MODELS, every, strict=True))

    return Attribution(
        channels=paths.channels, conversions=paths.total, value=paths.total_value, journeys=paths.journeys, rate=removed.rate, order=order,
        credits=credits(grouped.conversions, by_time[0], shared),
        values=credits(grouped.value, by_time[1], of_value) if paths.has_value else {},
        removal_effects=removed.effects, markov_shares=shared, touched=shapley.touched(grouped),
        untouched=paths.untouched, chain=counted,
    )  # fmt: skip
