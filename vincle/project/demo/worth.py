"""What the café has noted of its people's worth: who came because of whom, how long it talked with them, what things are worth to it."""

from datetime import timedelta
from typing import Final

from django.utils import timezone

from vincle.accounts.models import User, Workspace
from vincle.engage.inbox import effort, figures_cost
from vincle.engage.inbox.models import Thread
from vincle.engage.leads.models import Form
from vincle.organise import relations, value_terms
from vincle.organise.models import Profile, Relation
from vincle.vocabulary import PersonKind

from .speaking import forms
from .speaking.forms import CONTACT

TERMS: Final = {
    "margin": "55", "acquisition_cost": "9", "review_price": "1.50", "answer_price": "3", "idea_price": "5", "send_cost": "0.02"
}  # fmt: skip
HOURLY: Final = "21"
SHARE: Final = 60
"""One of so many people brings others."""
BROUGHT: Final = (6, 4, 3, 2, 2, 1)
IDEAS: Final = {
    "en": ("It would be great if you opened an hour earlier on Saturdays.", "I suggest selling refill bags: I would bring my own tin.",
           "Suggestion: a decaf in the subscription."),
    "ca": ("Estaria molt bé que obríssiu una hora abans els dissabtes.",
           "Us suggereixo vendre bosses de recàrrega: jo portaria la meva llauna.", "Suggeriment: un descafeïnat a la subscripció."),
    "es": ("Propongo que abráis una hora antes los sábados.", "Sugiero que vendáis bolsas de recarga; yo traería mi lata.",
           "Sugerencia: un descafeinado en la suscripción."),
    "it": ("Sarebbe bello se apriste un'ora prima il sabato.", "Suggerisco di vendere sacchetti da ricaricare: porterei la mia latta.",
           "Suggerimento: un decaffeinato nell'abbonamento."),
}  # fmt: skip
WITH_IDEAS: Final = 20
"""One of so many people who bought again writes one of them into the form of the web site, three at least."""
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
    _suggest(workspace)


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


def _suggest(workspace: Workspace) -> None:
    """Some who buy have ideas, and write them into the contact form, where there is one."""
    form = Form.objects.of(workspace).select_related("workspace").filter(name=CONTACT).first()
    if form is None:
        return
    buyers = Profile.objects.of(workspace).filter(kind=PersonKind.PERSON, purchases__gte=2).exclude(email="").exclude(name="")
    chosen = list(buyers.order_by("-purchases", "person"))[1::3][: max(3, buyers.count() // WITH_IDEAS)]
    for number, who in enumerate(chosen):
        tongue = forms.language_of(who)
        touch = {"referrer": "cafelligam.example", "way": "embed"}
        forms.send(form, who, timezone.now() - timedelta(days=4 + 9 * number), {"i4": IDEAS[tongue][number % len(IDEAS[tongue])]}, touch)


def _talk(workspace: Workspace, user: User) -> None:
    """Conversations that were answered took time, by how much was said, and where someone was angry twice that."""
    rows = Thread.objects.of(workspace).filter(last_out_at__isnull=False, handle__isnull=False).order_by("key")
    for key, messages, sentiment, last in rows.values_list("key", "messages", "sentiment", "last_out_at"):
        seconds = messages * (SECONDS_EACH + key % SECONDS_MORE) * (2 if sentiment == "negative" else 1)
        effort.put(workspace, user, key, last, seconds)
