"""Rows of the log as Arrow columns: whole columns at a time, from SQLite's text and PostgreSQL's values alike."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from vincle.engines.table import ACTIVITY, MATCH, MOMENT, PERSON, PRODUCTS, UNDERSTOOD, months
from vincle.organise.segments.labels import HIDDEN, NUMBER, products

LARGEST = 10.0**14
# Addresses that a sender has put into an id or an extra: the open table holds none.
_ADDRESS = r"""[^\s"'<>(),;:@]+@[^\s"'<>(),;:@]+\.[^\s"'<>(),;:@.]+|\+[1-9][0-9 ().-]{6,18}[0-9]"""
# How columns of the log are called where the table's name differs.
_RENAMED = {"workspace": "workspace_id", "connection": "connection_id"}
COLUMNS = tuple(_RENAMED.get(name, name) for name in ACTIVITY.names if name not in ("seq", "month", PRODUCTS, *UNDERSTOOD))


class Said(NamedTuple):
    """What was understood of a text, as `listen_understanding` has it: it stands before what its source said (empty: nothing was)."""

    language: str
    sentiment: str
    sentiment_confidence: float
    intents: str
    topics: str
    country: str
    place: str
    sentiment_score: float
    urgency: float
    emotions: str
    aspects: str
    terms: str
    sites: str


_BEFORE = ("language", "sentiment", "intents", "topics", "country", "place")
_ALONE = ("urgency", "emotions", "terms", "sites")


def activities(rows: Sequence[tuple[Any, ...]], said: Mapping[int, Said] | None = None) -> pa.Table:
    """Rows given as (seq, *COLUMNS), and what is understood of them by seq -> the open table's columns."""
    if not rows:
        return ACTIVITY.empty_table()
    values: dict[str, Sequence[Any]] = dict(zip(ACTIVITY.names, zip(*rows, strict=True), strict=False))
    values |= _understood(values, said or {}) | {PRODUCTS: values["props"]}
    columns = [_column(values[field.name], field) for field in ACTIVITY if field.name != "month"]
    happened = columns[ACTIVITY.get_field_index("happened_at")]
    return _numberless(pa.Table.from_arrays([*columns, months(happened)], schema=ACTIVITY))


def _understood(values: Mapping[str, Sequence[Any]], said: Mapping[int, Said]) -> dict[str, Sequence[Any]]:
    """The columns in which what was understood stands, alone or before what the source said."""
    size = len(values["seq"])
    found: dict[str, list[Any]] = {name: list(values[name]) for name in (*_BEFORE, "sentiment_confidence")}
    found |= {name: [None] * size for name in ("sentiment_score", "urgency", "aspect_scores")}
    found |= {name: [""] * size for name in ("emotions", "aspects", "terms", "sites")}
    for place, text in ((place, said[seq]) for place, seq in enumerate(values["seq"]) if seq in said):
        for name in _BEFORE:
            if value := getattr(text, name):
                found[name][place] = value
        if text.sentiment:
            found["sentiment_confidence"][place], found["sentiment_score"][place] = text.sentiment_confidence, text.sentiment_score
        for name in _ALONE:
            found[name][place] = getattr(text, name)
        if text.aspects:
            names, scores = zip(*(label.rsplit(":", 1) for label in text.aspects.split("|")), strict=True)
            found["aspects"][place], found["aspect_scores"][place] = "|".join(names), [float(score) for score in scores]
    return {**found}


def matches(rows: Sequence[tuple[Any, ...]]) -> pa.Table:
    """Rows given in the order of `engines.table.MATCH`, without the month."""
    if not rows:
        return MATCH.empty_table()
    columns = [_column(values, field) for values, field in zip(zip(*rows, strict=True), MATCH, strict=False)]
    return pa.Table.from_arrays([*columns, months(columns[MATCH.get_field_index("happened_at")])], schema=MATCH)


