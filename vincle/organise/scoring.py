"""Scores into rows: worked out on frames, written where they changed. Of whom nothing is known no row is kept."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
from django.db import transaction

from vincle.accounts.models import Workspace
from vincle.store import bulk

from . import frames, touching
from .models import Score, ScoreRun, Segment
from .scores.base import Found, Known, Reason
from .scores.registry import scores, teacher
from .segments.frame import Frame
from .segments.needs import Needs
from .value_terms import terms_of

CONSENTS: Final = frozenset({("email", "marketing"), ("phone", "marketing")})
ROWS: Final = 4_000
PARTS: Final = 10
"""The range of a score is counted in so many."""

_COLUMNS = ("workspace_id", "person", "name", "value", "label", "before", "confidence", "reasons", "at")
_STANDING = (
    "SELECT person, name, value, label, before, confidence, reasons, at FROM organise_score WHERE workspace_id = %s AND person IN ({})"
)


class Row(NamedTuple):
    """A score as it stands, or as it is to be written."""

    value: float
    label: str
    before: float | None
    confidence: float | None
    reasons: list[list[Any]]
    at: datetime


Key = tuple[int, str]
"""A person and a score."""


class Changes(NamedTuple):
    """What working out came to: rows to write, rows to take away, whose value changed, and how the people spread over each score."""

    written: dict[Key, Row]
    gone: list[Key]
    moved: set[int]
    spread: dict[str, "Spread"]


@dataclass
class Spread:
    """How many people have a score: in all, by tenths of its range, by label."""

    people: int = 0
    parts: list[int] = field(default_factory=lambda: [0] * PARTS)
    labels: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Spread") -> None:
        self.people += other.people
        self.parts = [mine + theirs for mine, theirs in zip(self.parts, other.parts, strict=True)]
        self.labels += other.labels


def spread_of(name: str, found: Found) -> Spread:
    spec = scores()[name].SCORE
    there = ~np.isnan(found.value)
    parts, _edges = np.histogram(found.value[there], PARTS, (spec.lowest, spec.highest))
    labels = Counter(each for each, is_there in zip(found.label, there.tolist(), strict=False) if is_there and each)
    return Spread(int(there.sum()), parts.tolist(), labels)


def known_of(workspace: Workspace) -> dict[str, Known]:
    """What was learnt for each score of this workspace."""
    models = dict(ScoreRun.objects.of(workspace).values_list("name", "model"))
    terms = terms_of(workspace).kept()
    return {name: Known(models.get(teacher(name)) or {}, workspace.currency, terms) for name in scores()}


def needs_of(names: Iterable[str]) -> Needs:
    """What a frame has to carry for these scores: all acts, and the traits they name."""
    specs = [scores()[name].SCORE for name in names]
    traits = frozenset[str]().union(*(spec.traits for spec in specs))
    return Needs(traits=traits, consents=CONSENTS if any(spec.consents for spec in specs) else frozenset(), verbs=None)


def frame_of(workspace: Workspace, people: Iterable[int], names: Iterable[str]) -> Frame:
    return frames.load(workspace, people, needs_of(names))


def work_out(
    workspace: Workspace, people: Sequence[int], names: Sequence[str], known: Mapping[str, Known], at: datetime, *, reasons: bool = True
) -> Changes:
    """These scores of these people as of now, against what stands. Without `reasons` those of an unchanged value stay as they are."""
    frame, now = frame_of(workspace, people, names), frames.now_of(workspace, at)
    there = set(frame.ids.tolist())
    stood = _standing(workspace, people, names)
    made = Changes({}, [key for key in stood if key[0] not in there], set(), {})
    for name in names:
        found = scores()[name].compute(frame, now, known[name])
        made.spread[name] = spread_of(name, found)
        _compare(made, name, frame, found, stood, at, reasons)
    return made


def _standing(workspace: Workspace, people: Sequence[int], names: Sequence[str]) -> dict[Key, Row]:
    found = {}
    for person, name, value, label, before, confidence, reasons, at in bulk.select(_STANDING, people, [workspace.pk]):
        if name in names:
            told = msgspec.json.decode(reasons) if isinstance(reasons, str | bytes) else reasons
            found[person, name] = Row(value, label, before, confidence, told, bulk.moment(at) or at)
    return found


def _compare(made: Changes, name: str, frame: Frame, found: Found, stood: Mapping[Key, Row], at: datetime, with_reasons: bool) -> None:
    step = scores()[name].SCORE.step
    for i, (person, value) in enumerate(zip(frame.ids.tolist(), found.value.tolist(), strict=True)):
        old = stood.get((person, name))
        if value != value:  # NaN: unknown
            if old is not None:
                made.gone.append((person, name))
                made.moved.add(person)
            continue
        new = _new(old, round(value, 6), found.label[i] if found.label else "", step, at)
        if new is None and not with_reasons:
            continue
        told = [[each.code, dict(each.values), each.weight] for each in found.reasons(i)]
        sure = round(float(found.confidence[i]), 4)
        if new is not None:
            made.written[person, name] = new._replace(confidence=sure, reasons=told)
            made.moved.add(person)
        elif old is not None and _tell(old.reasons) != _tell(told):
            made.written[person, name] = old._replace(confidence=sure, reasons=told)


def _new(old: Row | None, value: float, label: str, step: float, at: datetime) -> Row | None:
    """The row of a value that is another one now; None while it is the same."""
    if old is None:
        return Row(value, label, None, None, [], at)
    if abs(value - old.value) < step and label == old.label:
        return None
    return Row(value, label, old.value, None, [], at)


def _tell(reasons: Iterable[Sequence[Any]]) -> list[tuple[str, str]]:
    """What reasons say, without how much each weighs."""
    return sorted((each[0], msgspec.json.encode(each[1], order="sorted").decode()) for each in reasons)


def write(workspace: Workspace, made: Changes) -> None:
    """Keep what was worked out, some thousand rows at a time, so that nobody waits long for the database."""
    asked = asked_for(workspace)
    for part in bulk.chunks(sorted(made.written.items()), ROWS):
        with transaction.atomic():
            _put(workspace, part)
            _look_again(workspace, made.moved, asked, (key for key, _row in part))
    if made.gone:
        with transaction.atomic():
            _take_away(workspace, made.gone)
            _look_again(workspace, made.moved, asked, made.gone)


def _put(workspace: Workspace, rows: Sequence[tuple[Key, Row]]) -> None:
    moment, encode = bulk.writer(), msgspec.json.Encoder().encode
    values = [
        (workspace.pk, *key, row.value, row.label, row.before, row.confidence, encode(row.reasons).decode(), moment(row.at))
        for key, row in rows
    ]
    bulk.upsert(Score, _COLUMNS, values, "person, name", keep=("workspace_id", "person", "name"))


def _take_away(workspace: Workspace, keys: Iterable[Key]) -> None:
    by_name: dict[str, list[int]] = {}
    for person, name in keys:
        by_name.setdefault(name, []).append(person)
    for name, people in by_name.items():
        bulk.execute_in("DELETE FROM organise_score WHERE workspace_id = %s AND name = %s AND person IN ({})", people, [workspace.pk, name])


def _look_again(workspace: Workspace, moved: set[int], asked: set[str], keys: Iterable[Key]) -> None:
    """Those whose segments may hang on what changed."""
    if people := {person for person, name in keys if name in asked and person in moved}:
        touching.touch(workspace, people)


def asked_for(workspace: Workspace) -> set[str]:
    """Scores that a segment of the workspace asks for."""
    found: set[str] = set()
    for predicate in Segment.objects.of(workspace).filter(archived_at=None).values_list("predicate", flat=True):
        _find(predicate, found)
    return found


def _find(clause: Any, found: set[str]) -> None:
    if isinstance(clause, list):
        for each in clause:
            _find(each, found)
    elif isinstance(clause, dict):
        found.update(name for key in ("score", "by") if isinstance(name := clause.get(key), str))
        for each in clause.values():
            _find(each, found)


def forget(people: Iterable[int]) -> int:
    """Scores of people who are nobody any more (joined to others, forgotten) go. Inside the caller's transaction."""
    gone = "NOT EXISTS (SELECT 1 FROM organise_profile p WHERE p.person = organise_score.person)"
    return bulk.execute_in(f"DELETE FROM organise_score WHERE person IN ({{}}) AND {gone}", people)


def reason_of(told: Sequence[Any]) -> Reason:
    """A reason as it is kept; one that cannot be read says its code."""
    code, values, weight = (*told, {}, 0.0)[:3] if len(told) < 3 else told[:3]
    return Reason(str(code), values if isinstance(values, dict) else {}, float(weight) if np.isfinite(weight) else 0.0)
