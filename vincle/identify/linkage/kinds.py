"""Kinds of evidence: which look at one thing from two sides, what many or a household have in common, and what may be linked unasked. Pure.

The one definition for tables, for the people of a workspace, and for one pair at a time.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from vincle.identify.matchers.base import Levels, Matcher

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Counts = NDArray[np.int64]
Speaks = Mapping[str, Bools]
"""Of each matcher, for which pairs its evidence speaks."""

NAME: Final = frozenset({"given_name", "family_name", "handle_name", "nickname", "name"})
PLACE: Final = frozenset({"street", "house_number", "address_2", "postcode", "city", "region", "country"})
WORK: Final = frozenset({"company", "job_title", "department", "industry"})
KIND: Final = {**dict.fromkeys(NAME, "name"), **dict.fromkeys(PLACE, "place")}
"""Matchers that look at the same thing from two sides: together they are one kind of evidence. Any other is a kind of its own."""
MADE_OF: Final = {"username": "handle_name", "email": "handle_name"}
"""A user name that is made of the name says no more than the name does: namesakes take the same ones."""
SHARED_BY_MANY: Final = NAME | {
    "city", "region", "country", "gender", "title", "language", "together", "job_title", "department", "industry",
}  # fmt: skip
"""Namesakes of one town agree in all of these."""
OF_A_HOUSEHOLD: Final = PLACE | WORK | {"family_name", "handle_name", "email", "phone", "website", "gender"}
"""People of one household, or of one company, agree in all of these."""
LOOSE: Final = {
    "email": frozenset({"same_domain", "local_typo", "same_local"}), "username": frozenset({"similar"}), "bio": frozenset({"similar"}),
    "avatar": frozenset({"similar"}), "website": frozenset({"same_site"}), "company": frozenset({"words"}),
}  # fmt: skip
"""Levels that are too loose to be somebody's own."""
SPEAKS: Final = 1.5
"""Bits from which evidence counts."""


def speaking(levels: Levels, weights: Floats, matchers: Sequence[Matcher]) -> dict[str, Bools]:
    """Whether each matcher speaks for each pair; `levels` and `weights`: pairs x matchers."""
    return {matcher.id: (weights[:, at] >= SPEAKS) & ~np.isin(levels[:, at], _loose(matcher)) for at, matcher in enumerate(matchers)}


def _loose(matcher: Matcher) -> list[int]:
    return [at for at, level in enumerate(matcher.levels) if level.id in LOOSE.get(matcher.id, ())]


def independent(speaks: Speaks) -> Counts:
    """How many independent kinds of evidence speak for each pair."""
    told: dict[str, Bools] = {}
    for id, holds in speaks.items():
        of_name = holds & speaks[MADE_OF[id]] if MADE_OF.get(id) in speaks else np.zeros_like(holds)
        for kind, here in ((KIND.get(id, id), holds & ~of_name), ("name", of_name)):
            told[kind] = told[kind] | here if kind in told else here
    total: Counts = np.sum(list(told.values()), axis=0, dtype=np.int64)
    return total


def independent_of(steps: Iterable[Mapping[str, Any]]) -> int:
    """How many independent kinds speak for one pair; `steps` as a question keeps them: matcher, level and weight of each.

    >>> told = [("given_name", "same", 4.0), ("family_name", "same", 7.0), ("birthday", "same", 9.0), ("city", "differs", -1.0)]
    >>> independent_of(dict(zip(("matcher", "level", "weight"), step)) for step in told)
    2
    >>> independent_of([{"matcher": "handle_name", "weight": 4.0}, {"matcher": "username", "level": "same", "weight": 9.0}])
    1
    """
    speaks: dict[str, Bools] = {}
    for step in steps:
        id = str(step["matcher"])
        holds = step.get("weight", 0) >= SPEAKS and step.get("level") not in LOOSE.get(id, ())
        speaks[id] = speaks.get(id, np.zeros(1, np.bool_)) | holds
    return int(independent(speaks)[0]) if speaks else 0


def may_link(levels: Levels, weights: Floats, matchers: Sequence[Matcher]) -> Bools:
    """Pairs that may be linked without asking: something beside names and towns speaks for them, and where given names differ wholly,
    something that a household does not share either.

    A table that has nothing else to go by is linked by what there is.
    """
    speaks = speaking(levels, weights, matchers)
    found = _beyond(speaks, SHARED_BY_MANY, len(levels))
    given = next((at for at, matcher in enumerate(matchers) if matcher.id == "given_name"), None)
    if given is not None:
        found &= (levels[:, given] != 0) | _beyond(speaks, OF_A_HOUSEHOLD, len(levels))
    return found


def _beyond(speaks: Speaks, common: frozenset[str], size: int) -> Bools:
    own = [holds for id, holds in speaks.items() if id not in common]
    return np.any(own, axis=0) if own else np.ones(size, np.bool_)
