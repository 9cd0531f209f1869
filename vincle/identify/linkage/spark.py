"""The same linkage on Spark, for sets that would keep one machine too long: the same pairs, the same probabilities, the same people.

This machine holds the records and learns the weights; Spark finds the candidates and compares them. What comes back are counts of patterns
of agreement, the samples that training looks at, and the pairs above `KEEP`. Every Python worker of Spark's holds what the matchers
prepared: for contacts with a dozen columns about 1 GB for each million of them. Workers need Vincle installed, of the same version as here.
"""

import os
import re
import sys
import warnings
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import pyarrow as pa

from vincle.identify.matchers.base import MISSING, Levels
from vincle.science import fellegi_sunter as fs

from . import training
from ._spark_pairs import Found, Frame, collected, find
from .candidates import Block, Packed, unpack
from .model import Model, Scorer
from .records import Ints, Records
from .run import LEAST, LINK, Outcome, Pair, Pairs, Report, packed, pairs_in_all, put_together, run, surest_first

HERE = "local[*]"
A_TASK = 50_000
"""Pairs that a task compares."""
A_SHUFFLE = 500_000
"""Values that go together to one task where records are sorted by what they share."""
FEW = 20_000
"""Fewer pairs are compared here sooner than Spark has begun."""
_SHUFFLED = "spark.sql.shuffle.partitions"
_SETTINGS = {
    "spark.driver.memory": "2g",
    "spark.driver.maxResultSize": "0",
    "spark.sql.execution.arrow.maxRecordsPerBatch": str(A_TASK),
}


class SparkError(Exception):
    """Spark is not installed, not reachable, or its workers cannot do the work. A sentence that says what to do."""


@contextmanager
def session(address: str = "") -> Iterator[Any]:
    """A SparkSession, ended afterwards when it was begun here.

    `address`: as of the engine (`spark://host:7077?spark.executor.memory=4g`, `local[4]`); "": VINCLE_ENGINE_URL when VINCLE_ENGINE is
    spark, else all cores of this machine. Raises SparkError.
    """
    if address and not address.startswith(("spark://", "local")):
        raise SparkError(f"'{address}' is no engine for linking; there are: spark, spark://host:7077, local[2].")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)  # none is used
        was_there = _is_running()
        found = _begun(address)
        try:
            yield found
        finally:
            if not was_there:
                found.stop()


def _begun(address: str) -> Any:
    from vincle.engines.base import EngineError
    from vincle.engines.spark import begin

    set_up = os.environ.get("VINCLE_ENGINE_URL", "") if os.environ.get("VINCLE_ENGINE") == "spark" else ""
    try:
        found = begin(address or set_up or HERE, _SETTINGS)
    except EngineError as error:
        raise SparkError(str(error).replace("VINCLE_ENGINE_URL", "engine") if address else str(error)) from error
    found.sparkContext.setLogLevel("ERROR")
    return found


def _is_running() -> bool:
    """Whether this process has a Spark already: somebody's notebook, say."""
    pyspark = sys.modules.get("pyspark")
    return pyspark is not None and pyspark.SparkContext._active_spark_context is not None


def run_on_spark(
    records: Records,
    session: Any,
    *,
    model: Model | None = None,
    same: Collection[Pair] = (),
    apart: Collection[Pair] = (),
    threshold: float = LINK,
    between: bool = False,
    report: Report = lambda stage, share: None,
    few: int = FEW,
) -> Outcome:
    """What `run` makes of the same records, worked out by the Spark of `session` (a pyspark.sql.SparkSession).

    `few`: so many pairs are compared here rather than sent. Raises SparkError when the workers cannot do it.
    """
    report("prepare", 0.0)
    scorer = Scorer(records)
    if records.size < 2 or not scorer.matchers:
        return run(records, model=model, same=same, apart=apart, threshold=threshold, between=between, report=report)
    decided = packed(same, records.size), packed(apart, records.size)
    with _lent(session, scorer) as (light, kept):
        report("candidates", 0.1)
        found = find(session, scorer, light, kept, between=between)
        if model is None:
            report("train", 0.2)
            model = training.train(_Helped(scorer, session, light, few), list(_blocks(found)), *decided, between=between)
        report("compare", 0.4)
        kept.append(_compared(session, found, light, model, decided[0]).persist())
        pairs, model, count = _worth_a_word(kept[-1], scorer, model, pairs_in_all(records, between))
    report("cluster", 0.9)
    return put_together(scorer, model, pairs, count, threshold=threshold, same=same, apart=apart)