def people(rows: Sequence[tuple[Any, ...]]) -> pa.Table:
    """Rows given in the order of `engines.table.PERSON`."""
    if not rows:
        return PERSON.empty_table()
    return pa.Table.from_arrays(
        [_column(values, field) for values, field in zip(zip(*rows, strict=True), PERSON, strict=True)], schema=PERSON
    )


def _numberless(rows: pa.Table) -> pa.Table:
    """Conversations on WhatsApp called by the key of the other side's handle, as the table calls people, not by their number."""
    if not pc.any(pc.equal(rows["channel"], "whatsapp")).as_py():
        return rows
    other = pc.coalesce(pc.if_else(pc.equal(rows["direction"], "out"), rows["target"], rows["actor"]).cast(pa.string()), HIDDEN)
    for name, stand in (("thread_key", other), ("native_id", HIDDEN)):
        is_number = pc.and_(pc.equal(rows["channel"], "whatsapp"), pc.match_substring_regex(rows[name], NUMBER))
        called = pc.binary_join_element_wise(pc.replace_substring_regex(rows[name], NUMBER, ":"), stand, "")
        rows = rows.set_column(rows.schema.get_field_index(name), rows.schema.field(name), pc.if_else(is_number, called, rows[name]))
    return rows


def dead(rows: Sequence[tuple[bytes, int, Any]]) -> pa.Table:
    """Rows to be taken out, given as (event_id, workspace, happened_at), with the folder they lie in."""
    ids, workspaces, moments = zip(*rows, strict=True) if rows else ((), (), ())
    happened = _moments(moments)
    return pa.table({"event_id": pa.array(ids, pa.binary()), "workspace": pa.array(workspaces, pa.int64()), "month": months(happened)})


def _column(values: Sequence[Any], field: pa.Field) -> pa.Array:
    read = _READ.get(field.name) or _READ.get(str(field.type))
    return read(values) if read else pa.array(values, field.type)


def _moments(values: Sequence[Any]) -> pa.Array:
    if any(isinstance(value, str) for value in values[:1]):
        return pc.assume_timezone(pa.array(values, pa.string()).cast(pa.timestamp("us")), "UTC")
    return pa.array(values, MOMENT)


def _nameless(values: Sequence[str]) -> pa.Array:
    """Texts with every e-mail address and international phone number in them struck out."""
    return pc.replace_substring_regex(pa.array(values, pa.string()), _ADDRESS, HIDDEN)


def _flags(values: Sequence[Any]) -> pa.Array:
    return pa.array([bool(value) for value in values], pa.bool_())


def _binary(values: Sequence[Any]) -> pa.Array:
    return pa.array([bytes(value) if isinstance(value, memoryview) else value for value in values], pa.binary())


def _amounts(values: Sequence[Any]) -> pa.Array:
    """Decimals; an amount beyond the column's 14 digits is nobody's and is left out."""
    numbers = pa.array([None if value is None else float(value) for value in values], pa.float64())
    usable = pc.if_else(pc.less(pc.abs(numbers), LARGEST), numbers, None)
    return pc.round(usable, ndigits=4).cast(pa.decimal128(18, 4), safe=False)


def _labels(separator: str) -> Callable[[Sequence[str]], pa.Array]:
    """A reader of 'a|b' -> [a, b]; an empty text has no labels."""

    def read(values: Sequence[str]) -> pa.Array:
        column = pa.array(values, pa.string())
        return pc.split_pattern(pc.if_else(pc.equal(column, ""), None, column), separator)

    return read


def _products(values: Sequence[str]) -> pa.Array:
    return pa.array([products(props) or None for props in _nameless(values).to_pylist()], pa.list_(pa.string()))


_READ: dict[str, Callable[[Sequence[Any]], pa.Array]] = {
    str(MOMENT): _moments, "bool": _flags, "binary": _binary, "decimal128(18, 4)": _amounts, "list<item: string>": _labels("|"),
    "hashtags": _labels(" "), "native_id": _nameless, "props": _nameless, PRODUCTS: _products,
}  # fmt: skip
