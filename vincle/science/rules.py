"""A short rule that comes closest to a group: a decision tree whose leaves are read as conditions (Breiman et al., CART, 1984).

Leaves are taken into the rule, those with the highest share of the group first, as long as F1 grows.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
DEPTH: Final = 3
CUTS: Final = 24
LEARNT_FROM: Final = 20_000
LEAST_GAIN: Final = 1e-3


class Condition(NamedTuple):
    """A column is at least, or else below, a value."""

    column: int
    at_least: bool
    value: float


@dataclass(frozen=True)
class Rule:
    """Any of `paths` holds; a path holds when all of its conditions do. `precision`: of those it names, the share in the group; `recall`:
    of the group, the share it names."""

    paths: tuple[tuple[Condition, ...], ...]
    precision: float
    recall: float

    @property
    def f1(self) -> float:
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def closest(table: npt.ArrayLike, inside: npt.ArrayLike, depth: int = DEPTH) -> Rule:
    """The rule over the columns of `table` [people, features] that comes closest to the rows where `inside`.

    Learnt from at most `LEARNT_FROM` rows, spread evenly; measured on all. Nobody inside: a rule without paths.

    >>> rule = closest([[1, 5], [2, 5], [8, 5], [9, 5], [9, 0]], [False, False, True, True, False])
    >>> rule.paths, rule.precision, rule.recall
    (((Condition(column=0, at_least=True, value=8.0), Condition(column=1, at_least=True, value=5.0)),), 1.0, 1.0)
    """
    values, group = np.asarray(table, np.float64), np.asarray(inside, bool)
    if values.ndim != 2 or group.shape != (len(values),):
        raise ValueError("a table, people by features, and for each person whether they are in the group")
    rows = np.unique(np.linspace(0, max(len(values) - 1, 0), min(len(values), LEARNT_FROM)).astype(np.int64))
    leaves = [] if not group.any() else _grow(values[rows], group[rows], depth, ())
    best, paths = Rule((), 0.0, 0.0), list[tuple[Condition, ...]]()
    for _share, path in sorted(leaves, key=lambda leaf: (-leaf[0], len(leaf[1]))):
        if not path:
            continue
        paths.append(_short(path))
        told = _measured(values, group, tuple(paths))
        if told.f1 > best.f1 + 0.005:
            best = told
        else:
            paths.pop()
    return best


def holds(table: npt.ArrayLike, paths: tuple[tuple[Condition, ...], ...]) -> Bools:
    """For which rows a rule holds."""
    values = np.asarray(table, np.float64)
    found = np.zeros(len(values), bool)
    for path in paths:
        each = np.ones(len(values), bool)
        for column, at_least, value in path:
            each &= (values[:, column] >= value) == at_least
        found |= each
    return found


def _measured(values: Floats, group: Bools, paths: tuple[tuple[Condition, ...], ...]) -> Rule:
    named = holds(values, paths)
    both = int((named & group).sum())
    return Rule(paths, both / max(int(named.sum()), 1), both / max(int(group.sum()), 1))


def _short(path: tuple[Condition, ...]) -> tuple[Condition, ...]:
    """Of several conditions of one kind on a column the narrowest, in the order of the tree."""
    narrow: dict[tuple[int, bool], Condition] = {}
    for each in path:
        stood = narrow.get(each[:2])
        if stood is None or (each.value > stood.value) == each.at_least:
            narrow[each[:2]] = each
    return tuple(narrow.values())


def _grow(values: Floats, group: Bools, depth: int, path: tuple[Condition, ...]) -> list[tuple[float, tuple[Condition, ...]]]:
    """Leaves as (share of the group, path)."""
    share = float(group.mean()) if group.size else 0.0
    split = _split(values, group) if depth and 0 < share < 1 else None
    if split is None:
        return [(share, path)] if share else []
    column, value = split
    upper = values[:, column] >= value
    return [
        leaf
        for side, rows in ((True, upper), (False, ~upper))
        for leaf in _grow(values[rows], group[rows], depth - 1, (*path, Condition(column, side, value)))
    ]


def _split(values: Floats, group: Bools) -> tuple[int, float] | None:
    """(column, value) with the greatest gain in Gini's impurity; None when nothing is to be gained."""
    best, found = LEAST_GAIN * _impurity(group.sum(), group.size), None
    for column in range(values.shape[1]):
        for cut in _cuts(values[:, column]):
            upper = values[:, column] >= cut
            n, inside = int(upper.sum()), int((upper & group).sum())
            rest = _impurity(inside, n) + _impurity(int(group.sum()) - inside, group.size - n)
            gain = _impurity(int(group.sum()), group.size) - rest
            if gain > best + 1e-9:
                best, found = gain, (column, float(cut))
    return found


def _impurity(inside: int, n: int) -> float:
    return 2 * inside * (n - inside) / n if n else 0.0


def _cuts(column: Floats) -> Floats:
    """Values that occur, at most `CUTS` of them, spread over the people; the least one parts nobody."""
    distinct = np.unique(column)
    if distinct.size > CUTS:
        distinct = np.unique(np.quantile(column, np.linspace(0, 1, CUTS), method="nearest"))
    return np.asarray(distinct[1:])
