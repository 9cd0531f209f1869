"""What the team does with segments. Each verb: check, do, trace, in one transaction; members follow at once in the background."""

from collections.abc import Iterable, Mapping
from secrets import randbits
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace
from vincle.vocabulary import public_id

from . import building, segment_uses
from .models import Membership, Segment, SegmentVersion
from .segments.needs import needs
from .segments.reading import BadPredicate, read, write
from .team import Refused

KIND = "segment"
LONGEST_NAME, LONGEST_DESCRIPTION = 120, 400
MOST = 1_000
__all__ = ["BadPredicate", "Refused", "archive", "back_to", "change", "copy", "create", "recompute", "restore", "undo", "versions"]


def create(workspace: Workspace, user: User | None, name: str, predicate: object, description: str = "", template: str = "") -> Segment:
    """A segment of this name over everybody for whom the predicate (JSON) holds. BadPredicate, Refused."""
    asked = check(workspace, predicate)
    with transaction.atomic():
        if Segment.objects.of(workspace).filter(archived_at=None).count() >= MOST:
            raise Refused(_("A workspace holds %(most)d segments at most.") % {"most": MOST})
        values = {
            "name": _name(workspace, name),
            "description": _said(description),
            "predicate": asked,
            "template": template[:40],
            "by": user,
        }
        made = Segment.objects.create(workspace=workspace, public=public_id(randbits(63)), **values)
        _note_version(made, user)
        audit.record(workspace, user, "created", KIND, made.public, made.name, predicate=asked)
    return made


def change(
    workspace: Workspace, user: User | None, segment: Segment, *, name: str | None = None, description: str | None = None,
    predicate: object = None,
) -> Segment:  # fmt: skip
    """Call a segment otherwise, or let it ask something else; what is None stays. Another question has everybody looked at again."""
    asked = None if predicate is None else check(workspace, predicate, segment)
    with transaction.atomic():
        row = _locked(workspace, segment)
        before = (row.name, row.description, row.predicate)
        row.name = row.name if name is None else _name(workspace, name, row)
        row.description = row.description if description is None else _said(description)
        row.predicate = row.predicate if asked is None else asked
        if before == (row.name, row.description, row.predicate):
            return row
        is_other = row.predicate != before[2]
        row.version, row.changed_at = row.version + 1, timezone.now()
        row.save(update_fields=["name", "description", "predicate", "version", "changed_at"])
        _note_version(row, user)
        if is_other:
            _look_again(workspace, row)
        changes = {
            key: [old, new]
            for key, old, new in zip(("name", "description", "predicate"), before, (row.name, row.description, row.predicate), strict=True)
            if old != new
        }
        audit.record(workspace, user, "changed", KIND, row.public, row.name, changes=changes)
    return row


def undo(workspace: Workspace, user: User | None, segment: Segment) -> Segment:
    """Ask what was asked before the last change. Refused when nothing was."""
    before = versions(segment).filter(number__lt=segment.version).first()
    if before is None:
        raise Refused(_("Nothing was changed yet."))
    return back_to(workspace, user, segment, before.number)


def back_to(workspace: Workspace, user: User | None, segment: Segment, number: int) -> Segment:
    """Ask again what version `number` asked, under its name; a new version. Refused, BadPredicate."""
    found = versions(segment).filter(number=number).first()
    if found is None:
        raise Refused(_("There is no such version."))
    return change(workspace, user, segment, name=found.name, predicate=found.predicate)


def versions(segment: Segment) -> Any:
    """Every wording, newest first."""
    return SegmentVersion.objects.of(segment.workspace_id).filter(segment=segment).order_by("-number")


def copy(workspace: Workspace, user: User | None, segment: Segment, name: str = "") -> Segment:
    """Another segment that asks the same. Refused, BadPredicate."""
    called = name or _free(workspace, _("%(name)s, copy") % {"name": segment.name[: LONGEST_NAME - 20]})
    return create(workspace, user, called, segment.predicate, segment.description, segment.template)


def archive(workspace: Workspace, user: User | None, segment: Segment) -> Segment:
    """Put a segment away: it has no members any more; its history stays. Refused while something leans on it."""
    with transaction.atomic():
        row = _locked(workspace, segment)
        if row.archived_at is None:
            leaning = [each.name for each in leaning_on(workspace, {row.public})]
            leaning += [f"{use.kind}: {use.name}" for use in segment_uses.uses(workspace, row.public)]
            if leaning:
                raise Refused(_("%(names)s leans on this segment.") % {"names": ", ".join(leaning[:3])})
            now = timezone.now()
            Membership.objects.of(workspace).filter(segment=row, left_at=None).update(left_at=now, is_dropped=True)
            row.archived_at, row.members, row.looked_to = now, 0, None
            row.save(update_fields=["archived_at", "members", "looked_to"])
            audit.record(workspace, user, "archived", KIND, row.public, row.name)
    return row


