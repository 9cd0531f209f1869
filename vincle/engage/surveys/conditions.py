"""Conditions over the answers of one survey, as quotas and raffles ask for them: checked, chosen from its answers, put into words."""

from typing import Any

from django.utils.translation import gettext as _

from . import asked_words
from .collectors import Refused
from .definition import expressions, model
from .definition.model import Item
from .models import Survey
from .quotas import Cell

_CHOICES = (model.Single, model.Dropdown, model.ImageChoice)
MOST_LISTED = 60


def names(survey: Survey) -> list[str]:
    """Ids of questions a condition can ask about."""
    return [item.id for _page, item in model.questions(asked_words.asked(survey)) if not isinstance(item, model.Note)]


def check(survey: Survey, condition: str) -> None:
    """Raises Refused for what is no expression, with its place, or names what the survey does not ask."""
    if not condition.strip():
        return
    try:
        found = expressions.names(expressions.parse(condition.strip()))
    except expressions.Fault as fault:
        raise Refused(_("The condition cannot be read at character %(place)d.") % {"place": fault.place + 1}) from fault
    known = set(names(survey))
    strange = sorted(name for name in found if name.partition("@")[0].partition(".")[0] not in known and not name.startswith("person."))
    if strange:
        raise Refused(_("The survey does not ask “%(name)s”.") % {"name": strange[0]})


def chosen(cell: str) -> str:
    """What a form's list of answers sends is an expression already; it is checked like any other."""
    return cell.strip()[:500]


def choosable(survey: Survey) -> list[dict[str, Any]]:
    """Questions with answers to choose from: id, title, cells."""
    definition = asked_words.asked(survey)
    found = []
    for _page, item in model.questions(definition):
        made = _cells(definition, item)
        if made:
            found.append({"id": item.id, "title": _title(definition, item), "cells": made})
    return found


def cells(survey: Survey, id: str) -> list[Cell]:
    """The answers of one question; none for a question without any."""
    definition = asked_words.asked(survey)
    found = model.find(definition, id)
    return _cells(definition, found[1]) if found else []


def title(survey: Survey, id: str) -> str:
    definition = asked_words.asked(survey)
    found = model.find(definition, id)
    return _title(definition, found[1]) if found else ""


def words(survey: Survey, condition: str) -> str:
    """A condition chosen from the list in words; any other as it is written."""
    for each in choosable(survey):
        for cell in each["cells"]:
            if cell.condition == condition:
                return f"{each['title']}: {cell.words}"
    return condition or str(_("Everybody"))


def _title(definition: model.Survey, item: Item) -> str:
    return model.say(item.text, definition.language, definition)[:80] or item.id


def _cells(definition: model.Survey, item: Item) -> list[Cell]:
    language = definition.language
    if isinstance(item, _CHOICES) and not (isinstance(item, model.ImageChoice) and item.several):
        return [
            Cell(f"{{{item.id}}} = {_quoted(each.id)}", model.say(each.text, language, definition) or each.id)
            for each in item.choices[:MOST_LISTED]
        ]
    if isinstance(item, model.Multiple):
        return [
            Cell(f"contains({{{item.id}}}, {_quoted(each.id)})", model.say(each.text, language, definition) or each.id)
            for each in item.choices[:MOST_LISTED]
        ]
    if isinstance(item, model.Nps):
        spans = ((0, 6, _("detractors")), (7, 8, _("passives")), (9, 10, _("promoters")))
        return [Cell(f"{{{item.id}}} >= {low} and {{{item.id}}} <= {high}", str(said)) for low, high, said in spans]
    return []


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
