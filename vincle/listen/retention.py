"""How long what is kept: kinds of data, how many days each stays, and which kind a row of the log is. Pure.

Days count from arrival, for that is when the keeping began: an archive imported today is kept as long as a comment made today.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache


class Kind(StrEnum):
    """Kinds of data a workspace sets days for."""

    BEHAVIOUR = "behaviour"
    WORDS = "words"
    ACTS = "acts"
    ORDERS = "orders"
    FACTS = "facts"
    DISPLAY = "display only"
    RAW = "raw"


DEFAULTS: dict[Kind, int | None] = {
    # 25 months: the longest the French authority (CNIL) holds fit for audience measurement without consent.
    Kind.BEHAVIOUR: 760,
    Kind.WORDS: None,
    Kind.ACTS: None,
    # For ever: books of account have to be kept six to ten years, depending on the country.
    Kind.ORDERS: None,
    Kind.FACTS: None,
    # LinkedIn: data of its members may be shown for 24 to 48 hours and not be built upon.
    Kind.DISPLAY: 2,
    Kind.RAW: None,
}
"""Days; None: as long as the workspace stands, or until someone is forgotten."""

LEAST, MOST = 1, 36_500
MOST_DISPLAY = 2
OF_THE_LOG = (Kind.BEHAVIOUR, Kind.ACTS, Kind.ORDERS, Kind.FACTS, Kind.DISPLAY)
"""Kinds whose rows leave the log; of the words only the text goes, of the raw only what came, unread."""

_DISPLAY_ONLY = frozenset({"linkedin"})
_LOOKS = frozenset({"View", "Read", "Track", "Deliver", "Bounce"})
_ORDERS = frozenset({"Purchase", "Refund"})
_FACTS = frozenset({"Profile", "Purpose", "Subscription"})
_SAID = frozenset({"Note", "Message", "Mention", "Review", "Answer"})


@lru_cache(maxsize=4096)
def kind_of(channel: str, verb: str, object_type: str) -> Kind:
    """Which kind a row of the log is.

    >>> kind_of("web", "View", "Page"), kind_of("facebook", "Create", "Note"), kind_of("orders", "Purchase", "Order")
    (<Kind.BEHAVIOUR: 'behaviour'>, <Kind.ACTS: 'acts'>, <Kind.ORDERS: 'orders'>)
    """
    if channel in _DISPLAY_ONLY:
        return Kind.DISPLAY
    if verb in _ORDERS:
        return Kind.ORDERS
    if object_type in _FACTS:
        return Kind.FACTS
    if verb in _LOOKS or (channel == "web" and object_type not in _SAID):
        return Kind.BEHAVIOUR
    return Kind.ACTS


def expires_on(kind: Kind, received_at: datetime) -> date | None:
    """The day from which a row may not be shown any more, whatever the workspace has set; None when only its rules decide."""
    return (received_at.astimezone(UTC) + timedelta(days=MOST_DISPLAY)).date() if kind is Kind.DISPLAY else None


def days_of(rules: "Mapping[str, int | None] | Mapping[Kind, int | None]", kind: Kind) -> int | None:
    """What holds for a kind: the workspace's rule, else the default; never longer than a platform allows.

    >>> days_of({}, Kind.BEHAVIOUR), days_of({"behaviour": None}, Kind.BEHAVIOUR), days_of({"display only": None}, Kind.DISPLAY)
    (760, None, 2)
    """
    days = dict(rules).get(kind, DEFAULTS[kind])
    return min(days or MOST_DISPLAY, MOST_DISPLAY) if kind is Kind.DISPLAY else days


def cutoff(days: int | None, today: date) -> datetime | None:
    """What came before this instant has had its days; None: everything stays. Whole days (UTC).

    >>> cutoff(30, date(2026, 11, 21))
    datetime.datetime(2026, 10, 22, 0, 0, tzinfo=datetime.timezone.utc)
    """
    if days is None:
        return None
    return datetime(today.year, today.month, today.day, tzinfo=UTC) - timedelta(days=min(max(days, LEAST), MOST))
