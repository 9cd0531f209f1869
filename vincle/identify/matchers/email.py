"""E-mail addresses: the same, mistyped, or the same name at another provider."""

from collections.abc import Iterable
from typing import ClassVar

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from vincle.identify.linkage.records import Ints, Records
from vincle.identify.names import users

from ._people import people_of
from ._texts import Bools, Flat, as_array, edits, flat, lengths, levels_of, pick
from .base import ANYONE, MISSING, Key, Level, Levels, Said, ragged

_SAME_DOMAIN, _SAME = 1, 5


class _Addresses(Struct, eq=False):
    values: Flat
    local: NDArray[np.object_]
    sizes: Ints  # letters before the @
    digits: Ints  # a number for the digits before the @; -1: none
    domains: Ints
    is_role: Bools  # of each value: info@, hello@
    is_name: Bools  # of each record: what stands before the @ is made of its own name


class Email:
    id: ClassVar[str] = "email"
    kinds: ClassVar[frozenset[str]] = ANYONE
    levels: ClassVar[tuple[Level, ...]] = (
        Level("differs", 0.25, 0.9975), Level("same_domain", 0.03, 0.001), Level("local_typo", 0.04, 0.0006),
        Level("same_local", 0.10, 0.0005),
        Level("typo", 0.08, 0.0001), Level("same", 0.50, 0.0001),
    )  # fmt: skip

    def fields(self, records: Records) -> tuple[str, ...]:
        return ("email",) if "email" in records.columns else ()

    def prepare(self, records: Records) -> _Addresses:
        values = flat(records.columns["email"], _plain)
        local = [text.partition("@")[0] for text in values.texts]
        persons = records.kind == "person"
        roles = np.asarray([persons and users.is_role(text) for text in local], bool)
        made = _made_of_names(values, local, records) if persons else np.zeros(records.size, bool)
        return _Addresses(values, as_array(local), lengths(local), _digits(local), _domains(values.texts), roles, made)

    def compare(self, prepared: _Addresses, left: Ints, right: Ints) -> Levels:
        found = levels_of(prepared.values, left, right, lambda one, other: _level(prepared, one, other))
        # Two addresses made of one name, at providers that everybody uses, have no more in common than the name.
        terms = prepared.values.terms()
        both = np.flatnonzero((terms[left] >= 0) & (terms[right] >= 0))
        one, other = terms[left[both]], terms[right[both]]
        common = prepared.is_name[left[both]] & prepared.is_name[right[both]] & (found[both] > _SAME_DOMAIN) & (found[both] < _SAME)
        common &= (prepared.domains[one] < 0) | (prepared.domains[other] < 0)
        role = prepared.is_role[one] & prepared.is_role[other] & (found[both] > 0)
        found[both[common | role]] = MISSING
        return found

    def keys(self, prepared: _Addresses) -> Iterable[Key]:
        column = prepared.values.column
        yield ragged(column, lambda cell: cell, "email")
        yield ragged(column, lambda cell: [text.partition("@")[0] for text in cell], "email local")
        yield ragged(column, lambda cell: [text[:6] for text in cell], "email begins")

    def terms(self, prepared: _Addresses) -> Ints | None:
        return prepared.values.terms()

    def say(self, records: Records, left: int, right: int, level: int) -> Said:
        ones, others = records.cell("email", left), records.cell("email", right)
        shared = next((text for text in ones if text in others), "")
        return Said(f"email_{self.levels[level].id}", {"left": shared or ones[0], "right": shared or others[0]})


def _plain(text: str) -> str:
    text = text.strip().lower().removeprefix("mailto:")
    local, _, domain = text.rpartition("@")
    return f"{local.partition('+')[0]}@{domain}" if local and domain else ""


PUBLIC = frozenset(
    "gmail.com googlemail.com hotmail.com hotmail.es hotmail.it outlook.com outlook.es live.com yahoo.com yahoo.es yahoo.it icloud.com "
    "me.com libero.it virgilio.it tiscali.it aol.com gmx.com gmx.net gmx.de web.de proton.me protonmail.com telefonica.net msn.com "
    "mail.com".split()
)


def _domains(texts: list[str]) -> Ints:
    """A number for each address' domain; the providers that anyone may use share none."""
    number: dict[str, int] = {}
    domains = [text.rpartition("@")[2] for text in texts]
    counts: dict[str, int] = {}
    for domain in domains:
        counts[domain] = counts.get(domain, 0) + 1
    common = max(20, len(texts) // 100)
    return np.asarray(
        [-1 if domain in PUBLIC or counts[domain] > common else number.setdefault(domain, len(number)) for domain in domains], np.int32
    )


def _digits(local: list[str]) -> Ints:
    number: dict[str, int] = {}
    found = ["".join(letter for letter in text if letter.isdecimal()) for text in local]
    return np.asarray([number.setdefault(text, len(number)) if text else -1 for text in found], np.int32)


def _made_of_names(values: Flat, local: list[str], records: Records) -> Bools:
    people = people_of(records)
    terms = values.terms()
    both = np.flatnonzero((terms >= 0) & (people.codes >= 0))
    asked, place = np.unique(np.stack([terms[both], people.codes[both]], axis=1), axis=0, return_inverse=True)
    made = [users.fits(local[text], people.names[name]) != "no" for text, name in asked.tolist()]
    found = np.zeros(records.size, bool)
    found[both] = np.asarray(made, bool)[place.reshape(-1)] if made else False
    return found


def _level(prepared: _Addresses, one: Ints, other: Ints) -> Levels:
    values, local, domains = prepared.values, prepared.local, prepared.domains
    whole = edits(pick(values.words, one), pick(values.words, other))
    wrong = edits(pick(local, one), pick(local, other))
    short = np.minimum(prepared.sizes[one], prepared.sizes[other])
    same_domain: Bools = (domains[one] >= 0) & (domains[one] == domains[other])
    # anna.puig40 and anna.puig43 are two people's addresses more often than one mistyped
    numbered = (prepared.digits[one] >= 0) & (prepared.digits[other] >= 0) & (prepared.digits[one] != prepared.digits[other])
    typo = ((whole <= 1) | ((whole == 2) & (short >= 7))) & (short >= 4) & ~(numbered & (whole > 0))
    near = (((wrong == 1) & (short >= 5)) | ((wrong == 2) & (short >= 9))) & ~numbered
    return np.select([whole == 0, typo, (wrong == 0) & (short >= 3), near, same_domain], [5, 4, 3, 2, 1], 0).astype(np.int8)


matcher = Email()
