"""One question by groups, as the page shows it: waves, ways, languages, segments, and other answers."""

from typing import Any, Final

from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from vincle.organise import members

from ..models import Survey
from . import load, looks
from .compare import Compared, Labels, by_answer, by_time, compare, named
from .frame import Frame
from .load import Asked

COMPARED: Final = ("rating", "choice", "choices", "yes")


def shown(survey: Survey, frame: Frame, asked: Asked, ways: dict[int, str]) -> dict[str, Any] | None:
    column = frame.by_id.get(asked.of) or frame.main
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


def choices(survey: Survey, frame: Frame, ways: dict[int, Any]) -> dict[str, list[tuple[str, str]]]:
    """What the menus of the page offer."""
    asked = [(each.id, looks.named(each)) for each in frame.columns if each.kind in COMPARED and not each.is_personal]
    segments = [] if survey.is_anonymous else [(each.public, each.name) for each in members.listed(survey.workspace)[:40]]
    by = [("collector", _("Way they were asked")), ("time", _("Time")), ("language", _("Language"))]
    by += [(f"segment:{public}", _("Segment: %(name)s") % {"name": name}) for public, name in segments]
    languages = [(code, _language(code)) for code in frame.survey.languages]
    collectors = [(each.public_id, each.name) for each in ways.values()]
    return {"of": asked, "by": by + asked, "collector": collectors, "language": languages, "segment": segments}


def _language(code: str) -> str:
    try:
        return str(get_language_info(code)["name_local"]).capitalize()
    except KeyError:
        return code
