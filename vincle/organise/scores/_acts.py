"""What scores count: acts of people by column, up to a moment. Sums are over arrays; nothing walks from person to person."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from vincle.vocabulary import ObjectType, Verb

from ..segments.frame import OBJECTS, SENTIMENTS, VERBS, Bools, Floats, Frame, Ints, label

DAY: Final = 86_400_000_000
"""Microseconds."""


@dataclass(frozen=True, eq=False)
class Behaviour:
    """What k people did, and what was said to them, until `upto` (microseconds); what came later does not exist."""

    frame: Frame
    upto: int

    @property
    def k(self) -> int:
        return len(self.frame.ids)

    @cached_property
    def who(self) -> Ints:
        """Of each act: the row of its person."""
        return np.repeat(np.arange(self.k), np.diff(self.frame.acts.start))

    @cached_property
    def days(self) -> Floats:
        """Of each act: days ago."""
        found: Floats = (self.upto - self.frame.acts.at) / DAY
        return found

    @cached_property
    def done(self) -> Bools:
        """Acts that were there."""
        found: Bools = self.frame.acts.at <= self.upto
        return found

    @cached_property
    def theirs(self) -> Bools:
        """What they did themselves."""
        found: Bools = self.done & ~self.frame.acts.by_us
        return found

    @cached_property
    def ours(self) -> Bools:
        found: Bools = self.done & self.frame.acts.by_us
        return found

    def verb(self, *verbs: Verb) -> Bools:
        return self.theirs & _among(self.frame.acts.verb, [VERBS[each.value] for each in verbs])

    def kind(self, *kinds: ObjectType) -> Bools:
        return self.theirs & _among(self.frame.acts.object_type, [OBJECTS[each.value] for each in kinds])

    def tone(self, name: str) -> Bools:
        found: Bools = self.theirs & (self.frame.acts.sentiment == SENTIMENTS[name])
        return found

    def labelled(self, field: str, *texts: str) -> Bools:
        """Acts of theirs that carry one of these texts in this field."""
        found = np.zeros(len(self.frame.acts.at), np.bool_)
        wanted = np.array([label(field, text) for text in texts], np.uint64)
        found[self.of_label[np.isin(self.frame.acts.labels, wanted)]] = True
        return self.theirs & found

    @cached_property
    def of_label(self) -> Ints:
        """Of each label: the row of its act."""
        return np.repeat(np.arange(len(self.frame.acts.at)), np.diff(self.frame.acts.label_start))

    def count(self, acts: Bools) -> Floats:
        return np.bincount(self.who[acts], minlength=self.k).astype(np.float64)

    def sum(self, acts: Bools, weights: Floats) -> Floats:
        return np.bincount(self.who[acts], weights[acts], minlength=self.k).astype(np.float64)

    def recent(self, acts: Bools, half: float) -> Floats:
        """How many, each counting half of what it did after every `half` days."""
        return self.sum(acts, fading(self.days, half))

    def within(self, days: float) -> Bools:
        return self.theirs & (self.days < days)

    def since(self, acts: Bools) -> Floats:
        """Days since the last of these; infinite where there is none."""
        found = np.full(self.k, np.inf)
        np.minimum.at(found, self.who[acts], self.days[acts])
        return found

    def age(self, acts: Bools) -> Floats:
        """Days since the first of these; negative infinite where there is none."""
        found = np.full(self.k, -np.inf)
        np.maximum.at(found, self.who[acts], self.days[acts])
        return found

    def periods(self, acts: Bools, length: float, within: float = np.inf) -> Floats:
        """In how many different stretches of `length` days, counted back from now, they did one of these."""
        chosen = acts & (self.days < within)
        who, number = self.who[chosen], np.floor(self.days[chosen] / length)
        # Acts stand by person and time, so that those of one stretch stand together.
        begins = np.ones(len(who), np.bool_)
        begins[1:] = (who[1:] != who[:-1]) | (number[1:] != number[:-1])
        return np.bincount(who[begins], minlength=self.k).astype(np.float64)

    def last_at(self, acts: Bools) -> Ints:
        """Microseconds of the last of these; 0 where there is none."""
        found = np.zeros(self.k, np.int64)
        np.maximum.at(found, self.who[acts], self.frame.acts.at[acts])
        return found


def fading(days: Floats, half: float) -> Floats:
    """1 today, a half after `half` days. What is still to come counts as today."""
    found: Floats = np.exp2(-np.maximum(days, 0.0) / half)
    return found


def _among(codes: npt.NDArray[np.uint8], wanted: Sequence[int]) -> Bools:
    found: Bools = np.isin(codes, np.array(wanted, np.uint8))
    return found


def spellings(names: Iterable[str]) -> tuple[str, ...]:
    """A name of an event as sites write it.

    >>> spellings(["Cart Viewed"])
    ('Cart Viewed', 'Cart viewed', 'cart viewed', 'cart_viewed', 'cart-viewed', 'CartViewed', 'cartViewed')
    """
    found: list[str] = []
    for name in names:
        low, joined = name.lower(), name.replace(" ", "")
        found += [name, name.capitalize(), low, low.replace(" ", "_"), low.replace(" ", "-"), joined, joined[:1].lower() + joined[1:]]
    return tuple(dict.fromkeys(found))


PRODUCT_SEEN: Final = spellings(["Product Viewed", "Product Clicked", "Product List Viewed", "Products Searched"])
CART: Final = spellings(["Product Added", "Cart Viewed", "Product Added To Wishlist", "Wishlist Product Added To Cart"])
CHECKOUT: Final = spellings(["Checkout Started", "Checkout Step Viewed", "Checkout Step Completed", "Payment Info Entered"])
