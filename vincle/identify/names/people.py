"""People's names: read into given and family names, and compared as two texts of different order, length and custom."""

import re
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz.distance import OSA

from vincle.identify.names.decoration import DECORATION
from vincle.identify.names.folding import consonants, fold
from vincle.identify.names.nicknames import are_nicknames, is_first_name, is_formal

LEVELS = ("differs", "family", "initial", "similar", "nickname", "swapped", "one_surname", "same")
"""How two names agree, weakest first.

differs: nothing in common that counts. family: a family name in common, and given names (or the other surname) that differ.
initial: nothing contradicts, but one side says little: an initial, or only one name. similar: a spelling apart.
nickname: the family name, and given names that may be one. swapped: the same words in another order.
one_surname: all words of one are in the other, a given and a family name among them. same: the same words in the same order.
"""
_TITLES = frozenset(
    "dr dra mr mrs ms miss mx sr sra srta sig sigra signor signora prof profa professor professora professoressa profssa don dona dna "
    "dn ing arch avv "
    "dott dottssa dottoressa dottor lic licda ldo lda illm excm sir dame lord lady rev mn mossen hon capt herr frau mme mlle monsieur "
    "madame "
    "senor senora senyor senyora fra sor padre pare geom rag cav comm on onle hble".split()
)
_SUFFIXES = frozenset("jr sr ii iii iv phd md mba esq cpa msc bsc ma dds rn pmp junior filho neto".split())
_PARTICLES = frozenset(
    "de la las los le del dels della delle dello dei degli dal dalla d di da do dos das van der den ter ten von zu zur zum und af av "
    "bin ibn bint "
    "ben abu al el y i e et of the".split()
)
_AND = frozenset("y i e et und".split())
_GLUED = frozenset("mc mac dell dall nell".split())
_ABBREVIATED = {"ma": "maria", "fco": "francisco", "fca": "francisca", "jse": "jose", "mtro": "", "gpe": "guadalupe", "wm": "william"}
# Words after "Maria del ..." that are still given names.
_DEVOTIONS = frozenset(
    "carmen carme mar pilar rosario roser dolores dolors angeles angels mercedes merce luz llum paz pau nieves neus montserrat rocio "
    "remedios remei "
    "consuelo consol sol valle lourdes esperanza milagro milagros socorro amparo concepcion concepcio".split()
)
# First names that stand as a surname at least as often where a second word is read.
_SURNAMES_TOO = frozenset(
    "marti martin vidal alonso pascual pasqual bernat gil simon simo benet miro ferran roger arnau climent clement pons oliver oriol "
    "guillen blasco "
    "lucas tomas thomas lewis james george jack mitchell harvey allen howard nelson russell scott stewart stuart walter wallace "
    "marshall felix nicolau "
    "mateu andreu andres lorenzo llorenc santiago santos franco leon salvador ventura german bruno gaspar sebastian ventura romano "
    "bernardo grau roca "
    "costa marino mariano martino orlando vitale natale leone silvestre morris norman gordon douglas kent lloyd spencer "
    "wilson taylor".split()
)
_ASIDE = re.compile(r"\([^)]*\)|\[[^\]]*\]|\{[^}]*\}|https?://\S+|#\w+")
_CUT = re.compile(r"\s*[|•‣»«~★☆✦✨]+\s*|\s+[-–—/\\:@·+]+\s+|\s@\w+.*")
_INITIALS = re.compile(r"(?:[^\W\d_]\.-?)+[^\W\d_]?\.?")


class PersonName(NamedTuple):
    """A name in folded words, without titles and particles; an initial is one letter. `all`: the words of both, initials included."""

    given: tuple[str, ...]
    family: tuple[str, ...]
    all: frozenset[str]


@lru_cache(maxsize=1 << 16)
def read(name: str = "", given: str = "", family: str = "", middle: str = "") -> PersonName:
    """A name from one text, or from its parts where they are known (they win over the text).

    >>> read("Dra. García López, Ana María")[:2], read("Anna Puig i Ferrer | coach")[:2]
    ((('ana', 'maria'), ('garcia', 'lopez')), (('anna',), ('puig', 'ferrer')))
    """
    if given or family or middle:
        firsts = _plain(_words(given, is_family=False)) + _plain(_words(middle, is_family=False))
        return _made(firsts, _plain(_words(family, is_family=True)))
    text = _undecorated(name)
    before, comma, after = text.partition(",")
    if comma and not _is_suffix(after):
        return _made(_plain(_words(after, is_family=False)), _plain(_words(before, is_family=True)))
    return _made(*_parted(_words(before, is_family=False), _capitals(before)))


