"""User names and local parts of addresses: what is left of them without decoration, and how they are made from a person's name."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz.distance import OSA

from vincle.identify.names.decoration import DECORATION, ROLES
from vincle.identify.names.folding import fold
from vincle.identify.names.nicknames import are_nicknames, is_first_name, likely_roots, roots
from vincle.identify.names.people import PersonName

LEVELS = ("differs", "similar", "stem", "same")
"""differs. similar: a letter apart, one begins with the other, or the same but too common or short to tell one person.
stem: the same without case, separators, digits and decoration, in any order. same: the same but for case and separators."""
FITS = ("no", "part", "initial", "full")
"""no. part: only the given or only the family name. initial: one and the initial of the other. full: both, or a short form of one."""
_LEET = str.maketrans("0134578", "oieastb")
_LEET_RUN = re.compile(r"(?<![0-9])[013457]{1,2}(?=[A-Za-z])")
_TOKENS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_DIGITS = re.compile(r"[0-9]+")
_PREFIXES = ("thereal", "itsme", "iam", "the", "real", "soy", "its", "xx", "mr", "mrs", "hola", "hey")
_SUFFIXES = (
    "photography photographer fotografia fotografo fotografa official oficial ufficiale officiel photos fotos photo foto coaching coach "
    "design studio "
    "estudi coffee barcelona music travel writes writer books blog arts art bcn cat esp ita dev yoga food chef real tv xx xo"
).split()
_PARTICLES = frozenset("de la del di da van von der dos el i y e".split())
_LEAST, _WEAK = 4, 5
_MADE_OF = 24


def local(username: str) -> str:
    """A user name or address without its "@" and its server: "@anna@social.example" is "anna", "anna+shop@example.org" too."""
    return username.strip().lstrip("@").partition("@")[0].partition("+")[0]


@lru_cache(maxsize=1 << 16)
def tokens(username: str) -> tuple[str, ...]:
    """Lower-case words and numbers of a user name, parted by separators, digits and capitals.

    >>> tokens("AnnaPuig_87"), tokens("4nnapu1g")
    (('anna', 'puig', '87'), ('annapuig',))
    """
    text = local(username)
    if not text.isascii():
        text = fold(text)
    if sum(letter.islower() for letter in text) < 2:
        text = text.lower()
    found: list[str] = []
    for part in re.split(r"[^A-Za-z0-9]+", text):
        found += _TOKENS.findall(_plain_letters(part))
    return tuple(word.lower() for word in found)


def _plain_letters(part: str) -> str:
    """Digits written for letters, where letters follow and the whole has enough of them."""
    if sum(letter.isalpha() for letter in part) < 3:
        return part
    return _LEET_RUN.sub(lambda run: run.group().translate(_LEET), part)


@lru_cache(maxsize=1 << 16)
def skeleton(username: str) -> str:
    """The letters of a user name without decoration, digits and separators; all of it where nothing of a name would remain.

    >>> skeleton("the_real.AnnaPuig87"), skeleton("annapuig.bcn"), skeleton("4nnapu1g"), skeleton("coffee")
    ('annapuig', 'annapuig', 'annapuig', 'coffee')
    """
    return "".join(_kept(username)) or "".join(tokens(username))


@lru_cache(maxsize=1 << 16)
def _kept(username: str) -> tuple[str, ...]:
    words = [word for word in tokens(username) if not word.isdigit()]
    bare = [word for word in words if word not in DECORATION]
    if sum(map(len, bare)) < 3:
        bare = words
    if len(bare) == 1:
        bare = [_unglued(bare[0])]
    return tuple(bare)


def _unglued(word: str) -> str:
    if is_first_name(word):
        return word
    for prefix in _PREFIXES:
        if word.startswith(prefix) and len(word) - len(prefix) >= _LEAST + 1:
            word = word.removeprefix(prefix)
            break
    for suffix in _SUFFIXES:
        rest = word.removesuffix(suffix)
        if rest != word and len(rest) >= _LEAST and (len(suffix) > 3 or len(rest) > _LEAST):
            return rest
    return word


def numbers(username: str) -> str:
    """The digits that are left as digits: a year, a house number, one of many of that name."""
    return "".join(word for word in tokens(username) if word.isdigit())


@lru_cache(maxsize=1 << 16)
def is_weak(username: str) -> bool:
    """Whether many people may have it: a first name, a role, something short."""
    bare = skeleton(username)
    return len(bare) < _WEAK or bare.isdigit() or bare in ROLES or bare in DECORATION or is_first_name(bare)


def is_role(address: str) -> bool:
    """Whether a local part belongs to a role ("info", "sales-bcn"), not to one person."""
    words = [word for word in tokens(address) if not word.isdigit()]
    return bool(words) and words[0] in ROLES


@lru_cache(maxsize=1 << 17)
def compare(a: str, b: str) -> str:
    """How two user names, perhaps of two networks, agree: a word of LEVELS. Symmetric.

    >>> compare("AnnaPuig", "anna_puig"), compare("annapuig.photo", "puig_anna"), compare("anna", "anna"), compare("apuig87", "apuig91")
    ('same', 'stem', 'similar', 'similar')
    """
    one, other = _form(a), _form(b)
    if not one.whole or not other.whole:
        return "differs"
    if one.whole == other.whole:
        is_common = one.is_weak and not (len(one.digits) > 1 and len(one.whole) > _WEAK)
        return "similar" if is_common else "same"
    if one.bare == other.bare or one.bare == other.backwards or one.backwards == other.bare:
        if one.is_weak:
            return "differs"
        return "similar" if one.digits and other.digits and one.digits != other.digits else "stem"
    return "similar" if _near(one, other) else "differs"


class _Form(NamedTuple):
    whole: str
    bare: str
    backwards: str
    digits: str
    is_weak: bool
    is_first_name: bool


@lru_cache(maxsize=1 << 16)
def _form(username: str) -> _Form:
    whole, bare = fold(local(username)).replace(" ", ""), skeleton(username)
    return _Form(whole, bare, _backwards(username), numbers(username), is_weak(username), is_first_name(bare))


def _backwards(username: str) -> str:
    return "".join(reversed(_kept(username)))


def _near(one: _Form, other: _Form) -> bool:
    short, long = (one, other) if (len(one.bare), one.bare) <= (len(other.bare), other.bare) else (other, one)
    size = len(short.bare)
    if size < _WEAK + 1 or short.is_first_name:
        return False
    if size > _WEAK + 2 and long.bare.startswith(short.bare):
        return True
    most = 1 + (size > 11)
    return len(long.bare) - size <= most and OSA.distance(short.bare, long.bare, score_cutoff=most) <= most


def fits(username: str, name: PersonName) -> str:
    """How a user name or the local part of an address is made from a name: a word of FITS.

    >>> from vincle.identify.names.people import read
    >>> [fits(text, read("Montserrat Vilaró")) for text in ("montse.vilaro", "mvilaro", "vilaro_87", "coffee")]
    ['full', 'initial', 'part', 'no']
    """
    may = may_hold(username, name.given, name.family)
    return _made(username, name) if may else "no"


def may_hold(username: str, given: tuple[str, ...], family: tuple[str, ...]) -> bool:
    """Whether any of these words, or a short form of a given one, is somewhere in a user name. Quick."""
    whole, within = _first_names_within(username)
    if not 3 <= len(whole) <= _MADE_OF:
        return False
    return any(len(word) > 1 and word in whole for word in family + given) or not within.isdisjoint(_roots_of(given))


@lru_cache(maxsize=1 << 16)
def _first_names_within(username: str) -> tuple[str, frozenset[str]]:
    """The letters of a user name, and what first names anywhere in it may stand for."""
    words = _kept(username)
    whole = "".join(words)
    texts = {whole, "".join(reversed(words))} if len(whole) <= _MADE_OF else set()
    pieces = {text[at:end] for text in texts for at in range(len(text)) for end in range(at + 2 + (at > 0), min(at + 11, len(text)) + 1)}
    return whole, frozenset().union(*(roots(piece) for piece in pieces if is_first_name(piece)))


@lru_cache(maxsize=1 << 15)
def _roots_of(given: tuple[str, ...]) -> frozenset[str]:
    return frozenset().union(*(roots(word) for word in _spelled(given) if len(word) > 1))


@lru_cache(maxsize=1 << 16)
def _made(username: str, name: PersonName) -> str:
    words = _kept(username)
    whole = "".join(words)
    given, family = _spelled(name.given), _spelled(name.family)
    found = max(_best(whole, given, family, ""), _best("".join(reversed(words)), given, family, "") if len(words) > 1 else 0)
    if not found and len(words) > 1:
        parts = {_best(word, given, family, "") and _side(word, given) for word in words}
        found = 3 if {"G", "F"} <= parts else 1 if parts & {"G", "F"} else 0
    return FITS[found]


def _spelled(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words of a name, and all of them written together; initials are kept."""
    full = "".join(word for word in words if len(word) > 1)
    return (*words, full) if full and full not in words else words


