"""Questionnaires of other tools, and our own, as files: one module a format, this registry over them. Pure."""

from types import ModuleType
from typing import Final

from ..definition.model import Survey
from . import lss, own, qsf, surveyjs, xlsform
from .base import MOST_BYTES, LeftOut, Read, Refused, Written

FORMATS: Final[dict[str, ModuleType]] = {each.KEY: each for each in (own, xlsform, lss, surveyjs, qsf)}
ENDINGS: Final = tuple(sorted({ending for each in FORMATS.values() for ending in each.ENDINGS}))

__all__ = ["ENDINGS", "FORMATS", "LeftOut", "Read", "Refused", "Written", "read", "told", "write"]


def told(content: bytes, name: str) -> str:
    """The key of the format a file is of, by what stands in it; "" where none is likely."""
    sure = {key: each.looks(content, name) for key, each in FORMATS.items()}
    best = max(sure, key=lambda key: sure[key])
    return best if sure[best] >= 0.1 else ""


def read(content: bytes, name: str, key: str = "") -> Read:
    """A questionnaire out of a file; `key` where its format is known. Raises Refused."""
    if not content.strip():
        raise Refused("empty")
    if len(content) > MOST_BYTES:
        raise Refused("too_large", f"{len(content) >> 20} MB")
    if content.startswith(b"PK\x03\x04") and name.lower().endswith((".lsa", ".zip")):
        raise Refused("archive", name.rpartition(".")[2])
    found = key or told(content, name)
    if found not in FORMATS:
        raise Refused("unknown_format", name[:80])
    made: Read = FORMATS[found].read(content, name)
    return made


def write(survey: Survey, key: str) -> Written:
    """A questionnaire as a file of a format. KeyError where there is no such format."""
    made: Written = FORMATS[key].write(survey)
    return made
