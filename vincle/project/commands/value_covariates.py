"""What is known of customers beside their purchases, out of columns of the table: numbers as they differ, words as groups."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from vincle.identify.linkage.files import Series, Table
from vincle.project.commands.survey_columns import Faulty, number
from vincle.project.commands.value_reading import Floats, Ints, found
from vincle.science.value.fitted import Covariates

FEWEST: Final = 10
"""Customers, below which a word of a column is put to the others."""
MOST: Final = 12
"""Words of a column that are told apart."""
OTHER: Final = "(other)"
BLANK: Final = "(blank)"


class Known(NamedTuple):
    """`columns`: JSON, how each was read; `notes`: what had to be decided."""

    covariates: Covariates
    columns: list[dict[str, Any]]
    notes: list[str]


def of_customers(table: Table, names: Sequence[str], place: Ints, rows: Ints, customers: int) -> Known:
    """`rows` [n] of the table, each of the customer at `place` [n] among `customers`, in the order in which they count: of a column that
    says several things of one customer the first is taken. Faulty where a column tells nobody from another."""
    columns, told, notes, values = [], list[dict[str, Any]](), list[str](), list[Floats]()
    for name in names:
        series = found(table, name)
        codes, changed = _first(series, place, rows, customers)
        if changed:
            notes.append(f"column '{series.heading}' says several things of {changed:,} customers: the first counts")
        read = [number(text) for text in series.values]
        is_number = all(each is not None for each in read) and bool(read)
        facts, named, more = _numbers(series, read, codes) if is_number else _words(series, codes)
        columns += named
        told.append(facts)
        values += more
    return Known(Covariates(tuple(columns), np.column_stack(values)), told, notes)


def _first(series: Series, place: Ints, rows: Ints, customers: int) -> tuple[Ints, int]:
    """(the text of each customer, -1 where blank; how many customers have several)."""
    codes = series.codes[rows].astype(np.int64)
    said = codes >= 0
    first = np.full(customers, -1, np.int64)
    first[place[said][::-1]] = codes[said][::-1]
    return first, int(np.unique(place[said][codes[said] != first[place[said]]]).size)


def _numbers(series: Series, read: Sequence[float | None], codes: Ints) -> tuple[dict[str, Any], list[str], list[Floats]]:
    value = np.array([*(np.nan if each is None else each for each in read), np.nan])[codes]
    known = value[np.isfinite(value)]
    spread = float(known.std()) if known.size else 0.0
    if not spread > 0:
        raise Faulty(f"Column '{series.heading}' says the same of every customer, so it cannot tell them apart.")
    facts = {
        "column": series.heading,
        "kind": "number",
        "mean": float(known.mean()),
        "deviation": spread,
        "blank": int(np.isnan(value).sum()),
    }
    return facts, [series.heading], [np.where(np.isnan(value), 0.0, (value - known.mean()) / spread)]


def _words(series: Series, codes: Ints) -> tuple[dict[str, Any], list[str], list[Floats]]:
    """Against the word that most have; what few have is put together."""
    counts = np.bincount(codes + 1, minlength=len(series.values) + 1)
    kept = [int(each) for each in np.argsort(-counts, kind="stable") if counts[each] >= FEWEST][:MOST]
    rest = int(counts.sum() - counts[kept].sum())
    if len(kept) + (rest >= FEWEST) < 2:
        raise Faulty(f"Column '{series.heading}' makes no two groups of at least {FEWEST} customers, so it cannot tell them apart.")
    words = [BLANK if each == 0 else series.values[each - 1] for each in kept]
    groups = [(codes + 1 == each).astype(np.float64) for each in kept]
    if rest:
        words, groups = [*words, OTHER], [*groups, (~np.isin(codes + 1, kept)).astype(np.float64)]
    facts = {
        "column": series.heading, "kind": "words", "reference": words[0],
        "groups": [{"value": word, "customers": int(group.sum())} for word, group in zip(words, groups, strict=True)],
    }  # fmt: skip
    return facts, [f"{series.heading}={word}" for word in words[1:]], groups[1:]
