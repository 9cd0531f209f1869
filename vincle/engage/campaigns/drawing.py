"""By lot, and always the same lot: who is held out, who gets which letter. Pure.

The lot is a keyed hash of campaign and person, so that drawing again after a kill, or in another order, comes to the same.
"""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Final, NamedTuple

WHOLE: Final = float(2**64)


class Lot(NamedTuple):
    """`arm` is None for those held out and for those who wait for the better letter; of those held out as large a part waits."""

    is_held: bool
    waits: bool
    arm: int | None


def uniform(secret: bytes, campaign: str, person: int, what: str) -> float:
    """A number in [0, 1) that nobody can guess without the secret.

    >>> round(uniform(b"secret", "a1", 7, "held"), 4) == round(uniform(b"secret", "a1", 7, "held"), 4)
    True
    """
    digest = blake2b(f"{what}:{campaign}:{person}".encode(), digest_size=8, key=secret[:64]).digest()
    return int.from_bytes(digest, "big") / WHOLE


def draw(secret: bytes, campaign: str, person: int, held_out: int, test_share: int, shares: Sequence[int]) -> Lot:
    """`held_out` percent get nothing; of the others `test_share` percent an arm by `shares`, the rest waits.

    >>> draw(b"secret", "a1", 7, 100, 100, [1]), draw(b"secret", "a1", 7, 0, 100, [1])
    (Lot(is_held=True, waits=False, arm=None), Lot(is_held=False, waits=False, arm=0))
    """
    is_held = uniform(secret, campaign, person, "held") * 100 < held_out
    waits = uniform(secret, campaign, person, "test") * 100 >= test_share
    arm = None if is_held or waits else arm_of(uniform(secret, campaign, person, "arm"), shares)
    return Lot(is_held, waits, arm)


def arm_of(place: float, shares: Sequence[int]) -> int:
    """Which arm a number in [0, 1) falls into.

    >>> [arm_of(each, [50, 25, 25]) for each in (0.0, 0.49, 0.5, 0.99)]
    [0, 0, 1, 2]
    """
    reached, whole = 0, sum(shares)
    for arm, share in enumerate(shares):
        reached += share
        if place * whole < reached:
            return arm
    return len(shares) - 1
