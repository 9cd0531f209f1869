"""Computed traits as people read them."""

from typing import Any

from django.utils import timezone

from vincle.accounts.models import Workspace

from . import computed, frames
from .segments.measured import DATES
from .wording import shown


def said(value: Any, measure: str) -> str:
    """A value in words; "" where it is unknown."""
    return shown(value, "date" if measure in DATES else "number")


def of_person(workspace: Workspace, person: int) -> list[tuple[str, str]]:
    """(name, value) of what is counted of a person; what is unknown of them is left out. Two queries, one where nothing is counted."""
    now = frames.now_of(workspace, timezone.now())
    rows = computed.of_person(workspace, person, now)
    return [(each.label, words) for each, value in rows if (words := said(value, each.clause.measure))]
