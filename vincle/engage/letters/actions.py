"""Everything that writes letters: begin one, save its draft, keep a version, go back to one, copy it, put it away."""

from contextlib import suppress
from typing import Any

import msgspec
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace

from . import blocks, branding, compiling
from .models import Letter, LetterVersion
from .phrases import LANGUAGES

LARGEST = 400_000
"""Bytes of a draft, all languages together."""

KIND = "letter"


class Refused(ValueError):
    """What was asked cannot be done; the sentence says why."""


class Changed(Exception):
    """Somebody saved the draft meanwhile. `letter`: as it stands now."""

    def __init__(self, letter: Letter) -> None:
        super().__init__(letter.pk)
        self.letter = letter


def create(
    workspace: Workspace, user: User | None, name: str, *, language: str = "en", draft: dict[str, Any] | None = None, template: str = ""
) -> Letter:
    """A letter with a draft ({language: content}); empty where none is given. Raises Refused."""
    given = draft or {language: {}}
    language = language if language in given else next(iter(given))
    with transaction.atomic():
        letter: Letter = Letter.objects.create(
            workspace=workspace, name=_named(name), language=language, draft=read(given, language), template=template[:20], by=user,
            changed_by=user,
        )  # fmt: skip
        audit.record(workspace, user, "created", KIND, letter.pk, letter.name)
    return letter


def read(raw: Any, main: str) -> dict[str, Any]:
    """A draft as it can be kept: languages we write in, the main one among them, each with whole contents. Raises Refused."""
    given = raw if isinstance(raw, dict) else {}
    found = {language: blocks.content(given[language]) for language in (main, *LANGUAGES) if isinstance(given.get(language), dict)}
    found.setdefault(main, blocks.content({}))
    if len(msgspec.json.encode(found)) > LARGEST:
        raise Refused(_("This letter is too long to be kept. Take something out."))
    return found


def save(workspace: Workspace, user: User, letter: Letter, raw: Any, revision: int, *, name: str | None = None, main: str = "") -> Letter:
    """Keep the draft as it is now. `revision`: the one it was made from. Raises Changed and Refused.

    Each pause in writing saves, so that not every one is a line of the audit log: versions are.
    """
    main = main if main in LANGUAGES and isinstance(raw, dict) and main in raw else letter.language
    values: dict[str, Any] = {"draft": read(raw, main), "language": main, "changed_by": user, "changed_at": timezone.now()}
    if name is not None and name.strip():
        values["name"] = _named(name)
    with transaction.atomic():
        standing = Letter.objects.of(workspace).filter(pk=letter.pk, revision=revision, archived_at=None)
        if not standing.update(**values, revision=F("revision") + 1):
            raise Changed(Letter.objects.of(workspace).select_related("changed_by").get(pk=letter.pk))
        if values.get("name", letter.name) != letter.name:
            audit.record(workspace, user, "renamed", KIND, letter.pk, values["name"], before=letter.name)
    made: Letter = Letter.objects.of(workspace).get(pk=letter.pk)
    return made


def keep(workspace: Workspace, user: User | None, letter: Letter, note: str = "") -> LetterVersion:
    """The draft as a version that never changes; the newest one where the draft says nothing else. Raises Refused."""
    with transaction.atomic():
        standing: Letter = Letter.objects.of(workspace).select_for_update().get(pk=letter.pk)
        newest = standing.versions.order_by("-number").first()
        look = branding.look_of(workspace)
        if newest and not standing.is_changed and newest.look == look and not note:
            return newest
        _check(standing)
        version = _frozen(standing, user, look, note)
        Letter.objects.of(workspace).filter(pk=standing.pk).update(kept=version.number, kept_revision=standing.revision)
        audit.record(workspace, user, "kept a version of", KIND, letter.pk, standing.name, number=version.number)
    return version


def _check(letter: Letter) -> None:
    for language, content in letter.draft.items():
        if not content["subject"]:
            raise Refused(_("The letter has no subject (%(language)s).") % {"language": language})
        if found := compiling.faults(content):
            raise Refused(_("Something in the letter cannot be read: %(why)s") % {"why": found[0].why})


def _frozen(letter: Letter, user: User | None, look: dict[str, Any], note: str) -> LetterVersion:
    main = letter.draft[letter.language]
    made: LetterVersion = LetterVersion.objects.create(
        workspace_id=letter.workspace_id, letter=letter, number=letter.kept + 1, name=letter.name, language=letter.language, **main,
        variants={language: content for language, content in letter.draft.items() if language != letter.language}, look=look,
        note=" ".join(note.split())[:200], by=user,
    )  # fmt: skip
    return made


def restore(workspace: Workspace, user: User, letter: Letter, version: LetterVersion) -> Letter:
    """The draft says again what a version says. What it said before is kept as a version first, where it can be."""
    with transaction.atomic():
        standing: Letter = Letter.objects.of(workspace).select_for_update().get(pk=letter.pk)
        if standing.is_changed:
            with suppress(Refused):  # a draft that cannot leave is no version: undoing in the editor brings it back
                keep(workspace, user, standing, _("Before going back to version %(number)d") % {"number": version.number})
        draft = {language: version.content(language) for language in version.languages}
        Letter.objects.of(workspace).filter(pk=letter.pk).update(
            draft=draft, language=version.language, revision=F("revision") + 1, changed_by=user, changed_at=timezone.now()
        )
        audit.record(workspace, user, "went back to a version of", KIND, letter.pk, letter.name, number=version.number)
    made: Letter = Letter.objects.of(workspace).get(pk=letter.pk)
    return made


def copy(workspace: Workspace, user: User, letter: Letter, name: str = "") -> Letter:
    """Another letter that says the same."""
    called = name or _("%(name)s (copy)") % {"name": letter.name[:100]}
    return create(workspace, user, called, language=letter.language, draft=letter.draft, template=letter.template)


def archive(workspace: Workspace, user: User, letter: Letter, *, away: bool = True) -> None:
    """Put a letter away, or take it out again. What leaves by a version of it goes on."""
    with transaction.atomic():
        Letter.objects.of(workspace).filter(pk=letter.pk).update(archived_at=timezone.now() if away else None)
        audit.record(workspace, user, "put away" if away else "took out again", KIND, letter.pk, letter.name)


def rename(workspace: Workspace, user: User, letter: Letter, name: str) -> None:
    """Raises Refused."""
    called = _named(name)
    with transaction.atomic():
        Letter.objects.of(workspace).filter(pk=letter.pk).update(name=called)
        audit.record(workspace, user, "renamed", KIND, letter.pk, called, before=letter.name)


def _named(name: str) -> str:
    called = " ".join(name.replace("\x00", "").split())[:120]
    if not called:
        raise Refused(_("A letter needs a name."))
    return called
