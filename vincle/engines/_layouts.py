"""What the tables of the lake look like."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pyarrow as pa
import pyarrow.compute as pc

MOMENT = pa.timestamp("us", tz="UTC")
WORDS = pa.list_(pa.string())
NUMBERS = pa.list_(pa.float64())
ACTIVITY = pa.schema(
    [
        ("seq", pa.int64()), ("event_id", pa.binary()), ("native_id", pa.string()), ("root_id", pa.binary()), ("workspace", pa.int64()),
        ("connection", pa.int64()), ("channel", pa.string()), ("verb", pa.string()), ("object_type", pa.string()),
        ("reaction", pa.string()), ("event_name", pa.string()), ("actor", pa.int64()), ("target", pa.int64()),
        ("object_key", pa.string()), ("parent_key", pa.string()), ("thread_key", pa.string()), ("campaign_key", pa.string()),
        ("happened_at", MOMENT), ("observed_at", MOMENT), ("received_at", MOMENT), ("direction", pa.string()),
        ("is_machine", pa.bool_()), ("amount", pa.decimal128(18, 4)), ("currency", pa.string()), ("rating", pa.float64()),
        ("rating_max", pa.float64()), ("score", pa.float64()), ("language", pa.string()), ("sentiment", pa.string()),
        ("sentiment_confidence", pa.float64()), ("intents", WORDS), ("topics", WORDS), ("hashtags", WORDS), ("country", pa.string()),
        ("place", pa.string()), ("props", pa.string()), ("sentiment_score", pa.float64()), ("urgency", pa.float64()), ("emotions", WORDS),
        ("aspects", WORDS), ("aspect_scores", NUMBERS), ("terms", WORDS), ("sites", WORDS), ("products", WORDS), ("month", pa.string()),
    ]
)  # fmt: skip
UNDERSTOOD = ("sentiment_score", "urgency", "emotions", "aspects", "aspect_scores", "terms", "sites")
"""Columns that are known of texts alone, once they were read; `aspect_scores` has a number for each of `aspects`."""
PRODUCTS = "products"
"""What was bought or looked at, out of `props`."""
HANDLE = pa.schema([("key", pa.int64()), ("workspace", pa.int64()), ("kind", pa.string()), ("person", pa.int64())])
PERSON = pa.schema(
    [("id", pa.int64()), ("workspace", pa.int64()), ("kind", pa.string()), ("is_identified", pa.bool_()), ("known_since", MOMENT)]
)


MATCH = pa.schema(
    [
        ("id", pa.int64()), ("listening", pa.int64()), ("workspace", pa.int64()), ("seq", pa.int64()), ("event_id", pa.binary()),
        ("happened_at", MOMENT), ("month", pa.string()),
    ]
)  # fmt: skip
"""Which texts the team's queries ask for."""


@dataclass(frozen=True)
class Layout:
    """A table of the lake: columns, folders (`partitions`), what tells rows apart, their order in a file, whom they are about.

    In the order of the kinds of activity a question about comments reads the fifth of a file that holds comments.
    `file_size`, in bytes, is what files are joined up to: small where rows change, since a change writes a whole file anew.
    `telling`: columns without which a table is of an older release, and has to be filled anew.
    """

    name: str
    schema: pa.Schema
    partitions: tuple[str, ...]
    key: str
    order: tuple[str, ...]
    holders: tuple[str, ...]
    file_size: int
    telling: tuple[str, ...] = ()


LAYOUTS: Mapping[str, Layout] = MappingProxyType(
    {
        layout.name: layout
        for layout in (
            Layout(
                "activity",
                ACTIVITY,
                ("workspace", "month"),
                "event_id",
                ("verb", "object_type", "actor"),
                ("actor", "target"),
                1 << 26,
                (*UNDERSTOOD, PRODUCTS),
            ),
            Layout("handle", HANDLE, ("workspace",), "key", ("key",), ("key",), 1 << 20),
            Layout("person", PERSON, ("workspace",), "id", ("id",), ("id",), 1 << 20),
            Layout("match", MATCH, ("workspace", "month"), "id", ("listening", "seq"), (), 1 << 22),
        )
    }
)


def months(moments: pa.ChunkedArray | pa.Array) -> pa.Array:
    """The folder a row belongs to: yyyy-mm in UTC.

    >>> from datetime import UTC, datetime
    >>> months(pa.array([datetime(2026, 3, 31, 23, 59, tzinfo=UTC)], MOMENT)).to_pylist()
    ['2026-03']
    """
    plain = moments.combine_chunks() if isinstance(moments, pa.ChunkedArray) else moments
    codes = pc.add(pc.multiply(pc.year(plain), 12), pc.subtract(pc.month(plain), 1)).dictionary_encode()
    labels = pa.array([f"{code // 12:04d}-{code % 12 + 1:02d}" for code in codes.dictionary.to_pylist()], pa.string())
    return labels.take(codes.indices)
