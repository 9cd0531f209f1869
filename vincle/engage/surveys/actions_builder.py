"""Everything that makes and changes surveys on the builder's screens. Each verb: check, do, write the audit log, in one transaction."""

import secrets
from typing import Any

import msgspec
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace

from . import editing
from .definition import checks, model
from .editing import Deed, Draft, Impossible, Trail
from .formats import LeftOut
from .models import Survey, SurveyVersion
from .tidying import DELETED_FOR

MOST = 500
_State = Survey.State


class Refused(ValueError):
    """Something that cannot be done; its text is for the one who asked. `troubles`: what has to be mended first."""

    def __init__(self, text: str, troubles: list[checks.Trouble] | None = None) -> None:
        super().__init__(text)
        self.troubles = troubles or []


class Changed(Exception):
    """Somebody changed the draft meanwhile, and what was sent would undo it."""


# Making


def create(
    workspace: Workspace, user: User, name: str, definition: model.Survey, *, template: str = "", came_from: str = "",
    left_out: list[LeftOut] | None = None,
) -> Survey:  # fmt: skip
    """A draft. Raises Refused."""
    name = _name(name)
    if Survey.objects.of(workspace).filter(deleted_at=None).count() >= MOST:
        raise Refused(_("There are %(most)d surveys. Delete some first.") % {"most": MOST})
    draft = model.dump(definition)
    with transaction.atomic():
        row = Survey.objects.create(
            workspace=workspace, public_id=secrets.token_hex(8), name=name, definition=draft, trail={"drafts": [draft], "place": 0},
                by=user,
            changed_by=user, template=template, came_from=came_from, left_out=msgspec.to_builtins(left_out or []),
                salt=secrets.token_bytes(32),
        )  # fmt: skip
        audit.record(workspace, user, "created", "survey", row.pk, name)
    made: Survey = row
    return made


def copy(row: Survey, user: User) -> Survey:
    """The same questions as a new draft; answers and ways to it are not copied."""
    made = create(row.workspace, user, _("%(name)s (copy)") % {"name": row.name[:150]}, model.load(row.definition), template=row.template)
    Survey.objects.filter(pk=made.pk).update(
        is_anonymous=row.is_anonymous, not_again_days=row.not_again_days, one_answer_per=row.one_answer_per, timezone=row.timezone
    )
    return made


def _name(text: str) -> str:
    name = " ".join(text.replace("\x00", "").split())[:160]
    if not name:
        raise Refused(_("It needs a name."))
    return name


# Changing


def change(row: Survey, user: User, deed: Deed, revision: int | None = None) -> Survey:
    """Change the draft by one deed, on whatever stands now. `revision`: of the draft it was made for. Refused, Changed."""
    with transaction.atomic():
        locked = _locked(row)
        if revision is not None and revision != locked.revision:
            raise Changed
        try:
            draft = deed(locked.definition)
            kept = model.dump(model.load(draft))
        except Impossible as no:
            raise Refused(_impossible(str(no))) from no
        except msgspec.ValidationError as broken:
            raise Refused(_("That cannot be kept: %(why)s") % {"why": broken}) from broken
        if kept != locked.definition:
            trail = Trail(locked.trail, locked.definition)
            trail.put(kept)
            _put(locked, user, kept, trail)
    return locked


def step(row: Survey, user: User, by: int) -> Survey:
    """Take the last deed back (-1), or do it again (1). Refused."""
    with transaction.atomic():
        locked = _locked(row)
        trail = Trail(locked.trail, locked.definition)
        try:
            draft = trail.go(by)
        except Impossible as no:
            raise Refused(_impossible(str(no))) from no
        _put(locked, user, draft, trail)
    return locked


def _locked(row: Survey) -> Survey:
    found: Survey = Survey.objects.of(row.workspace_id).select_for_update().select_related("workspace").get(pk=row.pk)
    return found


def _put(row: Survey, user: User, draft: Draft, trail: Trail) -> None:
    row.definition, row.trail, row.revision = draft, trail.stored(), row.revision + 1
    row.changed_at, row.changed_by = timezone.now(), user
    row.save(update_fields=["definition", "trail", "revision", "changed_at", "changed_by"])


def _impossible(code: str) -> str:
    return {
        "gone": _("That is no longer there. Somebody removed it meanwhile."), "too_many": _("There are as many as there may be."),
        "last_page": _("A survey has one page at least."), "last_language": _("A survey has one language at least."),
        "bad_id": _("A short name has letters, digits and _ only, and begins with a letter."),
        "taken": _("Another question or page has this short name."),
        "nothing_to_undo": _("There is nothing to take back."), "nothing_to_redo": _("There is nothing to do again."),
    }.get(code, _("That is not possible here."))  # fmt: skip


