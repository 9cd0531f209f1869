"""Posts from a file: one a line, each taken or refused with its reason; the same file again makes nothing twice."""

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace
from vincle.channels import _separated
from vincle.channels._dates import DateError, Dates
from vincle.channels._text import find_encoding
from vincle.channels.base import FileError
from vincle.store.folding import fold
from vincle.vocabulary import Reject, Warn

from . import ideas, places, planning
from .models import Post
from .places import Place

MOST: Final = 1_000
LARGEST: Final = 5 * 1024**2
HEADINGS: Final = ("at", "where", "text", "name", "campaign", "place", "evergreen")
_NAMES: Final = {
    "at": {"at", "when", "date", "date and time", "datetime", "scheduled", "fecha", "cuando", "data", "quando", "quan", "date time"},
    "time": {"time", "hour", "hora", "ora"},
    "where": {"where", "account", "channel", "network", "profile", "cuenta", "canal", "red", "conto", "canale", "compte", "xarxa"},
    "text": {"text", "post", "message", "content", "caption", "texto", "mensaje", "testo", "messaggio", "missatge"},
    "name": {"name", "title", "idea", "nombre", "titulo", "nome", "titolo", "nom", "titol"},
    "campaign": {"campaign", "utm campaign", "campana", "campagna", "campanya"},
    "place": {"place", "chat", "group", "grupo", "gruppo", "grup"},
    "evergreen": {"evergreen", "queue", "cola", "coda", "cua"},
}
_YES: Final = {"1", "yes", "y", "true", "x", "si", "oui"}


class Wrong(NamedTuple):
    """A line that was not taken, and why."""

    line: int
    why: str
    cells: tuple[str, ...]


class Read(NamedTuple):
    """`rows`: (line, field -> value)."""

    rows: list[tuple[int, dict[str, str]]]
    wrong: list[Wrong]
    headings: tuple[str, ...]


class Taken(NamedTuple):
    made: list[Post]
    known: int
    wrong: list[Wrong]
    headings: tuple[str, ...]


def read(content: bytes) -> Read:
    """A CSV of any separator and encoding. Raises ideas.Refused where it is none."""
    if len(content) > LARGEST:
        raise ideas.Refused(_("The file is larger than 5 MB."))
    if not content.strip() or (b"\x00" in content[:4] and content[:2] not in (b"\xff\xfe", b"\xfe\xff")):
        raise ideas.Refused(_("This file has no rows of text."))
    file = io.BytesIO(content)
    encoding, damaged = find_encoding(file)
    file.seek(0)
    try:
        table = _separated.read(file, encoding, damaged)
        fields = _fields(table.headings)
        found = Read([], [], tuple(table.headings))
        for each in table.rows:
            _one(each, fields, found)
            if len(found.rows) > MOST:
                raise ideas.Refused(_("At most %(most)s posts at once.") % {"most": MOST})
    except (UnicodeError, ValueError, FileError) as error:
        if isinstance(error, ideas.Refused):
            raise
        raise ideas.Refused(_("This file could not be read as rows of text.")) from error
    return found


def _fields(headings: Sequence[str]) -> dict[int, str]:
    fields: dict[int, str] = {}
    for place, heading in enumerate(headings):
        folded = " ".join(fold(heading).replace("_", " ").split())
        name = next((name for name, words in _NAMES.items() if folded in words and name not in fields.values()), "")
        if name:
            fields[place] = name
    if "text" not in fields.values():
        raise ideas.Refused(_("No column is called “text”. The columns are: %(names)s.") % {"names": ", ".join(HEADINGS)})
    return fields


def _one(each: Any, fields: Mapping[int, str], found: Read) -> None:
    if isinstance(each, Reject | Warn):
        if isinstance(each, Reject):
            found.wrong.append(Wrong(each.line, _("This line is broken: its quotes or columns do not add up."), ()))
        return
    line, cells = each
    values = {name: cells[place].strip() for place, name in fields.items() if place < len(cells)}
    if any(values.values()):
        found.rows.append((line, values | {"cells": "\x1f".join(cells)}))


def take(workspace: Workspace, user: User, content: bytes, approves: bool, asks: bool, now: datetime | None = None) -> Taken:
    """Posts of a file as drafts, or with `asks` planned as far as the user may. Raises ideas.Refused where nothing can be read."""
    now = now or timezone.now()
    told = read(content)
    dates = Dates(timezone.get_current_timezone())
    dates.see(_at(values) for _line, values in told.rows)
    able = places.places_of(workspace)
    taken = Taken([], 0, list(told.wrong), told.headings)
    known = 0
    for line, values in told.rows:
        try:
            with transaction.atomic():
                made = _take(workspace, user, values, able, dates, now)
                if made is not None and asks and made.at is not None:
                    made = planning.plan(workspace, user, made, made.at, approves, now)
        except ideas.Refused as no:
            taken.wrong.append(Wrong(line, str(no), tuple(values["cells"].split("\x1f"))))
            continue
        known += made is None
        if made is not None:
            taken.made.append(made)
    audit.record(workspace, user, "imported", "posts", "", "", made=len(taken.made), known=known, refused=len(taken.wrong))
    return taken._replace(known=known, wrong=sorted(taken.wrong))


def _at(values: Mapping[str, str]) -> str:
    return " ".join(part for part in (values.get("at", ""), values.get("time", "")) if part)


def _take(
    workspace: Workspace, user: User, values: Mapping[str, str], able: Sequence[Place], dates: Dates, now: datetime
) -> Post | None:  # fmt: skip
    """The post of a line; None where it stands already. Raises ideas.Refused."""
    text = ideas.clean(values.get("text", ""))
    if not text:
        raise ideas.Refused(_("There are no words in this line."))
    place = _place(values.get("where", ""), able)
    at = _moment(_at(values), dates)
    if at is not None and at < now:
        raise ideas.Refused(_("This time has passed."))
    same = Post.objects.of(workspace).filter(connection=place.connection, at=at, idea__text=text)
    if same.exclude(state=Post.State.REMOVED).exists():
        return None
    is_evergreen = fold(values.get("evergreen", "")) in _YES
    idea = ideas.create(workspace, user, values.get("name", ""), text, campaign=values.get("campaign", "")[:80], is_evergreen=is_evergreen)
    made: Post = Post.objects.create(
        workspace=workspace, idea=idea, connection=place.connection, place=values.get("place", "")[:100], at=at, by=user
    )
    return made


def _place(where: str, able: Sequence[Place]) -> Place:
    if not able:
        raise ideas.Refused(_("No connection can post yet."))
    if not where and len(able) == 1:
        return able[0]
    wanted = fold(where).removeprefix("@")
    names = [(each, {fold(name).removeprefix("@") for name in (each.connection.account, each.connection.name)}) for each in able]
    found = [each for each, known in names if wanted in known] or [each for each in able if each.connection.channel == wanted]
    if not found:
        raise ideas.Refused(_("No place is called “%(name)s”.") % {"name": where[:60]})
    if len(found) > 1:
        raise ideas.Refused(_("Several places are called “%(name)s”: write the account.") % {"name": where[:60]})
    return found[0]


def _moment(text: str, dates: Dates) -> datetime | None:
    if not text:
        return None
    try:
        return dates.moment(text)
    except (DateError, ValueError, OverflowError) as error:
        ambiguous = getattr(error, "code", "") == "ambiguous_date"
        why = _("Is “%(text)s” day or month first? Write 2026-12-24 18:00.") if ambiguous else _("“%(text)s” is not a date and time.")
        raise ideas.Refused(why % {"text": text[:40]}) from error
