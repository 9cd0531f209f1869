"""What someone's engagement value rests on, one line each: the people, the words and the conversations, each with the way to it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vincle.accounts.models import Workspace
from vincle.engage.inbox.models import Thread
from vincle.listen import log
from vincle.listen.models import Activity
from vincle.organise import influence_words
from vincle.organise.influence_page import Someone, names
from vincle.store import bulk
from vincle.vocabulary import from_public_id, public_id

SENT: dict[str, Any] = {
    "marketing": gettext_lazy("Newsletters and offers"), "service": gettext_lazy("Service messages"), "answer": gettext_lazy("Answers"),
    "elsewhere": gettext_lazy("Letters that other tools delivered"),
}  # fmt: skip


@dataclass(frozen=True)
class Newcomer:
    """`counted`: what of it stands with whoever brought them; `anyway`: they would have come without."""

    who: Someone
    anyway: bool
    known: str
    at: datetime
    so_far: float
    expected: float
    counted: float


@dataclass(frozen=True)
class Listener:
    """`share` of their attention, and what that is worth; negative: they turned against."""

    who: Someone
    share: float
    worth: float


@dataclass(frozen=True)
class Words:
    """Something said. `url`: where it stands, "" where that is not on the web."""

    text: str
    title: str
    channel: str
    at: datetime
    rating: float | None
    rating_max: float | None
    url: str


@dataclass(frozen=True)
class Talk:
    """A conversation; `public` leads to it in the inbox, "" when it is there no more."""

    public: str
    channel: str
    at: datetime | None
    seconds: int

    @property
    def minutes(self) -> int:
        return max(1, round(self.seconds / 60))


@dataclass(frozen=True)
class Told:
    newcomers: list[Newcomer]
    listeners: list[Listener]
    ideas: list[Words]
    reviews: list[Words]
    answers: list[Words]
    talks: list[Talk]
    sends: list[tuple[str, int]]


def told(workspace: Workspace, evidence: dict[str, Any], saved: float) -> Told:
    """`saved`: what it costs to win a customer. Four queries; whoever and whatever is gone since is left out."""
    brought, swayed = evidence.get("brought", []), evidence.get("swayed", [])
    known = names(workspace, [key for row in (*brought, *swayed) if (key := _key(row[0])) is not None])
    said = _said(workspace, [seq for name in ("ideas", "reviews", "answers") for seq in evidence.get(name, ())])
    words = {name: [said[seq] for seq in evidence.get(name, ()) if seq in said] for name in ("ideas", "reviews", "answers")}
    return Told(
        [made for row in brought if (made := _newcomer(row, known, saved))],
        [Listener(known[key], row[1], row[2]) for row in swayed if (key := _key(row[0])) in known and key is not None],
        words["ideas"], words["reviews"], words["answers"],
        _talks(workspace, evidence.get("threads", ())),
        [(str(SENT.get(name, name)), count) for name, count in sorted(evidence.get("sends", {}).items(), key=lambda each: -each[1])],
    )  # fmt: skip


def _key(public: str) -> int | None:
    try:
        return from_public_id(public)
    except ValueError:
        return None


def _newcomer(row: Sequence[Any], known: dict[int, Someone], saved: float) -> Newcomer | None:
    public, anyway, evidence, so_far, expected, at = row
    key = _key(public)
    if key is None or key not in known:
        return None
    words = str(influence_words.EVIDENCE.get(evidence, _("known")))
    return Newcomer(known[key], anyway, words, datetime.fromtimestamp(at, UTC), so_far, expected, saved if anyway else so_far + expected)


def _said(workspace: Workspace, seqs: Iterable[int]) -> dict[int, Words]:
    rows = list(Activity.objects.of(workspace).filter(seq__in=list(seqs), superseded=False).exclude(op="retract"))
    words = log.contents(bytes(row.event_id) for row in rows)
    found = {}
    for row in rows:
        text, title, _body = words.get(bytes(row.event_id), ("", "", ""))
        url = row.url if row.url.startswith(("https://", "http://")) else ""
        at = bulk.moment(row.happened_at) or row.happened_at
        found[row.seq] = Words(text, title, row.channel, at, row.rating, row.rating_max, url)
    return found


def _talks(workspace: Workspace, rows: Iterable[Sequence[Any]]) -> list[Talk]:
    wanted = [(int(key), int(seconds)) for key, seconds in rows]
    known = {thread.key: thread for thread in Thread.objects.of(workspace).filter(key__in=[key for key, _seconds in wanted])}
    found = []
    for key, seconds in wanted:
        thread = known.get(key)
        found.append(Talk(public_id(key) if thread else "", thread.channel if thread else "", thread.last_at if thread else None, seconds))
    return found
