"""Texts as an index of full text holds them: the same cutting for what is stored, what is asked for, and what is compared.

A page becomes *pieces* (folded words as people read them), and each piece an *atom* of the letters a-z, digits and `_` only, so that every
database cuts, sorts and compares it alike. What is known of a text stands beside its words as atoms that begin with `_`.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from .page import ACCOUNT, EMOJI, HASHTAG, LINK, SIGN, STOP, Page, fold

LONGEST: Final = 80
"""Characters of an atom: longer ones are cut off."""

_RUNS = re.compile(r"[^\W_](?:[^\W_]|[\u0300-\u036f\u0900-\u0dff\u0e00-\u0eff])*")
# Scripts written without spaces between words: each character is a piece, and a word of them a phrase.
ALONE = "\u0e01-\u0e5b\u0e81-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_ALONE_RUN = re.compile(f"[{ALONE}]|[^{ALONE}]+")
_SHADES = re.compile("[\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]")
_HOST = re.compile(r"(?:https?://)?(?:www\.)?(?:[^/?#@]*@)?([^/?#:]*)")
_PLAIN = re.compile("[a-z0-9]+")


@lru_cache(maxsize=1 << 16)
def runs(folded: str) -> tuple[str, ...]:
    """The pieces a folded token is cut into.

    >>> runs("cafe"), runs("l'"), runs("don't"), runs("col·laboracio"), runs("#taste_the_rain")
    (('cafe',), ('l',), ('don', 't'), ('collaboracio',), ('taste', 'the', 'rain'))
    """
    if folded.isascii() and folded.isalnum():
        return (folded.lower(),)
    folded = folded.replace("l·l", "ll").lower()  # letters of mathematics are capitals again once they are folded
    found = _RUNS.findall(folded)
    if folded.isascii():
        return tuple(found)
    return tuple(part for run in found for part in _ALONE_RUN.findall(run) if part[0].isalnum() or len(part) > 1)


def host(link: str) -> str:
    """The host of a link, folded, without `www`.

    >>> host("https://www.Example.com/coffee?x=1"), host("example.com")
    ('example.com', 'example.com')
    """
    found = _HOST.match(fold(link))
    return found[1].strip(".") if found else ""


@lru_cache(maxsize=1 << 12)
def emoji(token: str) -> str:
    """An emoji or emoticon without shades of skin and forms of printing, in lower case."""
    return _SHADES.sub("", token.lower().replace("’", "'")) or token


def pieces(page: Page) -> list[str]:
    """The words of a page in order. Punctuation is none, and does not stand between two words either; of links only the host is read."""
    found: list[str] = []
    for at, kind in enumerate(page.kinds):
        if kind == EMOJI:
            found.append(emoji(page.tokens[at]))
        elif kind == LINK:
            found += runs(host(page.tokens[at]))
        elif kind not in (SIGN, STOP):
            found += runs(page.folded[at])
    return found


@lru_cache(maxsize=1 << 16)
def atom(piece: str) -> str:
    """A piece in the letters of an index. Equal beginnings stay equal beginnings.

    >>> atom("cafe"), atom("Москва"[:2].lower()), atom(":)")
    ('cafe', '_0043c_0043e', '_0003a_00029')
    """
    if _PLAIN.fullmatch(piece):
        return piece[:LONGEST]
    return "".join(sign if "a" <= sign <= "z" or "0" <= sign <= "9" else f"_{ord(sign):05x}" for sign in piece)[:LONGEST]


@lru_cache(maxsize=1 << 15)
def fact(kind: str, value: str | int) -> str:
    """The atom of something known of a text: `fact("lg", "es")` is `_lg_es`."""
    return f"_{kind}_{atom(str(value))}"


def tags(page: Page) -> list[str]:
    """Its hashtags, folded, without the sign."""
    return ["".join(runs(page.folded[at])) for at, kind in enumerate(page.kinds) if kind == HASHTAG]


def accounts(page: Page) -> list[str]:
    """Accounts that are named in it, folded, without the sign; of `@ana@place.social` also `ana`."""
    found = [page.folded[at][1:].lower() for at, kind in enumerate(page.kinds) if kind == ACCOUNT]
    return [name for account in found for name in dict.fromkeys((account, account.partition("@")[0]))]


def hosts(page: Page) -> list[str]:
    """Hosts of its links, and the domains above them but the last."""
    return [each for at, kind in enumerate(page.kinds) if kind == LINK for each in above(host(page.tokens[at]))]


def above(name: str) -> Iterable[str]:
    """A host, and the domains above it but the last."""
    parts = name.split(".")
    return (".".join(parts[at:]) for at in range(max(len(parts) - 1, 1)))
