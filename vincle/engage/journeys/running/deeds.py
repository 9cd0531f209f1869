"""What each kind of step does with all who stand before it: one outcome a walk, in their order."""

from collections.abc import Callable, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from vincle.accounts import audit
from vincle.accounts.models import User
from vincle.organise import automatic
from vincle.organise.team import Refused
from vincle.vocabulary import public_id

from .. import telling
from ..definition import moments
from ..definition.model import (
    Branch,
    Field,
    Leave,
    Score,
    Send,
    Span,
    Split,
    Stage,
    Step,
    Survey,
    Tag,
    Task,
    ToDate,
    ToTime,
    Until,
    Wait,
    Webhook,
)
from ..models import HookCall
from ..models import Task as TaskRow
from . import sending
from .walking import Going, State

if TYPE_CHECKING:
    from .moving import Round

Outcome = int | datetime | None
"""The way they go on by, until when they wait, or (None) that it is over for them."""


def do(round_: "Round", step: Step, walks: Sequence[Going]) -> list[Outcome]:
    return _DEEDS[type(step)](round_, step, walks)


def _on(walks: Sequence[Going]) -> list[Outcome]:
    return [0] * len(walks)


def _send(round_: "Round", step: Send | Survey, walks: Sequence[Going]) -> list[Outcome]:
    due = []
    for walk in walks:
        if walk.is_late and round_.late.then == "skip":
            walk.note("late", step.id)
        else:
            due.append(walk)
    if due:
        sending.send(round_, step, due)
    return _on(walks)


def _wait(round_: "Round", step: Wait, walks: Sequence[Going]) -> list[Outcome]:
    ends = _ends(round_, step.span, walks)
    for walk, end in zip(walks, ends, strict=True):
        walk.note("waits", step.id, until=end.isoformat())
    return list(ends)


def _ends(round_: "Round", span: Span | ToTime | ToDate, walks: Sequence[Going]) -> list[datetime]:
    now, people = round_.now, [walk.person for walk in walks]
    match span:
        case Span(unit=("minutes" | "hours")):
            return [moments.after(span, now, ZoneInfo("UTC"))] * len(walks)
        case Span():
            zones = round_.asking.zones(people)
            return [moments.after(span, now, zones[person]) for person in people]
        case ToTime():
            zones = round_.asking.zones(people)
            return [moments.next_time(span, now, zones[person]) for person in people]
        case ToDate():
            known = round_.asking.dates(people, span.trait)
            found = [moments.to_date(span, value, zone) for zone, value in (known[person] for person in people)]
            return [max(each, now) if each else now for each in found]


def _until(round_: "Round", step: Until, walks: Sequence[Going]) -> list[Outcome]:
    ends = _ends(round_, step.most, walks)
    for walk, end in zip(walks, ends, strict=True):
        walk.note("waits_for", step.id, until=end.isoformat())
    return list(ends)


def _branch(round_: "Round", step: Branch, walks: Sequence[Going]) -> list[Outcome]:
    ways: dict[int, int] = {}
    for place, path in enumerate(step.paths):
        rest = [walk for walk in walks if walk.pk not in ways]
        if rest:
            ways |= dict.fromkeys(round_.asking.holds(path.condition, rest), place)
    for walk in walks:
        walk.note("branched", step.id, way=ways.get(walk.pk, len(step.paths)))
    return [ways.get(walk.pk, len(step.paths)) for walk in walks]


def arm_of(journey: int, step: Split, person: int) -> int:
    """By chance, the same way each time."""
    digest = blake2b(f"{journey}:{step.id}:{person}".encode(), digest_size=8).digest()
    drawn = int.from_bytes(digest, "big") % 100
    for place, arm in enumerate(step.arms):
        if drawn < arm.share:
            return place
        drawn -= arm.share
    return len(step.arms) - 1


def _split(round_: "Round", step: Split, walks: Sequence[Going]) -> list[Outcome]:
    arms = [arm_of(round_.running.row.pk, step, walk.person) for walk in walks]
    for walk, arm in zip(walks, arms, strict=True):
        walk.note("split", step.id, arm=step.arms[arm].name)
    return list(arms)


def _people(walks: Sequence[Going]) -> list[int]:
    return list(dict.fromkeys(walk.person for walk in walks))


