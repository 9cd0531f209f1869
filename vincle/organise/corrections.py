"""What the team says of a person goes through the log like what any source says, and is seen at once."""

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

from . import actions
from .models import Profile
from .profiling import COLUMNS
from .team import Refused

_TOLD = ("name", "search", "traits", "company", "city", "country", "channels")
"""Columns that follow from what sources say, not from counting: writing them again changes nothing."""


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
