"""Charts: a figure with its finding as title, the data as JSON, and the same data as a table behind it."""

import json
from collections.abc import Mapping
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.template import Library
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from vincle.web.tags.formats import number

register = Library()
KINDS = frozenset({"line", "bars", "stacked", "heat", "scatter"})


@register.simple_tag
def chart(
    id: str, kind: str, title: str, sentence: str = "", data: Mapping[str, Any] | None = None, size: str = "", card: bool = True
) -> SafeString:
    """`{% chart "talk" "line" title=finding sentence=what data=data %}`. `size`: tall, low.

    `data` is a plain dict: `columns` (headings; the first is the axis), `rows` (lists, equal in length to columns; numbers or None),
    optional `hrefs` (per row: an address, or a list of one per value), `unit`, and per kind:
    line: `band` (per row [low, high] or None), `events` (dicts of `at` index of a row, `label`, `href`);
    heat: columns are [corner, hour labels …], each row [weekday, values …];
    scatter: columns [label, x, y], and per row `labels` (what stands beside its dot, "" nothing), `marks` (keys of `shapes`: symbol and
    token each); `guides` [x, y] of lines through the middle, `corners` words of the four fields from the upper left, `logarithmic`
    where few amounts are large; `tones` (names of colour tokens, one per series: "pos", "neg", "neu") where colours mean something.
    A title says the finding, computed; the sentence says what is drawn.
    """
    if kind not in KINDS:
        raise ValueError(f"a chart of kind '{kind}' is not known; known are {', '.join(sorted(KINDS))}")
    data = data or {"columns": [], "rows": []}
    rows = [[(cell if isinstance(cell, str) else number(cell, 0 if _whole(cell) else 2)) for cell in row] for row in data["rows"]]
    # No script: htmx takes scripts out of what it puts in, and with them what a chart draws.
    payload = format_html('<data id="{}-data" hidden>{}</data>', id, json.dumps({**data, "kind": kind}, cls=DjangoJSONEncoder))
    values = {
        "id": id,
        "kind": kind,
        "title": title,
        "sentence": sentence,
        "size": size,
        "in_card": card,
        "payload": payload,
        "columns": data["columns"],
        "rows": _linked(rows, data.get("hrefs")),
        "drawn": bool(rows),
        "band": data.get("band"),
    }
    return render_to_string("web/parts/chart.html", values)


def _whole(cell: Any) -> bool:
    return cell is None or float(cell) == int(float(cell))


def _linked(rows: list[list[str]], hrefs: Any) -> list[list[tuple[str, str]]]:
    """Cells with the address behind each: the row's on its heading, the values' own where there are some."""
    linked = []
    for index, row in enumerate(rows):
        here = hrefs[index] if hrefs and index < len(hrefs) else ""
        own = list(here) if isinstance(here, (list, tuple)) else []
        linked.append(
            [
                (cell, (own[place - 1] if place and place <= len(own) else ("" if own or place else here)) or "")
                for place, cell in enumerate(row)
            ]
        )
    return linked


@register.simple_tag
def mood_bar(mood: Any) -> SafeString:
    """Negative, neutral and positive (of `mood`) as parts of one bar; the numbers are spoken, and shown on hover."""
    said = _("%(bad)s negative, %(so)s neutral, %(good)s positive") % {
        "bad": number(mood.negative), "so": number(mood.neutral), "good": number(mood.positive)
    }  # fmt: skip
    total = mood.negative + mood.neutral + mood.positive
    at, parts = 0.0, []
    for tone, n in (("neg", mood.negative), ("neu", mood.neutral), ("pos", mood.positive)):
        share = 100 * n / total if total else 0
        if n:
            parts.append((f"{at:.2f}", f"{max(share - 0.8, 0.6):.2f}", tone))
        at += share
    drawn = format_html_join("", '<rect x="{}%" width="{}%" height="100%" rx="2" class="{}"/>', parts)
    return format_html('<svg class="mood" role="img" aria-label="{}"><title>{}</title>{}</svg>', said, said, drawn)