def _trace(round_: "Round", verb: str, walks: Sequence[Going], label: str, **details: Any) -> None:
    actor = f"journey {round_.running.row.name}"[:160]
    audit.record(round_.workspace, None, verb, "journey", round_.running.row.public, label, actor=actor, people=len(walks), **details)


def _refusable(deed: Callable[["Round", Any, Sequence[Going]], str]) -> Callable[["Round", Any, Sequence[Going]], list[Outcome]]:
    """What cannot be done is noted, and people go on."""

    def attempt(round_: "Round", step: Any, walks: Sequence[Going]) -> list[Outcome]:
        try:
            what, why = deed(round_, step, walks), {}
        except Refused as error:
            what, why = "not_done", {"code": str(error)[:200]}
        for walk in walks:
            walk.note(what, step.id, **why)
        return _on(walks)

    return attempt


def _tag(round_: "Round", step: Tag, walks: Sequence[Going]) -> str:
    automatic.tag(round_.workspace, _people(walks), step.name, is_removed=step.is_removed)
    _trace(round_, "untagged" if step.is_removed else "tagged", walks, step.name, step=step.id)
    return "tagged"


def _say(round_: "Round", walks: Sequence[Going], values: dict[int, dict[str, Any]], step: str) -> None:
    automatic.say(round_.workspace, values, f"journey {round_.running.row.name}"[:160])
    _trace(round_, "changed", walks, step, step=step)


def _field(round_: "Round", step: Field, walks: Sequence[Going]) -> str:
    value = "" if step.value is None else step.value
    _say(round_, walks, {person: {step.name: value} for person in _people(walks)}, step.id)
    return "set"


def _stage(round_: "Round", step: Stage, walks: Sequence[Going]) -> str:
    _say(round_, walks, {person: {step.name: step.value} for person in _people(walks)}, step.id)
    return "set"


def _score(round_: "Round", step: Score, walks: Sequence[Going]) -> str:
    known = automatic.traits(round_.workspace, _people(walks), [step.name])
    values: dict[int, dict[str, Any]] = {}
    for walk in walks:  # someone may be on the way twice
        before = values.get(walk.person, known.get(walk.person, {})).get(step.name)
        values[walk.person] = {step.name: _number(before) + step.points}
    _say(round_, walks, values, step.id)
    return "scored"


def _number(value: object) -> float:
    try:
        found = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return 0
    return found if abs(found) < 1e15 else 0


def _task(round_: "Round", step: Task, walks: Sequence[Going]) -> str:
    colleague = User.objects.filter(email__iexact=step.to, is_active=True).first() if step.to else None
    ends = _ends(round_, step.due, walks) if step.due else [None] * len(walks)
    rows = TaskRow.objects.bulk_create(
        TaskRow(workspace=round_.workspace, journey=round_.running.row, walk_id=walk.pk, node=step.id, person=walk.person, text=step.text,
                to=colleague, due_at=end, created_at=round_.now)
        for walk, end in zip(walks, ends, strict=True)
    )  # fmt: skip
    telling.asked(round_.running.row, rows)
    return "asked"


def _webhook(round_: "Round", step: Webhook, walks: Sequence[Going]) -> str:
    row = round_.running.row
    HookCall.objects.bulk_create(
        HookCall(workspace=round_.workspace, walk_id=walk.pk, node=step.id, url=step.url, created_at=round_.now, next_at=round_.now, body={
            "journey": {"id": row.public, "name": row.name}, "step": step.id, "person": public_id(walk.person), "turn": walk.turn,
            "at": round_.now.isoformat(),
        })
        for walk in walks
    )  # fmt: skip
    return "told"


def _leave(round_: "Round", step: Leave, walks: Sequence[Going]) -> list[Outcome]:
    for walk in walks:
        round_.passed[step.id, 0] += 1
        walk.end(State.LEFT, "left", round_.now, step.id)
    return [None] * len(walks)


_DEEDS: dict[type, Callable[["Round", Any, Sequence[Going]], list[Outcome]]] = {
    Send: _send, Survey: _send, Wait: _wait, Until: _until, Branch: _branch, Split: _split, Tag: _refusable(_tag),
    Field: _refusable(_field), Score: _refusable(_score), Stage: _refusable(_stage), Task: _refusable(_task),
    Webhook: _refusable(_webhook), Leave: _leave,
}  # fmt: skip
__all__ = ["Outcome", "arm_of", "do"]
