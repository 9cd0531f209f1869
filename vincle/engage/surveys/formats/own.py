"""Our own format: JSON as docs/reference/survey-schema.json describes it. What is written is read back exactly. Pure."""

from typing import Any, Final

import msgspec

from ..definition import model
from ..definition.model import Survey
from .base import MOST_QUESTIONS, Read, Refused, Written
from .json_reading import parse

KEY: Final = "own"
ENDINGS: Final = (".json",)


def looks(content: bytes, name: str) -> float:
    return 1.0 if b"vincle-survey/" in content[:20_000] and content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") else 0.0


def read(content: bytes, name: str) -> Read:
    """Raises Refused."""
    found = parse(content)
    if not isinstance(found, dict):
        raise Refused("wrong_shape", "{")
    if found.get("format") != model.FORMAT:
        raise Refused(
            "newer_format" if str(found.get("format", "")).startswith("vincle-survey/") else "wrong_shape", str(found.get("format"))[:60]
        )
    try:
        survey = model.load(found)
    except msgspec.ValidationError as fault:
        raise Refused("wrong_shape", str(fault)[:200]) from fault
    if sum(1 for _ in model.questions(survey)) > MOST_QUESTIONS:
        raise Refused("too_many_questions", str(MOST_QUESTIONS))
    return Read(survey)


def write(survey: Survey) -> Written:
    made: dict[str, Any] = model.dump(survey)
    content = msgspec.json.format(msgspec.json.encode(made), indent=2)
    return Written(content, [], ".survey.json", "application/json")
