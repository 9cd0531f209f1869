"""What sources say of each trait: the value that stands, how sure it is, and who says otherwise."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from vincle.channels.registry import channels
from vincle.vocabulary.fields import TRAITS
from vincle.web.tags.formats import day, percent
from vincle.web.tags.people import channel_name

from .confidence import Kind, Witness, belief, kind_of, weigh
from .fieldtypes import type_of
from .models import CustomField, Profile
from .portrait import Sources, Stated
from .survivors import TEAM, plain
from .timeline import safe_link
from .wording import label, shown

UNSHOWN = ("avatar_hash",)
BASIC = ("name", "company", "job_title", "city", "country", "language", "birthday")
"""Traits that have their line even while nobody said anything of them."""
MOST_OTHERS = 5


class Word(NamedTuple):
    """The last that one source said of a trait."""

    raw: Any
    source: str
    at: datetime
    kind: Kind
    is_import: bool = False


@dataclass
class Value:
    """A value with those who say it, newest first, and how sure it is (0 to 1)."""

    raw: Any
    text: str
    said: list[Word]
    sure: float = 0.0

    @property
    def typed(self) -> str:
        """As it is typed into its field."""
        if isinstance(self.raw, bool):
            return "yes" if self.raw else "no"
        return ", ".join(map(str, self.raw)) if isinstance(self.raw, list) else "" if self.raw is None else str(self.raw)

    @property
    def newest(self) -> Word | None:
        return self.said[0] if self.said else None


@dataclass
class Trait:
    """One line of what is known. `disputed`: what other sources say that the team has not settled; `others`: what they said before."""

    name: str
    label: str
    type: str
    stands: Value
    disputed: list[Value] = field(default_factory=list)
    others: list[Value] = field(default_factory=list)
    reasons: list[tuple[str, str, float]] = field(default_factory=list)

    @property
    def value(self) -> str:
        return self.stands.text

    @property
    def typed(self) -> str:
        return self.stands.typed

    @property
    def link(self) -> str:
        return safe_link(str(self.stands.raw or ""))

    @property
    def is_custom(self) -> bool:
        return self.name not in TRAITS and self.name != "name"


def traits_of(profile: Profile, fields: Sequence[CustomField], facts: Sequence[Stated], sources: Sources) -> list[Trait]:
    """Common traits first, then the workspace's own; hidden ones left out."""
    types = {each.name: each.type for each in fields}
    labels = {each.name: each.label for each in fields if each.label}
    hidden = {each.name for each in fields if each.hidden_at}
    usual = ["name", *TRAITS]
    names = [name for name in usual if name in BASIC or name in profile.traits]
    names += sorted((set(profile.traits) | set(types)) - {*usual, *UNSHOWN}, key=str.casefold)
    said = _last_words(facts, sources)
    return [
        _trait(name, label(name, labels), type_of(name, types), profile, said.get(name, []), sources)
        for name in names
        if name not in hidden
    ]


def _last_words(facts: Iterable[Stated], sources: Sources) -> dict[str, list[Word]]:
    """Of each trait what each source said last, newest first; all imports of one file are one source, so is the team."""
    said: dict[str, dict[tuple[str, str], Word]] = {}
    for fact in facts:
        name = sources.name(fact.delivery) or channel_name(fact.channel)
        source = (fact.channel, "" if fact.channel == TEAM else name)
        for trait, raw in fact.traits.items():
            word = Word(raw, name, fact.at, _kind(fact.channel), fact.delivery in sources.imports)
            said.setdefault(trait, {}).setdefault(source, word)
    return {trait: list(words.values()) for trait, words in said.items()}


def _kind(channel: str) -> Kind:
    known = channels().get(channel)
    return kind_of(channel, known.spec.family if known else "")


def _trait(name: str, called: str, kind: str, profile: Profile, words: list[Word], sources: Sources) -> Trait:
    raw, at, delivery, *by_hand = profile.traits.get(name, (None, None, None))
    if name == "name" and not raw:
        raw = profile.name
    values: dict[str, Value] = {}
    stands = values.setdefault(plain(raw), Value(raw, shown(raw, kind), []))
    for word in words:
        text = shown(word.raw, kind)
        if text:
            values.setdefault(plain(word.raw), Value(word.raw, text, [])).said.append(word)
    moment = _moment(at)
    if moment and stands.text and not stands.said:  # said longer ago than is read here
        stands.said.append(Word(raw, sources.name(delivery), moment, "team" if by_hand else "list", delivery in sources.imports))
    _weigh(name, values)
    found = Trait(name, called, kind, stands, reasons=_reasons(name, stands, values.values()))
    settled = max((word.at for word in words if word.kind == TEAM), default=None)
    rest = sorted((each for each in values.values() if each is not stands and each.said), key=lambda each: each.said[0].at, reverse=True)
    for each in rest[:MOST_OTHERS]:
        is_open = settled is None or each.said[0].at > settled
        (found.disputed if is_open and stands.text else found.others).append(each)
    return found


def _weigh(name: str, values: Mapping[str, Value]) -> None:
    now = timezone.now()
    said = [Witness(key, word.kind, (now - word.at).total_seconds() / 86400) for key, each in values.items() for word in each.said]
    for key, sure in weigh(name, said).items():
        values[key].sure = sure


def _reasons(name: str, stands: Value, values: Iterable[Value]) -> list[tuple[str, str, float]]:
    """Who says it and who says otherwise, as the dotted 'why' shows it."""
    now, rows = timezone.now(), []
    for value in sorted(values, key=lambda each: each is not stands):
        for word in value.said[:MOST_OTHERS]:
            sure = belief(name, word.kind, (now - word.at).total_seconds() / 86400)
            words = {"source": word.source, "day": day(word.at), "value": value.text[:60]}
            text = _("%(source)s, %(day)s") if value is stands else _("%(source)s, %(day)s: “%(value)s”")
            rows.append((text % words, percent(sure), sure if value is stands else -sure))
    return rows


def _moment(text: Any) -> datetime | None:
    found = parse_datetime(text) if isinstance(text, str) else None
    return found.replace(tzinfo=found.tzinfo or UTC) if found else None
