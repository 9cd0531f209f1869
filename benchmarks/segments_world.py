"""A community of any size by blocks of people, the same each time: as rows of the lake, as packed histories, as a frame."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from vincle.engines.table import ACTIVITY, months
from vincle.organise.segments.frame import OBJECTS, SENTIMENTS, UNREAD, VERBS, Acts, Frame, Ints, label
from vincle.organise.segments.packed import Columns

Column = npt.NDArray[Any]
DAYS: Final = 730
NOW: Final = datetime(2026, 11, 20, 12, tzinfo=UTC)
BLOCK: Final = 12_500
TOGETHER: Final = 5
KINDS = (("View", "Page"), ("Create", "Note"), ("Like", "Note"), ("View", "Link"), ("Purchase", "Order"), ("Create", "Message"))
SHARES = (0.42, 0.20, 0.20, 0.09, 0.05, 0.04)
CHANNELS = ("web", "web", "instagram", "facebook", "shop", "email")
MOODS = ("", "positive", "neutral", "negative")
TOPICS = ("", "price", "staff", "delivery", "coffee", "queue", "app", "music", "size", "colour")
LANGUAGES = ("", "en", "es", "it", "ca")
CAMPAIGNS = ("", *(f"spring-{number}" for number in range(39)))
PRODUCTS = tuple(f"product-{number}" for number in range(200))
CITIES = tuple(f"City {number}" for number in range(100))
STAGES = ("inactive", "spectator", "semi-active", "critic", "creator")
THREADS: Final = 20_000
_MICROS: Final = 1_000_000


class Block(NamedTuple):
    """Acts by person and then by time; person i did [start[i], start[i+1]). Words are places in the lists above; product -1: none."""

    ids: Ints
    start: Ints
    seq: Ints
    at: Ints
    kind: Column
    mood: Column
    topic: Column
    language: Column
    campaign: Column
    product: Column
    thread: Column
    cents: Column
    city: Column
    stage: Column
    vip: Column
    score: Column


def ids_of(people: int) -> Ints:
    """Ids look like hashes; the first people of the community are not those with the smallest ids."""
    mixed = (np.arange(people, dtype=np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    return ((mixed ^ (mixed >> np.uint64(31))) >> np.uint64(2)).astype(np.int64)


def blocks(people: int, acts: int) -> Iterator[Block]:
    """All people, in the order of their ids."""
    ids = np.sort(ids_of(people))
    for number, first in enumerate(range(0, people, BLOCK)):
        part = ids[first : first + BLOCK]
        share = [first * acts // people, (first + len(part)) * acts // people]
        yield _block(part, share[0], share[1] - share[0], np.random.default_rng([7, number, people]))


def _block(ids: Ints, before: int, acts: int, chance: np.random.Generator) -> Block:
    weights = np.minimum(chance.lognormal(0, 1, len(ids)), 12)
    counts = chance.multinomial(acts, weights / weights.sum())
    start = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
    who = np.repeat(np.arange(len(ids)), counts)
    ago = (chance.random(acts) * DAYS * 86_400).astype(np.int64) * _MICROS
    order = np.lexsort((-ago, who))
    kind = chance.choice(len(KINDS), acts, p=SHARES).astype(np.int8)
    said, bought = np.isin(kind, (1, 5)), kind == 4
    mood = np.where(chance.random(acts) < np.where(who % 7 == 0, 0.6, 0.25), 3, chance.integers(1, 3, acts))
    return Block(
        ids=ids, start=start, seq=before + 1 + np.arange(acts), at=int(NOW.timestamp()) * _MICROS - ago[order], kind=kind,
        mood=(mood * said).astype(np.int8), topic=(chance.integers(0, len(TOPICS), acts) * said).astype(np.int8),
        language=((1 + who % 4) * said).astype(np.int8), campaign=chance.integers(0, len(CAMPAIGNS), acts).astype(np.int8),
        product=np.where(bought, chance.integers(0, len(PRODUCTS), acts), -1).astype(np.int16),
        thread=np.where(said, chance.integers(0, THREADS, acts), -1).astype(np.int32),
        cents=np.where(bought, chance.integers(500, 20_000, acts), -1).astype(np.int32),
        city=chance.integers(0, len(CITIES), len(ids)).astype(np.int8), stage=chance.integers(0, len(STAGES), len(ids)).astype(np.int8),
        vip=chance.random(len(ids)) < 0.05, score=np.round(chance.random(len(ids)), 4),
    )  # fmt: skip


def lake_rows(people: int, acts: int, workspace: int) -> Iterator[pa.Table]:
    """Rows of the open table: those of some blocks at a time, by month."""
    waiting: dict[int, list[pa.Table]] = {}
    for number, block in enumerate(blocks(people, acts), 1):
        for month, rows in _by_month(block, workspace):
            waiting.setdefault(month, []).append(rows)
        if not number % TOGETHER or number * BLOCK >= people:
            yield from (pa.concat_tables(waiting.pop(month)) for month in sorted(waiting))


def _by_month(block: Block, workspace: int) -> Iterator[tuple[int, pa.Table]]:
    month = (block.at // _MICROS).astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)
    who = np.repeat(block.ids, np.diff(block.start))
    for each in np.unique(month):
        yield int(each), _rows(block, who, np.flatnonzero(month == each), workspace)


def _rows(block: Block, who: Ints, places: Ints, workspace: int) -> pa.Table:
    kind, happened = block.kind[places], pa.array(block.at[places], pa.timestamp("us", tz="UTC"))
    seq, cents, product = block.seq[places], block.cents[places], block.product[places]
    thread = pc.binary_join_element_wise("t", pa.array(block.thread[places]).cast(pa.string()), "")
    paid = pa.array(np.where(cents >= 0, cents / 100, np.nan), from_pandas=True).cast(pa.decimal128(18, 4), safe=False)
    wares = pa.array(PRODUCTS).take(pa.array(np.maximum(product, 0)).filter(pa.array(product >= 0)))
    one = np.ones(len(places), np.int64)
    columns: dict[str, Any] = {
        "seq": seq, "event_id": _event_ids(seq), "workspace": one * workspace, "connection": one, "channel": _words(kind, CHANNELS),
        "verb": _words(kind, [verb for verb, _ in KINDS]), "object_type": _words(kind, [name for _, name in KINDS]),
        "actor": who[places], "thread_key": pc.if_else(pa.array(block.thread[places] >= 0), thread, ""), "parent_key": _words(kind * 0, [""]),
        "campaign_key": _words(block.campaign[places], CAMPAIGNS), "happened_at": happened, "observed_at": happened, "received_at": happened,
        "direction": _words(kind * 0, ["in"]), "is_machine": np.zeros(len(places), bool), "amount": paid,
        "currency": _words((kind == 4).astype(np.int8), ["", "EUR"]), "language": _words(block.language[places], LANGUAGES),
        "sentiment": _words(block.mood[places], MOODS), "topics": _lists(_words(block.topic[places], TOPICS), block.topic[places] > 0),
        "products": _flat(wares, product >= 0), "props": _words(kind * 0, ["{}"]), "month": months(happened),
    }  # fmt: skip
    return pa.Table.from_arrays([_column(columns.get(field.name), field, len(places)) for field in ACTIVITY], schema=ACTIVITY)


def _event_ids(seq: Ints) -> pa.Array:
    return pa.Array.from_buffers(pa.binary(8), len(seq), [None, pa.py_buffer(seq.astype(">i8").tobytes())]).cast(pa.binary())


def _words(places: Column, words: Any) -> pa.Array:
    return pa.array(list(words), pa.string()).take(pa.array(places.astype(np.int32)))


def _lists(words: pa.Array, has: Column) -> pa.Array:
    return _flat(words.filter(pa.array(has)), has)


def _flat(values: pa.Array, has: Column) -> pa.Array:
    """A list of one for those that have one, nothing for the others."""
    offsets = pa.array(np.concatenate(([0], np.cumsum(has))).astype(np.int32), mask=np.append(~has, False))
    return pa.ListArray.from_arrays(offsets, values)


def _column(values: Any, field: pa.Field, size: int) -> pa.Array:
    if values is None:
        return pa.nulls(size, field.type)
    return values if isinstance(values, pa.Array) else pa.array(values, field.type)


@cache
def _labels() -> dict[str, Column]:
    """The number of each word as a label; 0 where a word is none."""
    words = {"channel": CHANNELS, "topic": TOPICS, "language": LANGUAGES, "campaign": CAMPAIGNS, "product": PRODUCTS,
             "thread": tuple(f"t{number}" for number in range(THREADS)), "currency": ("EUR",)}  # fmt: skip
    return {name: np.array([label(name, text) if text else 0 for text in texts], np.uint64) for name, texts in words.items()}


def columns(block: Block) -> tuple[Columns, Ints]:
    """All acts of the block as packed parts have them, and where the labels of each begin."""
    tables, bought = _labels(), block.kind == 4
    nothing = np.zeros(len(block.at), np.uint64)
    numbers = np.stack(
        [
            tables["channel"][block.kind], tables["language"][block.language], tables["campaign"][block.campaign],
            np.where(bought, tables["currency"][0], nothing), np.where(block.thread >= 0, tables["thread"][block.thread], nothing),
            tables["topic"][block.topic], np.where(bought, tables["product"][block.product], nothing),
        ],
        axis=1,
    )  # fmt: skip
    has = numbers > 0
    count = has.sum(axis=1).astype(np.uint8)
    verbs = np.array([VERBS[verb] for verb, _ in KINDS], np.uint8)
    kinds = np.array([OBJECTS[name] for _, name in KINDS], np.uint8)
    moods = np.array([SENTIMENTS.get(mood, UNREAD) for mood in MOODS], np.int8)
    amount = np.where(bought, block.cents / 100, np.nan)
    found = Columns(
        block.seq, block.at, verbs[block.kind], kinds[block.kind], (bought * 4).astype(np.uint8), moods[block.mood], amount,
        np.full(len(block.at), np.nan), count, numbers[has],
    )  # fmt: skip
    return found, np.concatenate(([0], np.cumsum(count, dtype=np.int64)))


def of_person(found: Columns, bounds: Ints, first: int, end: int) -> Columns:
    return Columns(*(column[first:end] for column in found[:-1]), found.labels[bounds[first] : bounds[end]])


def frame(block: Block, found: Columns, bounds: Ints) -> Frame:
    """The people of a block with all that segments of the benchmark ask for."""
    acts = Acts(
        block.start, found.seq, found.at, found.verb, found.object_type, np.zeros(len(found.seq), bool), np.zeros(len(found.seq), bool),
        found.sentiment, found.amount, found.rating, bounds, found.labels,
    )  # fmt: skip
    cities = [CITIES[place] for place in block.city.tolist()]
    stages = [STAGES[place] for place in block.stage.tolist()]
    return Frame(block.ids, acts, stages, {"city": cities}, {}, {"vip": block.vip}, {}, {"churn": block.score})