def _made(given: list[str], family: list[str]) -> PersonName:
    return PersonName(tuple(given), tuple(family), frozenset(given) | frozenset(family))


def _undecorated(text: str) -> str:
    """Without what display names carry besides the name: brackets, links, what follows a bar or a dash."""
    bare = _ASIDE.sub(" ", text)
    pieces = [piece for piece in _CUT.split(bare) if fold(piece)]
    return pieces[0] if pieces else text


def _is_suffix(text: str) -> bool:
    return all(word.replace(".", "") in _SUFFIXES | _TITLES for word in text.lower().replace(",", " ").split())


def _words(text: str, *, is_family: bool) -> list[str]:
    """Folded words, particles still among them; titles, numbers and decorations are left out where a name remains."""
    found: list[str] = []
    for raw in text.replace("ª", "a ").replace("º", "o ").split():
        if _INITIALS.fullmatch(raw):
            found += [letter + "." for letter in fold(raw.replace(".", " ")).replace(" ", "")]
            continue
        dotted = fold(raw.replace(".", "")) if raw.count(".") and len(raw) < 12 else ""
        if dotted in _TITLES or dotted in _SUFFIXES or dotted in _ABBREVIATED:
            found.append(dotted + "." if dotted in _ABBREVIATED else dotted)
        else:
            found += fold(raw).split()
    found = [_ABBREVIATED[word[:-1]] if word[:-1] in _ABBREVIATED and word.endswith(".") else word for word in found]
    if found and not is_family and found[0] == "ma" and len(found) > 1:
        found[0] = "maria"
    return _without_titles(_glued([word for word in found if word and not word.isdigit()]))


def _without_titles(words: list[str]) -> list[str]:
    while len(words) > 1 and words[0] in _TITLES and (words[0] != "don" or len(words) > 2):
        words = words[1:]
    while len(words) > 2 and words[-1] in _SUFFIXES | {"sr"}:
        words = words[:-1]
    bare = [word for word in words if word not in DECORATION]
    return bare if len(bare) > 1 or (bare and len(words) < 3) else words


def _glued(words: list[str]) -> list[str]:
    """ "Mc Donald" and "Dell Orto" as they are written in one word."""
    found: list[str] = []
    for word in words:
        if found and found[-1] in _GLUED:
            found[-1] += word
        else:
            found.append(word)
    return found


def _plain(words: list[str]) -> list[str]:
    """Words without particles (unless nothing else is there); initials without their dot."""
    return [word.rstrip(".") for word in words if word not in _PARTICLES] or [word.rstrip(".") for word in words]


def _capitals(text: str) -> frozenset[str]:
    """Words written in capitals among words that are not: "PUIG Anna" says which is the family name."""
    words = text.split()
    high = [word for word in words if len(word) > 2 and word.isupper() and "." not in word]
    is_told = high and any(word[:1].isupper() and not word.isupper() for word in words)
    return frozenset(part for word in high for part in fold(word).split()) if is_told else frozenset()


def _parted(words: list[str], capitals: frozenset[str]) -> tuple[list[str], list[str]]:
    """Where the family name begins in words without a comma: after the first, or where a particle or no first name stands."""
    if capitals and not all(word in capitals for word in words):
        return _plain([word for word in words if word not in capitals]), [
            word for word in words if word in capitals and word not in _PARTICLES
        ]
    at = 1
    while at < len(words) and _is_given(words, at):
        at += 1
    while at < len(words) and words[at - 1] in _PARTICLES and at > 1:
        at -= 1
    if at >= len(words) > 1:
        at = len(words) - 1
    given, family = words[:at], words[at:]
    return _plain(given), [word.rstrip(".") for word in family if word not in _PARTICLES]


def _is_given(words: list[str], at: int) -> bool:
    word, is_last = words[at], at == len(words) - 1
    if word in _PARTICLES:
        after = next((later for later in words[at:] if later not in _PARTICLES), "")
        return word not in _AND and after in _DEVOTIONS and words[0] in {"maria", "mari", "rosa"} and after != words[-1]
    if is_last:
        return False
    if len(word.rstrip(".")) == 1:
        return True
    return is_first_name(word) and word not in _SURNAMES_TOO


