"""Signs that an answer was not given with care, or not by a person: noted when it is sent, judged in the report. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from .definition.model import Matrix, Survey

QUICK: Final = 2.0
"""Seconds a question, below which nobody reads it."""
FEWEST_ROWS: Final = 4


def found(survey: Survey, answers: Mapping[str, Any], seconds: float | None, *, trap: bool, is_machine: bool) -> dict[str, Any]:
    """{"straight": names of tables answered all alike, "fast": seconds a question, "trap", "machine": true}; what is not so is left out."""
    told: dict[str, Any] = {}
    if straight := [name for name in answers if _is_straight(survey, name, answers[name])]:
        told["straight"] = straight
    asked = sum(len(value) if isinstance(value, dict) else 1 for value in answers.values())
    if seconds is not None and asked > 1 and seconds / asked < QUICK:
        told["fast"] = round(seconds / asked, 2)
    if trap:
        told["trap"] = True
    if is_machine:
        told["machine"] = True
    return told


def _is_straight(survey: Survey, name: str, value: Any) -> bool:
    if not isinstance(value, dict) or len(value) < FEWEST_ROWS:
        return False
    bare = name.partition("@")[0]
    is_table = any(isinstance(item, Matrix) and item.id == bare for page in survey.pages for item in page.items)
    cells = [each for cell in value.values() for each in (cell if isinstance(cell, list) else [cell])]
    return is_table and len(set(map(str, cells))) == 1
