"""Rows behind the addresses of people."""

from datetime import UTC, datetime
from typing import Any

from vincle.accounts.models import User, Workspace
from vincle.identify.models import Belonging, Person
from vincle.listen.models import Handle
from vincle.organise import people, team
from vincle.organise.models import Note, Profile, SavedView, Tag, Tagging
from vincle.vocabulary import handle_key, public_id

THEN = datetime(2026, 1, 1, tzinfo=UTC)


def _colleague(workspace: Workspace) -> User:
    return User.objects.get_or_create(email=f"colleague@{workspace.slug}.example")[0]


def _someone(workspace: Workspace) -> int:
    key = handle_key(bytes(workspace.secret), "email", "ana@example.org")
    Handle.objects.get_or_create(
        key=key, defaults={"workspace": workspace, "kind": "email", "value": "ana@example.org", "first_seen": THEN}
    )
    Person.objects.get_or_create(id=key, defaults={"workspace": workspace, "first_seen": THEN})
    Belonging.objects.get_or_create(handle=key, defaults={"workspace": workspace, "person": key})
    values = {"workspace": workspace, "kind": "person", "name": "Ana Torres", "search": "ana torres ana@example.org", "known_since": THEN}
    Profile.objects.get_or_create(person=key, defaults=values)
    return key


def _person(workspace: Workspace) -> dict[str, Any]:
    return {"pid": public_id(_someone(workspace))}


def _tag(workspace: Workspace) -> dict[str, Any]:
    return {"tag": Tag.objects.get_or_create(workspace=workspace, folded="loyal", defaults={"name": "Loyal"})[0].pk}


def _tagged(workspace: Workspace) -> dict[str, Any]:
    person, tag = _someone(workspace), _tag(workspace)
    Tagging.objects.get_or_create(person=person, tag_id=tag["tag"], defaults={"workspace": workspace})
    return {"pid": public_id(person), **tag}


def _note(workspace: Workspace) -> dict[str, Any]:
    person = _someone(workspace)
    note = Note.objects.create(workspace=workspace, person=person, text="Likes it strong.", by=_colleague(workspace))
    return {"pid": public_id(person), "note": note.pk}


def _view(workspace: Workspace) -> dict[str, Any]:
    """A shared one: whoever manages the workspace may change it too."""
    return {
        "view": SavedView.objects.create(
            workspace=workspace, name="Critics", query="stage=critic", by=_colleague(workspace), is_shared=True
        ).pk
    }


def _undo(workspace: Workspace) -> dict[str, Any]:
    everyone = people.chosen(workspace, [public_id(_someone(workspace))])
    return {"token": team.tag(workspace, _colleague(workspace), everyone, "Fresh").undo}


EXAMPLES = {
    **{f"organise:{name}": _person for name in ("person", "older", "card", "side", "add_tag", "set_owner", "add_note", "edit_trait")},
    "organise:remove_tag": _tagged,
    "organise:edit_note": _note,
    "organise:delete_note": _note,
    "organise:rename_tag": _tag,
    "organise:delete_tag": _tag,
    "organise:delete_view": _view,
    "organise:share_view": _view,
    "organise:undo": _undo,
}
