"""What the café asks its people: the yearly survey, closed and told of in a report, one on the way, and one being written."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from vincle.accounts.models import User, Workspace
from vincle.engage.surveys import actions_builder, answering, collectors, library, loops
from vincle.engage.surveys.definition import model
from vincle.engage.surveys.definition.model import Choice, Multiple, Subject
from vincle.engage.surveys.models import Collector, Survey, SurveyVersion
from vincle.organise.models import Profile
from vincle.vocabulary import PersonKind

from .speaking.forms import language_of

MOST: Final = 160
"""So many of those who buy answer the yearly survey, or a third where there are fewer."""
SUBJECTS: Final = {
    "product1": {"en": "Coffee in bags", "es": "Café en bolsa", "it": "Caffè in sacchetto", "ca": "Cafè en bossa"},
    "product2": {"en": "Subscription", "es": "Suscripción", "it": "Abbonamento", "ca": "Subscripció"},
    "product3": {"en": "Courses", "es": "Cursos", "it": "Corsi", "ca": "Cursos"},
}
KNOWN: Final = {"sales": 0.75, "delivery": 0.95, "service": 0.95, "invoices": 0.45, "web": 0.85}
"""How many have had to do with each area."""
LIKED: Final = {"sales": 4.2, "delivery": 2.9, "service": 4.3, "invoices": 3.9, "web": 3.4}
MATTERS: Final = {"sales": 0.15, "delivery": 0.55, "service": 0.5, "invoices": 0.0, "web": 0.15}
"""What a point more in an area moves the whole by."""
PRAISED: Final = {
    "en": ("Friendly people who know their coffee.", "The best Huila in town. Thank you!", "They helped me when the grinder broke."),
    "es": ("Gente muy amable que sabe de café.", "El mejor Huila de la ciudad. ¡Gracias!", "Me ayudaron enseguida con el molinillo."),
    "it": ("Persone gentili che conoscono il caffè.", "Il miglior Huila della città. Grazie!", "Mi hanno aiutato subito con il macinino."),
    "ca": ("Gent molt amable que hi entén, de cafè.", "El millor Huila de la ciutat. Gràcies!", "Em van ajudar de seguida amb el molinet."),
}
BLAMED: Final = {
    "en": ("The parcel came late again and nobody told me.", "Delivery took nine days.", "I could not find the decaf in the shop."),
    "es": ("El paquete llegó tarde otra vez y nadie avisó.", "El envío tardó nueve días.", "No encontré el descafeinado en la tienda."),
    "it": ("Il pacco è arrivato di nuovo in ritardo.", "La consegna ha richiesto nove giorni.", "Non ho trovato il decaffeinato."),
    "ca": ("El paquet va tornar a arribar tard.", "L'enviament va trigar nou dies.", "No vaig trobar el descafeïnat a la botiga."),
}


def ask(workspace: Workspace, user: User) -> None:
    """Once for each workspace, after its people stand."""
    if Survey.objects.of(workspace).exists():
        return
    buyers = Profile.objects.of(workspace).filter(kind=PersonKind.PERSON, purchases__gte=1).exclude(email="").exclude(name="")
    people = list(buyers.order_by("-last_at", "person")[: MOST * 3])[::3]
    now = timezone.now()
    _yearly(workspace, user, people, now)
    _recommending(workspace, user, people[: max(6, len(people) // 3)], now)
    actions_builder.create(workspace, user, "Tasting in December: how was it?", library.survey("event"), template="event")


def _yearly(workspace: Workspace, user: User, people: Sequence[Profile], now: datetime) -> None:
    """Sections by area and product, open for three weeks, closed a week ago."""
    survey = library.survey("areas")
    survey.subjects = [Subject(id=id, name=name) for id, name in SUBJECTS.items()]
    have = next(item for _page, item in model.questions(survey) if item.id == "products")
    assert isinstance(have, Multiple)
    have.choices = [Choice(id=id, text=name) for id, name in SUBJECTS.items()]
    began, over = now - timedelta(days=28), now - timedelta(days=7)
    row, ways = _open(workspace, user, "How satisfied are you with us?", survey, "areas", began, ("Newsletter", "link"), ("Counter", "qr"))
    chance = Random(len(people))
    for number, who in enumerate(people):
        at = began + (over - began) * (chance.random() ** 1.6)
        given = _whole(who, chance)
        if is_whole := chance.random() > 0.1:
            _answer(ways[number % 3 == 2], who, given, at, 40 if chance.random() < 0.04 else 190 + chance.randrange(320))
        else:  # called away at the second page
            _answer(ways[number % 3 == 2], who, {name: given[name] for name in ("areas", "products")}, at, 30, is_whole)
    actions_builder.close(row, user)
    Survey.objects.filter(pk=row.pk).update(closed_at=over)


def _recommending(workspace: Workspace, user: User, people: Sequence[Profile], now: datetime) -> None:
    """One question and why, always open; whoever is not satisfied is called back."""
    began = now - timedelta(days=20)
    named = ("Order page", "web"), ("Link", "link")
    row, ways = _open(workspace, user, "Would you recommend us?", library.survey("nps"), "nps", began, *named)
    loops.save(workspace, user, row, True, 6, 25, None)
    ways = [Collector.objects.select_related("survey__workspace", "survey__version").get(pk=way.pk) for way in ways]
    chance = Random(len(people) + 1)
    for number, who in enumerate(people):
        at = now - timedelta(hours=5 + number * 450 // len(people), minutes=chance.randrange(60))
        given: dict[str, Any] = {"recommend": min(10, max(0, round(chance.gauss(8.1, 1.9))))}
        if chance.random() < 0.6:
            given["reason"] = _words(who, given["recommend"] >= 8, chance)
        if given["recommend"] <= 6:
            given |= {"about": chance.choice(("delivery", "delivery", "price")), "contact": "no"}
        _answer(ways[number % 2], who, given, at, 20 + chance.randrange(60))


def _open(
    workspace: Workspace, user: User, name: str, survey: model.Survey, template: str, began: datetime, *named: tuple[str, str]
) -> tuple[Survey, list[Collector]]:
    """Opened then, with these ways to it."""
    row = actions_builder.create(workspace, user, name, survey, template=template)
    row = actions_builder.open_(row, user)
    Survey.objects.filter(pk=row.pk).update(opened_at=began, created_at=began)
    SurveyVersion.objects.of(workspace).filter(survey=row).update(at=began)
    made = [collectors.create(workspace, user, row, kind, called) for called, kind in named]
    Collector.objects.of(workspace).filter(survey=row).update(created_at=began)
    return row, [Collector.objects.select_related("survey__workspace", "survey__version").get(pk=way.pk) for way in made]


def _answer(way: Collector, who: Profile, given: dict[str, Any], at: datetime, seconds: int, is_whole: bool = True) -> None:
    """By the doors that everybody's answers take."""
    with transaction.atomic():
        made = answering.begin(way, person=who.person, language=language_of(who), now=at - timedelta(seconds=seconds))
        answering.prefill(made, given)
        if is_whole:
            answering.complete(made, seconds=seconds, now=at)


