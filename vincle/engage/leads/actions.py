"""Everything that changes forms and landing pages. Each verb: check, do, trace, in one transaction."""

import re
import secrets
from collections.abc import Callable
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace
from vincle.store.folding import fold

from . import blocks, definition, wording
from .definition import Fault
from .editing import Draft, Impossible, Trail
from .models import Built, Form, FormVersion, Page, State

MOST = 500
"""Forms, or pages, of a workspace."""

Row = TypeVar("Row", bound=Built)
_TYPES = {Form: "form", Page: "landing page"}


class Refused(ValueError):
    """Something that cannot be done; its text is for the one who asked. `faults`: what has to be mended first."""

    def __init__(self, text: str, faults: list[Fault] | None = None) -> None:
        super().__init__(text)
        self.faults = faults or []


def kind_of(row: Built) -> str:
    return _TYPES[type(row)]


# Making


def create(workspace: Workspace, user: User, model: type[Row], name: str, draft: Draft, **more: Any) -> Row:
    """A new one with a draft to begin with. Raises Refused."""
    name = _name(name)
    if model.objects.of(workspace).filter(archived_at=None).count() >= MOST:
        raise Refused(_("There are %(most)d of them. Put some aside first.") % {"most": MOST})
    own: dict[str, Any] = {"key": secrets.token_hex(8)} if model is Form else {}
    values = {"name": name, "draft": draft, "trail": [draft], "by": user, **own, **more}
    for _try in range(5):
        try:
            with transaction.atomic():
                row: Any = model.objects.create(workspace=workspace, slug=_free_slug(model, f"{workspace.slug}-{name}"), **values)
                audit.record(workspace, user, "created", kind_of(row), row.pk, name)
                made: Row = row
                return made
        except IntegrityError:  # someone took the same address a moment ago
            continue
    raise Refused(_("No free address was found. Choose another name."))


def _name(text: str) -> str:
    name = " ".join(text.replace("\x00", "").split())[:120]
    if not name:
        raise Refused(_("It needs a name."))
    return name


def _free_slug(model: type[Built], text: str) -> str:
    wanted = slug_of(text) or "form"
    taken = set(model._default_manager.filter(slug__startswith=wanted[:70]).values_list("slug", flat=True))
    if wanted not in taken:
        return wanted
    return next(slug for number in range(2, 10_000) if (slug := f"{wanted[:70]}-{number}") not in taken)


def slug_of(text: str) -> str:
    """The part of an address that a name makes.

    >>> slug_of("Butlletí d'estiu 2026!"), slug_of("通讯")
    ('butlleti-d-estiu-2026', '')
    """
    return re.sub(r"[^a-z0-9]+", "-", fold(text)).strip("-")[:76].strip("-")


def copy(row: Row, user: User) -> Row:
    """The same as a new draft."""
    more = {"form": row.form} if isinstance(row, Page) else {}
    return create(row.workspace, user, type(row), _("%(name)s (copy)") % {"name": row.name[:110]}, row.draft, **more)


# Changing


def change(row: Row, deed: Callable[[Draft], Draft]) -> Row:
    """Change the draft by one deed, on whatever stands now: two who edit at once both keep what they did. Raises Refused."""
    with transaction.atomic():
        locked: Row = type(row).objects.of(row.workspace_id).select_for_update().get(pk=row.pk)
        try:
            draft = deed(locked.draft)
            (definition.load if isinstance(row, Form) else blocks.load)(draft)
        except Impossible as no:
            raise Refused(wording.impossible(str(no))) from no
        except definition.Broken as broken:
            raise Refused(_("That cannot be kept: %(why)s") % {"why": broken}) from broken
        trail = Trail(locked.trail, locked.place)
        if trail.put(draft):
            _put(locked, draft, trail)
        return locked


def step(row: Row, by: int) -> Row:
    """Undo (-1) or redo (1). Raises Refused."""
    with transaction.atomic():
        locked: Row = type(row).objects.of(row.workspace_id).select_for_update().get(pk=row.pk)
        trail = Trail(locked.trail, locked.place)
        try:
            _put(locked, trail.go(by), trail)
        except Impossible as no:
            raise Refused(wording.impossible(str(no))) from no
        return locked


def _put(row: Built, draft: Draft, trail: Trail) -> None:
    row.draft, row.trail, row.place = draft, trail.drafts, trail.place
    row.revision += 1
    row.changed_at = timezone.now()
    row.save(update_fields=["draft", "trail", "place", "revision", "changed_at"])


