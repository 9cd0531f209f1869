"""What the café has noted of its people's worth: who came because of whom, how long it talked with them, what things are worth to it."""

from typing import Final

from vincle.accounts.models import User, Workspace
from vincle.engage.inbox import effort, figures_cost
from vincle.engage.inbox.models import Thread
from vincle.organise import relations, value_terms
from vincle.organise.models import Profile, Relation
from vincle.vocabulary import PersonKind

TERMS: Final = {
    "margin": "55", "acquisition_cost": "9", "review_price": "1.50", "answer_price": "3", "idea_price": "5", "send_cost": "0.02"
}  # fmt: skip
HOURLY: Final = "21"
SHARE: Final = 60
"""One of so many people brings others."""
BROUGHT: Final = (6, 4, 3, 2, 2, 1)
SECONDS_EACH, SECONDS_MORE = 75, 150
"""A message takes the team so long to read and answer, and up to so much more."""


def earn(workspace: Workspace, user: User) -> None:
    """Once for each workspace, after its people and conversations stand."""
    if Relation.objects.of(workspace).filter(kind=Relation.Kind.RECOMMENDED).exists():
        return
    value_terms.set_terms(workspace, user, **TERMS)
    figures_cost.set_hourly(workspace, user, HOURLY)
    _recommend(workspace, user)
    _talk(workspace, user)


def _recommend(workspace: Workspace, user: User) -> None:
    """Those who speak of the café in public and buy little brought some of those who came after them and buy."""
    known = Profile.objects.of(workspace).filter(kind=PersonKind.PERSON, is_identified=True, first_at__isnull=False)
    speakers = known.filter(purchases__lte=2, critic_at__isnull=False).exclude(name="").order_by("-activities", "person")
    advocates = list(speakers.values_list("person", "first_at")[: max(3, known.count() // SHARE)])
    taken = {person for person, _first in advocates}
    buyers = [
        (person, first)
        for person, first in known.filter(purchases__gte=1).order_by("first_at", "person").values_list("person", "first_at")
        if person not in taken
    ]
    for place, (advocate, since) in enumerate(advocates):
        came = [person for person, first in buyers if first > since and person not in taken][:: len(advocates)]
        for person in came[: BROUGHT[place % len(BROUGHT)]]:
            taken.add(person)
            relations.relate(workspace, user, advocate, person, Relation.Kind.RECOMMENDED)


def _talk(workspace: Workspace, user: User) -> None:
    """Conversations that were answered took time, by how much was said, and where someone was angry twice that."""
    rows = Thread.objects.of(workspace).filter(last_out_at__isnull=False, handle__isnull=False).order_by("key")
    for key, messages, sentiment, last in rows.values_list("key", "messages", "sentiment", "last_out_at"):
        seconds = messages * (SECONDS_EACH + key % SECONDS_MORE) * (2 if sentiment == "negative" else 1)
        effort.put(workspace, user, key, last, seconds)