def restore(workspace: Workspace, user: User | None, segment: Segment) -> Segment:
    """Bring a segment back; everybody is looked at for it. BadPredicate when something it leans on is gone; Refused."""
    check(workspace, segment.predicate, segment)
    with transaction.atomic():
        row = _locked(workspace, segment)
        if row.archived_at is not None:
            row.name, row.archived_at = _name(workspace, row.name, row), None
            row.save(update_fields=["name", "archived_at"])
            building.begin([row.pk])
            audit.record(workspace, user, "restored", KIND, row.public, row.name)
            row.refresh_from_db()
    return row


def recompute(workspace: Workspace, user: User | None, segment: Segment) -> Segment:
    """Have everybody looked at again for a segment."""
    with transaction.atomic():
        row = _locked(workspace, segment)
        if row.archived_at is not None:
            raise Refused(_("This segment is put away."))
        building.begin([row.pk])
        audit.record(workspace, user, "recomputed", KIND, row.public, row.name)
        row.refresh_from_db()
    return row


def check(workspace: Workspace, predicate: object, segment: Segment | None = None) -> Mapping[str, Any]:
    """A predicate (JSON) in its usual wording, once it can be worked out here. BadPredicate names the place."""
    asked = read(predicate)
    around = _around(workspace)
    for public in sorted(needs([asked]).segments):
        if public not in around:
            raise BadPredicate(place_of(predicate, public), "unknown_segment", public)
        if segment is not None and segment.public in _reached(public, around):
            raise BadPredicate(place_of(predicate, public), "cycle", public)
    return write(asked)


def _around(workspace: Workspace) -> dict[str, frozenset[str]]:
    """The segments there are, with those each leans on."""
    found = {}
    for row in Segment.objects.of(workspace).filter(archived_at=None):
        try:
            found[row.public] = frozenset(needs([read(row.predicate)]).segments)
        except BadPredicate:
            found[row.public] = frozenset()
    return found


def _reached(public: str, around: Mapping[str, frozenset[str]]) -> set[str]:
    """A segment and all it leans on, however far."""
    found, waiting = set[str](), [public]
    while waiting:
        each = waiting.pop()
        if each not in found:
            found.add(each)
            waiting += around.get(each, ())
    return found


def leaning_on(workspace: Workspace, publics: Iterable[str]) -> list[Segment]:
    """Segments that lean on one of these, however far, in the order they were made."""
    wanted, around = set(publics), _around(workspace)
    theirs = [public for public in around if public not in wanted and _reached(public, around) & wanted]
    return list(Segment.objects.of(workspace).filter(public__in=theirs).order_by("pk"))


def place_of(predicate: object, public: str, path: str = "") -> str:
    """Where in a predicate (JSON) a segment is named."""
    if isinstance(predicate, Mapping):
        if predicate.get("segment") == public:
            return f"{path}/segment" if path else "segment"
        steps: Iterable[tuple[Any, Any]] = predicate.items()
    else:
        steps = enumerate(predicate) if isinstance(predicate, list | tuple) else ()
    for step, part in steps:
        if found := place_of(part, public, f"{path}/{step}" if path else str(step)):
            return found
    return ""


def _look_again(workspace: Workspace, segment: Segment) -> None:
    building.begin([segment.pk, *(each.pk for each in leaning_on(workspace, {segment.public}))])
    segment.refresh_from_db()


def _note_version(segment: Segment, user: User | None) -> None:
    SegmentVersion.objects.create(
        workspace_id=segment.workspace_id, segment=segment, number=segment.version, name=segment.name, predicate=segment.predicate, by=user,
        at=segment.changed_at,
    )  # fmt: skip


def _locked(workspace: Workspace, segment: Segment) -> Segment:
    row: Segment = Segment.objects.of(workspace).select_for_update().get(pk=segment.pk)
    return row


def _name(workspace: Workspace, name: str, segment: Segment | None = None) -> str:
    """A name as it is kept: no other segment of the workspace has it."""
    kept = " ".join(name.replace("\x00", "").split())
    if not kept:
        raise Refused(_("A segment needs a name."))
    if len(kept) > LONGEST_NAME:
        raise Refused(_("A name has %(most)d letters at most.") % {"most": LONGEST_NAME})
    others = Segment.objects.of(workspace).filter(name__iexact=kept, archived_at=None)
    if (others.exclude(pk=segment.pk) if segment else others).exists():
        raise Refused(_("Another segment is called “%(name)s”.") % {"name": kept})
    return kept


def _free(workspace: Workspace, name: str) -> str:
    """A name no segment has: with a number behind it where it must be."""
    taken = {each.casefold() for each in Segment.objects.of(workspace).filter(archived_at=None).values_list("name", flat=True)}
    return next(called for number in range(1, MOST + 2) if (called := name if number == 1 else f"{name} {number}").casefold() not in taken)


def _said(description: str) -> str:
    return " ".join(description.replace("\x00", "").split())[:LONGEST_DESCRIPTION]
