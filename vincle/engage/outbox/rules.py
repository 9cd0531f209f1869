"""Whether we may write to someone now, and if not, why and until when. Pure; the strictest reason wins.

asked: what is to be said: its purpose, topic and medium.      known: what is known of the one it goes to.
verdict: yes; not now (`not_before` says when it may be); or no.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

from vincle.identify.consent_rules import ALL, Said, answer

from .rules_tries import LONGEST_PAUSE, MOST_TRIES, Next, after, is_doubtful
from .rules_when import Quiet, free_after, quiet_until

__all__ = [
    "BARRED", "CONFIRMATION", "LONGEST_PAUSE", "MOST_TRIES", "YES", "Asked", "Known", "Next", "Policy", "Purpose", "Reason", "Verdict",
    "Window", "after", "is_doubtful", "may_contact",
]  # fmt: skip

Purpose = Literal["answer", "service", "marketing"]
BARRED: Final = frozenset({"bounced", "complained", "team", "forgotten"})
"""Reasons for which nothing of ours is written to an address, whatever it is about."""

CONFIRMATION: Final = "confirmation"
"""Topic of what someone has just asked for themselves: a link to confirm their address, or to see what is held about them."""

_ANSWERED: Final = frozenset({"team", "forgotten"})
"""Of these, reasons that do not hold for an answer: whoever writes to us wants one."""


class Asked(NamedTuple):
    """`topic`: a purpose of the ledger ("marketing", "news" ...). `wrote_first`: they spoke to us there, and this answers it."""

    purpose: Purpose
    medium: str = "email"
    topic: str = "marketing"
    wrote_first: bool = False


class Window(NamedTuple):
    """What the channel itself allows: whether a private message may be sent to them now."""

    is_open: bool = True
    code: str = ""


class Policy(NamedTuple):
    """When and how often the workspace writes: `caps` as (most, days) over all channels."""

    quiet: Quiet = Quiet()
    caps: tuple[tuple[int, int], ...] = ()
    soft: bool = False


class Known(NamedTuple):
    """`own` was said of the address, `others` of the person's other addresses; `barred`: reasons of the suppression list for the address.

    `sent`: moments of what was sent to the person for our own sake, on all channels. `zones`: where they may be.
    """

    own: Sequence[Said] = ()
    others: Sequence[Said] = ()
    barred: frozenset[str] = frozenset()
    sent: Sequence[datetime] = ()
    zones: Sequence[ZoneInfo] = ()
    paused_until: datetime | None = None
    every_days: int | None = None
    is_shared: bool = False
    is_ours: bool = False
    has_address: bool = True
    window: Window = Window()
    policy: Policy = Policy()


class Reason(NamedTuple):
    """Why not. `outbox.words` puts it into a sentence; `until`: when this reason ends by itself."""

    code: str
    params: dict[str, Any] = {}
    until: datetime | None = None


class Verdict(NamedTuple):
    """`code` is that of the gravest reason, "" when it may be sent. With `not_before` it may be sent later, else never as it is."""

    is_allowed: bool
    code: str = ""
    reasons: tuple[Reason, ...] = ()
    not_before: datetime | None = None


YES: Final = Verdict(True)


def may_contact(asked: Asked, known: Known, now: datetime) -> Verdict:
    """Decide, at the moment of sending.

    >>> from datetime import UTC
    >>> now = datetime(2026, 3, 2, 12, tzinfo=UTC)
    >>> may_contact(Asked("marketing"), Known(own=[Said("granted", now - timedelta(1))]), now).is_allowed
    True
    >>> may_contact(Asked("marketing"), Known(), now).code, may_contact(Asked("answer"), Known(), now).code
    ('never_agreed', 'never_wrote')
    >>> wish = Known(own=[Said("granted", now - timedelta(1))], paused_until=now + timedelta(3))
    >>> may_contact(Asked("marketing"), wish, now).not_before == now + timedelta(3)
    True
    """
    never = tuple(_never(asked, known, now))
    if never:
        return Verdict(False, never[0].code, never)
    later = tuple(_later(asked, known, now))
    if not later:
        return YES
    return Verdict(False, later[0].code, later, _free(asked, known, now, later))


def _never(asked: Asked, known: Known, now: datetime) -> Iterator[Reason]:
    if not known.has_address:
        yield Reason("no_address", {"medium": asked.medium})
        return
    is_asked_for = asked.purpose == "service" and asked.topic == CONFIRMATION
    for code in sorted(known.barred & (BARRED - _ANSWERED if is_asked_for or asked.purpose == "answer" else BARRED)):
        yield Reason("suppressed" if code == "team" else code)
    if asked.purpose == "answer":
        if not asked.wrote_first:
            yield Reason("never_wrote")
    elif not is_asked_for:
        yield from _without_consent(asked, known, now)
    if not known.window.is_open:
        yield Reason("window_closed", {"why": known.window.code})


def _without_consent(asked: Asked, known: Known, now: datetime) -> Iterator[Reason]:
    if asked.purpose == "marketing" and known.is_ours:
        yield Reason("ourselves")
    topic = asked.topic or "marketing" if asked.purpose == "marketing" else "service"
    said = answer(known.own, known.others, asked.medium, topic, now, known.policy.soft)
    if said.state == "refused" and said.by:
        yield _refused(said.by, said.is_elsewhere)
    if asked.purpose != "marketing" or said.state == "refused":
        return
    if said.state == "ended" and said.by:
        yield Reason("consent_ended", {"day": said.by.until})
    elif said.state == "unknown":
        yield Reason("wrong_basis", {"basis": said.by.basis}) if said.by else Reason("never_agreed", {"topic": topic})
    elif known.is_shared and said.by and said.by.source != "person":
        yield Reason("shared_address")


def _refused(by: Said, is_elsewhere: bool) -> Reason:
    code = {"team": "suppressed"}.get(by.permit, by.permit)
    if by.permit in ("withdrawn", "denied") and ALL in (by.channel, by.purpose):
        code = "objected"
    return Reason(code, {"day": by.at, "topic": by.purpose, "is_elsewhere": is_elsewhere})


def _later(asked: Asked, known: Known, now: datetime) -> Iterator[Reason]:
    """What only puts off. Answers and what someone is owed wait for none of it."""
    if asked.purpose != "marketing":
        return
    if known.paused_until and known.paused_until > now:
        yield Reason("paused", {"day": known.paused_until}, known.paused_until)
    if known.every_days and (until := free_after(known.sent, 1, known.every_days, now)):
        yield Reason("own_wish", {"days": known.every_days}, until)
    for most, days in known.policy.caps:
        if until := free_after(known.sent, most, days, now):
            yield Reason("cap", {"most": most, "days": days}, until)
    if known.zones and (until := quiet_until(now, known.policy.quiet, known.zones)):
        yield Reason("quiet_hours", {"zone": known.zones[0].key}, until)


def _free(asked: Asked, known: Known, now: datetime, later: Sequence[Reason]) -> datetime:
    """The first moment at which none of the reasons holds: the end of a pause may lie in a quiet night."""
    moment = max([now + timedelta(microseconds=1), *(reason.until for reason in later if reason.until)])
    for _try in range(20):
        ends = [reason.until for reason in _later(asked, known, moment) if reason.until]
        if not ends:
            break
        moment = max(ends)
    return moment
