"""One question by groups, as the page shows it: waves, ways, languages, segments, other answers, and another survey that asks the same."""

from dataclasses import replace
from typing import Any, Final

import numpy as np
from django.db.models import QuerySet
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from vincle.organise import members

from ..models import Survey
from . import load, looks
from .columns import Column, columns
from .compare import Compared, Labels, by_answer, by_time, compare, named
from .figures import careless, options
from .frame import Frame
from .load import Asked

COMPARED: Final = ("rating", "choice", "choices", "yes")
OTHER: Final = "survey:"
MOST_OTHERS: Final = 40


def shown(survey: Survey, frame: Frame, asked: Asked, ways: dict[int, str]) -> dict[str, Any] | None:
    column = frame.by_id.get(asked.of) or frame.main
    if asked.by.startswith(OTHER) and column is not None:
        frame, labels = _beside(survey, frame, column, asked)
    else:
        labels = _labels(survey, frame, asked.by, ways)
    if column is None or labels is None or column.kind not in COMPARED:
        return None
    found = compare(frame, column, labels)
    if asked.by == "time":
        found = _in_time(found)
    table = [
        {"name": looks.bucket(name), "cells": [_cell(found, row, place) for place in range(len(found.groups))]}
        for row, name in enumerate(found.rows)
    ]
    groups = [
        {"name": looks.bucket(each.name), "n": each.n, "is_hidden": each.is_hidden, "letter": chr(65 + place),
         "score": looks.shown(each.score.value, each.score.measure) if each.score else "",
         "range": looks.between(each.score.low, each.score.high, each.score.measure) if each.score else ""}
        for place, each in enumerate(found.groups)
    ]  # fmt: skip
    is_rated = column.kind == "rating"
    return {"label": looks.of_column(column), "groups": groups, "rows": table, "finding": _verdict(found), "has_scores": is_rated}


def _in_time(found: Compared) -> Compared:
    order = sorted(range(len(found.groups)), key=lambda place: found.groups[place].name)
    back = {old: new for new, old in enumerate(order)}
    test = found.test
    if test is not None:
        higher = tuple(tuple(tuple(back[other] for other in row[old]) for old in order) for row in test.higher)
        test = test._replace(shares=test.shares[:, order], higher=higher)
    return Compared([found.groups[old] for old in order], found.rows, found.counts[:, order], test)


def _cell(found: Compared, row: int, place: int) -> dict[str, Any]:
    group = found.groups[place]
    if group.is_hidden or not group.n:
        return {"share": None}
    higher = found.test.higher[row][place] if found.test else ()
    return {"share": found.counts[row, place] / group.n, "n": int(found.counts[row, place]), "higher": [chr(65 + each) for each in higher]}


def _verdict(found: Compared) -> str:
    if found.test is None:
        return _("There is nothing to compare yet.")
    values = {"p": f"{found.test.p:.3f}" if found.test.p >= 0.001 else "< 0.001"}
    if found.test.p < 0.05:
        return _("They differ by more than chance (p %(p)s). A letter names the groups that are surely lower.") % values
    return _("Chance alone could explain the differences (p %(p)s).") % values


def _labels(survey: Survey, frame: Frame, by: str, ways: dict[int, str]) -> Labels | None:
    if by == "collector":
        return named(frame, ways)
    if by == "language":
        return [row.language for row in frame.rows]
    if by == "time":
        return by_time(frame, load.zone(survey))[0]
    if by.startswith("segment:") and not survey.is_anonymous:
        segment = members.found(survey.workspace, by[8:])
        return load.segments_of(survey, frame, segment) if segment else None
    column = frame.by_id.get(by)
    return by_answer(frame, column) if column and column.kind in COMPARED and not column.is_personal else None


def _beside(survey: Survey, frame: Frame, column: Column, asked: Asked) -> tuple[Frame, Labels | None]:
    """The answers of both surveys in one frame, and whose each is; no labels where the other does not ask this."""
    other = _others(survey).filter(public_id=asked.by.removeprefix(OTHER)).select_related("workspace", "version").first()
    if other is None:
        return frame, None
    theirs = load.frame(other, frame.language, replace(asked, collector="", first=None, last=None))
    if (same := theirs.by_id.get(column.id)) is None or not _is_same(same, column):
        return frame, None
    if asked.careful:
        theirs = theirs.part(~careless(theirs))
    is_anonymous = frame.is_anonymous or theirs.is_anonymous
    weights = None if frame.weights is None else np.concatenate([frame.weights, np.ones(len(theirs))])
    both = Frame(frame.survey, [*frame.rows, *theirs.rows], frame.language, is_anonymous=is_anonymous, weights=weights)
    ours, called = _called(survey), _called(other)
    return both, [ours] * len(frame) + [called if called != ours else f"{called} (2)"] * len(theirs)


def _others(survey: Survey) -> QuerySet[Survey]:
    rows = Survey.objects.of(survey.workspace_id).filter(deleted_at=None, version__isnull=False)
    return rows.exclude(pk=survey.pk)


def _is_same(one: Column, other: Column) -> bool:
    """Asked in the same way, whatever the words."""
    return one.kind == other.kind and [key for key, _label in options(one)] == [key for key, _label in options(other)]


def _called(survey: Survey) -> str:
    """Waves are often called alike."""
    return f"{survey.name} · {survey.opened_at:%Y-%m-%d}" if survey.opened_at else survey.name


def _waves(survey: Survey, frame: Frame) -> list[tuple[str, str]]:
    """Surveys that ask the main question too, newest first: each may be set beside this one. One query."""
    if frame.main is None:
        return []
    found = []
    for other in _others(survey).select_related("version").order_by("-opened_at", "-pk")[:MOST_OTHERS]:
        asked = columns(load.definition(other), frame.language)
        if any(each.id == frame.main.id and _is_same(each, frame.main) for each in asked):
            found.append((f"{OTHER}{other.public_id}", _("Survey: %(name)s") % {"name": _called(other)}))
    return found


def choices(survey: Survey, frame: Frame, ways: dict[int, Any]) -> dict[str, list[tuple[str, str]]]:
    """What the menus of the page offer."""
    asked = [(each.id, looks.named(each)) for each in frame.columns if each.kind in COMPARED and not each.is_personal]
    segments = [] if survey.is_anonymous else [(each.public, each.name) for each in members.listed(survey.workspace)[:40]]
    by = [("collector", _("Way they were asked")), ("time", _("Time")), ("language", _("Language"))]
    by += [(f"segment:{public}", _("Segment: %(name)s") % {"name": name}) for public, name in segments]
    by += _waves(survey, frame)
    languages = [(code, _language(code)) for code in frame.survey.languages]
    collectors = [(each.public_id, each.name) for each in ways.values()]
    return {"of": asked, "by": by + asked, "collector": collectors, "language": languages, "segment": segments}


def _language(code: str) -> str:
    try:
        return str(get_language_info(code)["name_local"]).capitalize()
    except KeyError:
        return code
