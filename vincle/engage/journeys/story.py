"""Someone's way through a journey, line by line, with why."""

from datetime import datetime
from typing import Any, NamedTuple

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from vincle.organise import segment_clauses
from vincle.organise.models import Segment

from .definition.flow import flow
from .definition.model import Branch, Definition, Step
from .definition.reading import read
from .models import JourneyVersion, Walk, WalkStep
from .wording import condition_words, step_words, trigger_words


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
    versions = {row.number: read(row.definition) for row in found}
    names = _Names(walk)
    lines = [_line(row, versions.get(row.version), names) for row in rows]
    if walk.state == Walk.State.STOPPED and walk.ended_at:
        lines.append(Line(walk.ended_at, walk.node, "stopped", _WORDS["stopped"](), "", walk.version, {}))
    return lines


class _Names:
    """What segments are called, asked for once."""

    def __init__(self, walk: Walk) -> None:
        self.clauses = segment_clauses.Names.of(walk.workspace)
        self.segments = dict(Segment.objects.of(walk.workspace_id).values_list("public", "name"))


def _line(row: WalkStep, definition: Definition | None, names: _Names) -> Line:
    step = flow(definition).steps.get(row.node) if definition else None
    say = _WORDS.get(row.what)
    words = say() if say else (step_words(step, names.segments) if step else row.what)
    return Line(row.at, row.node, row.what, words, _because(row, step, definition, names), row.version, row.why)


def _because(row: WalkStep, step: Step | None, definition: Definition | None, names: _Names) -> str:
    if row.what == "began":
        place = row.why.get("trigger")
        if isinstance(place, int) and definition and place < len(definition.start):
            return trigger_words(definition.start[place], names.segments)
        return _("%(email)s put them in.") % {"email": row.why["by"]} if row.why.get("by") else ""
    if row.what == "branched" and isinstance(step, Branch):
        way = row.why.get("way", 0)
        return condition_words(step.paths[way].condition, names.clauses) if way < len(step.paths) else _("Nothing of the above held.")
    if row.what in ("waits", "waits_for") and row.why.get("until"):
        moment = timezone.localtime(datetime.fromisoformat(row.why["until"]))
        return _("Until %(moment)s.") % {"moment": formats.date_format(moment, "DATETIME_FORMAT")}
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
