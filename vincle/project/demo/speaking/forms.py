"""Forms and a landing page, and who has sent them: people of the community, through the form's own door."""

from collections import Counter
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils import timezone

from vincle.accounts.models import User, Workspace
from vincle.engage.leads import actions, leads_actions, ready_made, receiving, tokens
from vincle.engage.leads.models import Form, FormDay, Page, Submission
from vincle.engage.leads.receiving import Visit
from vincle.listen.models import Activity
from vincle.organise.models import Profile

from ..tell import SITE

_ASKED: Final = {
    "en": ("Do you grind for a moka pot as well?", "Is there parking near the roastery?", "Could we book the latte art class for eight?"),
    "ca": ("També moleu per a cafetera italiana?", "Feu enviaments a Figueres?", "Podríem reservar el curs de latte art per a vuit?"),
    "es": ("¿También moléis para cafetera italiana?", "¿Enviáis a Figueres?", "¿Podríamos reservar el curso de latte art para ocho?"),
    "it": ("Macinate anche per la moka?", "Spedite a Figueres?", "Potremmo prenotare il corso di latte art in otto?"),
}
_PAGE: Final = {
    "en": (
        "Six coffees, one table",
        "An evening at the roastery: taste what came this winter, and take home the one you like.",
        "I am coming",
        "What awaits you",
        "Six coffees from five farms\nSomeone who roasted them\nA bag to take home",
        "Tell us that you are coming",
        "What does it cost?\nTwelve euros, with the bag.\n\nMay I bring someone?\nAs many as fit at a table of twelve.",
    ),
    "ca": (
        "Sis cafès, una taula",
        "Un vespre al torrador: tasteu el que ha arribat aquest hivern i emporteu-vos el que us agradi.",
        "Hi vinc",
        "Què us espera",
        "Sis cafès de cinc finques\nQui els ha torrat\nUna bossa per emportar-se",
        "Digueu-nos que veniu",
        "Quant costa?\nDotze euros, amb la bossa.\n\nPuc portar algú?\nTants com càpiguen en una taula de dotze.",
    ),
}
_TOUCHES: Final = (
    {"source": "instagram", "medium": "social", "campaign": "tasting", "way": "link"},
    {"way": "qr", "source": "window"},
    {"referrer": "girona.example", "way": "embed"},
    {"source": "newsletter", "medium": "email", "campaign": "tasting"},
)
CONTACT: Final = "Contact"
AGENT: Final = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def make(workspace: Workspace, user: User) -> None:
    contact = _form(workspace, user, CONTACT, ready_made.contact)
    tasting = _form(workspace, user, "Tasting in December", ready_made.event, tags=["tasting"])
    actions.create(workspace, user, Form, "Newsletter", ready_made.newsletter("en"))
    page = actions.create(workspace, user, Page, "Tasting", _page(), form=tasting)
    actions.publish(page, user)
    people = list(Profile.objects.of(workspace).exclude(email="").exclude(name="").filter(kind="person").order_by("-last_at", "pk")[:16])
    chance, now = Random(len(people)), timezone.now()
    for number, who in enumerate(people):
        at = now - timedelta(hours=6 + 31 * number + chance.randrange(20))
        answers = {"i3": str(1 + number % 3), "i4": "1"} if number % 3 else {"i4": _ASKED[language_of(who)][number // 3 % 3]}
        send(tasting if number % 3 else contact, who, at, answers, _TOUCHES[number % len(_TOUCHES)])
    for form in (contact, tasting):
        _count(workspace, form)
    _look_after(workspace, user)


def _form(workspace: Workspace, user: User, name: str, made: Any, **more: Any) -> Form:
    row = actions.create(workspace, user, Form, name, {**made("en"), "is_confirmed": False, **more})
    actions.publish(row, user)
    return Form.objects.select_related("workspace").get(pk=row.pk)


def _page() -> dict[str, Any]:
    """The ready-made landing page with the café's own words, in two languages."""
    made = ready_made.page("en", "Tasting in December")
    made["languages"] = list(_PAGE)
    made["title"] = {tongue: words[0] for tongue, words in _PAGE.items()}
    places = [(0, "heading"), (0, "text"), (0, "button"), (1, "heading"), (1, "text"), (2, "heading"), (3, "text")]
    for at, (block, name) in enumerate(places):
        made["items"][block][name] = {tongue: words[at] for tongue, words in _PAGE.items()}
    made["items"][3]["heading"] = {"en": "Questions and answers", "ca": "Preguntes i respostes"}
    return made


def language_of(who: Profile) -> str:
    told = who.traits.get("language", ["en"])[0]
    return told if told in _ASKED else "en"


def send(form: Form, who: Profile, at: datetime, answers: dict[str, str], touch: dict[str, str]) -> None:
    posted = {
        "i1": [who.name],
        "i2": [who.email],
        receiving.SHOWN_AT: [tokens.show(form)],
        **{name: [said] for name, said in answers.items()},
    }
    receiving.submit(form, Visit(language_of(who), posted, agent=AGENT, touch={"url": f"{SITE}/contact", **touch}, is_stand=True), at)


def _count(workspace: Workspace, form: Form) -> None:
    """Days as they were: who sent it by when they did; the site's page views of that day stand for who looked."""
    zone = ZoneInfo(workspace.timezone)
    sent = Counter(at.astimezone(zone).date() for at in Submission.objects.of(workspace).filter(form=form).values_list("at", flat=True))
    since = timezone.now() - timedelta(days=30)
    views = Activity.objects.of(workspace).filter(
        channel="web", verb="View", object_key="/contact", is_machine=False, happened_at__gt=since
    )
    seen = Counter(at.astimezone(zone).date() for at in views.values_list("happened_at", flat=True))
    FormDay.objects.of(workspace).filter(form=form).delete()
    FormDay.objects.bulk_create(
        FormDay(workspace=workspace, form=form, day=day, views=seen[day] + sent[day], starts=sent[day], submits=sent[day])
        for day in sorted(seen | sent)
    )


def _look_after(workspace: Workspace, user: User) -> None:
    """Some have been answered, one has become a customer."""
    ids = list(Submission.objects.of(workspace).order_by("at").values_list("pk", flat=True))
    leads_actions.hand_over(workspace, user, ids[:6], user.pk)
    leads_actions.set_stage(workspace, user, ids[1:4], "contacted")
    leads_actions.set_stage(workspace, user, ids[:1], "won")
