"""Letters: which there are."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from vincle.accounts.access import May
from vincle.engage.letters import models as letters

from . import cursors, shapes
from .endpoint import Call, endpoint


class LettersAsked(Struct, forbid_unknown_fields=True):
    archived: Annotated[bool, Meta(description="Those that were put away instead.")] = False
    limit: shapes.Limit = 50
    cursor: shapes.After = ""


class LetterLine(Struct, kw_only=True):
    """A letter as it is being written; what leaves is its newest `version` (0: none was kept yet)."""

    id: Annotated[str, Meta(description="Its number.")]
    name: str
    kind: str
    subject: str
    language: str
    languages: Annotated[list[str], Meta(description="It is written in these.")]
    version: int
    is_changed: Annotated[bool, Meta(description="Whether it says something else than its newest version.")]
    created_at: datetime
    changed_at: datetime
    archived_at: datetime | None


class Letters(Struct):
    """A page of letters, newest first."""

    data: list[LetterLine]
    next_cursor: shapes.Cursor


@endpoint("GET", "letters", May.SEE, asks=LettersAsked, answers=Letters)
def list_letters(call: Call[LettersAsked]) -> Letters:
    """Letters, newest first."""
    rows = letters.Letter.objects.of(call.workspace).filter(archived_at__isnull=not call.asked.archived)
    shown, more = cursors.newest(rows, call.asked)
    return Letters([_line(row) for row in shown], more)


def _line(row: letters.Letter) -> LetterLine:
    return LetterLine(
        id=str(row.pk), name=row.name, kind=row.kind, subject=str(row.draft.get(row.language, {}).get("subject", "")),
        language=row.language, languages=sorted(row.draft), version=row.kept, is_changed=row.is_changed, created_at=row.created_at,
        changed_at=row.changed_at, archived_at=row.archived_at,
    )  # fmt: skip
