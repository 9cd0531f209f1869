"""The same picture: perceptual hashes of 64 bits, by how many bits they differ."""

from collections.abc import Iterable
from typing import ClassVar

import numpy as np

from vincle.identify.linkage.records import Ints, Records

from ._texts import Flat, flat, levels_of
from .base import ANYONE, Key, Level, Levels, Said, ragged

SAME, SIMILAR = 4, 10
_PARTS = SAME + 1
_HEX = frozenset("0123456789abcdef")


class Avatar:
    id: ClassVar[str] = "avatar"
    kinds: ClassVar[frozenset[str]] = ANYONE
    levels: ClassVar[tuple[Level, ...]] = (Level("differs", 0.55, 0.998), Level("similar", 0.10, 0.0015), Level("same", 0.35, 0.0005))

    def fields(self, records: Records) -> tuple[str, ...]:
        return ("avatar_hash",) if "avatar_hash" in records.columns else ()

    def prepare(self, records: Records) -> Flat:
        return flat(records.columns["avatar_hash"], _hash)

    def compare(self, prepared: Flat, left: Ints, right: Ints) -> Levels:
        bits = np.asarray([int(text, 16) for text in prepared.texts], np.uint64)
        return levels_of(prepared, left, right, lambda one, other: _level(np.bitwise_count(bits[one] ^ bits[other])))

    def keys(self, prepared: Flat) -> Iterable[Key]:
        """Hashes that differ in 4 bits are equal in one of 5 parts at least."""
        yield ragged(prepared.column, lambda cell: [part for text in cell for part in _parts(text)], "avatar")

    def terms(self, prepared: Flat) -> Ints | None:
        return prepared.terms()

    def say(self, records: Records, left: int, right: int, level: int) -> Said:
        return Said(
            f"avatar_{self.levels[level].id}", {"left": records.text("avatar_hash", left), "right": records.text("avatar_hash", right)}
        )


def _hash(text: str) -> str:
    low = text.strip().lower()
    return low if len(low) == 16 and _HEX.issuperset(low) else ""


def _parts(text: str) -> list[tuple[int, str]]:
    bits = f"{int(text, 16):064b}"
    size = -(-64 // _PARTS)
    return [(at, bits[at * size : (at + 1) * size]) for at in range(_PARTS)]


def _level(differing: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> Levels:
    return np.select([differing <= SAME, differing <= SIMILAR], [2, 1], 0).astype(np.int8)


matcher = Avatar()
