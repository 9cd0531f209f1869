"""May we write to them? Gathers what `rules.may_contact` has to know, for many sends in a fixed number of queries.

verdicts = decide(workspace, sends, now)       at the moment of sending, for each send
reached = decide_people(workspace, persons, "email", "news", "marketing", now)       before anything is begun, for each person
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple, cast
from zoneinfo import ZoneInfo

from django.db import connection as database
from django.utils import timezone

from vincle.accounts.models import Workspace
from vincle.identify import consent
from vincle.identify.models import ContactPolicy
from vincle.store import bulk

from .may_windows import windows
from .models import Send
from .rules import YES, Asked, Known, Policy, Purpose, Verdict, Window, may_contact
from .rules_when import Quiet, zones

PIECE: Final = 2_000
_MAIL: Final = frozenset({"mail", "google_mail", "microsoft_mail", "mail_provider", "email_events"})
_KINDS: Final = {"email": ("email",), "phone": ("phone", "whatsapp"), "whatsapp": ("whatsapp", "phone"), "sms": ("phone",)}
_PRIVATE: Final = frozenset({"reply", "private_reply", "message"})


_ON_ITS_WAY: Final = (
    "SELECT id, person FROM outbox_send WHERE state = 'sending' AND job_id IS NOT NULL AND purpose = 'marketing' AND person IN ({})"
)


class Reached(NamedTuple):
    """Where someone would be written to (None: there is no such address of theirs), and whether they may be."""

    handle: int | None
    verdict: Verdict


class _One(NamedTuple):
    """One question: `key` names it in the answer."""

    key: int
    asked: Asked
    handle: int | None
    person: int | None
    connection: int | None = None


def medium_of(channel: str) -> str:
    """The medium of the ledger that a channel belongs to.

    >>> medium_of("google_mail"), medium_of("whatsapp"), medium_of("mastodon")
    ('email', 'whatsapp', 'mastodon')
    """
    return "email" if channel in _MAIL else channel


def kinds_of(medium: str) -> tuple[str, ...]:
    """Kinds of handle by which someone is reached there, the best one first."""
    return _KINDS.get(medium, (medium,))


def decide(workspace: Workspace | int, sends: Sequence[Send], now: datetime | None = None) -> dict[int, Verdict]:
    """Whether each of these sends may leave now, by their primary keys. What is public (a post, a like) always may."""
    now = now or timezone.now()
    found = {send.pk: YES for send in sends}
    private = [send for send in sends if send.job_id or send.deed in _PRIVATE]
    channels = _channels({send.connection_id for send in private})
    ones = [
        _One(send.pk, _asked(send, channels.get(send.connection_id, "")), send.handle, send.person, send.connection_id) for send in private
    ]
    loaded = _Loaded(workspace, ones, now)
    for one in ones:
        found[one.key] = loaded.decide(one)
    return found


def _channels(keys: Collection[int]) -> dict[int, str]:
    return dict(bulk.select("SELECT id, channel FROM listen_connection WHERE id IN ({})", keys))


def _asked(send: Send, channel: str) -> Asked:
    about = send.command.get("about") or {} if send.command else {}
    medium = send.medium or medium_of(channel)
    if medium == "phone" and channel == "whatsapp":
        medium = channel
    wrote = bool(about.get("native_id") or about.get("last_in_at"))
    return Asked(cast(Purpose, send.purpose), medium, send.topic or "marketing", wrote)


def decide_one(
    workspace: Workspace | int, *, purpose: str, channel: str, handle: int | None, person: int | None = None, topic: str = "",
    wrote_first: bool = False, now: datetime | None = None,
) -> Verdict:  # fmt: skip
    """As `decide`, for something that is not a send yet."""
    now = now or timezone.now()
    one = _One(0, Asked(purpose, medium_of(channel), topic or "marketing", wrote_first), handle, person)  # type: ignore[arg-type]
    return _Loaded(workspace, [one], now).decide(one)


def decide_people(
    workspace: Workspace | int, persons: Iterable[int], medium: str, topic: str = "marketing", purpose: str = "marketing",
    now: datetime | None = None,
) -> dict[int, Reached]:  # fmt: skip
    """For each person the address by which they may be written to, else the one that is put off least, else why not."""
    now = now or timezone.now()
    asked = Asked(purpose, medium, topic or "marketing")  # type: ignore[arg-type]
    found: dict[int, Reached] = {}
    for part in bulk.chunks(list(dict.fromkeys(persons)), PIECE):
        found.update(_decide_piece(workspace, part, asked, now))
    return found


def _decide_piece(workspace: Workspace | int, persons: Sequence[int], asked: Asked, now: datetime) -> dict[int, Reached]:
    kinds = kinds_of(asked.medium)
    marks = ", ".join(f"'{kind}'" for kind in kinds if kind.replace("_", "").isalnum())
    sql = (
        "SELECT b.person, h.key, h.kind FROM identify_belonging b JOIN listen_handle h ON h.key = b.handle "
        f"WHERE h.value <> '' AND h.kind IN ({marks or 'NULL'}) AND b.person IN ({{}}) ORDER BY h.first_seen, h.key"
    )
    of: dict[int, list[tuple[int, int]]] = {person: [] for person in persons}
    for person, key, kind in bulk.select(sql, persons):
        of[person].append((kinds.index(kind), key))
    ones = [
        _One(0, asked, handle, person)
        for person, handles in of.items()
        for handle in ([key for _place, key in sorted(handles, key=lambda each: each[0])] or [None])  # type: ignore[list-item]
    ]
    loaded = _Loaded(workspace, ones, now)
    found: dict[int, Reached] = {}
    for one in ones:
        reached = Reached(one.handle, loaded.decide(one, counts=False))
        if one.person is not None and (one.person not in found or _rank(reached.verdict) < _rank(found[one.person].verdict)):
            found[one.person] = reached
    return found


def _rank(verdict: Verdict) -> int:
    return 0 if verdict.is_allowed else 1 if verdict.not_before else 2


class _Loaded:
    """All that is known of those who are asked about."""

    def __init__(self, workspace: Workspace | int, ones: Sequence[_One], now: datetime) -> None:
        self.workspace: int = workspace if isinstance(workspace, int) else workspace.pk
        self.now = now
        asked = {one.handle for one in ones if one.handle is not None}
        rows = list(bulk.select("SELECT key, value, is_own, workspace_id FROM listen_handle WHERE key IN ({})", asked))
        self.handles = {key: (value != "", bool(own)) for key, value, own, whose in rows if whose == self.workspace}
        self.person = dict(bulk.select("SELECT handle, person FROM identify_belonging WHERE handle IN ({})", asked))
        people = set(self.person.values())
        owners = dict(bulk.select("SELECT handle, person FROM identify_belonging WHERE person IN ({})", people))
        # A handle that belongs to nobody (yet, or no longer) is answered for by itself.
        owners |= {handle: self.person.get(handle, handle) for handle in asked}
        self.standing = consent.state_of(self.workspace, owners)
        self.shared = set(bulk.pluck("SELECT handle FROM identify_sharedhandle WHERE lifted_at IS NULL AND handle IN ({})", asked))
        self.policy, zone = _policy(self.workspace)
        self.wishes = self._wishes(owners)
        is_marketing = any(one.asked.purpose == "marketing" for one in ones)
        self.sent = self._sent(people, {one.key for one in ones}) if is_marketing else {}
        self.places = self._places(people, zone) if is_marketing and self.policy.quiet.is_set else {}
        self.zone = zone
        self.windows = windows(self.workspace, [(one.connection, one.handle) for one in ones if one.connection and one.handle
                                                and one.asked.purpose != "answer" and one.asked.medium != "email"], now)  # fmt: skip

    def _wishes(self, owners: dict[int, int]) -> dict[int, tuple[datetime | None, int | None]]:
        """The strictest over all handles of each person."""
        found: dict[int, tuple[datetime | None, int | None]] = {}
        for handle, paused, every in bulk.select("SELECT handle, paused_until, every_days FROM identify_wish WHERE handle IN ({})", owners):
            before = found.get(owners[handle], (None, None))
            until = max((each for each in (before[0], bulk.moment(paused)) if each), default=None)
            found[owners[handle]] = (until, max((each for each in (before[1], every) if each), default=None))
        return found

    def _sent(self, people: set[int], asked: set[int]) -> dict[int, list[datetime]]:
        """What went to each person for our own sake, as far back as any limit looks, also under ids that were merged away.

        What is on its way was let go by another decision and counts; what is `asked` about now does not.
        """
        days = max([*(days for _most, days in self.policy.caps), *(every or 0 for _until, every in self.wishes.values())], default=0)
        if not days:
            return {}
        ids = {person: person for person in people}
        ids |= dict(bulk.select("SELECT id, merged_into FROM identify_person WHERE merged_into IN ({})", people))
        since = bulk.stamp(self.now - timedelta(days=days))
        sql = "SELECT person, sent_at FROM outbox_send WHERE state = 'sent' AND purpose = 'marketing' AND sent_at > %s AND person IN ({})"
        found: dict[int, list[datetime]] = {}
        for person, at in bulk.select(sql, ids, [since]):
            found.setdefault(ids[person], []).append(bulk.moment(at))  # type: ignore[arg-type]
        for pk, person in bulk.select(_ON_ITS_WAY, ids):
            if pk not in asked:
                found.setdefault(ids[person], []).append(self.now)
        return found

    def _places(self, people: set[int], zone: str) -> dict[int, tuple[ZoneInfo, ...]]:
        own = "json_extract(traits, '$.timezone[0]')" if database.vendor == "sqlite" else "traits #>> '{timezone,0}'"
        sql = f"SELECT person, country, {own} FROM organise_profile WHERE person IN ({{}})"
        return {person: zones(str(name or ""), country or "", zone) for person, country, name in bulk.select(sql, people)}

    def known(self, one: _One) -> Known:
        person = self.person.get(one.handle or 0, one.handle or 0)
        has_address, is_own = self.handles.get(one.handle or 0, (False, False))
        standing = self.standing.get(person) or consent.Standing()
        paused, every = self.wishes.get(person, (None, None))
        return Known(
            own=standing.own(one.handle), others=standing.others(one.handle), barred=standing.barred_for(one.handle),
            sent=self.sent.get(person, ()), zones=self.places.get(person) or zones("", "", self.zone), paused_until=paused,
            every_days=every, is_shared=one.handle in self.shared, is_ours=is_own, policy=self.policy,
            has_address=has_address or one.asked.purpose == "answer",
            window=self.windows.get((one.connection, one.handle), Window()),
        )  # fmt: skip

    def decide(self, one: _One, counts: bool = True) -> Verdict:
        """What is allowed counts for those who are asked about after it: two letters of one batch are two letters."""
        verdict = may_contact(one.asked, self.known(one), self.now)
        if counts and verdict.is_allowed and one.asked.purpose == "marketing" and one.handle is not None:
            self.sent.setdefault(self.person.get(one.handle, one.handle), []).append(self.now)
        return verdict


def _policy(workspace: int) -> tuple[Policy, str]:
    zone = Workspace.objects.values_list("timezone", flat=True).get(pk=workspace)
    row: Any = ContactPolicy.objects.of(workspace).first()
    if row is None:
        return Policy(), zone
    caps = tuple((int(most), int(days)) for most, days in row.caps)
    return Policy(Quiet(row.quiet_from, row.quiet_until, frozenset(row.quiet_days)), caps, row.soft_opt_in), zone
