"""Replaying raw deliveries into an empty store: the log, handles, people and the open table come out the same."""

from django.db import transaction

from vincle.analyse import actions as analyse
from vincle.identify import actions as identify
from vincle.identify.models import Belonging, Change, Link, Person
from vincle.listen import actions as listen
from vincle.listen.models import Activity, Content, Handle, Rejection
from vincle.organise.models import Profile, Tagging
from vincle.project import pipeline
from vincle.store.lease import held
from vincle.store.models import Cursor

# Not the ledger of consent: a refusal outlives even the import that brought it, and the replay enters no statement twice.
COMPUTED = (Content, Activity, Handle, Belonging, Person, Change, Profile, Rejection)


class Busy(RuntimeError):
    """A worker holds a step."""


def rebuild() -> None:
    """Empty what is computed and read every delivery again, in the order they came. Cancelled and undone imports stay so."""
    owners = dict(Profile.objects.exclude(owner=None).values_list("person", "owner"))
    _empty()
    pipeline.catch_up()
    identify.reapply_merges()
    pipeline.catch_up()
    for person, owner in owners.items():
        Profile.objects.filter(person=person).update(owner=owner)


def _empty() -> None:
    with held("identify") as people, held("organise") as profiles, held("analyse") as table:
        if not (people and profiles and table):
            raise Busy("A worker is at it. Stop `vincle up` and `vincle work` first.")
        with transaction.atomic():
            for model in COMPUTED:
                model.objects.all().delete()
            Link.objects.filter(decided_by="exact").delete()
            Tagging.objects.exclude(delivery=None).delete()
            listen.read_again()
            Cursor.objects.filter(name__in=(*pipeline.STEPS, "organise changes", "organise stages")).update(position=0, done=0)
        analyse.empty()
