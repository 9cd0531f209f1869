"""Rows of the stream with what was asked for marked."""

from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from vincle.language.page import Page
from vincle.language.query import Query, spans

LONGEST = 600
LEAD = 120
"""Characters before the first mark that are shown of a long text."""


def marked(line: dict[str, Any], query: Query) -> dict[str, Any]:
    """A line whose words have what was asked for marked; of a long text the part around the first mark."""
    return {**line, "marked": with_marks(line["words"], query), "headline_marked": with_marks(line["headline"], query)}


def with_marks(text: str, query: Query, most: int = LONGEST) -> SafeString:
    """Escaped, with <mark> around what the query asks for."""
    found = spans(query, Page(text))
    start = max(0, found[0][0] - LEAD) if found and found[0][1] > most else 0
    end = min(len(text), start + most)
    parts, at = ["…" if start else ""], start
    for low, high in found:
        if low >= at and high <= end:
            parts += [escape(text[at:low]), "<mark>", escape(text[low:high]), "</mark>"]
            at = high
    parts += [escape(text[at:end]), "…" if end < len(text) else ""]
    return mark_safe("".join(parts))
