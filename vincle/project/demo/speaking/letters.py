"""The café's brand and its letters, each in the four languages of its people."""

from collections.abc import Iterator
from typing import Any, Final

from vincle.accounts.models import User, Workspace
from vincle.engage.letters import actions, branding, ready_made
from vincle.engage.letters.models import Letter

from ..kinds import LANGUAGES
from ..tell import SITE
from . import texts

LINK: Final = f"{SITE}/shop?utm_source=newsletter"
"""Where the letters of the time told lead, as the log has it."""

LOOK: Final = {
    "company": "Cafè Lligam",
    "address": "Carrer de la Força 12, 17004 Girona",
    "website": SITE,
    "accent": "#0f766e",
    "page": "#f4f1ec",
    "font": "georgia",
    "radius": 8,
    "places": [["Instagram", "https://instagram.com/cafelligam"], ["Facebook", "https://facebook.com/cafelligam"]],
}
_NAME = '{{ person.first_name | default: "%s" }}'
_CHRISTMAS: Final[dict[str, tuple[str, str, str, str, str, str]]] = {
    "en": (
        "The Christmas blend is here",
        "Cinnamon, orange peel and a little smoke: roasted twice a week until Epiphany.",
        "there",
        "It came out of the roaster this morning; the whole street smelt of it. Two hundred and fifty grams cost what they cost last year.",
        "With this code it is a tenth less:",
        "Have a look at it",
    ),
    "es": (
        "Ya está aquí la mezcla de Navidad",
        "Canela, piel de naranja y un punto de humo: tostada dos veces por semana hasta Reyes.",
        "amigos",
        "Ha salido del tostador esta mañana y olía toda la calle. Doscientos cincuenta gramos cuestan lo mismo que el año pasado.",
        "Con este código, un diez por ciento menos:",
        "Quiero verla",
    ),
    "ca": (
        "Ja tenim la barreja de Nadal",
        "Canyella, pell de taronja i una mica de fum: torrada dues vegades per setmana fins a Reis.",
        "amics",
        "Ha sortit del torrador aquest matí i feia olor tot el carrer. Dos-cents cinquanta grams costen el mateix que l'any passat.",
        "Amb aquest codi, un deu per cent menys:",
        "Vull veure-la",
    ),
    "it": (
        "È arrivata la miscela di Natale",
        "Cannella, scorza d'arancia e un filo di fumo: tostata due volte la settimana fino all'Epifania.",
        "amici",
        "È uscita dalla tostatrice stamattina, e profumava tutta la via. Duecentocinquanta grammi costano come l'anno scorso.",
        "Con questo codice, il dieci per cento in meno:",
        "Voglio vederla",
    ),
}
_PLAIN: Final = {
    "en": "Something warm for the short days",
    "es": "Algo caliente para los días cortos",
    "ca": "Alguna cosa calenta per als dies curts",
    "it": "Qualcosa di caldo per i giorni corti",
}
_READY: Final = {
    "welcome": "Welcome",
    "news": "News of the month",
    "offer": "A thank-you",
    "winback": "We miss you",
    "birthday": "Birthday",
}


def write(workspace: Workspace, user: User) -> dict[str, Letter]:
    """The letters by what they are for; each is kept as a version."""
    branding.save(workspace, user, LOOK)
    made = {key: _letter(workspace, user, name, {tongue: _own(key, tongue) for tongue in LANGUAGES}, key) for key, name in _READY.items()}
    made["blend"] = _letter(workspace, user, "Christmas blend", {tongue: _christmas(tongue) for tongue in LANGUAGES})
    warm = {tongue: {**_christmas(tongue), "subject": subject} for tongue, subject in _PLAIN.items()}
    made["warm"] = _letter(workspace, user, "Christmas blend, second subject", warm)
    return made


def _letter(workspace: Workspace, user: User, name: str, draft: dict[str, Any], template: str = "") -> Letter:
    letter = actions.create(workspace, user, name, language="en", draft=draft, template=template)
    actions.keep(workspace, user, letter)
    letter.refresh_from_db()
    return letter


def _christmas(tongue: str) -> dict[str, Any]:
    subject, preheader, friend, words, before, button = _CHRISTMAS[tongue]
    ground = {"background": "accent", "align": "center"}
    return {
        "subject": subject,
        "preheader": preheader,
        "blocks": [
            {"kind": "heading", "text": subject, "level": "1"},
            {"kind": "text", "html": f"<p>{_NAME % friend},</p><p>{words}</p>"},
            {"kind": "text", "html": f"<p>{before}</p>", "when": {"expression": "data.code"}, **ground},
            {"kind": "heading", "text": "{{ data.code }}", "level": "1", "when": {"expression": "data.code"}, **ground},
            {"kind": "button", "label": button, "url": LINK, "align": "left"},
            {"kind": "divider"},
            {"kind": "social", "align": "left"},
        ],
    }


def _own(key: str, tongue: str) -> dict[str, Any]:
    """A ready-made letter with what the café has to say in the place of advice to whoever writes."""
    made = ready_made.letter(key, tongue, LINK)
    words = iter(texts.WORDS.get(key, {}).get(tongue, ()))
    for block in _spoken(made["blocks"]):
        name = "html" if block["kind"] == "text" else "text"
        if said := next(words, ""):
            block[name] = f"<p>{said}</p>" if name == "html" else said
    return made


def _spoken(blocks: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for block in blocks:
        if block["kind"] == "columns":
            for column in block["columns"]:
                yield from _spoken(column)
        elif block["kind"] in ("heading", "text"):
            yield block
