"""CSV that a spreadsheet can open safely."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.http import StreamingHttpResponse

_RISKY = ("=", "+", "-", "@", "\t", "\r")


def neutral(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula. Numbers and phone numbers stay as they are.

    >>> neutral('=HYPERLINK("x")'), neutral("+34600000001"), neutral(-3)
    ('\\'=HYPERLINK("x")', '+34600000001', -3)
    """
    if isinstance(value, str) and value.startswith(_RISKY) and not value.lstrip("+-").replace(" ", "").replace(".", "").isdigit():
        return "'" + value
    return value


class _Echo:
    def write(self, value: str) -> str:
        return value


def csv_lines(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow(headings)
    for row in rows:
        yield writer.writerow([neutral(value) for value in row])


def csv_response(name: str, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> StreamingHttpResponse:
    """A download that starts at once and holds one row in memory."""
    response = StreamingHttpResponse(csv_lines(headings, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
