"""The history of an identity as a drawing: one lane a handle, joins and splits as curves between lanes. Pure: numbers only.

Time runs to the right, one column a moment (columns are equally wide: what matters is the order). A lane is a thick line while the
handle is the person's, a thin dashed one while it is someone else's; so the drawing reads without colour.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

LABEL, LANE, TOP, END = 212, 38, 34, 56
COLUMN, WIDEST, ROOM = 92, 170, 860
BEND = 30


class Lane(NamedTuple):
    """A handle: its key, how it is called, its kind, when it came, and whose it is now."""

    key: int
    text: str
    kind: str
    since: datetime
    person: int


class Turn(NamedTuple):
    """A moment at which handles changed hands, or at which exact evidence showed two of them together (`handles` of one, `to` the other).

    Joins: `handles` went from `other` to `person`; splits: from `person` to `other`. `until`: when it was taken back.
    """

    id: str
    at: datetime
    act: str
    person: int
    other: int
    handles: Sequence[int]
    until: datetime | None = None
    to: int = 0


class Piece(NamedTuple):
    """A stretch of a lane."""

    x1: int
    x2: int
    y: int
    is_own: bool


class Curve(NamedTuple):
    """A join, a split or a piece of evidence between two lanes."""

    turn: str
    path: str
    x: int
    y: int
    act: str
    number: int
    is_undone: bool
    label: str = ""


class Drawn(NamedTuple):
    """A lane with its stretches."""

    lane: Lane
    y: int
    start: int
    pieces: list[Piece]


class Drawing(NamedTuple):
    """Everything in pixels. `columns`: (x, moment); `curves` in order of time."""

    width: int
    height: int
    lanes: list[Drawn]
    curves: list[Curve]
    columns: list[tuple[int, datetime]]


def draw(person: int, lanes: Sequence[Lane], turns: Sequence[Turn]) -> Drawing:
    """The drawing of who the handles of `lanes` were, from the view of `person`."""
    moments = sorted({lane.since for lane in lanes} | {turn.at for turn in turns} | {turn.until for turn in turns if turn.until})
    moments = _thinned(moments, {turn.at for turn in turns} | {turn.until for turn in turns if turn.until})
    wide = max(COLUMN, min(WIDEST, ROOM // max(1, len(moments))))
    places = {moment: LABEL + BEND + wide * column for column, moment in enumerate(moments)}
    end = max(places.values(), default=LABEL) + END
    rows = {lane.key: TOP + LANE * row + LANE // 2 for row, lane in enumerate(lanes)}
    owners = _owners(lanes, turns)
    drawn = [_lane(person, lane, rows[lane.key], _place(places, lane.since), owners[lane.key], places, end) for lane in lanes]
    curves = [curve for number, turn in enumerate(turns, 1) if (curve := _curve(turn, number, rows, places, lanes, owners)) is not None]
    return Drawing(end + 12, TOP + LANE * len(lanes) + 8, drawn, curves, [(x, moment) for moment, x in places.items()])


def _thinned(moments: Sequence[datetime], needed: set[datetime], most: int = 26) -> list[datetime]:
    """So many moments that they can be read: the first, those at which something turned, and of the others as many as fit."""
    spare = [moment for moment in moments if moment not in needed]
    room = max(1, most - len(needed))
    kept = set(spare[:: -(-len(spare) // room)] if spare else ())
    return [moment for moment in moments if moment in needed or moment in kept]


def _place(places: Mapping[datetime, int], moment: datetime) -> int:
    """The column of a moment, or of the last one before it."""
    return max((x for at, x in places.items() if at <= moment), default=min(places.values(), default=LABEL))


def _owners(lanes: Sequence[Lane], turns: Sequence[Turn]) -> dict[int, list[tuple[datetime, int]]]:
    """Of each handle, from when whose it was: worked out backwards from whose it is now."""
    changes = [(turn.at, turn, True) for turn in turns if turn.act != "evidence"]
    changes += [(turn.until, turn, False) for turn in turns if turn.until and turn.act != "evidence"]
    changes.sort(key=lambda change: (change[0], change[2]), reverse=True)
    found: dict[int, list[tuple[datetime, int]]] = {}
    for lane in lanes:
        now, spans = lane.person, []
        for at, turn, is_done in changes:
            if lane.key not in turn.handles:
                continue
            before, after = (turn.person, turn.other) if turn.act == "split" else (turn.other, turn.person)
            spans.append((at, now))
            now = before if is_done else after
        spans.append((lane.since, now))
        found[lane.key] = spans[::-1]
    return found


def _lane(
    person: int, lane: Lane, y: int, start: int, spans: Sequence[tuple[datetime, int]], places: Mapping[datetime, int], end: int
) -> Drawn:
    edges = [*(max(start, _place(places, at)) for at, _owner in spans), end]
    pieces = [Piece(x1, x2, y, spans[n][1] == person) for n, (x1, x2) in enumerate(pairwise(edges)) if x2 > x1]
    return Drawn(lane, y, start, pieces)


def _curve(
    turn: Turn,
    number: int,
    rows: Mapping[int, int],
    places: Mapping[datetime, int],
    lanes: Sequence[Lane],
    owners: Mapping[int, Sequence[tuple[datetime, int]]],
) -> Curve | None:
    moved = [key for key in turn.handles if key in rows]
    if not moved:
        return None
    x = _place(places, turn.at)
    if turn.act == "evidence":
        target = turn.to
    else:
        kept = turn.person
        others = [lane.key for lane in lanes if lane.key not in turn.handles and _owner_at(owners[lane.key], turn.at) == kept]
        target = min(others, key=lambda key: abs(rows[key] - rows[moved[0]]), default=moved[0])
    if target not in rows:
        return None
    one, other = rows[min(moved, key=lambda key: abs(rows[key] - rows[target]))], rows[target]
    if turn.act == "evidence":
        path = f"M{x} {one} C{x - BEND // 2} {one} {x - BEND // 2} {other} {x} {other}"
        return Curve(turn.id, path, x, other, turn.act, number, False)
    # A join runs from the joined lane into the one that stays, a split the other way.
    begin, finish = (other, one) if turn.act == "split" else (one, other)
    path = f"M{x - BEND} {begin} C{x - BEND // 3} {begin} {x - BEND // 1.5:.0f} {finish} {x} {finish}"
    return Curve(turn.id, path, x, finish, turn.act, number, turn.until is not None)


def _owner_at(spans: Sequence[tuple[datetime, int]], at: datetime) -> int:
    return next((owner for since, owner in reversed(spans) if since <= at), 0)
