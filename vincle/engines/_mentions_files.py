"""What others did and said out of the files of the open table, by column."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from vincle.vocabulary import Direction, ObjectType

from ._columns import Codes, Column, Flags, Ints, Names, Part, Rows

NOT_ACTS: Final = (ObjectType.PROFILE.value, ObjectType.UNKNOWN.value)
"""Kinds of object whose rows are facts about someone, and nothing that was done."""

NAMED: Final = "named"
"""The set of aspects that a mention names, in the order of letters and joined by `|`."""

SAID_WORDS: Final = ("channel", "object_type", "sentiment", "language", "country", "place", NAMED)
DONE_WORDS: Final = ("channel", "object_type", "verb", "reaction")
LISTS: Final = ("topics", "intents", "emotions", "hashtags", "terms", "sites", "aspects")
SCORES: Final = "aspect_scores"
WORDS: Final = (*dict.fromkeys((*SAID_WORDS, *DONE_WORDS)), *LISTS)
MOODS: Final = {"negative": 1, "positive": 2}
_MARKS: Final = ("object_type", "direction", "is_machine")
_SECOND: Final = 1_000_000
_KINDS: Final = {
    **dict.fromkeys(("seq", "actor", "target", "happened_at"), pa.int64()), **dict.fromkeys(LISTS, pa.list_(pa.string())),
    "sentiment_score": pa.float64(), SCORES: pa.list_(pa.float64()),
}  # fmt: skip
Chunks = Mapping[str, pa.ChunkedArray]


class Uneven(ValueError):
    """A mention has more aspects than scores of aspects, or fewer: what they mean is left to the engine."""


def read_said(path: str, names: Mapping[str, Names]) -> Part:
    """The mentions of a file: what others, not machines, put into words, as far as it was read. Uneven.

    `actor` where `has_actor`; `mood`: as `MOODS`, else 0; a `score` that is not known is 0.
    """
    wanted = (*SAID_WORDS, *LISTS, "seq", "actor", "happened_at", "sentiment_score", SCORES)
    columns, places, at = _read(path, wanted, is_said=True)
    found = {"at": at, **_words(columns, places, names, SAID_WORDS), **_who(columns, places, "actor")}
    found |= {"seq": _whole(columns, places, "seq"), "score": pc.fill_null(columns["sentiment_score"], 0.0).to_numpy()[places]}
    lists = {name: _rows(columns[name], names[name]).take(places) for name in LISTS}
    lists[SCORES] = _rows(columns[SCORES], None).take(places)
    if not np.array_equal(lists[SCORES].starts, lists["aspects"].starts):
        raise Uneven(path)
    found[NAMED] = _named(lists["aspects"], names["aspects"], names[NAMED])
    moods = np.asarray([MOODS.get(name or "", 0) for name in names["sentiment"].all], np.int8)
    found["mood"] = moods[found["sentiment"]] if len(places) else np.zeros(0, np.int8)
    return Part((path,), (len(places),), found, lists)


def read_done(path: str, names: Mapping[str, Names]) -> Part:
    """All that others, not machines, did, in few columns. `is_reply`: it has something it answers."""
    columns, places, at = _read(path, (*DONE_WORDS, "seq", "actor", "target", "happened_at", "parent_key"), is_said=False)
    found = {"at": at, **_words(columns, places, names, DONE_WORDS), **_who(columns, places, "actor"), **_who(columns, places, "target")}
    replies = pc.fill_null(pc.not_equal(columns["parent_key"], ""), False).to_numpy().astype(bool)
    found |= {"seq": _whole(columns, places, "seq"), "is_reply": replies[places]}
    return Part((path,), (len(places),), found, {})


def _read(path: str, wanted: Iterable[str], is_said: bool) -> tuple[Chunks, Ints, Ints]:
    """Columns of the groups of rows in which some are meant; places of those, in the order of time; their times."""
    known = pq.read_metadata(path)
    leaves = [known.schema.column(place).path for place in range(len(known.schema))]
    words = [leaf for leaf in leaves if leaf.partition(".")[0] in {*WORDS, "direction"}]
    with pq.ParquetFile(path, metadata=known, read_dictionary=words) as file:
        found = list(_groups(file, known.num_row_groups, (*_MARKS, "sentiment") if is_said else _MARKS))
        present = {leaf.partition(".")[0] for leaf in leaves}
        table = file.read_row_groups([group for group, _ in found], columns=[name for name in wanted if name in present])
    table = table.unify_dictionaries()
    blank = {name: pa.chunked_array([pa.nulls(len(table), _KINDS.get(name, pa.string()))]) for name in wanted if name not in present}
    columns = {**{name: table[name] for name in table.column_names}, **blank}
    places = np.flatnonzero(np.concatenate([np.zeros(0, bool), *(kept for _, kept in found)]))
    at = _whole(columns, places, "happened_at") // _SECOND
    order = np.argsort(at, kind="stable")
    return columns, places[order], at[order]


def _groups(file: pq.ParquetFile, count: int, marks: tuple[str, ...]) -> Iterator[tuple[int, Flags]]:
    """Groups of rows with rows in them that are meant, and which these are."""
    for group in range(count):
        table = file.read_row_group(group, columns=list(marks))
        kept = ~pc.fill_null(table["is_machine"], True).to_numpy().astype(bool)
        kept &= _are(table["direction"], lambda word: word == Direction.IN.value)
        kept &= _are(table["object_type"], lambda word: word is not None and word not in NOT_ACTS)
        if "sentiment" in marks:
            kept &= _are(table["sentiment"], bool)
        if kept.any():
            yield group, kept


def _are(column: pa.ChunkedArray, meant: Any) -> Flags:
    names = Names()
    numbers = names.numbers(column)
    return np.asarray([bool(meant(word)) for word in names.all], bool)[numbers] if len(names) else np.zeros(len(column), bool)


def _words(columns: Chunks, places: Ints, names: Mapping[str, Names], which: Iterable[str]) -> dict[str, Column]:
    return {name: names[name].numbers(columns[name])[places] for name in which if name != NAMED}


def _whole(columns: Chunks, places: Ints, name: str) -> Ints:
    found: Ints = pc.fill_null(columns[name].cast(pa.int64()), 0).to_numpy()[places]
    return found


def _who(columns: Chunks, places: Ints, name: str) -> dict[str, Column]:
    return {name: _whole(columns, places, name), f"has_{name}": columns[name].is_valid().to_numpy().astype(bool)[places]}


def _rows(column: pa.ChunkedArray, names: Names | None) -> Rows:
    """Lists of words (as numbers of `names`) or of numbers."""
    lengths: list[Column] = [np.zeros(1, np.int64)]
    flat: list[Column] = [np.zeros(0, np.float64 if names is None else np.int32)]
    for chunk in column.chunks:
        lengths.append(pc.fill_null(pc.list_value_length(chunk).cast(pa.int64()), 0).to_numpy(zero_copy_only=False))
        values = chunk.flatten()
        flat.append(pc.fill_null(values, 0.0).to_numpy(zero_copy_only=False) if names is None else names.numbers(values))
    return Rows(np.cumsum(np.concatenate(lengths)), np.concatenate(flat))


def _named(aspects: Rows, names: Names, sets: Names) -> Codes:
    """The set of aspects of each mention, as a number of `sets`."""
    lengths = aspects.lengths
    table = np.full((len(lengths), int(lengths.max(initial=0))), -1, np.int64)
    rows = np.repeat(np.arange(len(lengths)), lengths)
    table[rows, np.arange(len(rows)) - aspects.starts[:-1][rows]] = aspects.flat
    table.sort(axis=1)
    table[:, 1:][table[:, 1:] == table[:, :-1]] = -1  # each of a set once
    table.sort(axis=1)
    key = np.zeros(len(lengths), np.int64)
    for column in table.T:
        key = _ranks(key * (len(names) + 1) + column + 1)
    _, first, place = np.unique(key, return_index=True, return_inverse=True)
    found = [sets.number(_joined(names.all[number] for number in table[row] if number >= 0)) for row in first.tolist()]
    return np.asarray(found, np.int32)[place] if found else np.zeros(0, np.int32)


def _joined(names: Iterable[str | None]) -> str:
    return "|".join(sorted(name for name in names if name is not None))


def _ranks(values: Ints) -> Ints:
    """Whole numbers as places among those that occur."""
    found: Ints = np.unique(values, return_inverse=True)[1]
    return found