@contextmanager
def _lent(session: Any, scorer: Scorer) -> Iterator[tuple[Any, list[Frame]]]:
    """The scorer on its way to the workers, and a list for frames that Spark is to keep; afterwards Spark has none of it."""
    context = session.sparkContext
    light = context.broadcast(_light(scorer))
    kept: list[Frame] = []
    before = session.conf.get(_SHUFFLED)
    session.conf.set(_SHUFFLED, str(max(context.defaultParallelism, scorer.records.size * len(scorer.matchers) // A_SHUFFLE)))
    try:
        yield light, kept
    except Exception as error:
        if (explained := _explained(error)) is None:
            raise
        raise explained from error
    finally:
        for frame in kept:
            frame.unpersist()
        light.destroy()
        session.conf.set(_SHUFFLED, before)


def _light(scorer: Scorer) -> Scorer:
    """The scorer without what only words need."""
    records = scorer.records
    light = Scorer(Records(records.size, {}, records.source, records.kind), [])
    light.matchers, light.prepared = scorer.matchers, scorer.prepared
    return light


class _Helped(Scorer):
    """A scorer that has many pairs compared by Spark."""

    def __init__(self, scorer: Scorer, session: Any, light: Any, few: int) -> None:
        self.records, self.matchers, self.prepared, self._terms = scorer.records, scorer.matchers, scorer.prepared, {}
        self._session, self._light, self._few = session, light, few

    def levels(self, left: Ints, right: Ints) -> Levels:
        if len(left) <= self._few:
            return super().levels(left, right)
        light, size, width = self._light, self.records.size, len(self.matchers)

        def compare(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            for batch in batches:
                levels = light.value.levels(*unpack(batch.column(1).to_numpy(), size))
                yield pa.RecordBatch.from_arrays([batch.column(0), _binary(levels)], names=["at", "levels"])

        asked = pa.table({"at": np.arange(len(left), dtype=np.int64), "pair": left.astype(np.int64) * size + right})
        parts = max(2, len(left) // A_TASK)
        found = self._session.createDataFrame(asked).repartition(parts).mapInArrow(compare, "at long, levels binary").toArrow()
        levels = np.full((len(left), width), MISSING, np.int8)
        levels[found["at"].to_numpy()] = _levels(found["levels"], width)
        return levels


def _binary(levels: Levels) -> pa.Array:
    """Rows of levels as texts of bytes."""
    count, width = levels.shape
    ends = np.arange(0, (count + 1) * width, width, dtype=np.int32)
    data = np.ascontiguousarray(levels).tobytes()
    return pa.Array.from_buffers(pa.binary(), count, [None, pa.py_buffer(ends.tobytes()), pa.py_buffer(data)])


def _levels(column: pa.ChunkedArray, width: int) -> Levels:
    data = b"".join(column.to_pylist())
    return np.frombuffer(data, np.int8).reshape(-1, width)


def _blocks(found: Found) -> Iterator[Block]:
    """The pairs of each key, in the order in which keys were taken; large ones are fetched one by one."""
    counts = {row["key"]: row["count"] for row in found.frame.groupBy("key").count().collect()}
    worth = {key: counts[key] for key in found.matchers if counts.get(key, 0) >= training.FEWEST}
    small = [key for key, count in worth.items() if count <= training.A_BLOCK]
    fetched = _fetched(found.frame, small)
    for key in worth:
        pairs = fetched[key] if key in fetched else _fetched(found.frame, [key])[key]
        yield Block(str(key), found.matchers[key], pairs)


def _fetched(frame: Frame, keys: Sequence[int]) -> Mapping[int, Packed]:
    from pyspark.sql import functions as f

    return collected(frame.where(f.col("key").isin(list(keys))), "key", "pair") if keys else {}


def _compared(session: Any, found: Found, light: Any, model: Model, same: Packed) -> Frame:
    """(pair, levels, weight without the prior, whether people said they are one) of every candidate, each once."""
    pairs = found.frame.select("pair")
    if len(same):
        pairs = pairs.unionByName(session.createDataFrame(pa.table({"pair": same})))
    parts = max(2, session.sparkContext.defaultParallelism, found.bound // A_TASK)

    def compare(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        scorer: Scorer = light.value
        for batch in batches:
            asked = batch.column(0).to_numpy()
            left, right = unpack(asked, scorer.records.size)
            levels = scorer.levels(left, right)
            weights = scorer.weights(model, left, right, levels).sum(axis=1)
            columns = [batch.column(0), _binary(levels), pa.array(weights), pa.array(np.isin(asked, same))]
            yield pa.RecordBatch.from_arrays(columns, names=["pair", "levels", "weight", "is_same"])

    return pairs.repartition(parts, "pair").distinct().mapInArrow(compare, "pair long, levels binary, weight double, is_same boolean")


def _worth_a_word(compared: Frame, scorer: Scorer, model: Model, in_all: float) -> tuple[Pairs, Model, int]:
    """The pairs above the least probability, the model with its share settled, and how many pairs were compared."""
    from pyspark.sql import functions as f

    width = len(scorer.matchers)
    told = compared.groupBy("levels").count().toArrow()
    found = fs.patterns(_levels(told["levels"], width), told["count"].to_numpy().astype(float))
    model = training.settle_share(model, scorer, found, in_all)
    odds = f.col("weight") + f.lit(model.prior)
    kept = compared.where((odds > LEAST) | f.col("is_same")).toArrow().sort_by("pair")
    left, right = unpack(kept["pair"].to_numpy(), scorer.records.size)
    pairs = Pairs(left, right, kept["weight"].to_numpy() + model.prior, _levels(kept["levels"], width))
    return surest_first(pairs), model, int(found.counts.sum())


def _explained(error: Exception) -> SparkError | None:
    """Spark's and Py4J's errors as one sentence; None for others."""
    text = str(error)
    if not type(error).__module__.startswith(("pyspark", "py4j")):
        return None
    if "ModuleNotFoundError" in text and "vincle" in text:
        return SparkError(
            "Spark's workers do not know Vincle: install it for their Python (pip install vincle) and name that by PYSPARK_PYTHON."
        )
    return SparkError(f"Spark could not link: {_last(text)}")


def _last(text: str) -> str:
    """The line of a worker's report that says what went wrong."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    named = (line for line in lines if re.match(r"[\w.]+(Error|Exception)\b", line))
    return next(named, lines[0] if lines else "no reason given")[:300]
