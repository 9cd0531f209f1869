"""Codes that people type or scan: of a ballot, of a unit of a product, of an invitation. Pure.

Twelve letters and digits in three groups of four ("K7MD-4XRT-Q9AP"), none of which is taken for another on paper: 11 of them are drawn (52
bits), the last one tells a slip of the pen. Only their hash is stored; whoever holds the secret makes the same code again.
"""

import hmac
from hashlib import sha256
from math import log2
from typing import Final

ALPHABET: Final = "23456789ACDEFGHJKMNPQRTVWXY"
"""Without 0 O, 1 I L, and without Z, S, B, U beside 2, 5, 8, V."""

DRAWN: Final = 11
LENGTH: Final = DRAWN + 1
BITS: Final = DRAWN * log2(len(ALPHABET))
_N: Final = len(ALPHABET)
_WEIGHTS: Final = (1, 2, 4, 5, 7, 8, 10, 11, 13, 14, 16, 17)
"""Each of them, and each difference of neighbours, has an inverse modulo 27: one wrong letter or two swapped ones are always seen."""

_MEANT: Final = str.maketrans({"Z": "2", "S": "5", "B": "8", "U": "V"})


def made(secret: bytes, number: int) -> str:
    """The code of a number, twelve letters without hyphens. The same again for the same secret."""
    drawn = int.from_bytes(hmac.digest(secret, str(number).encode(), sha256)) % _N**DRAWN
    values = []
    for _place in range(DRAWN):
        drawn, value = divmod(drawn, _N)
        values.append(value)
    return "".join(ALPHABET[value] for value in [*values, _last(values)])


def _last(values: list[int]) -> int:
    total = sum(weight * value for weight, value in zip(_WEIGHTS, values, strict=False))
    return -total * pow(_WEIGHTS[-1], -1, _N) % _N


def normal(text: str) -> str:
    """What was typed, as a code: without spaces and hyphens, in capitals, look-alikes as they were meant; "" for what is none.

    >>> normal(made(b"secret", 1).lower()) == made(b"secret", 1), normal("K7MD-4XRT-Q9AP"), normal("hello")
    (True, '', '')
    """
    found = "".join(letter for letter in text[:60].upper() if not letter.isspace() and letter not in "-–—._").translate(_MEANT)
    if len(found) != LENGTH or any(letter not in ALPHABET for letter in found):
        return ""
    total = sum(weight * ALPHABET.index(letter) for weight, letter in zip(_WEIGHTS, found, strict=True))
    return found if total % _N == 0 else ""


def shown(code: str) -> str:
    """As people read it.

    >>> shown("K7MD4XRTQ9AP")
    'K7MD-4XRT-Q9AP'
    """
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


def hashed(code: str) -> str:
    """What is stored and looked up, 64 hexadecimal digits; of a code as `normal` gives it."""
    return sha256(f"vincle survey code:{code}".encode()).hexdigest()
