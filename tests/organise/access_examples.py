"""Rows behind the addresses of people."""

from datetime import UTC, datetime
from typing import Any

from vincle.accounts.models import User, Workspace
from vincle.identify.models import Belonging, Person
from vincle.listen.models import Handle
from vincle.organise import people, segmenting, team
from vincle.organise.models import (
    Cluster,
    Clustering,
    Community,
    ComputedTrait,
    Note,
    Plan,
    Profile,
    Relation,
    SavedView,
    Segment,
    SegmentHook,
    Tag,
    Tagging,
)
from vincle.vocabulary import handle_key, public_id

THEN = datetime(2026, 1, 1, tzinfo=UTC)


def _colleague(workspace: Workspace) -> User:
    return User.objects.get_or_create(email=f"colleague@{workspace.slug}.example")[0]


def _someone(workspace: Workspace, email: str = "ana@example.org", name: str = "Ana Torres") -> int:
    key = handle_key(bytes(workspace.secret), "email", email)
    Handle.objects.get_or_create(key=key, defaults={"workspace": workspace, "kind": "email", "value": email, "first_seen": THEN})
    Person.objects.get_or_create(id=key, defaults={"workspace": workspace, "first_seen": THEN})
    Belonging.objects.get_or_create(handle=key, defaults={"workspace": workspace, "person": key})
    values = {"workspace": workspace, "kind": "person", "name": name, "search": f"{name} {email}".lower(), "known_since": THEN}
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


def _two(workspace: Workspace) -> dict[str, Any]:
    """Someone, and someone else."""
    return {"pid": public_id(_someone(workspace)), "other": public_id(_someone(workspace, "bea@example.org", "Bea Torres"))}


def _undo(workspace: Workspace) -> dict[str, Any]:
    everyone = people.chosen(workspace, [public_id(_someone(workspace))])
    return {"token": team.tag(workspace, _colleague(workspace), everyone, "Fresh").undo}


def _relation(workspace: Workspace) -> dict[str, Any]:
    one, two = _someone(workspace), _someone(workspace, "bea@example.org", "Bea Torres")
    values = {"workspace": workspace, "by": _colleague(workspace)}
    row = Relation.objects.get_or_create(person=one, other=two, kind="friend", defaults=values)[0]
    return {"pid": public_id(one), "relation": row.pk}


def _computed(workspace: Workspace) -> dict[str, Any]:
    expression = {"did": {"verb": ["Purchase"]}, "count": {"at_least": 0}}
    values = {"expression": expression, "by": _colleague(workspace)}
    return {"trait": ComputedTrait.objects.get_or_create(workspace=workspace, name="Bought", hidden_at=None, defaults=values)[0].pk}


def _planned(workspace: Workspace) -> dict[str, Any]:
    values = {"name": "Regulars", "predicate": {"all": []}, "by": _colleague(workspace)}
    segment = Segment.objects.get_or_create(workspace=workspace, public="0000000000000abc", defaults=values)[0]
    Plan.objects.get_or_create(workspace=workspace, segment=segment, defaults={"goal": "They come back"})
    return {"public": segment.public}


def _community(workspace: Workspace) -> dict[str, Any]:
    return {"number": Community.objects.get_or_create(workspace=workspace, number=3, defaults={"people": 4})[0].number}


def _group(workspace: Workspace) -> dict[str, Any]:
    """Number 7 of the one workspace, 8 of the other: a number alone says nothing of whose it is."""
    number = 7 if workspace.slug == "cafe-lligam" else 8
    found = Clustering.objects.filter(workspace=workspace, is_current=True).first()
    look = found or Clustering.objects.create(workspace=workspace, is_current=True, state=Clustering.State.DONE)
    Cluster.objects.get_or_create(workspace=workspace, clustering=look, number=number, defaults={"people": 1, "predicate": {"all": []}})
    return {"number": number}


def _segment(workspace: Workspace) -> dict[str, Any]:
    """Each workspace has its own; a public id alone says nothing of whose it is."""
    found = Segment.objects.filter(workspace=workspace, name="Vips", archived_at=None).first()
    made = found or segmenting.create(workspace, _colleague(workspace), "Vips", {"all": [{"tag": "vip"}]})
    return {"segment": made.public}


def _why(workspace: Workspace) -> dict[str, Any]:
    return {**_segment(workspace), **_person(workspace)}


def _hook(workspace: Workspace) -> dict[str, Any]:
    segment = Segment.objects.get(workspace=workspace, public=_segment(workspace)["segment"])
    values = {"url": "https://example.org/told", "secret": b"", "by": _colleague(workspace)}
    return {
        "segment": segment.public,
        "hook": SegmentHook.objects.get_or_create(workspace=workspace, segment=segment, defaults=values)[0].pk,
    }


EXAMPLES = {
    "organise:segment_hook_new": _segment,
    "organise:segment_hook": _hook,
    **{f"organise:segment{name}": _segment for name in ("", "_edit", "_act", "_count", "_apart", "_overlap")},
    "organise:segment_why": _why,
    "organise:name_community": _community,
    **{
        f"organise:{name}": _person
        for name in ("person", "older", "card", "side", "add_tag", "set_owner", "add_note", "edit_trait", "merge")
    },
    **{f"organise:{name}": _person for name in ("relations", "relate", "add_relation", "company_people")},
    **{f"organise:{name}": _computed for name in ("edit_computed", "hide_computed")},
    **{f"organise:{name}": _planned for name in ("plan", "keep_plan", "drop_plan", "plan_result", "plan_print")},
    "organise:remove_relation": _relation,
    "organise:together": _two,
    "organise:remove_tag": _tagged,
    "organise:edit_note": _note,
    "organise:delete_note": _note,
    "organise:rename_tag": _tag,
    "organise:delete_tag": _tag,
    "organise:delete_view": _view,
    "organise:share_view": _view,
    "organise:undo": _undo,
    **{f"organise:{name}": _group for name in ("group", "group_rename", "group_segment")},
}
