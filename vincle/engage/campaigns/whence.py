"""What a campaign was made for, where that is kept by an app above this one: it registers how to find it.

whence.register(lambda campaign: [whence.Cause("An experiment", "/w/cafe/worth/touchpoints/")])   # in `ready()`
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from .models import Campaign


class Cause(NamedTuple):
    """In words, and its address."""

    label: str
    url: str


Find = Callable[[Campaign], Sequence[Cause]]
_registered: list[Find] = []


def register(find: Find) -> None:
    """By an app that makes campaigns for something of its own."""
    _registered.append(find)


def causes(campaign: Campaign) -> list[Cause]:
    return [cause for find in _registered for cause in find(campaign)]
