"""What a column is, by its heading in six languages and by what its values look like."""

import re
from collections.abc import Sequence
from itertools import zip_longest
from typing import Final

import numpy as np
from msgspec import Struct

from vincle.channels._contact_words import vendor_of
from vincle.channels._identifiers import fold
from vincle.channels.contacts import guess_columns

from ._cells import day
from ._headings import ABOUT_THE_RECORD, AROUND, HEADINGS, NETWORKS, ROWS, TRUTH
from .files import Series, Table

_SAMPLE = 200
_LONG_TEXT, _MANY_WORDS = 80, 12
_HARDLY = 0.02
_DISTINCT, _SHARED = 0.97, 0.02
_ENOUGH: Final = 10
_TELLING: Final = frozenset({"name", "first_name", "last_name", "birthday", "email", "phone", "username", "id_number", "street", "company"})
"""Fields of which rows that say the same are the point, not a sign of emptiness."""
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[/.]\d{1,2}[/.]\d{4}|\d{1,2}-\d{1,2}-\d{4}").fullmatch
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*").fullmatch
_LETTERS = re.compile(r"(?:[^\W\d_]|[\s.,'’·-])+").fullmatch
_COUNT = re.compile(r"\d{1,2}").fullmatch
_FRACTION = re.compile(r"[-+]?\d*[.,]\d+(?:e[-+]?\d+)?", re.IGNORECASE).fullmatch
_LEGAL = re.compile(
    r"\b(?:s\.?\s?l\.?\s?u?|s\.?\s?a\.?|s\.?\s?r\.?\s?l\.?\s?s?|s\.?p\.?a|gmbh|a\.?g|k\.?g|ltd|limited|llc|l\.l\.c|inc|corp|plc|sarl|sas|b\.?v|n\.?v"
    r"|s\.?c\.?c\.?l|sociedad limitada|societat limitada|e\.?v|oy|ab|aps|company|co)\.?\s*$", re.IGNORECASE
).search  # fmt: skip
_PEOPLE: Final = frozenset({"first_name", "last_name", "middle_name", "birthday", "gender", "job_title", "nickname"})

Found = tuple[str, str]
"""(field or "", why)."""


class _Seen(Struct, frozen=True):
    """A heading over all tables that have it."""

    series: tuple[Series, ...]
    sizes: tuple[int, ...]

    @property
    def filled(self) -> float:
        return sum(each.size for each in self.series) / max(sum(self.sizes), 1)

    @property
    def values(self) -> list[str]:
        return list(dict.fromkeys(value for each in self.series for value in each.values))

    @property
    def is_distinct(self) -> bool:
        """Every row of a table says something else."""
        return all(len(each.values) >= _DISTINCT * each.size for each in self.series)

    @property
    def shared(self) -> float:
        """Share of the distinct values that stand in more than one row, of one table or of two."""
        counts: dict[str, int] = {}
        for each in self.series:
            for value, count in zip(
                each.values, np.bincount(each.codes[each.codes >= 0], minlength=len(each.values)).tolist(), strict=True
            ):
                counts[value] = counts.get(value, 0) + count
        return sum(count > 1 for count in counts.values()) / max(len(counts), 1)

    @property
    def is_sequence(self) -> bool:
        """Whole numbers nearly without gaps, each once in its table: they count the rows."""
        if not self.is_distinct:
            return False
        for each in self.series:
            if not each.values or not all(value.isdecimal() and len(value) < 12 for value in each.values):
                return False
            numbers = [int(value) for value in each.values]
            if max(numbers) - min(numbers) + 1 > 1.1 * len(numbers) + 2:
                return False
        return True


def guess(tables: Sequence[Table], settled: set[int]) -> list[Found]:
    """What each column of all tables is taken for; `settled`: columns that were decided already, by their place."""
    seen = _seen(tables)
    found: list[Found] = []
    for table in tables:
        by_heading = _by_heading(table)
        here = {field for field, _ in by_heading if field}
        for each, known in zip(table.series, by_heading, strict=True):
            name = _folded(each.heading, table)
            place = len(found)
            found.append(("", "") if place in settled else _judge(each, seen[name], known, table.has_headings, here))
    return found


def _folded(heading: str, table: Table) -> str:
    return _stem(heading) or heading if table.has_headings else heading


def _stem(heading: str) -> str:
    """A heading in plain words, without those that say how the column was made."""
    words = fold(heading).split()
    while len(words) > 1 and words[-1] in AROUND:
        words.pop()
    return " ".join(words)


def _seen(tables: Sequence[Table]) -> dict[str, _Seen]:
    found: dict[str, list[tuple[Series, int]]] = {}
    for table in tables:
        for each in table.series:
            found.setdefault(_folded(each.heading, table), []).append((each, table.size))
    return {name: _Seen(tuple(each for each, _ in pairs), tuple(size for _, size in pairs)) for name, pairs in found.items()}


