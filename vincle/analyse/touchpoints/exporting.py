"""What the page shows as rows: the same for the download, the API and `vincle attribute`."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from vincle.science.attribution import MODELS

from . import words
from .reading import Found

PATHS: Final = ("path", "days", "conversions", "value", "nulls")
SEP: Final = " > "


def table(found: Found) -> tuple[list[str], Iterator[list[Any]]]:
    """(headings, rows): by touchpoint what every way of counting gives it, in purchases and in money."""
    columns = ["touchpoint", "name", "ways", *MODELS, *(f"{model}_value" for model in MODELS), "removal_effect"]
    return columns, (
        [row.channel, words.name(row.channel), round(row.touched), *(getattr(row, model) for model in MODELS),
         *("" if each is None else each for each in (money(row.values.get(model)) for model in MODELS)), row.removal_effect]
        for row in found.told.rows() if row.touched
    )  # fmt: skip


def paths(found: Found) -> Iterator[list[Any]]:
    """Rows of `PATHS`, one a way; last the purchases without a touchpoint, on an empty path."""
    made = found.built.paths
    assert made.days_before is not None
    names, days = made.channels, made.days_before
    bounds = zip(made.starts.tolist(), made.starts[1:].tolist(), strict=False)
    for (start, end), won, value, lost in zip(bounds, made.conversions.tolist(), made.value.tolist(), made.nulls.tolist(), strict=True):
        path = SEP.join(names[step] for step in made.steps[start:end].tolist())
        yield [path, SEP.join(f"{day:.6f}" for day in days[start:end].tolist()), round(won), round(value, 4), round(lost)]
    if made.untouched:
        yield ["", "", round(made.untouched), round(made.untouched_value, 4), 0]


def money(value: float | None) -> Decimal | None:
    """To four places, as money is kept."""
    return None if value is None else Decimal(str(round(value, 4)))
