"""Scores, distributions and drivers of a frame of answers. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vincle.science.drivers import Driver, Drivers, drivers
from vincle.science.nps import nps
from vincle.science.quality import speeders, straight_lines
from vincle.science.satisfaction import mean, top_box

from .columns import Column
from .frame import Floats, Frame

FEWEST: Final = 30
"""Complete rows below which nothing is said of drivers."""
ROWS_A_DRIVER: Final = 3


class Score(NamedTuple):
    """`value` within [low, high]: points of NPS (-100 to 100), percent of CSAT, or the scale's own unit; of `n` answers."""

    measure: str
    n: int
    value: float
    low: float
    high: float


class Bar(NamedTuple):
    """One answer of a question: how many gave it, and their share of those who answered."""

    key: str
    label: str
    n: int
    share: float


@dataclass(frozen=True)
class Point:
    """A driver with its importance and performance. `kind`: mend, keep, watch or rest. `performance`: 0 to 100 of its scale."""

    column: Column
    driver: Driver
    performance: float
    kind: str


@dataclass(frozen=True)
class Why:
    """What moves the main rating. `points`: mend first, then keep; `left_out`: too seldom answered, or always alike."""

    target: Column
    found: Drivers
    points: tuple[Point, ...]
    left_out: tuple[Column, ...]

    def of(self, kind: str) -> list[Point]:
        return [each for each in self.points if each.kind == kind]


def score(frame: Frame, column: Column, mask: NDArray[np.bool_] | None = None) -> Score | None:
    """The figure of a rating; None where nobody gave one, or too few to be shown."""
    values = frame.numbers(column)
    there = ~np.isnan(values) if mask is None else ~np.isnan(values) & mask
    if not there.any() or not frame.may_show(int(there.sum())):
        return None
    given, weights = values[there], frame.weights[there] if frame.weights is not None else None
    n = int(there.sum())
    if column.measure == "nps" and (promoters := nps(np.clip(np.round(given), 0, 10), weights)):
        return Score("nps", n, promoters.nps, promoters.low, promoters.high)
    if column.measure == "csat":
        boxes = 2 if column.most >= 4 else 1
        if satisfied := top_box(np.minimum(given, column.most), column.most, boxes, weights):
            return Score("csat", n, 100 * satisfied.share, 100 * satisfied.low, 100 * satisfied.high)
    if middle := mean(given, weights):
        return Score(column.measure, n, middle.mean, max(middle.low, column.least), min(middle.high, column.most))
    return None


def distribution(frame: Frame, column: Column) -> list[Bar]:
    """How often each answer was given; empty of kinds that have none, and where too few answered to be shown."""
    values = frame.values(column)
    weights = frame.weights if frame.weights is not None else np.ones(len(values))
    there = np.array([each not in (None, "", []) for each in values], bool)
    total = float(weights[there].sum())
    if not there.any() or not frame.may_show(int(there.sum())):
        return []
    found, sums = _tallied(values, weights, there, is_ranked=column.kind == "rank")
    return [Bar(key, label, found.get(key, 0), sums.get(key, 0.0) / total) for key, label in options(column)]


def _tallied(
    values: Sequence[Any], weights: Floats, there: NDArray[np.bool_], *, is_ranked: bool
) -> tuple[dict[str, int], dict[str, float]]:  # fmt: skip
    """How many gave each answer, and their weight, in one pass; of a ranking, how many put it first."""
    found: dict[str, int] = {}
    sums: dict[str, float] = {}
    for value, weight, is_there in zip(values, weights.tolist(), there.tolist(), strict=True):
        if is_there:
            given = (value[:1] if is_ranked else set(value)) if isinstance(value, list) else (_key(value),)
            for key in given:
                found[key] = found.get(key, 0) + 1
                sums[key] = sums.get(key, 0.0) + weight
    return found, sums


def options(column: Column) -> list[tuple[str, str]]:
    """(key, label) of what can be answered."""
    if column.kind == "rating":
        said = column.labels if len(column.labels) == column.most - column.least + 1 else ()
        return [(str(each), (said[each - column.least] if said else "") or str(each)) for each in range(column.least, column.most + 1)]
    if column.kind in ("choice", "choices", "rank"):
        return list(column.choices)
    return [("True", ""), ("False", "")] if column.kind == "yes" else []


