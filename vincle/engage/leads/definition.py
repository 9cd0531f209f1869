"""What a form asks, as it is stored: a list of items, each text in several languages. Pure.

{"languages": ["ca", "es"], "title": {"ca": "El nostre butlletí"}, "items": [{"id": "a1", "kind": "email", "is_required": true}, ...]}
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

import msgspec
from msgspec import Struct

Texts = dict[str, str]
Kind = Literal["email", "name", "phone", "company", "text", "long", "number", "date", "choice", "yes", "consent", "hidden", "step", "words"]
KINDS: Final[tuple[str, ...]] = Kind.__args__  # type: ignore[attr-defined]
SILENT: Final = frozenset({"step", "words"})
"""Kinds that ask nothing."""

OPEN: Final = frozenset({"text", "long", "number", "date", "choice", "yes", "hidden"})
"""Kinds whose answer is kept under a name of its own."""

ONCE: Final = frozenset({"email", "name", "phone", "company"})
MOST_ITEMS, MOST_OPTIONS, LONGEST, LONGEST_TRAIT = 60, 60, 4_000, 100
MEDIA: Final = ("email", "phone", "*")


class Option(Struct, omit_defaults=True):
    """One answer of a choice; `value` is what is kept."""

    value: str
    label: Texts = {}


class Item(Struct, omit_defaults=True):
    """A question, a box to tick, a few words, or the beginning of a step. `id` lasts as long as the question means the same."""

    id: str
    kind: Kind
    label: Texts = {}
    help: Texts = {}
    is_required: bool = False
    trait: str = ""
    options: list[Option] = []
    is_many: bool = False
    is_split: bool = False
    is_later: bool = False
    topic: str = ""
    medium: str = "email"
    value: str = ""
    parameter: str = ""

    @property
    def asks(self) -> bool:
        return self.kind not in SILENT


class After(Struct, omit_defaults=True):
    """What someone sees who has sent it: words of thanks, or another page."""

    title: Texts = {}
    text: Texts = {}
    address: str = ""


class Proof(Struct, omit_defaults=True):
    """Say how many have done it before; only true counts, and only from so many on. `days` 0: since ever."""

    is_on: bool = False
    least: int = 20
    days: int = 0


class Assign(Struct, omit_defaults=True):
    """Whose a new lead is: nobody's, someone's, of several in turn, or a team's."""

    kind: Literal["none", "user", "turn", "team"] = "none"
    users: list[int] = []
    team: int = 0


class Popup(Struct, omit_defaults=True):
    """When a pop-up opens: at once, after seconds, after a share of the page, before one leaves, or by a button of the site."""

    when: Literal["seconds", "scroll", "leave", "button"] = "seconds"
    after: int = 15
    again_days: int = 30


class Definition(Struct, omit_defaults=True):
    """A form as a whole. The first of `languages` stands in where a text is missing in another."""

    languages: list[str] = msgspec.field(default_factory=lambda: ["en"])
    title: Texts = {}
    intro: Texts = {}
    button: Texts = {}
    items: list[Item] = []
    ask_at_most: int = 0
    is_confirmed: bool = True
    after: After = msgspec.field(default_factory=After)
    file: int = 0
    proof: Proof = msgspec.field(default_factory=Proof)
    assign: Assign = msgspec.field(default_factory=Assign)
    tell: list[int] = []
    tags: list[str] = []
    popup: Popup = msgspec.field(default_factory=Popup)
    origins: list[str] = []
    colour: str = ""

    def item(self, id: str) -> Item | None:
        return next((item for item in self.items if item.id == id), None)

    @property
    def questions(self) -> list[Item]:
        return [item for item in self.items if item.asks]


class Broken(ValueError):
    """What is stored, or was sent, is no form; its text says where."""


def load(data: Any) -> Definition:
    """A form of what is stored. Raises Broken."""
    try:
        found = msgspec.convert(data, Definition)
    except msgspec.ValidationError as error:
        raise Broken(str(error)) from error
    ids = [item.id for item in found.items]
    if len(ids) != len(set(ids)) or len(ids) > MOST_ITEMS or not found.languages:
        raise Broken("items need ids of their own, at most 60 of them, and a language")
    return found


