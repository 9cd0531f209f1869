"""Names of organisations: what is left without the legal form, and how two of them agree."""

from functools import lru_cache
from typing import NamedTuple

from rapidfuzz.distance import OSA

from vincle.identify.names.folding import fold

LEVELS = ("differs", "words", "similar", "without_form", "same")
"""differs. words: the telling words of one are among those of the other. similar: a spelling apart.
without_form: the same but for the legal form or small words. same: the same, legal form and all."""
# Folded, written together; a form of letters with dots ("S.C.C.L.") is the same letters.
_FORMS = frozenset(
    "sl slu sll slp sa sau sal sccl scp scoop scoopcl scl cb comunidaddebienes comunitatdebens srl srls spa snc sas sapa ss scarl scrl "
    "coop "
    "cooperativa onlus aps odv ets ltd limited plc llp lp llc inc incorporated corp corporation co company pllc pc pty ptyltd gmbh mbh "
    "ug ag kg "
    "kgaa ohg gbr ev eg se sarl eurl sasu sci bv nv vof cv bvba sprl asbl vzw ab hb kb as asa ans aps oy oyj ltda eireli me sarlau "
    "spzoo sro zrt "
    "kft bt doo dd ad ooo oao zao pao too aoe ike epe oe kk gk yk sdnbhd pte pteltd pvt pvtltd sab sabcv sapi sapicv srlcv scrlcv sad "
    "fundacio "
    "fundacion fondazione foundation associacio asociacion associazione association".split()
)
_SMALL = frozenset(
    "the el la els les los las il lo gli i le de del della dei di da do and y e et und of en a l d the group grup grupo gruppo".split()
)
# A word that says what kind of place it is, not which one.
_KINDS = frozenset(
    "cafe cafeteria bar restaurant restaurante ristorante pizzeria trattoria hotel hostal forn forno panaderia bakery fleca pastisseria "
    "pasteleria "
    "pasticceria llibreria libreria bookshop botiga tienda negozio shop store farmacia pharmacy clinica clinic dental taller garage "
    "escola escuela "
    "scuola school academia institut instituto istituto estudi estudio studio consulting consultoria services serveis servicios servizi "
    "solutions "
    "soluciones international internacional internazionale holding holdings global fundacio fundacion fondazione "
    "associacio asociacion".split()
)
_AND = frozenset("and und et y e i".split())
_LONGEST = 3


class Organisation(NamedTuple):
    """`words` in their order without form and small words; `forms` the legal forms, sorted."""

    words: tuple[str, ...]
    forms: tuple[str, ...]


@lru_cache(maxsize=1 << 16)
def read(name: str) -> Organisation:
    """A name parted from its legal form; a name of nothing else is kept whole.

    >>> read("Cafè Lligam, S.C.C.L."), read("The Coffee Company Ltd")
    (Organisation(words=('cafe', 'lligam'), forms=('sccl',)), Organisation(words=('coffee',), forms=('company', 'ltd')))
    """
    words = fold(name.replace("&", " and ")).split()
    forms: list[str] = []
    while len(words) > 1:
        size = _form_at_end(words)
        if not size:
            break
        forms.append("".join(words[-size:]))
        words = words[:-size]
        if len(words) > 1 and words[-1] in _AND:
            words = words[:-1]
    telling = tuple(word for word in words if word not in _SMALL) or tuple(words)
    return Organisation(telling, tuple(sorted(forms)))


def _form_at_end(words: list[str]) -> int:
    """How many words at the end are one legal form: "s c c l" is four of one letter, "pty ltd" two."""
    letters = 0
    while letters < len(words) - 1 and len(words[-letters - 1]) == 1:
        letters += 1
    sizes: list[int] = [*range(letters, 1, -1), *range(min(_LONGEST, len(words) - 1), 0, -1)]
    for size in sizes:
        if "".join(words[-size:]) in _FORMS:
            return size
    return 0


@lru_cache(maxsize=1 << 17)
def compare(a: Organisation, b: Organisation) -> str:
    """How two names agree, a word of LEVELS. Symmetric.

    >>> compare(read("Cafè Lligam SCCL"), read("Lligam")), compare(read("Forn Mas SL"), read("Forn Mas, S.L.U."))
    ('words', 'without_form')
    """
    one, other = "".join(a.words), "".join(b.words)
    if not one or not other:
        return "differs"
    if one == other or sorted(a.words) == sorted(b.words):
        return "same" if a.forms == b.forms and one == other else "without_form"
    if min(len(one), len(other)) > 4 and OSA.distance(one, other) <= (1 if min(len(one), len(other)) < 9 else 2):
        return "similar"
    telling_a, telling_b = set(a.words) - _KINDS, set(b.words) - _KINDS
    few, many = sorted((telling_a, telling_b), key=len)
    if few and few <= many and max(map(len, few)) > 2:
        return "words"
    return "words" if _acronym(a.words) == other or _acronym(b.words) == one else "differs"


def _acronym(words: tuple[str, ...]) -> str:
    return "".join(word[0] for word in words) if len(words) > 2 else ""