def _key(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def mean_place(frame: Frame, column: Column, key: str) -> float | None:
    """The average place of a thing in a ranking; those who did not rank it count for nothing."""
    places = [each.index(key) + 1 for each in frame.values(column) if key in each]
    return float(np.mean(places)) if places else None


def why(frame: Frame, seed: int = 0) -> Why | None:
    """What moves the main rating; None where nothing can be said: no rating, nothing beside it, too few answers, or all of them alike."""
    target = frame.main
    if target is None or not frame.drivers:
        return None
    goal = frame.numbers(target)
    asked = ~np.isnan(goal)
    chosen = [each for each in frame.drivers if asked.any() and (~np.isnan(frame.numbers(each)))[asked].mean() >= 0.5]
    chosen, whole = _whole(frame, chosen, asked)
    chosen = [each for each in chosen if np.ptp(frame.numbers(each)[whole]) > 0] if whole.any() else []
    if not chosen or whole.sum() < max(FEWEST, ROWS_A_DRIVER * len(chosen)) or np.ptp(goal[whole]) == 0:
        return None
    x = np.column_stack([frame.numbers(each)[whole] for each in chosen])
    weights = frame.weights[whole] if frame.weights is not None else None
    found = drivers(x, goal[whole], [each.id for each in chosen], weights=weights, seed=seed, repeats=400)
    return Why(target, found, _placed(frame, found), tuple(each for each in frame.drivers if each not in chosen))


def _whole(frame: Frame, chosen: list[Column], asked: NDArray[np.bool_]) -> tuple[list[Column], NDArray[np.bool_]]:
    """Columns and the rows that answered all of them; what costs most rows goes first while too few are left."""
    while True:
        there = {each.id: ~np.isnan(frame.numbers(each)) for each in chosen}
        whole = np.logical_and.reduce([asked, *there.values()])
        enough = max(FEWEST, ROWS_A_DRIVER * len(chosen), 0.5 * float(asked.sum()))
        if len(chosen) <= 1 or whole.sum() >= enough:
            return chosen, whole
        worst = min(chosen, key=lambda each: int(there[each.id].sum()))
        chosen = [each for each in chosen if each is not worst]


def performance(frame: Frame, column: Column, mask: NDArray[np.bool_] | None = None) -> float | None:
    """The mean of a rating as 0 to 100 of its scale."""
    values = frame.numbers(column)
    there = ~np.isnan(values) if mask is None else ~np.isnan(values) & mask
    if not there.any() or column.most <= column.least:
        return None
    weights = frame.weights[there] if frame.weights is not None else None
    return 100 * (float(np.average(values[there], weights=weights)) - column.least) / (column.most - column.least)


def _placed(frame: Frame, found: Drivers) -> tuple[Point, ...]:
    """Important: more than its even part; weak: below the average performance of all."""
    rows = [(frame.by_id[each.name], each, performance(frame, frame.by_id[each.name]) or 0.0) for each in found.drivers]
    even, usual = 1 / len(rows), float(np.mean([each[2] for each in rows]))
    if len(rows) == 1:
        even, usual = 0.0, 75.0
    points = []
    for column, driver, did in rows:
        matters, weak = driver.share >= even, did < usual
        kind = ("mend" if weak else "keep") if matters and driver.correlation > 0 else "watch" if weak else "rest"
        points.append(Point(column, driver, did, kind))
    return tuple(sorted(points, key=_promise))


def _promise(point: Point) -> tuple[int, float]:
    order = ("mend", "keep", "watch", "rest").index(point.kind)
    return order, -point.driver.share * ((100 - point.performance) if point.kind == "mend" else 1)


class Careless(NamedTuple):
    """How many answered hardly thinking: one answer to a whole matrix, or far too fast; `either` of them."""

    straight: int
    fast: int
    either: int


def careless(frame: Frame) -> NDArray[np.bool_]:
    """Rows of either kind."""
    return _straight(frame) | _fast(frame)


def carelessness(frame: Frame) -> Careless:
    straight, fast = _straight(frame), _fast(frame)
    return Careless(int(straight.sum()), int(fast.sum()), int((straight | fast).sum()))


def _straight(frame: Frame) -> NDArray[np.bool_]:
    found = np.zeros(len(frame), bool)
    groups: dict[tuple[str, int], list[Column]] = {}
    for column in frame.columns:
        if column.type == "matrix":
            groups.setdefault((column.question, column.scale), []).append(column)
    for group in groups.values():
        found |= straight_lines(np.column_stack([frame.numbers(each) for each in group]))
    return found


def _fast(frame: Frame) -> NDArray[np.bool_]:
    return speeders(np.array([np.nan if row.seconds is None else row.seconds for row in frame.rows], np.float64))


def averages(frame: Frame, found: Why | None, by: str) -> list[tuple[str, float, float, int]]:
    """By "area" or "subject": (name, performance 0 to 100, share of importance, questions); weakest first."""
    groups: dict[str, list[Column]] = {}
    for column in frame.columns:
        if column.kind == "rating" and column.type != "nps" and (name := str(getattr(column, by))) and not column.scale:
            groups.setdefault(name, []).append(column)
    shares = {each.column.id: each.driver.share for each in found.points} if found else {}
    rows = []
    for name, chosen in groups.items():
        did = [each for each in (_shown(frame, column) for column in chosen) if each is not None]
        if did:
            rows.append((name, float(np.mean(did)), sum(shares.get(each.id, 0.0) for each in chosen), len(chosen)))
    return sorted(rows, key=lambda row: row[1])


def _shown(frame: Frame, column: Column) -> float | None:
    n = int((~np.isnan(frame.numbers(column))).sum())
    return performance(frame, column) if n and frame.may_show(n) else None


def scored(frame: Frame) -> Sequence[Column]:
    """Columns that have a figure of their own at the top: the main one, and those with a role."""
    roles = ("nps", "csat", "ces", "overall")
    found = [each for each in frame.columns if each.kind == "rating" and (each is frame.main or each.role in roles or each.type in roles)]
    return sorted(found, key=lambda each: each is not frame.main)[:6]
