"""Whether someone agreed to be written to, by what the ledger says of all their addresses. Pure.

A refusal stands until the person themselves grants anew, later, from the address that is to be written to, and at least as exactly as
they had refused. A permission is the address's own: what was granted for another address of the same person permits nothing here, while
what was refused there forbids here too. So neither an import nor the joining of two people ever permits what was forbidden before.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, Literal, NamedTuple

MARKETING: Final = "marketing"
ALL: Final = "*"
APART: Final = frozenset({"service", "answer"})
"""Purposes that do not stand below "marketing"."""

OBJECTIONS: Final = frozenset({"withdrawn", "denied", "complained", "team", "forgotten"})
"""What counts for the person, whichever address they said it of. A bounce is of one address alone."""

ENOUGH: Final = frozenset({"consent", ""})
SOFT: Final = "legitimate interest"
_SURE: Final = "person"
_OF_PHONES: Final = frozenset({"phone", "whatsapp", "sms", "calls"})

State = Literal["granted", "refused", "ended", "unknown"]


class Said(NamedTuple):
    """One row of the ledger, or of the suppression list (whose purpose is "marketing")."""

    permit: str
    at: datetime
    channel: str = "email"
    purpose: str = MARKETING
    basis: str = ""
    source: str = "import"
    until: datetime | None = None


class Answer(NamedTuple):
    """What holds, and the statement that decides; `is_elsewhere`: it was said of another address of theirs."""

    state: State
    by: Said | None = None
    is_elsewhere: bool = False


def above(topic: str) -> frozenset[str]:
    """A topic and all it stands below.

    >>> sorted(above("news")), sorted(above("service"))
    (['*', 'marketing', 'news'], ['*', 'service'])
    """
    return frozenset({topic, ALL} if topic in APART else {topic, MARKETING, ALL})


def concerns(said: Said, medium: str, topic: str) -> bool:
    """Whether a refusal forbids this. Refusing any way to reach a phone is heard by whoever asks for the phone in general."""
    ways = {medium, ALL}
    if medium in _OF_PHONES:
        ways |= _OF_PHONES if medium == "phone" else {"phone"}
    return said.channel in ways and said.purpose in above(topic)


def permits(said: Said, medium: str, topic: str) -> bool:
    """Whether a permission speaks of this. Being called is not being sent messages: only what was said of phones in general is wide."""
    return said.channel in ({medium, ALL, "phone"} if medium in _OF_PHONES else {medium, ALL}) and said.purpose in above(topic)


def answer(own: Sequence[Said], others: Iterable[Said], medium: str, topic: str, now: datetime, soft: bool = False) -> Answer:
    """`own` was said of the address to be written to, `others` of the person's other addresses; `soft`: e-mail may rest on interest.

    >>> from datetime import UTC
    >>> day = lambda number: datetime(2026, 1, number, tzinfo=UTC)
    >>> refused, imported = Said("withdrawn", day(1)), Said("granted", day(2))
    >>> answer([refused, imported], (), "email", "news", day(9)).state
    'refused'
    >>> answer([refused, imported._replace(source="person")], (), "email", "news", day(9)).state
    'granted'
    """
    grants = [each for each in own if each.permit == "granted" and each.at <= now and permits(each, medium, topic)]
    refusals = [each for each in own if each.permit in OBJECTIONS and concerns(each, medium, topic)]
    standing = [each for each in refusals if not _is_lifted(each, own, grants)]
    elsewhere = [
        each for each in others
        if each.permit in OBJECTIONS and concerns(each, medium, topic) and not any(_lifts(grant, each) for grant in grants)
    ]  # fmt: skip
    if standing or elsewhere:
        latest = max([*standing, *elsewhere], key=lambda each: (each.at, each.purpose))
        return Answer("refused", latest, latest not in standing)
    after = max((each.at for each in refusals), default=None)
    return _granted([each for each in grants if after is None or each.at > after], medium, topic, now, soft)


def _granted(grants: Sequence[Said], medium: str, topic: str, now: datetime, soft: bool) -> Answer:
    enough = [each for each in grants if topic in APART or each.basis in ENOUGH or (soft and medium == "email" and each.basis == SOFT)]
    lasting = [each for each in enough if each.until is None or each.until > now]
    if lasting:
        return Answer("granted", max(lasting, key=lambda each: each.at))
    return Answer("ended", max(enough, key=lambda each: each.at)) if enough else Answer("unknown", grants[-1] if grants else None)


def _is_lifted(refusal: Said, own: Sequence[Said], grants: Sequence[Said]) -> bool:
    if any(_lifts(grant, refusal) for grant in grants):
        return True
    return can_team_lift(refusal.permit, refusal.source) and any(
        each.permit == "lifted" and each.source == "team" and each.at > refusal.at and each.channel == refusal.channel
        and each.purpose == refusal.purpose
        for each in own
    )  # fmt: skip


def _lifts(grant: Said, refusal: Said) -> bool:
    """The person's own, later, and no wider than what they had refused."""
    if grant.source != _SURE or grant.at <= refusal.at or _exactness(grant) < _exactness(refusal):
        return False
    is_there = refusal.channel in (grant.channel, ALL) or (refusal.channel == "phone" and grant.channel in _OF_PHONES)
    return is_there and refusal.purpose in (grant.purpose, MARKETING, ALL)


def _exactness(said: Said) -> int:
    return {ALL: 0, MARKETING: 1}.get(said.purpose, 2)


def can_team_lift(permit: str, source: str) -> bool:
    """Whether the team may take a refusal back, with its reasons: one it made itself or that a file brought; never what a person said.

    >>> can_team_lift("team", "team"), can_team_lift("denied", "import"), can_team_lift("withdrawn", "person")
    (True, True, False)
    """
    return permit in ("team", "bounced") or (permit in ("denied", "withdrawn") and source in ("team", "import"))
