"""Flows between states over time, drawn on the server: who stood where, and where they went."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.template import Library
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

register = Library()
WIDE, HIGH, NODE, GAP, SIDE = 760.0, 300.0, 12.0, 14.0, 136.0
ROOM = 9.0
"""The drawing, in its own units: size, breadth of a state, room between two, room for words at either side."""


class Flow(NamedTuple):
    """`amount` went from `before` (in column `step`) to `after` (in the next one); states are keys of `names`. `said` in words."""

    step: int
    before: str
    after: str
    amount: int
    said: str


class _Node(NamedTuple):
    x: float
    y: float
    height: float
    tone: str
    label: str
    amount: int
    at_start: bool
    at_end: bool

    @property
    def text_x(self) -> float:
        return self.x - 8 if self.at_start else self.x + NODE + 8

    @property
    def has_room(self) -> bool:
        return self.height >= ROOM

    @property
    def text_y(self) -> float:
        return self.y + self.height / 2 + 4


@register.simple_tag
def flows(
    id: str,
    title: str,
    sentence: str,
    columns: Sequence[str],
    names: Sequence[tuple[str, str, str]],
    rows: Sequence[Flow],
    headings: Sequence[str],
    named: bool = False,
) -> SafeString:
    """Columns of states with bands between them, as wide as what went over; the same as a table behind it.

    `columns`: what each moment is called; `names`: (state, words, tone) from top to bottom, tones are names of colour tokens;
    `headings`: of the table: from, to, how many. `named`: states have their names in every column, where there is room.
    """
    nodes, bands = _laid_out(len(columns), names, [row for row in rows if row.amount > 0])
    words = {state: label for state, label, _tone in names}
    table = [(columns[row.step], words[row.before], words[row.after], row.amount) for row in rows]
    places = [(_x(step, len(columns)), name, step == 0, step == len(columns) - 1) for step, name in enumerate(columns)]
    values = {
        "id": id, "title": title, "sentence": sentence, "nodes": nodes, "bands": bands, "table": table, "headings": headings,
        "places": places, "named": named, "wide": WIDE, "high": HIGH + 30,
    }  # fmt: skip
    return render_to_string("web/parts/flows.html", values)


def _x(step: int, steps: int) -> float:
    return SIDE + (WIDE - 2 * SIDE - NODE) * (step / max(steps - 1, 1))


def _laid_out(steps: int, names: Sequence[tuple[str, str, str]], rows: Sequence[Flow]) -> tuple[list[_Node], list[dict[str, Any]]]:
    sizes = [{state: _size(rows, step, state, steps) for state, _label, _tone in names} for step in range(steps)]
    largest = max((sum(each.values()) for each in sizes), default=0) or 1
    most = max((sum(1 for n in each.values() if n) for each in sizes), default=1)
    scale = (HIGH - GAP * max(most - 1, 0)) / largest
    nodes: list[_Node] = []
    tops: dict[tuple[int, str], float] = {}
    for step, each in enumerate(sizes):
        y = 24.0
        for state, label, tone in names:
            if each[state]:
                nodes.append(_Node(_x(step, steps), y, each[state] * scale, tone, label, each[state], step == 0, step == steps - 1))
                tops[step, state] = y
                y += each[state] * scale + GAP
    return nodes, _bands(steps, names, rows, tops, scale)


def _size(rows: Sequence[Flow], step: int, state: str, steps: int) -> int:
    """How many stood there: of those who went on and those who came, the more."""
    went = sum(row.amount for row in rows if row.step == step and row.before == state)
    came = sum(row.amount for row in rows if row.step == step - 1 and row.after == state)
    return max(went, came)


def _bands(
    steps: int, names: Sequence[tuple[str, str, str]], rows: Sequence[Flow], tops: dict[tuple[int, str], float], scale: float
) -> list[dict[str, Any]]:
    order = {state: place for place, (state, _label, _tone) in enumerate(names)}
    tones = {state: tone for state, _label, tone in names}
    left, right = dict(tops), dict(tops)
    found = []
    for row in sorted(rows, key=lambda row: (row.step, order[row.before], order[row.after])):
        width = row.amount * scale
        x0, x1 = _x(row.step, steps) + NODE, _x(row.step + 1, steps)
        y0, y1 = left[row.step, row.before], right[row.step + 1, row.after]
        left[row.step, row.before] += width
        right[row.step + 1, row.after] += width
        bend = (x0 + x1) / 2
        path = (
            f"M{x0:.1f} {y0:.1f}C{bend:.1f} {y0:.1f} {bend:.1f} {y1:.1f} {x1:.1f} {y1:.1f}"
            f"V{y1 + width:.1f}C{bend:.1f} {y1 + width:.1f} {bend:.1f} {y0 + width:.1f} {x0:.1f} {y0 + width:.1f}Z"
        )
        way = "same" if row.before == row.after else "up" if order[row.after] < order[row.before] else "down"
        found.append({"path": path, "tone": tones[row.before], "way": way, "said": row.said})
    return found
