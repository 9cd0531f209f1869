"""Which letters campaigns and journeys can send: those that can leave, newest first, and the version that is sent."""

from typing import NamedTuple

from vincle.accounts.models import User, Workspace

from . import actions
from .models import Letter, LetterVersion
from .plain import without_liquid


class Choice(NamedTuple):
    """A letter that can be chosen: primary key, name, subject in its main language, languages, number of the newest version (0: none).

    `is_changed`: the draft says something newer than that version.
    """

    pk: int
    name: str
    subject: str
    languages: tuple[str, ...]
    number: int
    is_changed: bool


def choices(workspace: Workspace, most: int = 500) -> list[Choice]:
    """Letters that are not put away and have a subject, newest first. One query."""
    rows = Letter.objects.of(workspace).filter(archived_at=None).order_by("-changed_at", "-pk")[:most]
    return [
        Choice(
            row.pk,
            row.name,
            without_liquid(row.draft[row.language]["subject"]),
            (row.language, *sorted(set(row.draft) - {row.language})),
            row.kept,
            row.is_changed,
        )
        for row in rows
        if row.draft.get(row.language, {}).get("subject")
    ]


def letter(workspace: Workspace, pk: int | str) -> Letter | None:
    """The letter of this key, put away or not; None when there is none here."""
    number = int(pk) if str(pk).isascii() and str(pk).isdigit() and len(str(pk)) < 19 else 0
    found: Letter | None = Letter.objects.of(workspace).filter(pk=number).first()
    return found


def version(workspace: Workspace, user: User | None, pk: int | str) -> LetterVersion | None:
    """The version that leaves when this letter is chosen now: its draft, kept. None: there is no such letter. Raises actions.Refused."""
    found = letter(workspace, pk)
    return actions.keep(workspace, user, found) if found else None


def versions(workspace: Workspace, keys: list[int]) -> dict[int, LetterVersion]:
    """Versions by primary key, those of this workspace only. One query."""
    return {each.pk: each for each in LetterVersion.objects.of(workspace).filter(pk__in=keys).select_related("letter")}
