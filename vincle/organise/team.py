"""What the team does with people. Each verb: check, do, trace, in one transaction; what can be undone returns what undoes it."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.core import signing
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from vincle.accounts import audit
from vincle.accounts.models import Membership, User, Workspace
from vincle.store import bulk
from vincle.store.folding import fold

from . import touching
from .models import CustomField, Note, SavedView, Tag, Tagging
from .people import Where

LONGEST_NOTE = 20_000
_SALT = "organise.undo"


class Refused(ValueError):
    """Something that cannot be done; its text is for the one who asked."""


class Done(NamedTuple):
    """How many people it concerned, and the token that takes it back ("" when nothing was changed)."""

    people: int
    undo: str = ""


def undo_token(workspace: Workspace, verb: str, **details: Any) -> str:
    """What takes a verb back, for `Done.undo`; `can_take_back` says how."""
    return signing.dumps({"workspace": workspace.pk, "verb": verb, **details}, salt=_SALT, compress=True)


def read_undo(workspace: Workspace, token: str) -> dict[str, Any] | None:
    """What a token takes back; None when it is not one of this workspace, or older than a day."""
    try:
        found: dict[str, Any] = signing.loads(token, salt=_SALT, max_age=86400)
    except signing.BadSignature:
        return None
    return found if found.get("workspace") == workspace.pk else None


# Tags


def tag(workspace: Workspace, user: User, condition: Where, name: str) -> Done:
    """Put a tag on everyone the condition names, in one statement."""
    with transaction.atomic():
        found = _tag_named(workspace, name)
        now = timezone.now()
        touched = bulk.execute(
            f"""INSERT INTO organise_tagging (workspace_id, person, tag_id, by_id, at)
            SELECT p.workspace_id, p.person, %s, %s, %s FROM organise_profile p WHERE {condition.text}
            ON CONFLICT (person, tag_id) DO UPDATE SET removed_at = NULL, by_id = excluded.by_id, at = excluded.at
            WHERE organise_tagging.removed_at IS NOT NULL""",
            [found.pk, user.pk, bulk.stamp(now), *condition.parameters],
        )
        _touch_tagged(workspace, found.pk, now)
        audit.record(workspace, user, "tagged", "tag", found.pk, found.name, people=touched)
    return Done(touched, undo_token(workspace, "tag", tag=found.pk, at=now.isoformat()) if touched else "")


def untag(workspace: Workspace, user: User, condition: Where, found: Tag) -> Done:
    """Take a tag off everyone the condition names. The rows stay as a memory, so that no import puts it back."""
    with transaction.atomic():
        now = timezone.now()
        touched = bulk.execute(
            f"""UPDATE organise_tagging SET removed_at = %s, delivery = NULL WHERE tag_id = %s AND removed_at IS NULL
            AND person IN (SELECT p.person FROM organise_profile p WHERE {condition.text})""",
            [bulk.stamp(now), found.pk, *condition.parameters],
        )
        _touch_tagged(workspace, found.pk, now)
        audit.record(workspace, user, "untagged", "tag", found.pk, found.name, people=touched)
    return Done(touched, undo_token(workspace, "untag", tag=found.pk, at=now.isoformat()) if touched else "")


def _tag_named(workspace: Workspace, name: str) -> Tag:
    name = " ".join(name.replace("\x00", "").split())[:60]
    folded = fold(name)[:60]
    if not folded:
        raise Refused(_("A tag needs a name."))
    found: Tag
    found, _new = Tag.objects.get_or_create(workspace=workspace, folded=folded, defaults={"name": name})
    if found.removed_at:
        Tag.objects.filter(pk=found.pk).update(removed_at=None)
    return found


def add_tag(workspace: Workspace, user: User, name: str) -> Tag:
    """A tag nobody has yet."""
    with transaction.atomic():
        found = _tag_named(workspace, name)
        audit.record(workspace, user, "created", "tag", found.pk, found.name)
    return found


def rename_tag(workspace: Workspace, user: User, found: Tag, name: str) -> Done:
    """Give a tag another name; the name of another tag makes the two one."""
    name = " ".join(name.replace("\x00", "").split())[:60]
    folded = fold(name)[:60]
    if not folded:
        raise Refused(_("A tag needs a name."))
    other = Tag.objects.of(workspace).filter(folded=folded).exclude(pk=found.pk).first()
    if other:
        return _merge_tags(workspace, user, found, other)
    with transaction.atomic():
        Tag.objects.filter(pk=found.pk).update(name=name, folded=folded)
        _touch_tagged(workspace, found.pk)
        audit.record(workspace, user, "changed", "tag", found.pk, name, changes={"name": [found.name, name]})
    return Done(0)


def _merge_tags(workspace: Workspace, user: User, old: Tag, new: Tag) -> Done:
    with transaction.atomic():
        now = timezone.now()
        Tag.objects.filter(pk=new.pk).update(removed_at=None)
        touched = bulk.execute(
            """INSERT INTO organise_tagging (workspace_id, person, tag_id, by_id, at)
            SELECT workspace_id, person, %s, %s, %s FROM organise_tagging WHERE tag_id = %s AND removed_at IS NULL
            ON CONFLICT (person, tag_id) DO UPDATE SET removed_at = NULL, by_id = excluded.by_id, at = excluded.at
            WHERE organise_tagging.removed_at IS NOT NULL""",
            [new.pk, user.pk, bulk.stamp(now), old.pk],
        )
        _clear(old, now)
        _touch_tagged(workspace, new.pk, now)
        _touch_tagged(workspace, old.pk, now)
        audit.record(workspace, user, "merged", "tag", old.pk, old.name, into=new.name, people=touched)
    return Done(touched, undo_token(workspace, "merge tags", tag=old.pk, into=new.pk, at=now.isoformat()))


def delete_tag(workspace: Workspace, user: User, found: Tag) -> Done:
    """Take a tag off everyone and off the list."""
    with transaction.atomic():
        now = timezone.now()
        touched = _clear(found, now)
        _touch_tagged(workspace, found.pk, now)
        audit.record(workspace, user, "deleted", "tag", found.pk, found.name, people=touched)
    return Done(touched, undo_token(workspace, "delete tag", tag=found.pk, at=now.isoformat()))


def _clear(found: Tag, now: Any) -> int:
    Tag.objects.filter(pk=found.pk).update(removed_at=now)
    return int(Tagging.objects.filter(tag=found, removed_at=None).update(removed_at=now, delivery=None))


def _touch_tagged(workspace: Workspace, tag: int, at: datetime | None = None) -> None:
    """Have those looked at again who got or lost a tag at this moment; without one: all who ever had it."""
    at_this = " AND (g.at = %s OR g.removed_at = %s)" if at else ""
    sql = f"p.person IN (SELECT g.person FROM organise_tagging g WHERE g.tag_id = %s{at_this}) AND 1 IN ({{}})"
    touching.touch_where(workspace, sql, [1], [tag, bulk.stamp(at), bulk.stamp(at)] if at else [tag])


def _touch_handed_over(workspace: Workspace, at: datetime) -> None:
    sql = "p.person IN (SELECT h.person FROM organise_handover h WHERE h.workspace_id = %s AND h.at = %s) AND 1 IN ({})"
    touching.touch_where(workspace, sql, [1], [workspace.pk, bulk.stamp(at)])


# Owners


def set_owner(workspace: Workspace, user: User, condition: Where, owner: User | None) -> Done:
    """Hand everyone the condition names over to someone of the team, or to nobody."""
    if owner and not Membership.objects.of(workspace).filter(user=owner).exists():
        raise Refused(_("%(name)s is not in this team.") % {"name": owner})
    with transaction.atomic():
        now = timezone.now()
        other = "p.owner_id IS NOT NULL" if owner is None else "(p.owner_id IS NULL OR p.owner_id <> %s)"
        whom = [owner.pk] if owner else []
        touched = bulk.execute(
            f"""INSERT INTO organise_handover (workspace_id, person, before_id, after_id, by_id, at)
            SELECT p.workspace_id, p.person, p.owner_id, {"%s" if owner else "NULL"}, %s, %s
            FROM organise_profile p WHERE {condition.text} AND {other}""",
            [*whom, user.pk, bulk.stamp(now), *condition.parameters, *whom],
        )
        bulk.execute(
            f"""UPDATE organise_profile SET owner_id = {"%s" if owner else "NULL"}
            WHERE person IN (SELECT person FROM organise_handover WHERE workspace_id = %s AND at = %s AND by_id = %s)""",
            [*whom, workspace.pk, bulk.stamp(now), user.pk],
        )
        _touch_handed_over(workspace, now)
        audit.record(workspace, user, "handed over", "person", "", str(owner or ""), people=touched)
    return Done(touched, undo_token(workspace, "owner", at=now.isoformat(), by=user.pk) if touched else "")


# Joined people


def inherit(people: Iterable[int]) -> None:
    """Give people the team's tags, and the owner, of those who were joined to them.

    The rows of the joined stay where they are, so that they are found again should the two be separated; what the one who
    stands has from them carries a delivery below zero (no import's), and is worked out anew with every change. What the team
    has decided about the one who stands goes before: a tag taken off stays off, an owner once set or let go is not replaced.
    """
    keys = list(people)
    with transaction.atomic():
        bulk.execute_in(
            """INSERT INTO organise_tagging (workspace_id, person, tag_id, by_id, at, delivery)
            SELECT g.workspace_id, p.merged_into, g.tag_id, g.by_id, g.at, -1
            FROM identify_person p JOIN organise_tagging g ON g.person = p.id
            WHERE g.delivery IS NULL AND g.removed_at IS NULL AND p.merged_into IN ({})
            ON CONFLICT (person, tag_id) DO NOTHING""",
            keys,
        )
        bulk.execute_in(
            """UPDATE organise_profile SET owner_id = CASE
            WHEN EXISTS (SELECT 1 FROM organise_handover k WHERE k.person = organise_profile.person)
            THEN (SELECT h.after_id FROM organise_handover h WHERE h.person = organise_profile.person ORDER BY h.at DESC LIMIT 1)
            ELSE (SELECT h.after_id FROM organise_handover h JOIN identify_person p ON p.id = h.person
            WHERE p.merged_into = organise_profile.person ORDER BY h.at DESC LIMIT 1) END
            WHERE owner_id IS NULL AND person IN ({})""",
            keys,
        )


# Notes


def add_note(workspace: Workspace, user: User, person: int, text: str) -> Note:
    with transaction.atomic():
        note: Note = Note.objects.create(workspace=workspace, person=person, text=_note_text(text), by=user)
        audit.record(workspace, user, "created", "note", note.pk, person=str(person))
    return note


def edit_note(workspace: Workspace, user: User, note: Note, text: str) -> None:
    kept = _note_text(text)
    if kept == note.text:
        return
    with transaction.atomic():
        Note.objects.filter(pk=note.pk).update(text=kept, edited_at=timezone.now())
        audit.record(workspace, user, "changed", "note", note.pk, person=str(note.person))


def delete_note(workspace: Workspace, user: User, note: Note) -> Done:
    with transaction.atomic():
        Note.objects.filter(pk=note.pk).update(deleted_at=timezone.now())
        audit.record(workspace, user, "deleted", "note", note.pk, person=str(note.person))
    return Done(1, undo_token(workspace, "note", note=note.pk))


def _note_text(text: str) -> str:
    kept = text.replace("\x00", "").replace("\r\n", "\n").strip()
    if not kept:
        raise Refused(_("A note needs some words."))
    if len(kept) > LONGEST_NOTE:
        raise Refused(_("A note holds %(most)d letters at most.") % {"most": LONGEST_NOTE})
    return kept


# Custom fields


def define_field(workspace: Workspace, user: User, name: str, type: str) -> CustomField:
    """Say what kind of value a field holds; a field no source has named yet comes into being."""
    name = " ".join(name.replace("\x00", "").split())[:120]
    if not name:
        raise Refused(_("A field needs a name."))
    if type not in CustomField.Type.values:
        raise Refused(_("There is no such type of field."))
    with transaction.atomic():
        found: CustomField
        found, _new = CustomField.objects.update_or_create(workspace=workspace, name=name, defaults={"type": type, "hidden_at": None})
        audit.record(workspace, user, "created", "field", found.pk, name, type=type)
    return found


def change_field(workspace: Workspace, user: User, name: str, label: str, type: str) -> CustomField:
    """Call a field otherwise, or say that it holds another type of value. What sources said stays as they said it."""
    if type not in CustomField.Type.values:
        raise Refused(_("There is no such type of field."))
    label = " ".join(label.replace("\x00", "").split())[:120]
    with transaction.atomic():
        found: CustomField
        values = {"label": "" if label == name else label, "type": type}
        found, _new = CustomField.objects.update_or_create(workspace=workspace, name=name, defaults=values)
        audit.record(workspace, user, "changed", "field", found.pk, name, type=type, called=label)
    return found


def hide_field(workspace: Workspace, user: User, name: str) -> Done:
    """Take a field off every page. Its values stay in the log."""
    with transaction.atomic():
        found, _new = CustomField.objects.update_or_create(workspace=workspace, name=name, defaults={"hidden_at": timezone.now()})
        audit.record(workspace, user, "deleted", "field", found.pk, name)
    return Done(0, undo_token(workspace, "field", field=found.pk))


# Saved views


def save_view(workspace: Workspace, user: User, name: str, query: str, is_shared: bool) -> SavedView:
    """Keep a list's filters under a name; one's own view of that name takes the new filters."""
    name = " ".join(name.replace("\x00", "").split())[:80]
    if not name:
        raise Refused(_("A view needs a name."))
    if len(query) > 1000:
        raise Refused(_("These filters are too many to be kept."))
    with transaction.atomic():
        view: SavedView
        view, _new = SavedView.objects.update_or_create(
            workspace=workspace, by=user, name=name, defaults={"query": query, "is_shared": is_shared}
        )
        audit.record(workspace, user, "created", "view", view.pk, name, shared=is_shared)
    return view


def share_view(workspace: Workspace, user: User, view: SavedView, is_shared: bool) -> None:
    with transaction.atomic():
        SavedView.objects.filter(pk=view.pk).update(is_shared=is_shared)
        audit.record(workspace, user, "changed", "view", view.pk, view.name, shared=is_shared)


def delete_view(workspace: Workspace, user: User, view: SavedView) -> Done:
    token = undo_token(workspace, "view", name=view.name, query=view.query, shared=view.is_shared, by=view.by_id)
    with transaction.atomic():
        SavedView.objects.filter(pk=view.pk).delete()
        audit.record(workspace, user, "deleted", "view", view.pk, view.name)
    return Done(0, token)


# Taking back


def take_back(workspace: Workspace, user: User, what: dict[str, Any]) -> None:
    """Undo what `read_undo` has read. Doing it twice changes nothing more."""
    with transaction.atomic():
        _TAKE_BACK[what["verb"]](workspace, what)
        audit.record(workspace, user, "undid", what["verb"])


def can_take_back(verb: str, how: Callable[[Workspace, dict[str, Any]], None]) -> None:
    """What other files of actions do is undone at the same address: `how(workspace, details of the token)`, doing it twice is harmless."""
    _TAKE_BACK[verb] = how


def _at(what: dict[str, Any]) -> Any:
    return datetime.fromisoformat(what["at"])


def _take_back_tag(workspace: Workspace, what: dict[str, Any]) -> None:
    _touch_tagged(workspace, what["tag"])
    Tagging.objects.of(workspace).filter(tag=what["tag"], at=_at(what), removed_at=None).update(removed_at=timezone.now())


def _take_back_untag(workspace: Workspace, what: dict[str, Any]) -> None:
    _touch_tagged(workspace, what["tag"])
    Tagging.objects.of(workspace).filter(tag=what["tag"], removed_at=_at(what)).update(removed_at=None)


def _take_back_delete_tag(workspace: Workspace, what: dict[str, Any]) -> None:
    Tag.objects.of(workspace).filter(pk=what["tag"]).update(removed_at=None)
    _take_back_untag(workspace, what)


def _take_back_merge(workspace: Workspace, what: dict[str, Any]) -> None:
    _take_back_tag(workspace, {**what, "tag": what["into"]})
    _take_back_delete_tag(workspace, what)


def _take_back_owner(workspace: Workspace, what: dict[str, Any]) -> None:
    """Only those who still are where this handover put them go back."""
    bulk.execute(
        """UPDATE organise_profile SET owner_id = h.before_id FROM organise_handover h
        WHERE h.person = organise_profile.person AND h.workspace_id = %s AND h.at = %s AND h.by_id = %s
        AND (organise_profile.owner_id = h.after_id OR (organise_profile.owner_id IS NULL AND h.after_id IS NULL))""",
        [workspace.pk, bulk.stamp(_at(what)), what["by"]],
    )
    _touch_handed_over(workspace, _at(what))


def _take_back_note(workspace: Workspace, what: dict[str, Any]) -> None:
    Note.objects.of(workspace).filter(pk=what["note"]).update(deleted_at=None)


def _take_back_field(workspace: Workspace, what: dict[str, Any]) -> None:
    CustomField.objects.of(workspace).filter(pk=what["field"]).update(hidden_at=None)


def _take_back_view(workspace: Workspace, what: dict[str, Any]) -> None:
    values = {"query": what["query"], "is_shared": what["shared"]}
    SavedView.objects.get_or_create(workspace=workspace, by_id=what["by"], name=what["name"], defaults=values)


_TAKE_BACK: dict[str, Callable[[Workspace, dict[str, Any]], None]] = {
    "tag": _take_back_tag, "untag": _take_back_untag, "delete tag": _take_back_delete_tag, "merge tags": _take_back_merge,
    "owner": _take_back_owner, "note": _take_back_note, "field": _take_back_field, "view": _take_back_view,
}  # fmt: skip