def _by_heading(table: Table) -> list[Found]:
    """The field of each column as headings and a sample of the values tell it; "" where nothing is known."""
    headings = [_stem(each.heading) if table.has_headings else each.heading for each in table.series]
    given = [
        each.heading if vendor_of([each.heading for each in table.series]) else stem
        for each, stem in zip(table.series, headings, strict=True)
    ]
    rows = [list(row) for row in zip_longest(*(each.values[:_SAMPLE] for each in table.series), fillvalue="")]
    guesses = guess_columns(given, rows, table.has_headings)
    found: list[Found] = []
    for heading, guessed in zip(headings, guesses, strict=True):
        own = HEADINGS.get(heading, "") if table.has_headings else ""
        by_value = guessed.confidence < 0.9 and not guessed.field.startswith("custom:")
        if own and not by_value:
            found.append((own, "its heading"))
        elif guessed.field.startswith("custom:") or not guessed.field:
            found.append(("", "its heading" if not guessed.field else ""))
        else:
            found.append((guessed.field, "its values" if by_value else "its heading"))
    return found


def _judge(series: Series, seen: _Seen, known: Found, has_headings: bool, here: set[str]) -> Found:
    """What one column is taken for, or why it is left out."""
    name = _stem(series.heading) if has_headings else ""
    if name in TRUTH:
        return "", "it says who is who, which is the question"
    if not series.size:
        return "", "it is empty"
    if name in ROWS and not (name in ("numero", "number", "num", "no", "nr", "n") and "street" in here):
        return "", "it numbers or names the rows"
    field, why = known
    if name in ROWS:
        field, why = "house_number", "its heading, beside a street"
    if field in NETWORKS or field == "profile":
        field = "username"
    if field in ABOUT_THE_RECORD:
        return "", "it tells about the record, not who it is"
    if field == "external_id" or (not field and name.endswith((" id", " number", " code", " no", " ref"))):
        return _number(series, seen)
    if field:
        is_constant = len(seen.values) == 1 and sum(seen.sizes) >= _ENOUGH and field not in _TELLING
        return ("", "every row says the same") if is_constant else (field, why)
    return _unknown(series, seen)


def _number(series: Series, seen: _Seen) -> Found:
    """A number that customers or members have is evidence when it comes back; one that counts the rows is not."""
    if seen.is_sequence or (seen.is_distinct and seen.shared < _SHARED):
        return "", "it numbers or names the rows"
    return ("id_number", "a number that several rows share") if seen.shared >= _SHARED else ("", "hardly two rows share a value")


def _unknown(series: Series, seen: _Seen) -> Found:
    values = seen.values[:2000]
    if len(seen.values) == 1:
        return "", "every row says the same"
    if seen.filled < _HARDLY:
        return "", "it is nearly empty"
    if np.mean([len(value) for value in values]) > _LONG_TEXT or np.mean([len(value.split()) for value in values]) > _MANY_WORDS:
        return "", "it is long text"
    if any(_most(values, shape) for shape in (_MOMENT, _FRACTION, _COUNT)):
        return "", "it holds amounts or times"
    if _most(values, _DATE):
        return ("birthday", "its values: days long past") if _are_births(values) else ("", "it holds amounts or times")
    if seen.is_sequence or (seen.is_distinct and seen.shared < _SHARED and not _most(values, _LETTERS)):
        return "", "hardly two rows share a value"
    return f"column:{' '.join(series.heading.split())}", "plain text of its own"


def _most(values: list[str], is_such: object) -> bool:
    return sum(bool(is_such(value)) for value in values) >= 0.8 * len(values)  # type: ignore[operator]


def _are_births(values: list[str]) -> bool:
    years = sorted(int(found[:4]) for found in map(day, values) if found[:4].isdecimal() and len(found) == 10)
    return len(years) > 1 and years[len(years) // 2] <= 2008 and years[-1] - years[0] >= 10


def says_the_same(whole: Series, parts: Sequence[Series]) -> bool:
    """Whether in nine of ten rows a full name has no word that its parts lack, or they lack none of its own."""
    words = [[frozenset(fold(value).split()) for value in each.values] for each in (whole, *parts)]
    rows = np.unique(np.stack([each.codes for each in (whole, *parts)], axis=1), axis=0)
    told = [row for row in rows.tolist() if row[0] >= 0 and all(code >= 0 for code in row[1:])]
    same = sum(words[0][row[0]] <= frozenset().union(*(side[code] for side, code in zip(words[1:], row[1:], strict=True))) for row in told)
    return bool(told) and same >= 0.9 * len(told)


def network_of(heading: str) -> str:
    """The network that a heading names; "" when it names none."""
    words = ["x" if word == "twitter" else word for word in fold(heading).split()]
    return next((word for word in words if word in NETWORKS), "")


def kind(tables: Sequence[Table], fields: Sequence[str]) -> Found:
    """Whether the tables speak of people or of organisations, and why."""
    present = set(fields)
    if present & _PEOPLE:
        return "person", "there are columns that only people have"
    series = [each for table in tables for each in table.series]
    named = [value for each, field in zip(series, fields, strict=True) if field == "name" for value in each.values[:1000]]
    headings = {fold(each.heading) for each in series}
    if "company" in present and "name" not in present and not present & {"email", "username"}:
        return "organisation", "companies are named, and nobody in them"
    if named and sum(bool(_LEGAL(value)) for value in named) >= 0.25 * len(named):
        return "organisation", "many names have a legal form"
    if named and headings & {"legal form", "forma juridica", "forma giuridica", "rechtsform", "forme juridique", "vat id", "domain", "cif"}:
        return "organisation", "there are columns that only organisations have"
    return "person", "nothing speaks of organisations"
