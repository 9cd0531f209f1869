"""Drawing a raffle so that anybody can do it again: "vincle-raffle/1". Pure.

Before it closes, the hash of a secret seed is shown (`commitment`). At the draw the seed is shown, and optionally public words of that
day are mixed in (`beacon`), which nobody could know when the seed was chosen. Each entry's lot is the SHA-256 of

    <seed>:<beacon>:<number of the draw>:<entry>

in hexadecimal, all as UTF-8. The lowest lots win, in their order. The order in which entries are kept plays no part. `sha256sum`
suffices to check it.
"""

from collections.abc import Collection, Iterable
from hashlib import sha256
from secrets import token_hex
from typing import Final, NamedTuple

ALGORITHM: Final = "vincle-raffle/1"


class Lot(NamedTuple):
    """`lot`: 64 hexadecimal digits."""

    lot: str
    entry: str


def new_seed() -> str:
    """256 bits, in hexadecimal."""
    return token_hex(32)


def commitment(seed: str) -> str:
    """What is shown before the draw: the SHA-256 of the seed as text, in hexadecimal.

    >>> commitment("00")[:16]
    'f1534392279bddbf'
    """
    return sha256(seed.encode()).hexdigest()


def digest(entries: Iterable[str]) -> str:
    """The SHA-256 of all entries in the order of their names, each with a line feed: says who took part without saying who they are."""
    found = sha256()
    for entry in sorted(set(entries)):
        found.update(f"{entry}\n".encode())
    return found.hexdigest()


def draw(entries: Iterable[str], seed: str, count: int, *, number: int = 1, beacon: str = "", without: Collection[str] = ()) -> list[Lot]:
    """The `count` lowest lots in their order; fewer where there are fewer entries. An entry named twice takes part once.

    `without`: entries that won in an earlier draw. ValueError for a negative count or an entry that is empty or holds a line feed.
    """
    if count < 0 or number < 1:
        raise ValueError("a draw has a number from 1 and no fewer than 0 winners")
    left = set(without)
    wanted = {entry for entry in entries if entry not in left}
    if any(not entry or "\n" in entry for entry in wanted):
        raise ValueError("an entry is a word on one line")
    lots = (Lot(sha256(f"{seed}:{beacon}:{number}:{entry}".encode()).hexdigest(), entry) for entry in wanted)
    return sorted(lots)[:count]
