"""Rejected rows as a table that can be mended and imported again."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from itertools import groupby

from django.utils.translation import gettext as _

from vincle.channels._tables import Table, open_table
from vincle.channels.base import FileError
from vincle.channels.registry import channels

from . import raw
from .actions import options_of
from .messages import sentence
from .models import Delivery


def table(delivery: Delivery) -> tuple[list[str], Iterator[Sequence[str]]]:
    """Headings and rows. A table's rejects stand in their own columns, read again from the kept file; others as they were written."""
    if delivery.path and delivery.channel in channels() and channels()[delivery.channel].fields():
        try:
            with open(raw.path(delivery.path), "rb") as file:
                headings = open_table(file, options_of(delivery)).headings
            return [*headings, _("Line"), _("Reason")], _rows_of_table(delivery, len(headings))
        except (FileError, OSError):
            pass
    return [_("Line"), _("Reason"), _("As written")], ((str(line), why, text) for line, why, text in _reasons(delivery))


def _reasons(delivery: Delivery) -> Iterator[tuple[int, str, str]]:
    """(line, all reasons in words, the row as written), in file order."""
    found = delivery.rejections.filter(is_warning=False).order_by("line", "id").iterator(chunk_size=2000)
    for line, group in groupby(found, key=lambda row: row.line):
        rows = list(group)
        yield line, " ".join(dict.fromkeys(_reason(row.field, row.code, row.detail) for row in rows)), rows[0].raw


def _reason(field: str, code: str, detail: str) -> str:
    said = sentence(code, detail)
    return f"{field}: {said}" if field else said


def _rows_of_table(delivery: Delivery, width: int) -> Iterator[Sequence[str]]:
    reasons = _reasons(delivery)
    asked = next(reasons, None)
    with open(raw.path(delivery.path), "rb") as file, closing(_lines(open_table(file, options_of(delivery)))) as lines:
        for line, cells in lines:
            while asked and asked[0] < line:
                yield _as_written(asked, width)
                asked = next(reasons, None)
            if asked is None:
                return
            if cells is not None and asked[0] == line:
                yield [*cells, str(line), asked[1]]
                asked = next(reasons, None)
    while asked:
        yield _as_written(asked, width)
        asked = next(reasons, None)


def _lines(table: Table) -> Generator[tuple[int, list[str] | None], None, None]:
    """(line, cells), without cells where a line cannot be read whole."""
    for row in table.rows:
        yield row if isinstance(row, tuple) else (row.line, None)


def _as_written(asked: tuple[int, str, str], width: int) -> Sequence[str]:
    """A row that could not be taken apart: whole, in the first column."""
    return [asked[2], *[""] * (width - 1), str(asked[0]), asked[1]]
