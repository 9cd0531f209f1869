"""What of an item can be set on the builder's screen, and reading what was set there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from vincle.accounts.models import Workspace
from vincle.identify.models import Topic
from vincle.organise.models import CustomField
from vincle.vocabulary.fields import TRAITS

from . import wording
from .definition import LONGEST, LONGEST_TRAIT, MOST_OPTIONS
from .editing import Draft

LINE, AREA, CHECK, SELECT, OPTIONS, TRAIT = "line", "area", "check", "select", "options", "trait"


@dataclass
class Control:
    """One field of an item's editor. `is_text`: it has a text in each language."""

    name: str
    kind: str
    label: str
    help: str = ""
    is_text: bool = False
    choices: list[tuple[str, str]] = field(default_factory=list)
    value: Any = ""
    placeholder: str = ""


def for_form(kind: str, workspace: Workspace) -> list[Control]:
    """The controls of a question of this kind."""
    label = Control("label", LINE, _("Question"), is_text=True, placeholder=wording.label(kind))
    help = Control("help", LINE, _("Help below it"), is_text=True)
    required = Control("is_required", CHECK, _("Must be answered"))
    later = Control("is_later", CHECK, _("Leave out when it is known already"))
    trait = Control(
        "trait", TRAIT, _("Keep it as"), _("The field of the person that gets the answer. Empty: it stands with the submission only.")
    )
    match kind:
        case "step":
            return [Control("label", LINE, _("Heading of the step"), is_text=True)]
        case "words":
            return [Control("label", AREA, _("Words"), is_text=True)]
        case "consent":
            return [
                Control(
                    "label",
                    AREA,
                    _("What is agreed to, word for word"),
                    _("Kept as proof with each submission, in the language it was read in."),
                    is_text=True,
                ),
                Control("topic", SELECT, _("What for"), choices=topics(workspace)),
                Control(
                    "medium",
                    SELECT,
                    _("By"),
                    choices=[("email", _("E-mail")), ("phone", _("Phone, SMS and messengers")), ("*", _("All of them"))],
                ),
                required,
            ]
        case "hidden":
            return [
                trait,
                Control("value", LINE, _("Value")),
                Control("parameter", LINE, _("Or from the address: name of the parameter"), placeholder="utm_content"),
            ]
        case "choice":
            options = Control("options", OPTIONS, _("Answers, one a line"), is_text=True)
            return [label, options, Control("is_many", CHECK, _("Several can be chosen")), help, trait, required, later]
        case "name":
            return [label, Control("is_split", CHECK, _("First and last name apart")), help, required, later]
        case "email":
            return [label, help, required]
        case "phone" | "company":
            return [label, help, required, later]
        case "yes":
            return [label, help, trait, required]
    return [label, help, trait, required, later]


def for_page(kind: str, pictures: list[tuple[str, str]]) -> list[Control]:
    """The controls of a block of this kind."""
    heading, text = Control("heading", LINE, _("Heading"), is_text=True), Control("text", AREA, _("Text"), is_text=True)
    picture = Control("picture", SELECT, _("Picture"), choices=[("", _("None")), *pictures])
    alt = Control("alt", LINE, _("What the picture shows"), is_text=True)
    match kind:
        case "hero":
            return [heading, text, Control("button", LINE, _("Button that leads to the form"), is_text=True), picture, alt]
        case "picture":
            return [picture, alt]
        case "points":
            return [heading, Control("text", AREA, _("Points, one a line"), is_text=True)]
        case "quote":
            return [Control("text", AREA, _("Their words"), is_text=True), Control("author", LINE, _("Who said so"))]
        case "questions":
            help = _("A question, its answer below it, then an empty line.")
            return [heading, Control("text", AREA, _("Questions and answers"), help, is_text=True)]
        case "divider":
            return []
    return [heading, text]


def topics(workspace: Workspace) -> list[tuple[str, str]]:
    own = [(row.key, row.name) for row in Topic.objects.of(workspace).filter(archived_at=None)]
    return [("", _("Choose")), ("marketing", _("News and offers of every kind")), *own]


def traits(workspace: Workspace) -> list[str]:
    """Names that answers can be kept as: those every workspace knows, and its own."""
    own = CustomField.objects.of(workspace).filter(hidden_at=None).order_by("name").values_list("name", flat=True)[:300]
    return [*TRAITS, *own]


def filled(controls: list[Control], item: Mapping[str, Any], language: str) -> list[Control]:
    """With what stands in the item; texts in one language."""
    for each in controls:
        found = item.get(each.name)
        if each.kind == OPTIONS:
            each.value = "\n".join(option.get("label", {}).get(language, "") for option in item.get("options", []))
        elif each.is_text:
            each.value = (found or {}).get(language, "")
        else:
            each.value = found if found is not None else ("email" if each.name == "medium" else "")
    return controls


def read(controls: list[Control], posted: Mapping[str, str], item: Mapping[str, Any], language: str, first: str) -> Draft:
    """What was set: only what the form on the screen held, told by its hidden list `has`."""
    values: Draft = {}
    there = set(posted.get("has", "").split())
    for each in controls:
        if each.name not in there:
            continue
        text = posted.get(each.name, "").replace("\x00", "").replace("\r\n", "\n")
        if each.kind == CHECK:
            values[each.name] = bool(text)
        elif each.kind == OPTIONS:
            values["options"] = _options(text, item, language, first)
        elif each.name == "picture":
            values["picture"] = int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0
        elif each.is_text:
            values[each.name] = {language: text.strip()[:LONGEST]}
        else:
            values[each.name] = " ".join(text.split())[: LONGEST_TRAIT if each.kind == TRAIT else 300]
    return values


def _options(text: str, item: Mapping[str, Any], language: str, first: str) -> list[dict[str, Any]]:
    """Answers by their place: what is kept stays what the first language called it when it was made."""
    before = item.get("options", [])
    lines = [" ".join(line.split())[:200] for line in text.split("\n")][:MOST_OPTIONS]
    if language != first:
        lines = [*lines, *[""] * len(before)][: len(before)]
        return [{**old, "label": {**old.get("label", {}), language: line}} for old, line in zip(before, lines, strict=True)]
    known = {old.get("label", {}).get(first): old for old in before}
    found = []
    for place, line in enumerate(line for line in lines if line):
        old = known.get(line) or (before[place] if place < len(before) and len(before) == len([each for each in lines if each]) else None)
        found.append({"value": old["value"] if old else line, "label": {**(old or {}).get("label", {}), first: line}})
    return found
