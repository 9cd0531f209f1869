"""The last events of a source as they came, read again from the shelf: what each was taken for, or why it was refused."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from vincle.channels.registry import channels
from vincle.vocabulary import ANONYMOUS, Activity, Fact, Reject, Warn
from vincle.vocabulary.activity import Outcome

from . import shelf
from .messages import sentence
from .models import Source
from .phrases import phrase
from .sources import CHANNEL

PARCELS = 12
EVENTS = 40


class Line(NamedTuple):
    """One event. `reason` says why it was refused (or what was left out of it); empty: all of it was taken."""

    at: datetime
    what: Any
    who: str
    reason: str = ""
    is_refused: bool = False
    raw: str = ""
    place: str = ""


def last(source: Source) -> list[Line]:
    """Newest first, up to `EVENTS`."""
    found: list[Line] = []
    for parcel in shelf.latest(source.connection_id, PARCELS):
        outcomes = channels()[CHANNEL].parse(b"[" + parcel.body + b"]", parcel.received_at)
        lines = list(islice(_lines(outcomes, parcel.received_at), 2000))
        found += reversed(lines)
        if len(found) >= EVENTS:
            break
    return found[:EVENTS]


def _lines(outcomes: Iterator[Outcome], received_at: datetime) -> Iterator[Line]:
    for outcome in outcomes:
        if isinstance(outcome, Activity):
            did = phrase(outcome.verb, outcome.object_type, bool(outcome.parent_key), outcome.event_name, outcome.reaction)
            yield Line(outcome.happened_at, did, _who(outcome), place=outcome.object_key)
        elif isinstance(outcome, Fact):
            names = dict.fromkeys(handle.value for handle in outcome.handles if handle.kind not in ANONYMOUS)
            yield Line(outcome.observed_at, _("said who they are"), ", ".join(names))
        elif isinstance(outcome, Reject | Warn):
            reason = sentence(outcome.code, outcome.detail)
            raw = outcome.raw if isinstance(outcome, Reject) else ""
            yield Line(received_at, "", "", reason, isinstance(outcome, Reject), raw)


def _who(act: Activity) -> str:
    if act.actor is None:
        return ""
    return act.actor.value if act.actor.kind in ("login", "email", "phone") else ""
