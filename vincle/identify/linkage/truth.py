"""A truth to measure by, as people keep it: rows with their cluster, ids with their cluster, or pairs that are the same or not."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from vincle.channels._identifiers import boolean, fold

from ._headings import TRUTH
from .files import Series, Table
from .records import Ints

_SOURCE: Final = frozenset("source|file|source file|file name|filename|source dataset|dataset|table".split("|"))
_ROW: Final = frozenset("row|row number|row no|row id|line number".split("|"))
_LABEL: Final = tuple(
    "label|is match|match|is same|same|is duplicate|duplicate|truth|is link|link|decision|clerical match score|match score|score".split("|")
)
_CLUSTER: Final = ("cluster", "cluster id", "true cluster", "entity", "entity id", "person id", "person", "truth", "true id")
_SIDES: Final = ((" l", " r"), (" left", " right"), (" 1", " 2"), (" a", " b"), ("left ", "right "), ("l ", "r "))
_SAME: Final = frozenset("match|same|link|linked|duplicate|positive|matched|m".split("|"))
_DIFFERENT: Final = frozenset("non match|no match|different|distinct|apart|unmatch|negative|ask|u|nonmatch".split("|"))
Texts = NDArray[np.str_]


class TruthError(ValueError):
    """The truth cannot be used; the sentence says what it would have to hold."""


class Universe(Struct, frozen=True, eq=False):
    """The records that are judged: the source and row of each, and their tables where those are at hand, in the same order."""

    names: list[str]
    table: NDArray[np.int16]
    row: Ints
    tables: Sequence[Table] = ()

    def places(self) -> dict[tuple[int, int], int]:
        """{(table, row): record}."""
        return {key: at for at, key in enumerate(zip(self.table.tolist(), self.row.tolist(), strict=True))}


class Truth(Struct, frozen=True, eq=False):
    """`clusters[i]`: the true cluster of record i, -1 unknown; or, where only pairs are known, `left`, `right` and `is_same` of each."""

    clusters: NDArray[np.int64] | None
    left: Ints
    right: Ints
    is_same: NDArray[np.bool_]
    unknown: int
    """Rows of the truth that name no record."""


def read(table: Table, universe: Universe) -> Truth:
    """What a table says is true of the records. Raises TruthError when it does not say."""
    columns = {fold(each.heading): each for each in table.series}
    if sides := _sides(columns):
        return _pairs(table, columns, sides, universe)
    cluster = next((columns[name] for name in (*_CLUSTER, *sorted(TRUTH)) if name in columns), None)
    if cluster is None:
        raise TruthError(_wanted(table))
    row = next((columns[name] for name in columns if name in _ROW), None)
    if row is not None:
        records = by_row(row, next((columns[name] for name in columns if name in _SOURCE), None), universe)
    else:
        by_id = _by_id(columns, cluster, universe)
        records = _by_order(table, universe) if by_id is None else by_id
    known = (records >= 0) & (cluster.codes >= 0)
    if not known.any():
        raise TruthError("No row of the truth names a row of the files. " + _wanted(table))
    clusters = np.full(len(universe.row), -1, np.int64)
    clusters[records[known]] = cluster.codes[known]
    nothing = np.zeros(0, np.int32)
    return Truth(clusters, nothing, nothing, np.zeros(0, bool), int((records < 0).sum()))


def _wanted(table: Table) -> str:
    return (
        "A truth has the columns source, row and cluster; or an id that the files have too, and a cluster; or two ids side by side "
        f"(id_l, id_r) and a label. This one has: {', '.join(table.headings)}."
    )


def _sides(columns: dict[str, Series]) -> list[tuple[str, Series, Series]]:
    """Columns that come twice, once for each side: (what they hold, left, right)."""
    found = []
    for name, series in columns.items():
        for left, right in _SIDES:
            if left.startswith(" ") and name.endswith(left):
                stem, other = name.removesuffix(left), name.removesuffix(left) + right
            elif left.endswith(" ") and name.startswith(left):
                stem, other = name.removeprefix(left), right + name.removeprefix(left)
            else:
                continue
            if other in columns:
                found.append((stem, series, columns[other]))
    if not found and {"left", "right"} <= set(columns):
        found.append(("row", columns["left"], columns["right"]))
    return found


def numbers(series: Series) -> NDArray[np.int64]:
    """The row numbers of a column; -1 where there is none."""
    values = [int(text) if (text := value.removesuffix(".0")).isdecimal() and len(text) < 10 else -1 for value in series.values]
    return np.where(series.codes >= 0, np.asarray(values or [-1], np.int64)[series.codes], -1)


def _sources(series: Series | None, size: int, universe: Universe) -> NDArray[np.int64]:
    """The table that each row of a truth means: by its name, with or without folder and ending."""
    if series is None:
        if len(universe.names) > 1:
            raise TruthError(f"The truth has no column source, and there are several files: {', '.join(universe.names)}.")
        return np.zeros(size, np.int64)
    known: dict[str, int] = {}
    for at, name in enumerate(universe.names):
        for short in (name, _bare(name)):
            known.setdefault(short, at)
    places = [known.get(value, known.get(_bare(value), -1)) for value in series.values]
    if len(universe.names) == 1 and len(series.values) == 1 and places == [-1]:
        places = [0]
    return np.where(series.codes >= 0, np.asarray(places or [-1], np.int64)[series.codes], -1)


def _bare(name: str) -> str:
    """A file's name without its folder and ending."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return last.rpartition(".")[0] or last


