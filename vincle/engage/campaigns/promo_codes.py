"""Codes people type: drawn without letters that look alike, read however they are written. Pure."""

import re
import secrets
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

LETTERS: Final = "CDFGHJKMNPQRTVWXY34679"
"""Of signs that look alike (0 O, 1 I L, 2 Z, 5 S, 8 B, U V) at most one; no vowels, so that no words come out."""

LENGTH: Final = 8
LONGEST: Final = 40
MOST: Final = 200_000
_APART = re.compile(r"[\s,;|]+")
_KEPT = re.compile(r"[^0-9A-Z]+")
_HEADINGS = frozenset({"CODE", "CODES", "COUPON", "COUPONCODE", "DISCOUNTCODE", "CODIGO", "CODI", "CODICE", "NAME"})


class Read(NamedTuple):
    """`codes` as {folded: as written}; `doubles` stood there more than once, `bad` could not be codes."""

    codes: dict[str, str]
    doubles: int
    bad: list[str]


def fold(code: str) -> str:
    """What two ways of writing a code have in common; "" for what is none.

    >>> fold(" spring-10 "), fold("Spring 10"), fold("½"), fold("---")
    ('SPRING10', 'SPRING10', '', '')
    """
    return _KEPT.sub("", code.upper())[:LONGEST]


def draw(prefix: str = "", length: int = LENGTH, choose: Callable[[str], str] = secrets.choice) -> str:
    """A new code: `prefix`, and `length` letters in groups of four.

    >>> draw("SPRING", choose=lambda letters: letters[0])
    'SPRING-CCCC-CCCC'
    """
    drawn = "".join(choose(LETTERS) for _ in range(length))
    groups = [drawn[at : at + 4] for at in range(0, length, 4)]
    return "-".join([prefix, *groups] if prefix else groups)


def read(text: str) -> Read:
    """Codes out of a list: one a line, or apart by commas; a heading and what stands behind a code in its row are passed over."""
    codes: dict[str, str] = {}
    doubles, bad = 0, []
    for token in _tokens(text):
        folded = fold(token)
        if len(folded) < 3 or len(token) > LONGEST or not token.isprintable():
            bad.append(token[:60])
        elif folded in codes:
            doubles += 1
        else:
            codes[folded] = token
    return Read(codes, doubles, bad)


def _tokens(text: str) -> Iterable[str]:
    lines = [line for line in text.replace("\ufeff", "").splitlines() if line.strip()]
    if lines and fold(_first(lines[0])) in _HEADINGS:
        return [_first(line) for line in lines[1:]]
    return [token for line in lines for token in _APART.split(line.strip().replace('"', "")) if token]


def _first(line: str) -> str:
    """The first cell of a row."""
    return _APART.split(line.strip().replace('"', ""))[0]
