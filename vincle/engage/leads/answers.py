"""What someone typed into a form -> what is kept of it, and what is wrong. Pure: no clock, no database."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from msgspec import Struct

from vincle.channels._identifiers import email, phone
from vincle.channels.forms import Agreed, Answer, Named

from .definition import Definition, Item, say

LONGEST_LINE, LONGEST_TEXT = 300, 5_000
_NUMBER: Final = re.compile(r"[+-]?\d{1,15}(?:[.,]\d{1,10})?")
_SPACE: Final = re.compile(r"[^\S\n]+")
_UNSEEN: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff]")


class Wrong(Struct, frozen=True):
    """What is wrong with the answer to an item; `code` is worded on the page."""

    item: str
    code: str


class Given(Struct):
    """What was understood. `typed` is what stands in the fields again when something is wrong."""

    email: str = ""
    phone: str = ""
    name: str = ""
    first: str = ""
    last: str = ""
    traits: dict[str, Any] = {}
    answers: list[Answer] = []
    message: str = ""
    agreed: list[Agreed] = []
    typed: dict[str, Any] = {}
    wrong: list[Wrong] = []

    @property
    def handles(self) -> list[Named]:
        found = [Named("email", self.email, self.name)] if self.email else []
        return [*found, Named("phone", self.phone, self.name)] if self.phone else found


def clean(text: str, most: int = LONGEST_LINE) -> str:
    """One line as people mean it: without control signs, signs that turn the direction of writing, and spaces at the ends."""
    return " ".join(_UNSEEN.sub("", text).split())[:most].rstrip()


def clean_text(text: str, most: int = LONGEST_TEXT) -> str:
    """Several lines, likewise."""
    lines = (_SPACE.sub(" ", line).strip() for line in _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()[:most].rstrip()


def understand(
    definition: Definition, items: Sequence[Item], posted: Mapping[str, Sequence[str]], language: str, country: str
) -> Given:  # fmt: skip
    """Read the answers to `items`, in the order they stand on the page. `posted`: field -> its values, as browsers send them.

    What was not asked is not taken, whatever is sent. `country` reads phone numbers without a prefix.
    """
    given = Given(traits={}, answers=[], agreed=[], typed={}, wrong=[])
    for item in items:
        if item.asks:
            _READERS[item.kind](_Asked(item, definition, posted, language, country), given)
    return given


class _Asked(Struct):
    """One question with what was sent to it."""

    item: Item
    definition: Definition
    posted: Mapping[str, Sequence[str]]
    language: str
    country: str

    def raw(self, part: str = "") -> str:
        values = self.posted.get(self.item.id + part, ())
        return values[0] if values else ""

    def line(self, part: str = "") -> str:
        return clean(self.raw(part))

    @property
    def label(self) -> str:
        return say(self.item.label, self.language, self.definition.languages[0])

    def keep(self, given: Given, value: Any) -> None:
        """An answer under the question's own words, and as a trait where it has a name."""
        given.answers.append(Answer(self.item.id, self.label, value))
        if self.item.trait:
            given.traits[self.item.trait] = value

    def missing(self, given: Given) -> bool:
        if self.item.is_required:
            given.wrong.append(Wrong(self.item.id, "missing"))
        return True


def _email(asked: _Asked, given: Given) -> None:
    typed = given.typed[asked.item.id] = asked.line()
    if not typed:
        asked.missing(given)
    elif not (found := email(typed)):
        given.wrong.append(Wrong(asked.item.id, "email"))
    else:
        given.email = found


def _phone(asked: _Asked, given: Given) -> None:
    typed = given.typed[asked.item.id] = asked.line()
    if not typed:
        asked.missing(given)
    elif not (found := phone(typed, asked.country)):
        given.wrong.append(Wrong(asked.item.id, "phone"))
    else:
        given.phone = found


def _name(asked: _Asked, given: Given) -> None:
    if not asked.item.is_split:
        given.name = given.typed[asked.item.id] = clean(asked.raw(), 200)
    else:
        first, last = (clean(asked.raw(part), 100) for part in (".first", ".last"))
        given.typed |= {f"{asked.item.id}.first": first, f"{asked.item.id}.last": last}
        given.traits |= {name: value for name, value in (("first_name", first), ("last_name", last)) if value}
        given.first, given.last, given.name = first, last, " ".join(filter(None, (first, last)))
    if not given.name:
        asked.missing(given)


def _company(asked: _Asked, given: Given) -> None:
    typed = given.typed[asked.item.id] = clean(asked.raw(), 160)
    if typed:
        given.traits["company"] = typed
    else:
        asked.missing(given)


def _text(asked: _Asked, given: Given) -> None:
    typed = given.typed[asked.item.id] = asked.line()
    if typed:
        asked.keep(given, typed)
    else:
        asked.missing(given)


def _long(asked: _Asked, given: Given) -> None:
    """Long words are what someone says: they stand in the log as a message, and as a trait only where that was wished."""
    typed = given.typed[asked.item.id] = clean_text(asked.raw())
    if not typed:
        asked.missing(given)
    elif asked.item.trait:
        asked.keep(given, typed[:2000])
    else:
        given.answers.append(Answer(asked.item.id, asked.label, typed))
        given.message = f"{given.message}\n\n{typed}".strip()


def _number(asked: _Asked, given: Given) -> None:
    typed = given.typed[asked.item.id] = asked.line()
    if not typed:
        asked.missing(given)
    elif not _NUMBER.fullmatch(typed):
        given.wrong.append(Wrong(asked.item.id, "number"))
    else:
        plain = typed.replace(",", ".")
        asked.keep(given, float(plain) if "." in plain else int(plain))


def _date(asked: _Asked, given: Given) -> None:
    typed = given.typed[asked.item.id] = asked.line()
    if not typed:
        asked.missing(given)
        return
    try:
        asked.keep(given, date.fromisoformat(typed).isoformat())
    except ValueError:
        given.wrong.append(Wrong(asked.item.id, "date"))


def _choice(asked: _Asked, given: Given) -> None:
    sent = [clean(each) for each in asked.posted.get(asked.item.id, ())][:100]
    offered = [option.value for option in asked.item.options if option.value]
    chosen = [value for value in offered if value in sent][: None if asked.item.is_many else 1]
    given.typed[asked.item.id] = chosen
    if chosen:
        asked.keep(given, chosen if asked.item.is_many else chosen[0])
    elif any(sent):
        given.wrong.append(Wrong(asked.item.id, "choice"))
    else:
        asked.missing(given)


def _yes(asked: _Asked, given: Given) -> None:
    is_on = given.typed[asked.item.id] = bool(asked.raw())
    if is_on or not asked.item.is_required:
        asked.keep(given, is_on)
    else:
        asked.missing(given)


def _consent(asked: _Asked, given: Given) -> None:
    """A box that is not ticked says nothing: neither yes nor no."""
    is_on = given.typed[asked.item.id] = bool(asked.raw())
    if is_on:
        given.agreed.append(Agreed(asked.item.topic, asked.label, asked.item.medium))
    else:
        asked.missing(given)


def _hidden(asked: _Asked, given: Given) -> None:
    """What the address said, else what the team set; nobody is asked."""
    if value := (asked.line() if asked.item.parameter else "") or asked.item.value:
        given.typed[asked.item.id] = value
        asked.keep(given, value[:LONGEST_LINE])


_READERS: Final = {
    "email": _email, "phone": _phone, "name": _name, "company": _company, "text": _text, "long": _long, "number": _number, "date": _date,
    "choice": _choice, "yes": _yes, "consent": _consent, "hidden": _hidden,
}  # fmt: skip
