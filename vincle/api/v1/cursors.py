"""Marks that lead to the next page: opaque to the caller, checked when they come back."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from math import isfinite
from typing import Any, Protocol

from django.db.models import QuerySet

from vincle.vocabulary import from_public_id

from .faults import invalid

_LONGEST = 200


def seal(mark: str | None) -> str | None:
    return urlsafe_b64encode(mark.encode()).decode().rstrip("=") if mark else None


def _open(cursor: str) -> str:
    if len(cursor) > _LONGEST or not cursor.isascii():
        raise ValueError("no cursor")
    return urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()


def number(cursor: str) -> int:
    """The row a page begins behind."""
    try:
        text = _open(cursor)
        if not (text.isascii() and text.isdecimal()) or len(text) > 19 or int(text) >= 1 << 63:
            raise ValueError("no number")
        return int(text)
    except (ValueError, binascii.Error) as error:
        raise _bad() from error


def moment(cursor: str, *, is_person: bool) -> str:
    """A mark "<time>~<public id>" or "<time>~<number>"."""
    try:
        text = _open(cursor)
        stamp, _sep, behind = text.rpartition("~")
        datetime.fromisoformat(stamp)
        from_public_id(behind) if is_person else int(behind[:18])
    except (ValueError, binascii.Error) as error:
        raise _bad() from error
    return text


def score(cursor: str) -> str:
    """A mark "<number>~<public id>", or "~<public id>" behind those who have one."""
    try:
        text = _open(cursor)
        value, _sep, person = text.rpartition("~")
        if not isfinite(float(value or 0)):
            raise ValueError("no number")
        from_public_id(person)
    except (ValueError, binascii.Error) as error:
        raise _bad() from error
    return text


def _bad() -> Exception:
    return invalid("cursor", "This is no cursor of this list. Take it as it came, from next_cursor.")


class Paged(Protocol):
    """What the parameters of a list by number have."""

    limit: int
    cursor: str


def newest(rows: QuerySet[Any], asked: Paged) -> tuple[list[Any], str | None]:
    """A page of rows, the newest number first, with the mark of the next one."""
    if asked.cursor:
        rows = rows.filter(pk__lt=number(asked.cursor))
    found = list(rows.order_by("-pk")[: asked.limit + 1])
    shown = found[: asked.limit]
    return shown, seal(str(shown[-1].pk)) if len(found) > len(shown) else None
