"""A form and its questions as the public page draws them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from vincle.engage.letters.branding import look_of as brand_of
from vincle.engage.letters.look import contrast
from vincle.engage.letters.look import read as look_of

from . import wording
from .answers import Given
from .definition import Definition, Item, say
from .models import Form

LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)
NATIVE = {"en": "English", "es": "Español", "it": "Italiano", "ca": "Català"}
AUTOCOMPLETE = {"email": "email", "phone": "tel", "name": "name", "company": "organization"}
TRAIT_AUTOCOMPLETE = {
    "job_title": "organization-title", "street": "street-address", "city": "address-level2", "region": "address-level1",
    "postcode": "postal-code", "country": "country", "birthday": "bday", "website": "url",
}  # fmt: skip


@dataclass
class Question:
    """One item with the words of a language and what was typed."""

    item: Item
    label: str
    help: str
    value: Any
    wrong: str
    options: list[tuple[str, str, bool]]
    parts: list[tuple[str, str, str, str]]
    autocomplete: str

    @property
    def described(self) -> str:
        named = [("help", self.help), ("wrong", self.wrong)]
        return " ".join(f"{self.item.id}-{part}" for part, there in named if there)


def language_for(request: HttpRequest, languages: Sequence[str], asked: str = "") -> str:
    """The language asked for in the address, else the first of the browser's that the form has, else the form's own."""
    wanted = [asked[:2].lower()]
    for part in request.headers.get("Accept-Language", "")[:200].split(","):
        wanted.append(part.partition(";")[0].strip()[:2].lower())
    return next((code for code in wanted if code in languages and code in LANGUAGES), languages[0] if languages else "en")


def questions(asked: Definition, items: Sequence[Item], language: str, given: Given | None, preset: Mapping[str, str]) -> list[Question]:
    typed = given.typed if given else {}
    wrong = {each.item: each.code for each in given.wrong} if given else {}
    return [_question(asked, item, language, typed, wrong.get(item.id, ""), preset) for item in items]


def _question(
    asked: Definition, item: Item, language: str, typed: Mapping[str, Any], code: str, preset: Mapping[str, str]
) -> Question:  # fmt: skip
    first = asked.languages[0]
    value = typed.get(item.id, preset.get(item.parameter or item.id, ""))
    chosen = value if isinstance(value, list) else [value]
    options = [(option.value, say(option.label, language, first) or option.value, option.value in chosen) for option in item.options]
    parts = []
    if item.kind == "name" and item.is_split:
        for part, complete in (("first", "given-name"), ("last", "family-name")):
            parts.append((part, wording.label("name", part=part), str(typed.get(f"{item.id}.{part}", "")), complete))
    return Question(
        item=item, label=say(item.label, language, first) or wording.label(item.kind), help=say(item.help, language, first), value=value,
        wrong=wording.wrong(code, item.kind, typed.get("suggestion", "")) if code else "", options=[each for each in options if each[0]],
        parts=parts, autocomplete=AUTOCOMPLETE.get(item.kind, "") or TRAIT_AUTOCOMPLETE.get(item.trait, "off"),
    )  # fmt: skip


def stepped(found: Sequence[Question]) -> list[tuple[str, list[Question]]]:
    """(heading, questions) of each step."""
    steps: list[tuple[str, list[Question]]] = [("", [])]
    for question in found:
        if question.item.kind == "step":
            steps.append((question.label, []))
        else:
            steps[-1][1].append(question)
    return [step for step in steps if step[1]]


def titled(asked: Definition, language: str) -> dict[str, str]:
    """The form's own words."""
    first = asked.languages[0]
    whole = {"title": asked.title, "intro": asked.intro, "button": asked.button}
    return {name: say(texts, language, first) for name, texts in whole.items()}


def colours(workspace: Any, own: str = "") -> dict[str, Any]:
    """The brand's colours, with the form's own accent where it has one."""
    look: dict[str, Any] = dict(brand_of(workspace))
    if own:
        look["accent"] = look["dark_accent"] = look_of({"accent": own})["accent"]
    look["on_accent"] = _readable_on(look["accent"])
    look["on_dark_accent"] = _readable_on(look["dark_accent"])
    return look


def _readable_on(colour: str) -> str:
    return "#ffffff" if contrast("#ffffff", colour) >= contrast("#14171c", colour) else "#14171c"


def sheet(look: Mapping[str, Any]) -> SafeString:
    """The style sheet of the colours; every value was read by `look.read`, so it is one."""
    names = ("page", "paper", "ink", "muted", "accent", "line")
    light = SafeString("").join(format_html("--f-{}:light-dark({},{});", name, look[name], look[f"dark_{name}"]) for name in names)
    return format_html(
        ":root{{{}--f-on-accent:light-dark({},{});--f-radius:{}px}}", light, look["on_accent"], look["on_dark_accent"], look["radius"]
    )


def languages_of(form: Form, asked: Definition) -> list[tuple[str, str]]:
    return [(code, NATIVE.get(code, code)) for code in asked.languages if code in LANGUAGES]
