"""Replaying raw deliveries into an empty store: the log, handles, people and the open table come out the same."""

from django.db import transaction
from django.utils import timezone

from vincle.analyse import actions as analyse
from vincle.identify.models import Belonging, Change, Consent, Link, Person
from vincle.listen.models import Activity, Content, Delivery, Handle, Rejection
from vincle.organise.models import Profile, Tagging
from vincle.project import pipeline
from vincle.store.lease import held
from vincle.store.models import Cursor

COMPUTED = (Content, Activity, Handle, Belonging, Person, Change, Consent, Profile, Rejection)


class Busy(RuntimeError):
    """A worker holds a step."""


def rebuild() -> None:
    """Empty what is computed and read every delivery again, in the order they came. Cancelled and undone imports stay so."""
    owners = dict(Profile.objects.exclude(owner=None).values_list("person", "owner"))
    _empty()
    pipeline.catch_up()
    for person, owner in owners.items():
        Profile.objects.filter(person=person).update(owner=owner)


def _empty() -> None:
    with held("identify") as identify, held("organise") as organise, held("analyse") as table:
        if not (identify and organise and table):
            raise Busy("A worker is at it. Stop `vincle up` and `vincle work` first.")
        with transaction.atomic():
            for model in COMPUTED:
                model.objects.all().delete()
            Link.objects.filter(decided_by="exact").delete()
            Tagging.objects.exclude(delivery=None).delete()
            Delivery.objects.filter(state__in=(Delivery.State.DONE, Delivery.State.FAILED, Delivery.State.RUNNING)).update(
                state=Delivery.State.WAITING, position=0, accepted=0, duplicates=0, unknown=0, rejected=0, warned=0, last_seq=0,
                error_code="", error_detail="", owner="", lease_until=timezone.now(),
            )  # fmt: skip
            Cursor.objects.filter(name__in=(*pipeline.STEPS, "organise changes", "organise stages")).update(position=0, done=0)
        analyse.empty()
