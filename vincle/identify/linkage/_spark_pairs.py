"""Candidates worked out by Spark, and the same ones as in `candidates`: keys and their records are joined there, the budget is kept here.

No code that more than `MOST_SHARING[0]` records share is ever joined with itself, so that no task is much larger than the others.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from . import candidates
from .candidates import Numbers, Packed
from .model import Scorer

T = TypeVar("T")
Frame = Any
"""pyspark.sql.DataFrame."""
_KEYS = 1000
"""More keys than any matcher has: key k of matcher m is number m * _KEYS + k, and two keys together are numbered from below -1."""
_BATCH = 200_000
ROWS = "key int, one long, other long, record int, source short"


class Spread(NamedTuple):
    """Of one key: `codes[i]` codes are shared by `shared[i]` records each."""

    shared: Numbers
    codes: Numbers

    def made(self, most: int) -> int:
        """Pairs of codes that so many share at most; one that comes by two codes is counted twice."""
        found = self.shared <= most
        return int((self.shared[found] * (self.shared[found] - 1) // 2 * self.codes[found]).sum())

    def above(self, most: int) -> "Spread":
        many = self.shared > most
        return Spread(self.shared[many], self.codes[many])

    @property
    def rows(self) -> int:
        return int((self.shared * self.codes).sum())


class Budget:
    """Pairs that may still be made: between `least` and `most` of them, counted only where it makes a difference."""

    def __init__(self, pairs: int, count: Callable[[Mapping[int, int]], int]) -> None:
        self.least = self.most = pairs
        self._open: dict[int, int] = {}
        self._count = count

    def take(self, key: int, bound: int, made: int) -> None:
        self._open[key] = bound
        self.least -= made

    def ask(self, question: Callable[[int], T]) -> T:
        """What the question says of what is left; it must not waver between two numbers that it answers alike."""
        if question(self.least) != question(self.most):
            self.most = self.least = self.most - self._count(self._open)
            self._open = {}
        return question(self.most)


class Found(NamedTuple):
    """`frame`: (key, pair) with each pair of a key once; `matchers`: whose evidence each key is; `bound`: more pairs than there are."""

    frame: Frame
    matchers: dict[int, frozenset[str]]
    bound: int


def find(session: Any, scorer: Scorer, light: Any, kept: list[Frame], *, between: bool) -> Found:
    """The candidates of all keys. `light`: the scorer, broadcast; `kept` gets the frames that Spark keeps."""
    size = scorer.records.size
    ids = [matcher.id for matcher in scorer.matchers]
    kept.append(_counted(_rows(session, light, len(ids))))
    spreads = _spreads(kept[0])

    def pairs(bounds: Mapping[int, int]) -> Frame:
        of_one = {key: bound for key, bound in bounds.items() if key >= 0}
        of_two = {key: bound for key, bound in bounds.items() if key < 0}
        found = [_pairs(session, rows, each, size, between) for rows, each in zip(kept, (of_one, of_two), strict=False)]
        return found[0] if len(found) == 1 else found[0].unionByName(found[1])

    budget = Budget(max(candidates.BUDGET, candidates.A_RECORD * size), lambda bounds: int(pairs(bounds).count()))
    bounds = _bounds(budget, spreads, sorted(spreads, key=lambda key: candidates.coincidence(*spreads[key])))
    matchers = {key: frozenset({ids[key // _KEYS]}) for key in bounds}
    telling = _telling(budget, spreads, bounds, ids, size)
    if telling:
        kept.append(_counted(_together(session, kept[0], bounds, telling), least=2))
        both = _spreads(kept[1])
        bounds |= _bounds(budget, both, sorted(both, reverse=True))
        matchers |= {key: matchers[one] | matchers[other] for key, (one, other) in telling.items()}
        spreads |= both
    kept.append(pairs(bounds).persist())
    return Found(kept[-1], matchers, sum(spreads[key].made(bound) for key, bound in bounds.items()))


def _bounds(budget: Budget, spreads: Mapping[int, Spread], order: Sequence[int]) -> dict[int, int]:
    """How many may share a code of each key, the budget taken in this order."""
    found = {}
    for key in order:
        spread = spreads[key]
        found[key] = budget.ask(lambda left, spread=spread: candidates.bound(spread.shared, left, spread.codes))  # type: ignore[misc]
        budget.take(key, found[key], spread.made(found[key]))
    return found


def _telling(
    budget: Budget, spreads: Mapping[int, Spread], bounds: Mapping[int, int], ids: Sequence[str], size: int
) -> dict[int, tuple[int, int]]:
    """Two keys to be taken together, by a number of their own; the first is -1, the next -2."""
    common = {key: many for key, bound in bounds.items() if (many := spreads[key].above(bound)).rows}
    keys = list(common)
    chances = [candidates.coincidence(*many) * (many.rows / size) ** 2 for many in common.values()]
    owners = [ids[key // _KEYS] for key in keys]
    found = budget.ask(lambda left: candidates.telling(chances, owners, size, left))
    return {-at: (keys[one], keys[other]) for at, (one, other) in enumerate(found, 1)}


def _rows(session: Any, light: Any, matchers: int) -> Frame:
    """Every key's codes and their records, each matcher's worked out by a task of its own."""

    def keys(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for at in batch.column(0).to_pylist():
                yield from _of_matcher(light.value, at)

    return session.range(0, matchers, 1, matchers).mapInArrow(keys, ROWS)


def _of_matcher(scorer: Scorer, at: int) -> Iterator[pa.RecordBatch]:
    everyone = np.arange(scorer.records.size, dtype=np.int32)
    for number, key in enumerate(scorer.matchers[at].keys(scorer.prepared[at])):
        records = everyone if key.records is None else key.records
        said = np.flatnonzero(key.codes >= 0)
        for begin in range(0, len(said), _BATCH):
            part = said[begin : begin + _BATCH]
            record = records[part].astype(np.int32)
            columns = [
                np.full(len(part), at * _KEYS + number, np.int32), key.codes[part].astype(np.int64), np.zeros(len(part), np.int64), record,
                scorer.records.source[record],
            ]  # fmt: skip
            yield pa.RecordBatch.from_arrays([pa.array(column) for column in columns], names=["key", "one", "other", "record", "source"])


def _counted(rows: Frame, least: int = 1) -> Frame:
    """The rows with how many records share their code, from `least` on."""
    from pyspark.sql import functions as f

    code = ["key", "one", "other"]
    shared = rows.groupBy(*code).agg(f.count("*").alias("shared"))
    return rows.join(shared.where(f.col("shared") >= least), code).persist()


def _spreads(counted: Frame) -> dict[int, Spread]:
    """The histogram of each key, by key."""
    found = counted.groupBy("key", "shared").count().toArrow().sort_by([("key", "ascending"), ("shared", "ascending")])
    keys, shared, rows = (found[name].to_numpy() for name in ("key", "shared", "count"))
    return {int(key): Spread(shared[keys == key], rows[keys == key] // shared[keys == key]) for key in np.unique(keys)}


def _together(session: Any, counted: Frame, bounds: Mapping[int, int], telling: Mapping[int, tuple[int, int]]) -> Frame:
    """The rows of two keys as one: each record with every pair of its codes."""
    from pyspark.sql import functions as f

    many = counted.join(f.broadcast(session.createDataFrame(list(bounds.items()), "key int, most long")), "key").where("shared > most")
    both = session.createDataFrame([(key, one, other) for key, (one, other) in telling.items()], "key int, first int, second int")
    one = many.select(f.col("key").alias("first"), f.col("one"), "record", "source").join(f.broadcast(both), "first")
    other = many.select(f.col("key").alias("second"), f.col("one").alias("other"), "record")
    return one.join(other, ["second", "record"]).select("key", "one", "other", "record", "source")


def _pairs(session: Any, counted: Frame, bounds: Mapping[int, int], size: int, between: bool) -> Frame:
    """(key, pair), each once: the records of one code, where no more share it than the key's bound."""
    from pyspark.sql import functions as f

    most = session.createDataFrame(list(bounds.items()), "key int, most long")
    few = counted.join(f.broadcast(most), "key").where("shared > 1 and shared <= most")
    code = ["key", "one", "other"]
    one = few.select(*code, f.col("record").alias("left"), f.col("source").alias("left_source"))
    other = few.select(*code, f.col("record").alias("right"), "source")
    found = one.join(other, code).where("left < right")
    if between:
        found = found.where("left_source <> source")
    return found.select("key", (f.col("left").cast("long") * size + f.col("right")).alias("pair")).distinct()


def collected(frame: Frame, key: str, value: str) -> dict[int, Packed]:
    """The sorted values of each key, on this machine."""
    found = frame.toArrow()
    keys, values = found[key].to_numpy(), found[value].to_numpy()
    by = np.lexsort((values, keys))
    keys, values = keys[by], values[by]
    names, begin = np.unique(keys, return_index=True)
    parts: list[NDArray[np.int64]] = np.split(values, begin[1:]) if len(names) else []
    return {int(name): part for name, part in zip(names, parts, strict=True)}
