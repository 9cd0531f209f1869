"""Registration: how far someone has come from a face in the crowd to someone known well, and what to ask next.

Six levels, each of which takes all below it: 0 seen (nothing but what they did); 1 named (a name, an address or an account by which they
are told apart); 2 reachable (an e-mail address that has not bounced, or a phone number); 3 consented (they allowed news on one of these);
4 customer (they bought); 5 known well (at least five of: first name, last name, city, country, language, birthday, phone number).
What is asked next is what the next level lacks: so nobody is asked for a birthday before they may be written to at all.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np

from ..segments.frame import Frame, Now
from .base import Found, Known, Reason, Spec

LEVELS: Final = ("seen", "named", "reachable", "consented", "customer", "known_well")
DETAILS: Final = ("first_name", "last_name", "city", "country", "language", "birthday", "phone")
"""In the order in which one asks."""
ENOUGH: Final = 5
CLOSED: Final = frozenset({"bounced"})
SCORE: Final = Spec(
    "registration", "points", 0.0, 5.0, 1.0, traits=frozenset({"name", "email", "purchases", *DETAILS}), consents=True, labels=LEVELS
)


class Facts(NamedTuple):
    """What is known of someone, as far as the levels ask. `permits`: channel -> what holds there for news and offers."""

    name: str
    email: str
    phone: str
    purchases: int
    permits: Mapping[str, str]
    details: frozenset[str]


class Step(NamedTuple):
    """A level above the first, whether what it asks is known, and what it lacks, in the order in which one asks."""

    level: str
    is_met: bool
    lacks: tuple[str, ...]


def steps(facts: Facts) -> list[Step]:
    """What each level asks, from the second on, whether or not those below are reached."""
    can_reach = bool((facts.email and facts.permits.get("email") not in CLOSED) or facts.phone)
    may_write = "granted" in facts.permits.values()
    missing = tuple(name for name in DETAILS if name not in facts.details)
    return [
        Step("named", bool(facts.name), () if facts.name else ("name",)),
        Step("reachable", can_reach, () if can_reach else ("email", "phone")),
        Step("consented", may_write, () if may_write else ("consent",)),
        Step("customer", facts.purchases > 0, () if facts.purchases > 0 else ("purchase",)),
        Step("known_well", len(DETAILS) - len(missing) >= ENOUGH, missing),
    ]


def level(facts: Facts) -> int:
    """0 to 5: the highest level whose demands, and those of all below, are met.

    >>> level(Facts("Ana", "ana@example.org", "", 3, {"email": "withdrawn"}, frozenset()))
    2
    """
    reached = 0
    for step in steps(facts):
        if not step.is_met:
            break
        reached += 1
    return reached


def ask_next(facts: Facts) -> tuple[str, ...]:
    """What the next level lacks; nothing where the last is reached.

    >>> ask_next(Facts("Ana", "ana@example.org", "", 3, {"email": "withdrawn"}, frozenset()))
    ('consent',)
    """
    return next((step.lacks for step in steps(facts) if not step.is_met), ())


def compute(frame: Frame, now: Now, known: Known) -> Found:
    people = [_facts(frame, i) for i in range(len(frame.ids))]
    levels = [level(each) for each in people]

    def reasons(i: int) -> Sequence[Reason]:
        lacks = [Reason("ask", {"field": name}, -1 / len(LEVELS)) for name in ask_next(people[i])]
        has = [Reason("has", {"field": _PROOF[step.level]}, 1 / len(LEVELS)) for step in steps(people[i]) if step.is_met]
        return [*lacks, *has]

    return Found(np.array(levels, np.float64), np.ones(len(people)), reasons, [LEVELS[each] for each in levels])


_PROOF: Final = {"named": "name", "reachable": "address", "consented": "consent", "customer": "purchase", "known_well": "details"}


def _facts(frame: Frame, i: int) -> Facts:
    def of(name: str) -> str:
        values = frame.traits.get(name, ())
        value = values[i] if len(values) else None
        return "" if value is None else str(value)

    permits = {
        channel: values[i] for (channel, purpose), values in frame.consents.items() if purpose == "marketing" and len(values) and values[i]
    }
    bought = of("purchases")
    details = frozenset(name for name in DETAILS if of(name))
    return Facts(of("name"), of("email"), of("phone"), int(float(bought)) if bought else 0, permits, details)
