"""Which of the values that sources state for one field stands. Pure."""

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Final, NamedTuple

TEAM: Final = "team"
"""The channel of what the team says by hand: it stands whatever any source says."""


class Rule(StrEnum):
    NEWEST = "newest"
    FREQUENT = "frequent"
    LONGEST = "longest"
    SOURCE = "source"


class Word(NamedTuple):
    """What one source stated of a field. `at` as ISO text, which compares as time does."""

    value: Any
    at: str
    delivery: int | None
    channel: str


class Rules(NamedTuple):
    """The rule of each field that has its own, and the channels of `Rule.SOURCE`, most trusted first."""

    of_field: dict[str, Rule]
    order: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.of_field)


def choose(words: Sequence[Word], rule: Rule, order: Sequence[str] = ()) -> Word | None:
    """The word that stands; None when nobody said anything. What the team last said wins under every rule.

    Among equals the newest stands. Words without a value say that nothing is known: they win only by being newest.

    >>> shop, form = Word("Vic", "2026-01-01", 1, "woocommerce"), Word("Girona", "2026-02-01", 2, "contacts")
    >>> choose([shop, form], Rule.NEWEST).value, choose([shop, form], Rule.SOURCE, ["woocommerce"]).value
    ('Girona', 'Vic')
    """
    by_hand = [word for word in words if word.channel == TEAM]
    if by_hand:
        return max(by_hand, key=lambda word: word.at)
    said = [word for word in words if word.value not in ("", None, [])]
    if rule is Rule.NEWEST or not said:
        return max(words, key=lambda word: word.at, default=None)
    return max(said, key=lambda word: (_merit(word, said, rule, order), word.at))


def _merit(word: Word, said: Sequence[Word], rule: Rule, order: Sequence[str]) -> int:
    if rule is Rule.LONGEST:
        return len(plain(word.value))
    if rule is Rule.FREQUENT:
        return Counter(plain(each.value) for each in said)[plain(word.value)]
    return -order.index(word.channel) if word.channel in order else -len(order)


def plain(value: Any) -> str:
    """A value as text that reads the same however it was typed."""
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return " ".join(text.split()).casefold()


def read(stored: Any) -> Rules:
    """Rules as they are kept ({"fields": {name: rule}, "order": [channel]}); what cannot be read is left out."""
    if not isinstance(stored, dict):
        return Rules({})
    fields, order = stored.get("fields"), stored.get("order")
    own: dict[str, Rule] = {}
    for name, rule in fields.items() if isinstance(fields, dict) else ():
        if rule in set(Rule) and rule != Rule.NEWEST:
            own[name] = Rule(rule)
    return Rules(own, tuple(each for each in order if isinstance(each, str)) if isinstance(order, list) else ())


def write(rules: Rules) -> dict[str, Any]:
    """As `read` reads it."""
    return {"fields": {name: str(rule) for name, rule in sorted(rules.of_field.items())}, "order": list(rules.order)}
