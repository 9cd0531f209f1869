"""Acts as bytes and back: what one handle did and was sent, small enough to be kept beside the people and read in one go.

A part: version (1 byte), acts (4), labels (4), different labels (4), then whole columns, little-endian. A label that repeats stands once.
"""

import struct
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from .frame import OBJECTS, SENTIMENTS, UNREAD, VERBS, Acts, Ints

VERSION: Final = 1
MOST_ACTS: Final = 512
"""A part holds so many at most."""

MOST_LABELS: Final = 120
"""An act has so many labels at most; further ones are left out."""

_HEAD = struct.Struct("<BIII")
_US, _REPLY, _AMOUNT, _RATING = 1, 2, 4, 8


class Outdated(ValueError):
    """Bytes of another version, or that are no part at all."""


class Deed(NamedTuple):
    """One act: `at` in microseconds since 1970 UTC, `rating` 0 to 1 of its maximum, `labels` as `frame.label` makes them."""

    seq: int
    at: int
    verb: str
    object_type: str
    by_us: bool
    is_reply: bool
    sentiment: str
    amount: float | None
    rating: float | None
    labels: Sequence[int]


class Columns(NamedTuple):
    """n acts of one handle in the order of the log; act j has the next `many[j]` of `labels`."""

    seq: Ints
    at: Ints
    verb: npt.NDArray[np.uint8]
    object_type: npt.NDArray[np.uint8]
    flags: npt.NDArray[np.uint8]
    sentiment: npt.NDArray[np.int8]
    amount: npt.NDArray[np.float64]
    rating: npt.NDArray[np.float64]
    many: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.uint64]

    @property
    def size(self) -> int:
        """How many acts."""
        return int(self.seq.size)


_DTYPES: Final = ("<i8", "<i8", "u1", "u1", "u1", "i1", "<f8", "<f8", "u1", "<u8")


def columns(deeds: Sequence[Deed]) -> Columns:
    """Acts by column, as they are given."""
    values: list[list[Any]] = [[] for _ in _DTYPES]
    for deed in deeds:
        amount, rating = deed.amount is not None, deed.rating is not None
        labels = deed.labels[:MOST_LABELS]
        row = (
            deed.seq, deed.at, VERBS.get(deed.verb, 0), OBJECTS.get(deed.object_type, 0),
            _US * deed.by_us | _REPLY * deed.is_reply | _AMOUNT * amount | _RATING * rating, SENTIMENTS.get(deed.sentiment, UNREAD),
            deed.amount if amount else np.nan, deed.rating if rating else np.nan, len(labels),
        )  # fmt: skip
        for column, value in zip(values, row, strict=False):
            column.append(value)
        values[-1].extend(labels)
    return Columns(*(np.array(column, kind) for column, kind in zip(values, _DTYPES, strict=True)))


def pack(acts: Columns) -> bytes:
    """The bytes of a part. ValueError when it would hold more than `MOST_ACTS`."""
    if acts.size > MOST_ACTS:
        raise ValueError(f"{acts.size} acts are more than {MOST_ACTS}")
    different, places = np.unique(acts.labels, return_inverse=True)
    head = _HEAD.pack(VERSION, acts.size, acts.labels.size, different.size)
    bodies = (
        acts.seq, acts.at, acts.verb, acts.object_type, acts.flags, acts.sentiment, acts.many,
        acts.amount[acts.flags & _AMOUNT > 0], acts.rating[acts.flags & _RATING > 0],
        different.astype("<u8"), places.astype("<u2"),
    )  # fmt: skip
    return head + b"".join(body.tobytes() for body in bodies)


def unpack(data: bytes | memoryview) -> Columns:
    """The acts of a part. Outdated."""
    raw = bytes(data)
    if len(raw) < _HEAD.size or raw[0] != VERSION:
        raise Outdated("a part of another version")
    _, size, labels, different = _HEAD.unpack_from(raw)
    at = _HEAD.size

    def take(kind: str, count: int) -> npt.NDArray[Any]:
        nonlocal at
        try:
            found = np.frombuffer(raw, kind, count, at)
        except ValueError as error:
            raise Outdated("a part that ends too early") from error
        at += found.nbytes
        return found

    seq, moment = take("<i8", size), take("<i8", size)
    verb, kind, flags, sentiment, count = (take(each, size) for each in ("u1", "u1", "u1", "i1", "u1"))
    amount, rating = np.full(size, np.nan), np.full(size, np.nan)
    for values, flag in ((amount, _AMOUNT), (rating, _RATING)):
        has = flags & flag > 0
        values[has] = take("<f8", int(has.sum()))
    names = take("<u8", different)
    return Columns(seq, moment, verb, kind, flags, sentiment, amount, rating, count, names[take("<u2", labels)])


def joined(parts: Iterable[Columns]) -> Columns:
    """Several as one, in the order given."""
    known = list(parts)
    return Columns(*(np.concatenate(column) for column in zip(*known, strict=True))) if known else columns([])


def split(acts: Columns) -> list[Columns]:
    """As many parts as it takes, each full but the last."""
    bounds = np.concatenate(([0], np.cumsum(acts.many, dtype=np.int64)))
    found = []
    for start in range(0, acts.size, MOST_ACTS):
        end = min(start + MOST_ACTS, acts.size)
        found.append(Columns._make([*(column[start:end] for column in acts[:-1]), acts.labels[bounds[start] : bounds[end]]]))
    return found


def frame(parts: Sequence[Columns], owners: Sequence[int], people: int) -> Acts:
    """Acts by person: part i is of the person at place `owners[i]` of `people`; theirs are put into the order of time."""
    all_of = joined(parts)
    who = np.repeat(np.asarray(owners, np.int64), [part.size for part in parts])
    order = np.lexsort((all_of.seq, all_of.at, who))
    count = all_of.many.astype(np.int64)
    stood = np.cumsum(count) - count
    wanted = count[order]
    label_start = np.concatenate(([0], np.cumsum(wanted)))
    places = np.repeat(stood[order] - label_start[:-1], wanted) + np.arange(label_start[-1])
    flags = all_of.flags[order]
    return Acts(
        start=np.concatenate(([0], np.cumsum(np.bincount(who, minlength=people)))).astype(np.int64), seq=all_of.seq[order],
        at=all_of.at[order], verb=all_of.verb[order], object_type=all_of.object_type[order], by_us=flags & _US > 0,
        is_reply=flags & _REPLY > 0, sentiment=all_of.sentiment[order], amount=all_of.amount[order], rating=all_of.rating[order],
        label_start=label_start.astype(np.int64), labels=all_of.labels[places],
    )  # fmt: skip
