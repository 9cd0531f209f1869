"""Whether a text is asked for, said plainly: what every index has to agree with."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from ._atoms import atom, pieces
from ._query_facts import COMPARED, Facts
from ._query_parts import And, Compare, Field, Near, Not, Or, Part, Query, Tag, Words, asks_for_ours, parts_of
from .page import HASHTAG, Page

_SIGN = "(?:[a-z0-9]|_[0-9a-f]{5})"


def matches(query: Query, page: Page, facts: Facts, words: Sequence[str] | None = None) -> bool:
    """Whether the query asks for this text. What we say ourselves is asked for by `is:ours` only.

    `words`: the atoms of the page's pieces, where they are at hand.
    """
    if (query.after and facts.day < query.after) or (query.before and facts.day >= query.before):
        return False
    if facts.is_ours and not asks_for_ours(query):
        return False
    return query.what is None or _holds(query.what, [atom(piece) for piece in pieces(page)] if words is None else words, facts)


def _holds(part: Part, words: Sequence[str], facts: Facts) -> bool:
    match part:
        case And(parts):
            return all(_holds(each, words, facts) for each in parts)
        case Or(parts):
            return any(_holds(each, words, facts) for each in parts)
        case Not(inner):
            return not _holds(inner, words, facts)
        case Words():
            return next(_found(part, words), None) is not None
        case Near(left, right, most):
            return _near(left, right, most, words)
        case Tag(name):
            return any(_is_tag(name, tag) for tag in facts.tags)
        case Field(name, values):
            return not facts.values.get(name, frozenset()).isdisjoint(values)
        case Compare(name, sign, number):
            return name in facts.numbers and COMPARED[sign](facts.numbers[name], number)


def _found(asked: Words, words: Sequence[str]) -> Iterator[int]:
    """Where the words begin."""
    tests = [_test(piece) for piece in asked.pieces]
    for start in range(len(words) - len(tests) + 1):
        if all(test.fullmatch(words[start + place]) for place, test in enumerate(tests)):
            yield start


def _near(left: Words, right: Words, most: int, words: Sequence[str]) -> bool:
    ends = list(_found(right, words))
    for start in _found(left, words):
        for other in ends:
            between = other - start - len(left.pieces) if other >= start else start - other - len(right.pieces)
            if between <= most:
                return True
    return False


@lru_cache(maxsize=4096)
def _test(piece: str) -> re.Pattern[str]:
    """A piece with its wildcards, to be held against atoms."""
    return re.compile(pattern(piece))


def pattern(piece: str) -> str:
    """A piece as a regular expression of atoms.

    >>> pattern("caf*"), pattern("caf?s")
    ('caf[a-z0-9_]*', 'caf(?:[a-z0-9]|_[0-9a-f]{5})s')
    """
    if not is_wild(piece):
        return atom(piece)
    stem, is_open = (piece[:-1], True) if piece.endswith("*") else (piece, False)
    return _SIGN.join(atom(part) if part else "" for part in stem.split("?")) + ("[a-z0-9_]*" if is_open else "")


def is_wild(piece: str) -> bool:
    """Whether there are wildcards in a piece. An emoticon of signs has none.

    >>> is_wild("caf*"), is_wild(":*")
    (True, False)
    """
    return piece[:1].isalnum() and ("*" in piece or "?" in piece)


def spans(query: Query, page: Page) -> list[tuple[int, int]]:
    """Where in the text stands what was asked for, in characters, in order: to be marked."""
    wanted = [part for part in _positive(query.what) if isinstance(part, Words | Tag)]
    tests = [_test(piece) for part in wanted if isinstance(part, Words) for piece in part.pieces]
    names = [part.name for part in wanted if isinstance(part, Tag)]
    found = []
    for at, token in enumerate(page.tokens):
        cut = pieces(Page(token))
        tag = "".join(cut) if page.kinds[at] == HASHTAG else ""
        if any(test.fullmatch(atom(piece)) for piece in cut for test in tests) or (tag and any(_is_tag(name, tag) for name in names)):
            found.append((page.starts[at], page.end(at)))
    return found


def _is_tag(name: str, tag: str) -> bool:
    return tag.startswith(name[:-1]) if name.endswith("*") else tag == name


def _positive(part: Part | None) -> list[Part]:
    """Parts that are asked for, not those that are ruled out."""
    if part is None or isinstance(part, Not):
        return []
    if isinstance(part, And | Or):
        return [each for one in part.parts for each in _positive(one)]
    return parts_of(part)
