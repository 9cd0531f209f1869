"""Replaying raw deliveries into an empty store: the log, handles, people and the open table come out the same."""

from django.db import transaction

from vincle.analyse import actions as analyse
from vincle.engage.campaigns import promotions_reading as promotions
from vincle.engage.inbox import fold as engage
from vincle.engage.journeys.running import stepping
from vincle.engage.outbox import outcomes
from vincle.identify import actions as identify
from vincle.identify.models import Belonging, Change, Link, Person
from vincle.listen import actions as listen
from vincle.listen import aside, expiry, understanding
from vincle.organise import membership, scoring_rounds
from vincle.organise.models import Profile, Tagging
from vincle.project import pipeline
from vincle.store.lease import held
from vincle.store.models import Cursor

# Not the ledger of consent: a refusal outlives even the import that brought it, and the replay enters no statement twice.
COMPUTED = (Belonging, Person, Change, Profile)


class Busy(RuntimeError):
    """A worker holds a step."""


def rebuild() -> None:
    """Empty what is computed and read every delivery again, in the order they came. Cancelled and undone imports stay so.

    What came with bytes that retention took is not read again but stays in the log, which the steps follow anew.
    """
    owners = dict(Profile.objects.exclude(owner=None).values_list("person", "owner"))
    leads = _empty()
    while pipeline.intake():
        pass
    aside.find_again()
    try:
        _catch_up()
        identify.reapply_merges(leads)
        _catch_up()
    finally:  # also when a step stopped half-way
        for person, owner in owners.items():
            Profile.objects.filter(person=person).update(owner=owner)
    membership.tell_again()
    pipeline.catch_up()


def _catch_up() -> None:
    """Everything but segments: nobody enters or leaves one for being half read."""
    names = tuple(name for name in pipeline.STEPS if name != "segments")
    while pipeline.intake() + pipeline.follow(names):
        pass


def _empty() -> dict[int, tuple[int, int]]:
    with (
        held("understand") as texts, held("identify") as people, held("organise") as profiles, held("segments") as segments,
        held("engage") as talks, held("analyse") as table,
    ):  # fmt: skip
        if not (texts and people and profiles and segments and talks and table):
            raise Busy("A worker is at it. Stop `vincle up` and `vincle work` first.")
        with transaction.atomic():
            leads = identify.reading_again()
            for model in COMPUTED:
                model.objects.all().delete()
            understanding.empty()
            membership.empty()
            scoring_rounds.empty()
            engage.empty()
            promotions.empty()
            outcomes.empty()
            stepping.empty()
            expiry.empty_log()
            Link.objects.filter(decided_by="exact").delete()
            Tagging.objects.exclude(delivery=None).delete()
            listen.read_again()
            aside.clear()
            Cursor.objects.filter(name__in=(*pipeline.STEPS, "organise changes", "organise stages", "analyse texts")).update(
                position=0, done=0, failed_in_a_row=0, trouble=""
            )
        analyse.empty()
    return leads