def names(workspace: Workspace) -> dict[str, str]:
    """Forms as others name them: key -> name."""
    return dict(Form.objects.of(workspace).filter(archived_at=None).values_list("key", "name"))


def rename(row: Built, user: User, name: str, slug: str) -> None:
    """Give it another name, or another public address. Raises Refused."""
    name, wanted = _name(name), slug_of(slug)
    if not wanted:
        raise Refused(_("An address has letters from a to z, digits and hyphens."))
    model = type(row)
    if model._default_manager.filter(slug=wanted).exclude(pk=row.pk).exists():
        raise Refused(_("The address “%(slug)s” is taken.") % {"slug": wanted})
    changes = {field: [old, new] for field, old, new in (("name", row.name, name), ("slug", row.slug, wanted)) if old != new}
    if changes:
        with transaction.atomic():
            model.objects.of(row.workspace_id).filter(pk=row.pk).update(name=name, slug=wanted, changed_at=timezone.now())
            audit.record(row.workspace, user, "changed", kind_of(row), row.pk, name, changes=changes)


# Publishing


def faults(row: Built) -> list[Fault]:
    if isinstance(row, Form):
        return definition.faults(definition.load(row.draft))
    return blocks.faults(blocks.load(row.draft), has_form=isinstance(row, Page) and row.form is not None and row.form.state == State.LIVE)


def is_changed(row: Built) -> bool:
    """Whether the draft is not what the public sees."""
    if row.version == 0:
        return True
    if isinstance(row, Form):
        standing = (
            FormVersion.objects.of(row.workspace_id).filter(form=row, number=row.version).values_list("definition", flat=True).first()
        )
        return bool(_bare(row.draft) != standing)
    return isinstance(row, Page) and _bare(row.draft) != row.published


def _bare(draft: Draft) -> Draft:
    return {name: value for name, value in draft.items() if name != "last"}


def publish(row: Built, user: User) -> int:
    """What stands in the draft is what the public sees from now on; returns the number of the version. Raises Refused."""
    with transaction.atomic():
        locked: Any = type(row).objects.of(row.workspace_id).select_for_update().get(pk=row.pk)
        if found := faults(locked):
            raise Refused(_("Something has to be mended first."), found)
        number = locked.version + 1 if is_changed(locked) else locked.version
        if isinstance(locked, Form) and number != locked.version:
            values = {"definition": _bare(locked.draft), "by": user}
            FormVersion.objects.create(workspace=locked.workspace, form=locked, number=number, **values)
        elif isinstance(locked, Page):
            locked.published = _bare(locked.draft)
        locked.version, locked.state, locked.changed_at = number, State.LIVE, timezone.now()
        locked.save()
        audit.record(locked.workspace, user, "published", kind_of(locked), locked.pk, locked.name, version=number)
    return int(number)


def restore(form: Form, user: User, number: int) -> None:
    """Take an earlier version into the draft again. Raises Refused."""
    row = FormVersion.objects.of(form.workspace_id).filter(form=form, number=number).first()
    if row is None:
        raise Refused(_("There is no such version."))
    change(form, lambda draft: {**row.definition, "last": draft.get("last", 0)})
    audit.record(form.workspace, user, "restored", "form", form.pk, form.name, version=number)


def close(row: Built, user: User) -> None:
    """Nobody can send it, or see it, any more; what was sent stays."""
    _set(row, user, "closed", state=State.CLOSED)


def reopen(row: Built, user: User) -> None:
    if row.version == 0:
        raise Refused(_("It was never published."))
    _set(row, user, "reopened", state=State.LIVE)


def archive(row: Built, user: User) -> None:
    """Put aside: it is closed, and stands in no list."""
    _set(row, user, "removed", archived_at=timezone.now(), state=State.CLOSED if row.version else State.DRAFT)


def unarchive(row: Built, user: User) -> None:
    """It stands in the list again, closed as it was put aside."""
    _set(row, user, "restored", archived_at=None)


def _set(row: Built, user: User, verb: str, **values: Any) -> None:
    with transaction.atomic():
        type(row).objects.of(row.workspace_id).filter(pk=row.pk).update(**values, changed_at=timezone.now())
        audit.record(row.workspace, user, verb, kind_of(row), row.pk, row.name)
    row.refresh_from_db()