def _side(word: str, given: tuple[str, ...]) -> str:
    return "G" if any(are_nicknames(word, each) for each in given) else "F" if len(word) > 2 else ""


def _best(rest: str, given: tuple[str, ...], family: tuple[str, ...], seen: str) -> int:
    """How much of the name is in `rest`, when all of it is words, initials and particles of the name; 0 when something else is there."""
    if not rest:
        return _worth(seen)
    if len(seen) > 5:
        return 0
    return max((_best(rest[size:], given, family, seen + kind) for kind, size in _beginnings(rest, given, family, seen)), default=0)


def _worth(seen: str) -> int:
    if "G" in seen and "F" in seen:
        return 3
    if ("F" in seen and "g" in seen) or ("G" in seen and "f" in seen):
        return 2
    return 1 if "G" in seen or "F" in seen else 0


def _beginnings(rest: str, given: tuple[str, ...], family: tuple[str, ...], seen: str) -> Iterator[tuple[str, int]]:
    """(what it is, letters) of each thing of the name that `rest` may begin with: G, F a word; g, f an initial; p a particle."""
    for word in given:
        if len(word) > 1 and rest.startswith(word):
            yield "G", len(word)
        if word[0] == rest[0] and seen.count("g") < 2 and "G" not in seen:
            yield "g", 1
    for word in family:
        if len(word) > 2 and rest.startswith(word):
            yield "F", len(word)
        if word[0] == rest[0] and seen.count("f") < 2:
            yield "f", 1
    if "G" not in seen:
        for size in range(3 if seen else 2, min(len(rest), 10) + 1):
            short = rest[:size]
            if is_first_name(short) and short not in given and any(are_nicknames(short, word) for word in given):
                yield "G", size
    if seen.count("p") < 2:
        yield from (("p", size) for size in (1, 2, 3) if rest[:size] in _PARTICLES)


