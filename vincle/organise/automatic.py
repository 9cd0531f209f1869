"""What is done to people without anyone of the team doing it by hand: tags and traits, for many at once. Inside the caller's transaction.

Whoever calls writes the audit log, once for all of them.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from django.utils import timezone

from vincle.accounts.models import Workspace
from vincle.channels import team as channel
from vincle.identify.models import Belonging
from vincle.listen import actions as listen
from vincle.listen.models import Handle
from vincle.store import bulk
from vincle.vocabulary import HandleRef

from . import actions, touching
from .models import Profile
from .team import Refused, _tag_named

_TAG = (
    "INSERT INTO organise_tagging (workspace_id, person, tag_id, at) SELECT p.workspace_id, p.person, {tag:d}, %s FROM organise_profile p "
    "WHERE p.workspace_id = %s AND p.person IN ({{}}) ON CONFLICT (person, tag_id) DO UPDATE SET removed_at = NULL, at = excluded.at "
    "WHERE organise_tagging.removed_at IS NOT NULL"
)
_UNTAG = (
    "UPDATE organise_tagging SET removed_at = %s, delivery = NULL WHERE tag_id = %s AND removed_at IS NULL AND workspace_id = %s "
    "AND person IN ({})"
)


def tag(workspace: Workspace, people: Sequence[int], name: str, *, is_removed: bool = False) -> int:
    """Put a tag on people, or take it off; returns for how many that changed something."""
    found, now = _tag_named(workspace, name), bulk.stamp(timezone.now())
    if is_removed:
        changed = bulk.execute_in(_UNTAG, people, [now, found.pk, workspace.pk])
    else:
        changed = bulk.execute_in(_TAG.format(tag=found.pk), people, [now, workspace.pk])
    touching.touch(workspace, people)
    return changed


def traits(workspace: Workspace, people: Sequence[int], names: Sequence[str]) -> dict[int, dict[str, Any]]:
    """What these traits say of each of these people now; what is unknown is left out."""
    found: dict[int, dict[str, Any]] = {}
    for part in bulk.chunks(sorted(set(people)), 500):
        for person, stated in Profile.objects.of(workspace).filter(person__in=part).values_list("person", "traits"):
            found[person] = {name: stated[name][0] for name in names if stated.get(name) and stated[name][0] not in ("", None)}
    return found


def say(workspace: Workspace, values: Mapping[int, Mapping[str, Any]], by: str) -> int:
    """Have these traits hold of each person from now on ("" : nothing is known); returns of how many people they were said.

    As what the team says by hand: kept raw, so that a rebuild knows it, and seen at once. `by`: who says so.
    """
    now, handles = timezone.now(), _handles(workspace, list(values))
    source = listen.connection_for(workspace, channel.channel.spec.id)
    drafts = actions._load(handles)
    for person, handle in handles.items():
        told = dict(values[person])
        delivery = listen.receive(source, channel.write(uuid4().hex, now, by, by, handle, "", told), now)
        if person in drafts:
            fact = {"traits": told, "name": ""}
            drafts[person].learn(fact, channel.channel.spec.id, now.isoformat(" ", "microseconds")[:26], delivery.pk)
    actions._finish(drafts)
    rows = [Profile(person=person, traits=draft.traits) for person, draft in drafts.items()]
    Profile.objects.bulk_update(rows, ["traits"], batch_size=500)
    touching.touch(workspace, list(drafts))
    return len(handles)


def _handles(workspace: Workspace, people: Sequence[int]) -> dict[int, HandleRef]:
    """The handle a statement hangs on: the one the person began with, else the first of theirs."""
    owned: dict[int, int] = {}
    for part in bulk.chunks(people, 500):
        for person, handle in Belonging.objects.of(workspace).filter(person__in=part).order_by("handle").values_list("person", "handle"):
            if handle == person or person not in owned:
                owned[person] = handle
    refs: dict[int, HandleRef] = {}
    for part in bulk.chunks(list(owned.values()), 500):
        for key, kind, value in Handle.objects.of(workspace).filter(key__in=part).values_list("key", "kind", "value"):
            refs[key] = HandleRef(kind, value)
    return {person: refs[key] for person, key in owned.items() if key in refs}


__all__ = ["Refused", "say", "tag", "traits"]
