"""Someone's way through a journey, line by line, with why."""

from datetime import datetime
from typing import Any, NamedTuple

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from vincle.organise.segment_clauses import Names as SegmentNames
from vincle.web.tags.formats import full_time

from . import places
from .canvas import shaping, wording
from .canvas.shaping import Json
from .canvas.wording import Words
from .models import JourneyVersion, Walk, WalkStep


class Line(NamedTuple):
    """`node`: the step ("" : the journey as a whole). `what`: a code (see `_WORDS`); `words` say it; `because` says why, or is empty."""

    at: datetime
    node: str
    what: str
    words: str
    because: str
    version: int
    why: dict[str, Any]


def of(walk: Walk) -> list[Line]:
    """Everything that happened to them there, oldest first. A fixed number of queries."""
    rows = list(WalkStep.objects.filter(walk=walk).order_by("pk"))
    numbers = {row.version for row in rows} | {walk.version}
    found = JourneyVersion.objects.of(walk.workspace_id).filter(journey=walk.journey_id, number__in=numbers)
    names, segments = places.names(walk.workspace), SegmentNames.of(walk.workspace)
    told = {row.number: _Told(row.definition, Words(names, segments, wording.messages_of(row.definition, names))) for row in found}
    lines = [_line(row, told.get(row.version, _Told({}, Words(names, segments)))) for row in rows]
    if walk.state == Walk.State.STOPPED and walk.ended_at:
        lines.append(Line(walk.ended_at, walk.node, "stopped", _WORDS["stopped"](), "", walk.version, {}))
    return lines


class _Told(NamedTuple):
    """A wording of the journey, and how its things are called."""

    definition: Json
    words: Words


def _line(row: WalkStep, told: _Told) -> Line:
    found = shaping.find(told.definition, row.node)
    say = _WORDS.get(row.what)
    words = say() if say else told.words.step(found[2]).title if found else row.what
    return Line(row.at, row.node, row.what, words, _because(row, found[2] if found else {}, told), row.version, row.why)


def _because(row: WalkStep, step: Json, told: _Told) -> str:
    if row.what == "began":
        place, starts = row.why.get("trigger"), told.definition.get("start", [])
        if isinstance(place, int) and place < len(starts):
            return capfirst(_("they %(what)s") % {"what": told.words.event(starts[place])})
        return _("%(email)s put them in.") % {"email": row.why["by"]} if row.why.get("by") else ""
    if row.what == "branched" and "paths" in step:
        way, paths = row.why.get("way", 0), step["paths"]
        return capfirst(told.words.path(paths[way]["if"])) if way < len(paths) else _("Nothing of the above held.")
    if row.what in ("waits", "waits_for") and row.why.get("until"):
        return _("Until %(moment)s.") % {"moment": full_time(datetime.fromisoformat(row.why["until"]))}
    if row.what == "split":
        return str(row.why.get("arm", ""))
    return str(row.why.get("code", ""))


_WORDS = {
    "began": lambda: _("Began"),
    "sent": lambda: _("Handed to the outbox"),
    "no_address": lambda: _("Nothing was sent: no address of theirs is known"),
    "no_code": lambda: _("Nothing was sent: no code of the promotion was left"),
    "not_for_them": lambda: _("Nothing was sent: the promotion is for a segment they are not in"),
    "not_sent": lambda: _("Nothing was sent"),
    "late": lambda: _("Left out, for it was too late"),
    "came": lambda: _("It happened"),
    "missed": lambda: _("It did not happen in time"),
    "done": lambda: _("Came to the end"),
    "goal": lambda: _("Reached the goal"),
    "left": lambda: _("Left"),
    "left_late": lambda: _("Left, for it was too late"),
    "stopped": lambda: _("The journey was stopped"),
    "gone": lambda: _("The person is no more"),
}
"""Codes that say enough by themselves; others (waits, waits_for, branched, split, tagged, set, scored, asked, told) say their step."""
