"""Whether a machine filled a form in: told by what people never do, without asking anybody a riddle. Pure.

Some signs are enough by themselves (a field nobody sees is filled in); others only together. What is marked, such as an address that
receives no mail, is no spam: it is shown to the team.
"""

import re
from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from .answers import Given
from .domains import THROWN_AWAY

QUICKEST = 2.0
"""Seconds below which nobody has read and filled in a form."""

ENOUGH = 1.0
WEIGHTS: Final[Mapping[str, float]] = {
    "trap": 1.0, "too_quick": 1.0, "link_in_name": 1.0, "markup": 0.7, "links": 0.6, "many_links": 1.0, "same_again": 0.7, "machine": 0.6,
    "foreign_script": 0.3, "shouting": 0.2, "thrown_away": 0.3, "no_mail": 0.3,
}  # fmt: skip
_LINK: Final = re.compile(r"https?://|www\.|\[url|<a\s", re.IGNORECASE)
_MARKUP: Final = re.compile(r"<a\s+href|\[url=|\[link=|</?script", re.IGNORECASE)
_CYRILLIC: Final = re.compile(r"[\u0400-\u04ff\u4e00-\u9fff]")


class Signs(Struct):
    """What is known of how it was sent. `seconds` None: it cannot be told."""

    trap: str = ""
    seconds: float | None = None
    is_machine: bool = False
    is_repeated: bool = False
    gets_mail: bool | None = None
    language: str = ""


class Judged(Struct, frozen=True):
    """`reasons`: codes, strongest first; `is_spam` when they weigh enough together."""

    is_spam: bool
    reasons: tuple[str, ...] = ()


def judge(given: Given, signs: Signs) -> Judged:
    """What speaks for a machine, and whether it is enough.

    >>> judge(Given(name="Ana"), Signs(seconds=20)), judge(Given(name="Ana"), Signs(trap="http://x"))
    (Judged(is_spam=False, reasons=()), Judged(is_spam=True, reasons=('trap',)))
    """
    found = _of_sending(signs) | _of_words(given, signs.language)
    if (domain := given.email.rpartition("@")[2]) and is_thrown_away(domain):
        found.add("thrown_away")
    ordered = tuple(sorted(found, key=lambda code: (-WEIGHTS[code], code)))
    return Judged(round(sum(WEIGHTS[code] for code in ordered), 6) >= ENOUGH, ordered)


def _of_sending(signs: Signs) -> set[str]:
    told = {
        "trap": bool(signs.trap), "too_quick": signs.seconds is not None and signs.seconds < QUICKEST, "machine": signs.is_machine,
        "same_again": signs.is_repeated, "no_mail": signs.gets_mail is False,
    }  # fmt: skip
    return {code for code, is_so in told.items() if is_so}


def _of_words(given: Given, language: str) -> set[str]:
    lines = [given.name, *(str(value) for value in given.traits.values() if isinstance(value, str))]
    words = "\n".join([given.message, *lines])
    links = len(_LINK.findall(given.message))
    found = set()
    if _LINK.search(given.name) or _LINK.search(str(given.traits.get("company", ""))):
        found.add("link_in_name")
    if _MARKUP.search(words):
        found.add("markup")
    if links:
        found.add("many_links" if links > 3 else "links" if links > 1 else "")
    if language in ("en", "es", "it", "ca") and len(_CYRILLIC.findall(given.message)) > len(given.message) * 0.3 > 3:
        found.add("foreign_script")
    letters = [sign for sign in given.message if sign.isalpha()]
    if len(letters) > 40 and sum(sign.isupper() for sign in letters) > len(letters) * 0.7:
        found.add("shouting")
    return found - {""}


def is_thrown_away(domain: str) -> bool:
    """Whether addresses of this domain (or of one above it) last minutes.

    >>> is_thrown_away("mailinator.com"), is_thrown_away("x.mailinator.com"), is_thrown_away("gmail.com")
    (True, True, False)
    """
    labels = domain.lower().split(".")
    return any(".".join(labels[place:]) in THROWN_AWAY for place in range(len(labels) - 1))