def dump(definition: Definition) -> dict[str, Any]:
    """As it is stored; `load` gives it back."""
    data: dict[str, Any] = msgspec.to_builtins(definition)
    return data


def say(texts: Mapping[str, str], language: str, *others: str) -> str:
    """A text in a language, else in the first of the others that has it, else in any.

    >>> say({"ca": "Hola", "es": ""}, "es", "ca"), say({"it": "Ciao"}, "en"), say({}, "en")
    ('Hola', 'Ciao', '')
    """
    for each in (language, *others):
        if texts.get(each):
            return texts[each]
    return next((text for text in texts.values() if text), "")


def steps(definition: Definition) -> list[tuple[Item | None, list[Item]]]:
    """(the step's heading, its items), in order; what stands before the first heading is a step without one."""
    found: list[tuple[Item | None, list[Item]]] = [(None, [])]
    for item in definition.items:
        if item.kind == "step":
            found.append((item, []))
        else:
            found[-1][1].append(item)
    return [(head, items) for head, items in found if items]


def asked(definition: Definition, known: frozenset[str]) -> list[Item]:
    """The items to show someone of whom these ids are known: a question marked "later" is left out when it is known, and
    only `ask_at_most` of the others of that mark are asked at once (0: all)."""
    found, later = [], 0
    for item in definition.items:
        if item.is_later and item.asks:
            if item.id in known or (definition.ask_at_most and later >= definition.ask_at_most):
                continue
            later += 1
        found.append(item)
    return _without_empty_steps(found)


def _without_empty_steps(items: list[Item]) -> list[Item]:
    return [item for place, item in enumerate(items) if item.kind != "step" or (place + 1 < len(items) and items[place + 1].kind != "step")]


def missing_texts(definition: Definition, language: str) -> int:
    """How many texts that stand in the first language are not there in this one."""
    first = definition.languages[0]
    return sum(1 for texts in every_text(definition) if texts.get(first) and not texts.get(language))


def every_text(definition: Definition) -> Iterator[Texts]:
    yield from (definition.title, definition.intro, definition.button, definition.after.title, definition.after.text)
    for item in definition.items:
        yield from (item.label, item.help)
        yield from (option.label for option in item.options)


class Fault(Struct, frozen=True):
    """Why a form cannot be published: a code, and the item it is about."""

    code: str
    item: str = ""


def faults(definition: Definition) -> list[Fault]:
    """What has to be mended before anyone can fill it in."""
    kinds: list[str] = [item.kind for item in definition.questions if item.kind != "hidden"]
    found = [] if kinds else [Fault("asks_nothing")]
    consents = [item for item in definition.items if item.kind == "consent"]
    by_mail = any(item.medium in ("email", "*") for item in consents)
    if (by_mail or (definition.file and definition.is_confirmed)) and "email" not in kinds:
        found.append(Fault("no_email", consents[0].id if consents else ""))
    if any(item.medium == "phone" for item in consents) and "phone" not in kinds:
        found.append(Fault("no_phone", next(item.id for item in consents if item.medium == "phone")))
    for item in definition.items:
        found += _of_item(item, definition)
    for kind in ONCE:
        if kinds.count(kind) > 1:
            found.append(Fault("twice", [item.id for item in definition.items if item.kind == kind][1]))
    return found


def _of_item(item: Item, definition: Definition) -> list[Fault]:
    if item.kind == "consent":
        if not item.topic:
            return [Fault("no_topic", item.id)]
        return [Fault("no_wording", item.id) for language in definition.languages[:9] if not item.label.get(language, "").strip()][:1]
    if item.kind == "choice" and len([option for option in item.options if option.value]) < 2:
        return [Fault("few_options", item.id)]
    if item.kind in OPEN and item.kind not in ("long", "hidden") and not say(item.label, definition.languages[0]):
        return [Fault("no_label", item.id)]
    return [Fault("no_trait", item.id)] if item.kind == "hidden" and not item.trait else []
