"""One question by groups: waves, sites, languages, segments, or what people said elsewhere, with what chance leaves open. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from vincle.science.crosstabs import Crosstab, crosstab

from .columns import Column
from .figures import Score, _key, options, score
from .frame import SMALL, Frame

Labels = Sequence[str | None]
MOST_GROUPS: Final = 12


class Group(NamedTuple):
    """`n` who answered the question; `is_hidden`: too few to be shown. `score`: of a rating."""

    name: str
    n: int
    score: Score | None
    is_hidden: bool


class Compared(NamedTuple):
    """`rows`: labels of answers; `table`: their shares by group (0 to 1); `test` None where there is nothing to compare."""

    groups: list[Group]
    rows: list[str]
    counts: NDArray[np.int64]
    test: Crosstab | None


def buckets(column: Column) -> list[tuple[str, list[str]]]:
    """What the answers of a rating are put together as, (name, keys); other questions: each answer by itself."""
    keys = [key for key, _label in options(column)]
    if column.measure == "nps":
        return [("promoters", keys[9:]), ("passives", keys[7:9]), ("detractors", keys[:7])]
    if column.kind == "rating" and column.most > 5:
        third = max(1, round(len(keys) / 3.5))
        return [("high", keys[-third:]), ("middle", keys[third:-third]), ("low", keys[:third])]
    return [(label, [key]) for key, label in options(column)]


def compare(frame: Frame, column: Column, labels: Labels) -> Compared:
    """`labels`: of each row its group; None: of none. Groups keep the order in which `labels` first names them sorted by size."""
    values = frame.values(column)
    there = np.array([each not in (None, "", []) for each in values], bool)
    names = _names(labels, there)
    masks = [np.array([label == name for label in labels], bool) & there for name in names]
    hidden = _hidden(frame, [int(mask.sum()) for mask in masks])
    rows = buckets(column)
    counts = np.zeros((len(rows), len(names)), np.int64)
    groups = []
    for place, (name, mask) in enumerate(zip(names, masks, strict=True)):
        shown = score(frame, column, mask) if column.kind == "rating" and not hidden[place] else None
        groups.append(Group(name, int(mask.sum()), shown, hidden[place]))
        if not hidden[place]:
            counts[:, place] = _counted(values, mask, rows)
    usable = [place for place, each in enumerate(hidden) if not each]
    test = crosstab(counts) if column.kind in ("rating", "choice", "yes") and len(usable) > 1 else None
    return Compared(groups, [name for name, _keys in rows], counts, test)


def _names(labels: Labels, there: NDArray[np.bool_]) -> list[str]:
    sizes: dict[str, int] = {}
    for label, is_there in zip(labels, there, strict=True):
        if label is not None and is_there:
            sizes[label] = sizes.get(label, 0) + 1
    most = sorted(sizes, key=lambda name: -sizes[name])[:MOST_GROUPS]
    return [name for name in sizes if name in most]


def _hidden(frame: Frame, sizes: list[int]) -> list[bool]:
    """Small groups of anonymous surveys; where it would be one alone, the next smallest too: else the others tell it."""
    if not frame.is_anonymous:
        return [False] * len(sizes)
    hidden = [size < SMALL for size in sizes]
    if sum(hidden) == 1 and len(sizes) > 1:
        rest = [place for place, each in enumerate(hidden) if not each]
        hidden[min(rest, key=lambda place: sizes[place])] = True
    return hidden


def _counted(values: list[Any], mask: NDArray[np.bool_], rows: list[tuple[str, list[str]]]) -> list[int]:
    chosen = [each for each, is_in in zip(values, mask, strict=True) if is_in]
    said = [each if isinstance(each, list) else [_key(each)] for each in chosen]
    return [sum(not set(keys).isdisjoint(each) for each in said) for _name, keys in rows]


def by_answer(frame: Frame, column: Column) -> Labels:
    """The groups of those who answered a question alike; of several answers at once the first."""
    said = dict(options(column))
    if column.measure == "nps" or (column.kind == "rating" and column.most > 5):
        said = {key: name for name, keys in buckets(column) for key in keys}
    found: list[str | None] = []
    for each in frame.values(column):
        key = (each[0] if each else "") if isinstance(each, list) else "" if each is None else _key(each)
        found.append(said.get(key))
    return found


def by_time(frame: Frame, zone: str) -> tuple[Labels, str]:
    """Waves: days, weeks or months, by how long the survey has run; which of them."""
    moments = [row.at.astimezone(ZoneInfo(zone)) for row in frame.rows if row.at is not None]
    span = (max(moments) - min(moments)).days if moments else 0
    unit = "day" if span <= 21 else "week" if span <= 120 else "month"
    return [None if row.at is None else stamp(row.at.astimezone(ZoneInfo(zone)), unit) for row in frame.rows], unit


def stamp(at: datetime, unit: str) -> str:
    if unit == "week":
        year, week, _day = at.isocalendar()
        return f"{year}-W{week:02d}"
    return at.strftime("%Y-%m-%d" if unit == "day" else "%Y-%m")


def named(frame: Frame, names: Mapping[int, str]) -> Labels:
    """By the way they came."""
    return [names.get(row.collector) for row in frame.rows]