def by_row(row: Series, source: Series | None, universe: Universe) -> NDArray[np.int64]:
    places = universe.places()
    pairs = zip(_sources(source, len(row.codes), universe).tolist(), numbers(row).tolist(), strict=True)
    return np.asarray([places.get(pair, -1) for pair in pairs], np.int64)


def _by_id(columns: dict[str, Series], cluster: Series, universe: Universe) -> NDArray[np.int64] | None:
    """Records by an id that both the truth and the files have under one heading; None when there is no such."""
    best: tuple[int, NDArray[np.int64]] | None = None
    for name, series in columns.items():
        if series is cluster or len(series.values) < 0.97 * series.size:
            continue
        places = _ids(name, universe)
        if places:
            found = np.asarray([places.get(value, -1) for value in series.values] or [-1], np.int64)
            records = np.where(series.codes >= 0, found[series.codes], -1)
            if (records >= 0).sum() > (best[0] if best else 0.5 * series.size):
                best = (int((records >= 0).sum()), records)
    return best[1] if best else None


def _ids(name: str, universe: Universe) -> dict[str, int]:
    """{value: record} of a column of the files whose values are distinct over all of them; {} otherwise."""
    places: dict[str, int] = {}
    begin = count = 0
    for table in universe.tables:
        for series in table.series:
            if fold(series.heading) == name:
                for at, code in enumerate(series.codes.tolist()):
                    if code >= 0:
                        count += 1
                        places.setdefault(series.values[code], begin + at)
        begin += table.size
    return places if len(places) >= 0.97 * count else {}


def _by_order(table: Table, universe: Universe) -> NDArray[np.int64]:
    """The truth's rows as those of the only file: both are as long."""
    if len(universe.names) != 1 or table.size != len(universe.row):
        raise TruthError("The truth has no column row, and no id that the files have too. " + _wanted(table))
    places = universe.places()
    return np.asarray([places.get((0, row), -1) for row in table.rows.tolist()], np.int64)


def _pairs(table: Table, columns: dict[str, Series], sides: list[tuple[str, Series, Series]], universe: Universe) -> Truth:
    sources = next(((left, right) for stem, left, right in sides if stem in _SOURCE), (None, None))
    rows = next(((left, right) for stem, left, right in sides if stem in _ROW), None)
    if rows is not None:
        ends = [by_row(each, source, universe) for each, source in zip(rows, sources, strict=True)]
    else:
        ends = _pairs_by_id(table, [each for each in sides if each[0] not in _SOURCE], universe)
    label = next((columns[name] for name in _LABEL if name in columns), None)
    is_same = np.ones(table.size, bool) if label is None else _labels(label)
    known = (ends[0] >= 0) & (ends[1] >= 0) & (ends[0] != ends[1])
    if not known.any():
        raise TruthError("No pair of the truth names two rows of the files. " + _wanted(table))
    left, right, is_same = ends[0][known].astype(np.int32), ends[1][known].astype(np.int32), is_same[known]
    clusters = closed(len(universe.row), left, right) if label is None else None
    return Truth(clusters, left, right, is_same, int((~known).sum()))


def _pairs_by_id(table: Table, sides: list[tuple[str, Series, Series]], universe: Universe) -> list[NDArray[np.int64]]:
    for stem, left, right in sides:
        places = _ids(stem, universe)
        if places:
            return [
                np.where(each.codes >= 0, np.asarray([places.get(value, -1) for value in each.values] or [-1], np.int64)[each.codes], -1)
                for each in (left, right)
            ]
    raise TruthError("The pairs of the truth have no id that the files have too. " + _wanted(table))


def _labels(series: Series) -> NDArray[np.bool_]:
    """Which pairs are the same: yes, true, 1, match ...; a number from one half up."""
    said = [_label(value) for value in series.values]
    return np.where(series.codes >= 0, np.asarray(said or [False])[series.codes], False)


def _label(value: str) -> bool:
    word = fold(value)
    if word in _SAME or word in _DIFFERENT:
        return word in _SAME
    if (found := boolean(value)) is not None:
        return found
    try:
        return float(value.replace(",", ".")) >= 0.5
    except ValueError as error:
        raise TruthError(f"The label '{value[:40]}' says neither same nor different.") from error


def closed(size: int, left: Ints, right: Ints) -> NDArray[np.int64]:
    """The cluster of each record when all pairs are links and links pass on: named by its first record."""
    root = list(range(size))

    def find(one: int) -> int:
        while root[one] != one:
            root[one] = root[root[one]]
            one = root[one]
        return one

    for one, other in zip(left.tolist(), right.tolist(), strict=True):
        low, high = sorted((find(one), find(other)))
        root[high] = low
    return np.asarray([find(each) for each in range(size)], np.int64)
