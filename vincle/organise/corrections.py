"""What the team says of a person goes through the log like what any source says, and is seen at once."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace
from vincle.channels import team as channel
from vincle.identify.models import Belonging
from vincle.listen import actions as listen
from vincle.listen.models import Delivery, Handle
from vincle.vocabulary import HandleRef

from . import actions, conditional, touching
from .models import Profile
from .profiling import COLUMNS
from .team import Refused

_TOLD = ("name", "search", "traits", "company", "company_key", "city", "country", "channels")
"""Columns that follow from what sources say, not from counting: writing them again changes nothing."""


def choose(workspace: Workspace, stands: int, sides: Mapping[str, int], survivors: Mapping[str, str], user: User | None) -> None:
    """Keep whose values someone chose when joining two people (`sides`: "left", "right" -> id): they hold while the two are one.

    Called inside the transaction of the merge, before profiles follow: both are still as they were. Fields that a side knows
    nothing of, and sides that are none, are passed over.
    """
    known = {profile.person: profile for profile in Profile.objects.of(workspace).filter(person__in=sides.values())}
    anchors = {side: person for side, person in sides.items() if person in known}
    values = {
        field: known[anchors[side]].traits[field][0]
        for field, side in survivors.items()
        if side in anchors and field in known[anchors[side]].traits
    }
    if len(anchors) < 2 or not values:
        return
    keys = {side: _anchor(workspace, person) for side, person in anchors.items()}
    handle = Handle.objects.of(workspace).get(key=keys["left"])
    name = str(values.pop("name", ""))
    now, id = timezone.now(), conditional.native_id(keys["left"], keys["right"])
    by, by_name = (user.email, user.name) if user else ("command line", "")
    raw = channel.write(id, now, by, by_name, HandleRef(handle.kind, handle.value), name, values)
    delivery = listen.receive(listen.connection_for(workspace, channel.channel.spec.id), raw, now)
    Delivery.objects.filter(pk=delivery.pk).update(created_by=user)
    audit.record(workspace, user, "changed", "person", stands, name, fields=", ".join([*values, *(["name"] if name else [])]))
    transaction.on_commit(lambda: listen.work_off(delivery), robust=True)


def _anchor(workspace: Workspace, person: int) -> int:
    """A handle that was this person's before the merge: what their id names, else one that exact evidence brought to them."""
    if Handle.objects.of(workspace).filter(key=person).exists():
        return person
    rows = Belonging.objects.of(workspace).filter(home=person).values_list("handle", flat=True)
    found = rows.order_by("handle").first()
    if found is None:
        raise Refused(f"person {person} has no handle")
    return int(found)


def correct(workspace: Workspace, user: User, person: int, traits: dict[str, Any], name: str = "") -> None:
    """Say what holds for these traits from now on ("" : nothing is known); `name` too where it is given. Raises Refused."""
    handle = _handle(workspace, person)
    now = timezone.now()
    raw = channel.write(uuid4().hex, now, user.email, user.name, HandleRef(handle.kind, handle.value), name, traits)
    with transaction.atomic():
        delivery = listen.receive(listen.connection_for(workspace, channel.channel.spec.id), raw, now)
        Delivery.objects.filter(pk=delivery.pk).update(created_by=user)
        audit.record(workspace, user, "changed", "person", person, name, fields=", ".join([*traits, *(["name"] if name else [])]))
    listen.work_off(delivery)
    _show(person, {"traits": traits, "name": name}, now, delivery.pk)


def _handle(workspace: Workspace, person: int) -> Handle:
    """The handle a correction hangs on: the one the person began with, else any they have."""
    keys = list(Belonging.objects.of(workspace).filter(person=person).values_list("handle", flat=True)[:1000])
    found: Handle | None = Handle.objects.of(workspace).filter(key=person if person in keys else min(keys, default=0)).first()
    if found is None:
        raise Refused(f"person {person} has no handle")
    return found


def _show(person: int, fact: dict[str, Any], at: Any, delivery: int) -> None:
    """Do to the profile what the pipeline will do when it comes to this fact: learning the same twice changes nothing."""
    with transaction.atomic():
        Profile.objects.select_for_update().filter(person=person).first()
        drafts = actions._load([person])
        if person not in drafts:
            return
        drafts[person].learn(fact, channel.channel.spec.id, at.isoformat(" ", "microseconds")[:26], delivery)
        for row in actions._finish(drafts):
            values = dict(zip(COLUMNS, row, strict=True))
            Profile.objects.filter(person=person).update(
                **{name: values[name] for name in _TOLD if name != "traits"}, traits=drafts[person].traits
            )
        touching.touch_all([person])
