"""The history of a person's identity, read for the page: lanes and turns of the picture, and every move in words."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vincle.accounts.models import Workspace
from vincle.listen.models import Handle
from vincle.vocabulary import ANONYMOUS, from_public_id, public_id
from vincle.web.tags.formats import full_time

from . import settling, waterfall
from .models import Link, Move, SharedHandle
from .picture import Drawing, Lane, Turn, draw
from .review import name_of, stated_names

MOST_LANES, MOST_MOVES, MOST_LINKS = 24, 60, 40
ACTS = {
    Move.Act.EXACT: gettext_lazy("Joined by exact evidence"), Move.Act.LINK: gettext_lazy("Joined by itself, by probability"),
    Move.Act.MERGE: gettext_lazy("Joined by the team"), Move.Act.SPLIT: gettext_lazy("Parted"), Move.Act.UNDO: gettext_lazy("Taken back"),
}  # fmt: skip
VIA = {
    "screen": gettext_lazy("on screen"), "command": gettext_lazy("on the command line"), "api": gettext_lazy("by the API"),
    "job": gettext_lazy("by Vincle itself"), "data": gettext_lazy("by what a source says"),
}  # fmt: skip


class Entry(NamedTuple):
    """A move in words. `number` stands beside its curve in the picture; `again` is the undo whose undoing lets it stand again."""

    number: int
    move: Move
    act: str
    who: str
    sentence: str
    fall: waterfall.Waterfall | None
    is_undone: bool
    again: int = 0

    @property
    def label(self) -> str:
        return f"{self.number}. {self.sentence} · {self.act} · {self.who} · {full_time(self.move.at)}"


class Line(NamedTuple):
    """A handle they have now; `shared` says why it joins nobody."""

    handle: Handle
    pid: str
    shared: str


class Biography(NamedTuple):
    """Everything the page shows. `moments`: when decisions were taken or taken back, newest first."""

    drawing: Drawing
    entries: list[Entry]
    lines: list[Line]
    moments: list[datetime]
    left_out: int

    @property
    def befores(self) -> list[tuple[str, str]]:
        """(moment as ISO text, words): just before each of the moments."""
        before = [(moment - timedelta(microseconds=1), moment) for moment in self.moments]
        return [(at.isoformat(), _("before %(moment)s") % {"moment": full_time(moment)}) for at, moment in before]


def read(workspace: Workspace, person: int) -> Biography:
    """Everything that made this person who they are, oldest move first."""
    around = settling.region(workspace.pk, [person])
    moves = [move for move in around.moves if move.act in ACTS][-MOST_MOVES:]
    rows = Move.objects.of(workspace).filter(pk__in=[move.pk for move in moves]).select_related("by", "undone_by")
    moves = sorted(rows, key=lambda move: (move.at, move.pk))
    moved = {key for move in moves for key in _keys(move)}
    keys = {key for key, owner in around.owner.items() if owner == person} | (moved & around.owner.keys())
    handles = Handle.objects.of(workspace).in_bulk(keys)
    chosen = _lanes(handles, around.owner, moved, person)
    undos = Move.objects.of(workspace).filter(undoes__in=moves, act=Move.Act.UNDO, undone_at=None).values_list("undoes_id", "pk")
    again = dict(undos)
    entries = [entry._replace(again=again.get(entry.move.pk, 0)) for entry in _entries(moves, handles)]
    turns = [_turn(entry) for entry in entries] + _exact(workspace, {lane.key for lane in chosen})
    shared = {row.handle: row.get_reason_display() for row in SharedHandle.objects.of(workspace).filter(handle__in=keys, lifted_at=None)}
    drawing = draw(person, chosen, turns)
    labels = {str(entry.move.pk): entry.label for entry in entries}
    drawing = drawing._replace(curves=[curve._replace(label=labels.get(curve.turn, "")) for curve in drawing.curves])
    moments = sorted({move.at for move in moves} | {move.undone_at for move in moves if move.undone_at}, reverse=True)
    own = [each for each in handles.values() if around.owner[each.key] == person]
    own.sort(key=lambda each: (each.kind in ANONYMOUS, each.kind, each.value))
    lines = [Line(each, public_id(each.key), str(shared.get(each.key, ""))) for each in own]
    return Biography(drawing, entries, lines, moments, len(handles) - len(chosen))


def _keys(move: Move) -> list[int]:
    return [from_public_id(text) for text in move.handles]


def _lanes(handles: Mapping[int, Handle], owner: Mapping[int, int], moved: set[int], person: int) -> list[Lane]:
    """The handles that are drawn: those that moved and those with a name first; of many browsers only the first."""
    rank = sorted(handles.values(), key=lambda each: (each.key not in moved, each.kind in ANONYMOUS, each.first_seen, each.key))
    kept = sorted(rank[:MOST_LANES], key=lambda each: (owner[each.key] != person, each.first_seen, each.key))
    return [Lane(each.key, each.name or each.value, each.kind, each.first_seen, owner[each.key]) for each in kept]


def _turn(entry: Entry) -> Turn:
    move = entry.move
    return Turn(str(move.pk), move.at, move.act, move.person, move.other, _keys(move), move.undone_at)


def _exact(workspace: Workspace, keys: set[int]) -> list[Turn]:
    """Exact evidence between two lanes that never needed a move."""
    links = Link.objects.of(workspace).filter(Q(left__in=keys) & Q(right__in=keys), evidence="same row", undone_at=None).order_by("at")
    return [Turn("", link.at, "evidence", 0, 0, [link.right], None, link.left) for link in links[:MOST_LINKS]]


def _entries(moves: Sequence[Move], handles: Mapping[int, Handle]) -> list[Entry]:
    stated = stated_names(handles)
    entries = []
    for number, move in enumerate(moves, 1):
        own = [handles[key] for key in _keys(move) if key in handles]
        entries.append(
            Entry(number, move, str(ACTS[Move.Act(move.act)]), _who(move), _sentence(move, own, stated), _fall(move), bool(move.undone_at))
        )
    return entries


def _who(move: Move) -> str:
    if move.by:
        return str(move.by)
    return str(VIA.get(move.via, move.via))


def _sentence(move: Move, own: Sequence[Handle], stated: Mapping[int, str]) -> str:
    listed = ", ".join(handle.name or handle.value for handle in own[:3])
    if len(own) > 3:
        listed = _("%(handles)s and %(count)d more") % {"handles": listed, "count": len(own) - 3}
    name = name_of(own, stated) if own else _("someone who is no longer there")
    if move.act == Move.Act.SPLIT:
        return _("%(handles)s went out as %(name)s") % {"handles": listed or name, "name": name}
    return _("%(name)s came in with %(handles)s") % {"name": name, "handles": listed or name}


def _fall(move: Move) -> waterfall.Waterfall | None:
    reason: Any = move.reason if isinstance(move.reason, dict) else {}
    if "steps" in reason:
        return waterfall.of(reason.get("prior"), reason["steps"])
    found = reason.get("evidence")
    return waterfall.waterfall(found) if isinstance(found, list) else None