@lru_cache(maxsize=1 << 17)
def compare(a: PersonName, b: PersonName) -> str:
    """How two names agree, a word of LEVELS. Symmetric. A name of initials alone is never more than `initial`.

    >>> compare(read("Montse Vilaró"), read("VILARÓ, Montserrat")), compare(read("Anna Puig"), read("Puig Anna"))
    ('nickname', 'swapped')
    """
    if b < a:
        a, b = b, a
    straight = _TABLE[_given(a.given, b.given)][_family(a.family, b.family)]
    if straight in {"same", "one_surname", "nickname", "similar"}:
        return straight
    full_a, full_b = _full(a.given + a.family), _full(b.given + b.family)
    if _is_rotated(a, b):
        return "swapped"
    words_a, words_b = set(full_a), set(full_b)
    if min(len(words_a), len(words_b)) < 2 or (a.all - b.all and b.all - a.all):
        return straight
    if words_a <= words_b or words_b <= words_a:
        if full_a[0] == full_b[0]:
            return "swapped" if words_a == words_b and full_a != full_b else "one_surname"
        return "swapped" if full_a[0] == full_b[-1] or full_b[0] == full_a[-1] else straight
    return straight


def _full(words: tuple[str, ...]) -> list[str]:
    return [word for word in words if len(word) > 1]


def _is_rotated(a: PersonName, b: PersonName) -> bool:
    words_a, words_b = a.given + a.family, b.given + b.family
    whole_a, whole_b = "".join(words_a), "".join(words_b)
    if len(whole_a) != len(whole_b) or max(len(words_a), len(words_b)) < 2 or sorted(whole_a) != sorted(whole_b):
        return False
    return any(
        "".join(words[at:] + words[:at]) == whole
        for words, whole in ((words_a, whole_b), (words_b, whole_a))
        for at in range(1, len(words))
    )


def _given(a: tuple[str, ...], b: tuple[str, ...]) -> str:
    if not a or not b:
        return "none"
    full_a, full_b = _full(a), _full(b)
    if not full_a or not full_b or full_a[0] != a[0] or full_b[0] != b[0]:
        return "initial" if all(_agree(x, y) for x, y in zip(a, b, strict=False)) else "differs"
    if "".join(a) == "".join(b):
        return "same"
    if a[0] == b[0]:
        return "part" if all(_agree(x, y) for x, y in zip(a, b, strict=False)) else "differs"
    if set(full_a) == set(full_b):
        return "differs"  # José María and María José are two names
    if set(full_a) <= set(full_b) or set(full_b) <= set(full_a):
        return "part"
    if _may_be_one(full_a, full_b):
        return "nickname"
    return "similar" if _alike("".join(full_a), "".join(full_b)) and not (is_formal(a[0]) and is_formal(b[0])) else "differs"


def _agree(x: str, y: str) -> bool:
    return x == y or (min(len(x), len(y)) == 1 and x[0] == y[0])


def _may_be_one(a: list[str], b: list[str]) -> bool:
    if are_nicknames("".join(a), "".join(b)) or are_nicknames(a[0], b[0]):
        return True
    return (len(a) == 1 or len(b) == 1) and any(are_nicknames(x, y) for x in a for y in b)


def _alike(a: str, b: str) -> bool:
    short = min(len(a), len(b))
    if short < 4:
        return False
    if OSA.distance(a, b) <= (1 if short < 7 else 2):
        return True
    skeletons = consonants(a), consonants(b)
    return skeletons[0] == skeletons[1] and len(skeletons[0]) > 2 and (a == skeletons[0] or b == skeletons[1])


def _family(a: tuple[str, ...], b: tuple[str, ...]) -> str:
    if not a or not b:
        return "none" if a != b else "neither"
    full_a, full_b = set(_full(a)), set(_full(b))
    if not full_a or not full_b:
        return "initial" if _agree(a[0], b[0]) else "differs"
    if "".join(a) == "".join(b):
        return "same"
    if full_a <= full_b or full_b <= full_a:
        return "part" if full_a != full_b else "overlap"
    few, many = sorted((full_a, full_b), key=lambda words: (len(words), sorted(words)))
    if all(any(x == y or _alike(x, y) for y in many) for x in few) or (len(a) != len(b) and _alike("".join(a), "".join(b))):
        return "similar"
    return "overlap" if full_a & full_b else "differs"


_FAMILY = ("same", "part", "similar", "overlap", "initial", "none", "neither", "differs")


def _row(*levels: str) -> dict[str, str]:
    return dict(zip(_FAMILY, (*levels, "differs"), strict=True))


_TABLE = {
    "same": _row("same", "one_surname", "similar", "family", "initial", "initial", "same"),
    "part": _row("one_surname", "one_surname", "similar", "family", "initial", "initial", "initial"),
    "nickname": _row("nickname", "nickname", "similar", "family", "initial", "differs", "initial"),
    "similar": _row("similar", "similar", "similar", "family", "differs", "differs", "differs"),
    "initial": _row("initial", "initial", "family", "family", "differs", "differs", "differs"),
    "none": _row("initial", "initial", "differs", "differs", "differs", "differs", "differs"),
    "differs": _row("family", "family", "differs", "differs", "differs", "differs", "differs"),
}