def rename(row: Survey, user: User, name: str, is_anonymous: bool | None = None) -> None:
    """Its name among the team; whether it is anonymous may only be changed before it was ever opened. Refused."""
    with transaction.atomic():
        locked = _locked(row)
        locked.name = _name(name)
        if is_anonymous is not None and is_anonymous != locked.is_anonymous:
            if locked.opened_at is not None:
                raise Refused(
                    _("People have been told whether this survey is anonymous. It stays as it is; copy the survey to ask otherwise.")
                )
            locked.is_anonymous = is_anonymous
        locked.save(update_fields=["name", "is_anonymous"])
        audit.record(row.workspace, user, "changed", "survey", row.pk, locked.name)


# Its life


def open_(row: Survey, user: User, note: str = "") -> Survey:
    """Ask what the draft says from now on: also after a change while open. Keeps a version where it is otherwise than the last. Refused."""
    with transaction.atomic():
        locked = _locked(row)
        survey = model.load(locked.definition)
        if in_the_way := [each for each in checks.troubles(survey) if not each.is_warning]:
            raise Refused(_("Some things have to be mended before it can be asked."), in_the_way)
        if locked.version is None or locked.version.definition != locked.definition:
            number = locked.versions.order_by("-number").values_list("number", flat=True).first() or 0
            locked.version = SurveyVersion.objects.create(
                workspace=row.workspace,
                survey=locked,
                number=number + 1,
                definition=locked.definition,
                note=note.replace("\x00", "")[:200],
                by=user,
            )
        locked.state, locked.closed_at = _State.OPEN, None
        locked.opened_at = locked.opened_at or timezone.now()
        locked.save(update_fields=["version", "state", "opened_at", "closed_at"])
        audit.record(row.workspace, user, "opened", "survey", row.pk, f"{locked.name} ({locked.version.number})")
    return locked


def pause(row: Survey, user: User) -> Survey:
    return _turn(row, user, _State.PAUSED, "paused", (_State.OPEN,))


def resume(row: Survey, user: User) -> Survey:
    return _turn(row, user, _State.OPEN, "resumed", (_State.PAUSED, _State.CLOSED))


def close(row: Survey, user: User) -> Survey:
    return _turn(row, user, _State.CLOSED, "closed", (_State.OPEN, _State.PAUSED))


def _turn(row: Survey, user: User, state: Survey.State, word: str, before: tuple[Survey.State, ...]) -> Survey:
    with transaction.atomic():
        locked = _locked(row)
        if locked.state not in before or locked.version is None:
            raise Refused(_("That is not possible in the state it is in."))
        locked.state, locked.closed_at = state, timezone.now() if state == _State.CLOSED else None
        if state == _State.OPEN and locked.closes_at is not None and locked.closes_at <= timezone.now():
            locked.closes_at = None
        locked.save(update_fields=["state", "closed_at", "closes_at"])
        audit.record(row.workspace, user, word, "survey", row.pk, locked.name)
    return locked


def delete(row: Survey, user: User) -> None:
    """Out of every list, and closed to answers; `undelete` brings it back for thirty days."""
    with transaction.atomic():
        locked = _locked(row)
        locked.deleted_at = timezone.now()
        if locked.state == _State.OPEN:
            locked.state = _State.PAUSED
        locked.save(update_fields=["deleted_at", "state"])
        audit.record(row.workspace, user, "deleted", "survey", row.pk, locked.name)


def undelete(row: Survey, user: User) -> None:
    with transaction.atomic():
        locked = _locked(row)
        if locked.deleted_at is None or locked.deleted_at < timezone.now() - DELETED_FOR:
            raise Refused(_("It is too late to bring it back."))
        locked.deleted_at = None
        locked.save(update_fields=["deleted_at"])
        audit.record(row.workspace, user, "restored", "survey", row.pk, locked.name)


def restore(row: Survey, user: User, number: int) -> Survey:
    """Make what a version says the draft again. Refused."""
    version = SurveyVersion.objects.of(row.workspace_id).filter(survey=row, number=number).first()
    if version is None:
        raise Refused(_("There is no such version."))
    found: dict[str, Any] = version.definition
    return change(row, user, lambda _draft: editing.change(found, "", {}))