def _whole(who: Profile, chance: Random) -> dict[str, Any]:
    """One person's answers: a mood of their own, areas by what they are like, the whole by what matters."""
    mood, whole = chance.gauss(0, 0.5), 3.5
    given: dict[str, Any] = {}
    known = [area for area, share in KNOWN.items() if chance.random() < share] or ["sales"]
    for area in known:
        middle = LIKED[area] + mood + chance.gauss(0, 0.5)
        given[f"{area}_parts"] = {row: _rated(middle, chance) for row in _ROWS[area]}
        whole += MATTERS[area] * (middle - 3.5)
    has = [id for id in SUBJECTS if chance.random() < 0.5] or ["product1"]
    for id in has:
        given[f"product_parts@{id}"] = {row: _rated(4.1 + mood, chance) for row in ("quality", "value", "ease")}
    whole += 0.4 * mood + chance.gauss(0, 0.4)
    given |= {"areas": known, "products": has, "overall": min(5, max(1, round(whole))), "contact": "no"}
    given["recommend"] = min(10, max(0, round(whole * 2.1 + chance.gauss(0, 0.8))))
    if chance.random() < 0.45:
        given["mend"] = _words(who, False, chance)
    if chance.random() < 0.3:
        given["else"] = _words(who, True, chance)
    return given


_ROWS: Final = {
    item.id.removesuffix("_parts"): [row.id for row in item.rows]
    for _page, item in model.questions(library.survey("areas"))
    if isinstance(item, model.Matrix)
}


def _rated(middle: float, chance: Random) -> int:
    return min(5, max(1, round(middle + chance.gauss(0, 0.6))))


def _words(who: Profile, is_praise: bool, chance: Random) -> str:
    return chance.choice((PRAISED if is_praise else BLAMED)[language_of(who)])