def keys_of_name(name: PersonName) -> list[str]:
    """Keys under which a name meets the user names that may be made of it (`keys_of_user`): "joseph|garcia", "j|garcia", "joseph|g"."""
    found: dict[str, None] = {}
    initials = "".join(word[0] for word in name.given)
    for last in _spelled(name.family):
        found |= dict.fromkeys((f"{initials}|{last}", f"{initials[:1]}|{last}"))
        for first in _spelled(name.given):
            for root in likely_roots(first):
                found |= dict.fromkeys((f"{root}|{last}", f"{root}|{last[0]}"))
    return list(found)


@lru_cache(maxsize=1 << 14)
def keys_of_user(username: str) -> tuple[str, ...]:
    """Keys under which a user name meets the names it may be made of: of each way to cut it in first name (or initials) and family name."""
    words = _kept(username)
    found: dict[str, None] = {}
    for whole in dict.fromkeys(("".join(words), "".join(reversed(words)))):
        if 4 <= len(whole) <= _MADE_OF:
            for at in range(1, len(whole)):
                found |= dict.fromkeys(_keys(whole[:at], whole[at:], words) + _keys(whole[at:], whole[:at], words))
    return tuple(found)


def reads_as_name(username: str, families: frozenset[str]) -> bool:
    """Whether a user name is a first name, or initials, with one of these family names or the initial of one: namesakes take the same.

    >>> [reads_as_name(text, frozenset(["puig"])) for text in ("the_annapuig", "puig.anna", "apuig", "annap", "annawolf", "coffeewolf")]
    [True, True, True, True, False, False]
    """
    cuts = (key.partition("|") for key in keys_of_user(username))
    return any(last in families or (len(last) == 1 and len(first) > 2) for first, _, last in cuts)


def _keys(first: str, last: str, words: tuple[str, ...]) -> list[str]:
    plain = [f"{first}|{last}", f"{first[0]}|{last}"][: len(first)] if len(first) < 3 < len(last) + 1 else []
    is_name = is_first_name(first) or first in words
    if len(first) > 1 and is_name and len(last) != 2:
        plain += [f"{root}|{last}" for root in likely_roots(first)]
    return plain
