"""Evidence in the reader's language: the sentences stand in `linkage/words.py`.

A code is what a matcher's `say` gives; its values are texts as the sources wrote them ("left", "right", "field", ...).
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext, pgettext

from vincle.identify.linkage.words import FIELDS, WORDS

LONGEST = 60


def words(code: str, values: Mapping[str, Any]) -> str:
    """The sentence of a piece of evidence; of a code nobody worded, what the two sides say.

    >>> words("same_text", {"field": "city", "left": "Vic", "right": "Vic"})
    'Same city: Vic'
    """
    asked = str(values.get("field", ""))
    field = gettext(FIELDS[asked]) if asked in FIELDS else asked
    shown = {key: _shown(code, str(value)) for key, value in values.items()}
    given = {**shown, "field": field, "Field": field[:1].upper() + field[1:]}
    return gettext(WORDS[code]) % _Lenient(given) if code in WORDS else _plain(code, given)


def _shown(code: str, value: str) -> str:
    """A value as it is read within a sentence: days as days, accounts without their network, long texts cut."""
    if code.startswith("birthday"):
        try:
            return date_format(date.fromisoformat(value), pgettext("date format of a day of another year", "j M Y"))
        except ValueError:
            return value
    if code.startswith(("username", "handle_name")):
        value = value.partition(":")[2] or value
    return value if len(value) <= LONGEST else f"{value[: LONGEST - 1].rstrip()}…"


class _Lenient(dict[str, str]):
    """Values of which one may be missing: it reads as a dash."""

    def __missing__(self, key: str) -> str:
        return "–"


def _plain(code: str, given: Mapping[str, str]) -> str:
    left, right = given.get("left", ""), given.get("right", "")
    if not left and not right:
        return gettext("Other evidence: %(code)s") % {"code": code.replace("_", " ")}
    about = {"code": code.replace("_", " "), "left": left or "–", "right": right or "–"}
    return gettext("Other evidence, %(code)s: %(left)s / %(right)s") % about
