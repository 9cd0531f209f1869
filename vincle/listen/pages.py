"""One page of a list at a time, by key: as quick on the thousandth page as on the first, and nothing shifts while someone reads."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

_SEP = "~"


class Page(NamedTuple):
    """Rows of one page; `after` and `before` are keys for the next and the previous one, None where there is none."""

    rows: list[Any]
    after: str | None
    before: str | None


def page(rows: "QuerySet[Any]", order: Sequence[str], asked: Mapping[str, str], size: int) -> Page:
    """The page that `?after=` or `?before=` asks for; a key that cannot be read begins at the top.

    `order` as in order_by, the last field unique.
    """
    after, before = _key(rows, order, asked.get("after", "")), _key(rows, order, asked.get("before", ""))
    if before:
        found = list(rows.filter(_beyond(_turned(order), before)).order_by(*_turned(order))[: size + 1])
        more, found = len(found) > size, found[:size][::-1]
        return Page(found, _name(found[-1], order) if found else None, _name(found[0], order) if more else None)
    found = list((rows.filter(_beyond(order, after)) if after else rows).order_by(*order)[: size + 1])
    more, found = len(found) > size, found[:size]
    return Page(found, _name(found[-1], order) if more else None, _name(found[0], order) if after and found else None)


def _turned(order: Sequence[str]) -> list[str]:
    return [field[1:] if field.startswith("-") else f"-{field}" for field in order]


def _beyond(order: Sequence[str], key: Sequence[Any]) -> Q:
    """Rows behind the key: (a, b) > (x, y) spelled out, each field in its own direction."""
    found = Q()
    for place, field in enumerate(order):
        same = {name.lstrip("-"): value for name, value in zip(order[:place], key, strict=False)}
        found |= Q(**same, **{f"{field.lstrip('-')}__{'lt' if field.startswith('-') else 'gt'}": key[place]})
    return found


def _name(row: Any, order: Sequence[str]) -> str:
    values = [getattr(row, field.lstrip("-")) for field in order]
    return _SEP.join(value.isoformat() if hasattr(value, "isoformat") else str(value) for value in values)


def _key(rows: "QuerySet[Any]", order: Sequence[str], text: str) -> list[Any] | None:
    parts = text.split(_SEP)
    if len(parts) != len(order):
        return None
    try:
        return [rows.model._meta.get_field(field.lstrip("-")).to_python(part) for field, part in zip(order, parts, strict=True)]
    except (ValidationError, OverflowError):
        return None
