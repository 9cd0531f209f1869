"""What every format of questionnaires speaks in: what was read, what could not come along, and why a file is refused. Pure.

`why` and `code` are stable; `words_formats.py` says them in the reader's language.
"""

from typing import Final, Literal, Protocol

from msgspec import Struct

from ..definition.model import Survey

MOST_BYTES: Final = 5 << 20
MOST_QUESTIONS: Final = 500
MOST_LEFT_OUT: Final = 400
LONGEST: Final = 4_000
MOST_CHOICES: Final = 500

Why = Literal[
    "type", "logic", "check", "calculation", "default", "loop", "file", "filter", "quota", "scoring", "script", "look", "setting", "media",
    "empty", "twice", "too_long", "too_many", "unused", "column", "sheet", "no_type", "no_name", "renamed", "changed", "html", "language",
    "metadata", "mail", "order", "text", "not_there", "scale", "area", "point",
]  # fmt: skip
"""Why something stays behind: there is no such kind of question; the condition cannot be said; ..., see `words_formats.py`."""

Code = Literal[
    "empty", "too_large", "not_text", "not_json", "not_xml", "unsafe_xml", "broken_workbook", "encrypted_workbook", "bomb",
    "no_survey_sheet",
    "no_type_column", "unknown_format", "no_questions", "too_many_questions", "wrong_shape", "newer_format", "choice_list_missing",
    "unbalanced", "archive", "data_file", "too_deep",
]  # fmt: skip


class LeftOut(Struct, frozen=True, order=True):
    """Something that did not come along whole: where it stood, what it was, why."""

    place: str
    what: str
    why: Why


class Read(Struct):
    """A questionnaire out of a file, with what stayed behind."""

    survey: Survey
    left_out: list[LeftOut] = []


class Written(Struct):
    """A questionnaire as a file: its bytes, what the format has no place for, the end of its name and its media type."""

    content: bytes
    left_out: list[LeftOut] = []
    ending: str = ""
    media_type: str = "application/octet-stream"


class Refused(ValueError):
    """The file cannot be read as a whole. `detail` names the place or the thing."""

    def __init__(self, code: Code, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code, self.detail = code, detail


class Format(Protocol):
    """One format. `looks` says how surely a file is of it, 0 to 1, by its name and its bytes."""

    KEY: str
    ENDINGS: tuple[str, ...]

    def looks(self, content: bytes, name: str) -> float: ...
    def read(self, content: bytes, name: str) -> Read: ...
    def write(self, survey: Survey) -> Written: ...


class Log:
    """Gathers what stays behind: each thing once, and not without end."""

    def __init__(self) -> None:
        self.found: dict[LeftOut, None] = {}

    def __call__(self, place: str, what: object, why: Why) -> None:
        if len(self.found) < MOST_LEFT_OUT:
            self.found[LeftOut(place[:120], " ".join(str(what).split())[:200], why)] = None
        elif len(self.found) == MOST_LEFT_OUT:
            self.found[LeftOut("", "…", "too_many")] = None

    def list(self) -> list[LeftOut]:
        return list(self.found)
