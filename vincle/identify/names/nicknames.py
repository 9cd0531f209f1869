"""Short and pet names in English, Spanish, Italian and Catalan, and first names that are one name in several languages.

The lists stand beside this file (`nicknames_<language>.txt`: formal names, a colon, short names; `equivalents.txt`: one name a line).
A short name may stand for several formal ones (Ció: Concepció, Assumpció): that two names *may* be one never joins people by itself.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

from vincle.identify.names.folding import joined

LANGUAGES = ("en", "es", "it", "ca")
_NOTHING: frozenset[str] = frozenset()
_FEW = 4
_ENGLISH_ENDING = re.compile(r"(?<=..)(?:ey|ie|ee|ye|y|i|e)$")
_DIMINUTIVE = re.compile(r"(?<=...)(?:it[oa]|ill[oa]|in[oa]?|ic[oa]|ett?[oa]?|ucci[oa]|uzz[oa]|ell[oa]|ona|on|ot|o|iu|eta)$")
_HARD = (("qu", "c"), ("gu", "g"), ("c", "z"))


class _Known(NamedTuple):
    own: dict[str, frozenset[str]]  # formal name -> groups it is a form of
    short: dict[str, frozenset[str]]  # short name -> groups it may stand for
    loose: dict[str, frozenset[str]]  # English short name with any of its endings


def _lines(file: str) -> Iterator[str]:
    text = files("vincle.identify.names").joinpath(file).read_text(encoding="utf-8")
    return (line for line in text.splitlines() if line.strip() and not line.startswith("#"))


def _add(table: dict[str, frozenset[str]], name: str, groups: frozenset[str]) -> None:
    table[name] = table.get(name, _NOTHING) | groups


@cache
def _known() -> _Known:
    own: dict[str, frozenset[str]] = {}
    for line in _lines("equivalents.txt"):
        names = [joined(name) for name in line.split()]
        for name in names:
            _add(own, name, frozenset((names[0],)))
    short: dict[str, frozenset[str]] = {}
    loose: dict[str, frozenset[str]] = {}
    for language in LANGUAGES:
        for line in _lines(f"nicknames_{language}.txt"):
            formal, _, nicks = line.partition(":")
            names = [joined(name) for name in formal.split()]
            for name in names:
                if name not in own:
                    own[name] = own.get(names[0]) or frozenset((names[0],))
            groups = frozenset().union(*(own[name] for name in names))
            for nick in map(joined, nicks.split()):
                _add(short, nick, groups)
                if language == "en" and _ENGLISH_ENDING.search(nick):
                    _add(loose, _ENGLISH_ENDING.sub("", nick), groups)
    return _Known(own, short, loose)


def _stems(token: str) -> Iterator[str]:
    """What a regular diminutive may be made of: quimet -> quim, paquito -> paco, jaumet -> jaume."""
    found = _DIMINUTIVE.search(token)
    if found is None:
        return
    stem = token[: found.start()]
    for cut in (stem, *(stem[: -len(hard)] + plain for hard, plain in _HARD if stem.endswith(hard))):
        yield from (cut + ending for ending in ("", "a", "e", "o", "i"))


@lru_cache(maxsize=1 << 16)
def own_and_short(token: str) -> tuple[frozenset[str], frozenset[str]]:
    """Groups that the folded word is a form of, and groups it may be short for; both empty for a name not in the lists."""
    known = _known()
    own, short = known.own.get(token, _NOTHING), known.short.get(token, _NOTHING)
    if not own and (found := _ENGLISH_ENDING.search(token)):
        short |= known.loose.get(token[: found.start()], _NOTHING)
    if not own and not short:
        for stem in _stems(token):
            short |= known.own.get(stem, _NOTHING) | known.short.get(stem, _NOTHING)
    return own, short


def roots(token: str) -> frozenset[str]:
    """The first names (one id for all languages) that `token`, one folded word, is or may be short for; a name not known is its own.

    >>> sorted(roots("pepe")), sorted(roots("josep")), sorted(roots("zzyzx"))
    (['joseph'], ['joseph'], ['zzyzx'])
    """
    own, short = own_and_short(token)
    return own | short or frozenset((token,))


@lru_cache(maxsize=1 << 16)
def likely_roots(token: str) -> frozenset[str]:
    """`roots` for finding candidates: a formal name that is also short for many others stands for itself alone."""
    own, short = own_and_short(token)
    return own if own and len(own | short) > _FEW else roots(token)


def is_first_name(token: str) -> bool:
    """Whether the folded word stands in the lists, as a formal or a short name."""
    known = _known()
    return token in known.own or token in known.short


def is_formal(token: str) -> bool:
    """Whether the folded word stands in the lists as a formal name, so that one letter more or less makes another name (Maria, Mario)."""
    return token in _known().own


@lru_cache(maxsize=1 << 17)
def are_nicknames(a: str, b: str) -> bool:
    """Whether two folded first names may be one name: short for long, two short ones, or two languages. Symmetric.

    Two formal names that only share a short form are two names (Alberto and Umberto, both Berto).

    >>> are_nicknames("paco", "francesc"), are_nicknames("beppe", "pepe"), are_nicknames("alberto", "umberto")
    (True, True, False)
    """
    if a == b:
        return True
    own_a, short_a = own_and_short(a)
    own_b, short_b = own_and_short(b)
    if own_a & own_b or own_a & short_b or short_a & own_b:
        return True
    return not own_a and not own_b and bool(short_a & short_b)
