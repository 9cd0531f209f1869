"""The list of conversations: who waits first, filtered, a page by key; and how many there are, counted as far as anyone reads."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection as database
from django.db.models import QuerySet
from django.utils import timezone

from vincle.accounts.models import User, Workspace
from vincle.identify.models import Belonging
from vincle.language import query as queries
from vincle.language.query import QueryError
from vincle.listen import fulltext, log, search
from vincle.listen.models import Understanding
from vincle.organise import people
from vincle.organise.models import Membership, Profile
from vincle.store import bulk
from vincle.store.folding import fold
from vincle.vocabulary import from_public_id, public_id

from . import wording
from .models import Seen, Tag, Thread, ThreadTag

PAGE = 40
MOST_COUNTED = 1000
"""Beyond it is only said that there are more."""

MOST_FOUND = 1000
PROMISES = ("late", "soon")
BOXES = ("waiting", "mine", "all", "snoozed", "closed")
PARAMETERS = ("box", "who", "channel", "kind", "feeling", "urgent", "tag", "person", "q", "sort", "team", "promise", "segment")


@dataclass
class Asked:
    """What of the inbox is asked for."""

    workspace: Workspace
    user: User
    box: str = "waiting"
    who: str = ""
    channels: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    feeling: str = ""
    urgent: bool = False
    tag: int | None = None
    person: str = ""
    words: str = ""
    team: str = ""
    promise: str = ""
    segment: str = ""
    by_rank: bool = True

    @property
    def is_plain(self) -> bool:
        """Nothing but a box is asked for."""
        narrowed = (self.who, self.channels, self.kinds, self.feeling, self.urgent, self.tag, self.person, self.words)
        return not any((*narrowed, self.team, self.promise, self.segment))


def asked(workspace: Workspace, user: User, params: Any) -> Asked:
    """What an address asks for; what it cannot mean is left out."""
    found = Asked(workspace, user)
    found.box = params.get("box", "") if params.get("box", "") in BOXES else "waiting"
    found.who = params.get("who", "")[:20]
    found.channels = [each for each in params.getlist("channel")[:20] if each.isprintable() and len(each) <= 40]
    found.kinds = [each for each in params.getlist("kind")[:5] if each in Thread.Kind.values]
    found.feeling = params.get("feeling", "") if params.get("feeling", "") in ("positive", "neutral", "negative") else ""
    found.urgent = params.get("urgent") == "1"
    number = params.get("tag", "")
    found.tag = int(number) if number.isascii() and number.isdecimal() and len(number) < 18 else None
    found.person = params.get("person", "")[:20]
    found.words = " ".join(params.get("q", "").replace("\x00", "").split())[:200]
    team = params.get("team", "")[:17]
    found.team = team if team == "none" or (team.isascii() and team.isdecimal()) else ""
    found.promise = params.get("promise", "") if params.get("promise", "") in PROMISES else ""
    segment = params.get("segment", "")[:16]
    found.segment = segment if segment.isascii() and segment.isalnum() else ""
    found.by_rank = found.box == "waiting" and params.get("sort") != "last"
    return found


def where(wanted: Asked, box: str = "") -> "QuerySet[Any]":
    """The conversations asked for, in no order."""
    rows = _boxed(Thread.objects.of(wanted.workspace).filter(is_here=True), box or wanted.box, wanted.user)
    if wanted.who == "me":
        rows = rows.filter(assignee=wanted.user)
    elif wanted.who == "none":
        rows = rows.filter(assignee=None)
    elif wanted.who.isascii() and wanted.who.isdecimal():
        rows = rows.filter(assignee=int(wanted.who[:17]))
    if wanted.channels:
        rows = rows.filter(channel__in=wanted.channels) if len(wanted.channels) > 1 else rows.filter(channel=wanted.channels[0])
    if wanted.kinds:
        rows = rows.filter(kind__in=wanted.kinds)
    if wanted.feeling:
        rows = rows.filter(sentiment=wanted.feeling)
    if wanted.urgent:
        rows = rows.filter(is_urgent=True)
    if wanted.tag is not None:
        rows = rows.filter(key__in=ThreadTag.objects.of(wanted.workspace).filter(tag=wanted.tag).values("thread"))
    if wanted.person:
        rows = rows.filter(handle__in=_handles(wanted.workspace, wanted.person))
    if wanted.team:
        rows = rows.filter(team=None) if wanted.team == "none" else rows.filter(team=int(wanted.team))
    if wanted.promise:
        rows = _due(rows, wanted.promise)
    if wanted.segment:
        rows = rows.filter(handle__in=_handles_in(wanted.workspace, wanted.segment))
    if wanted.words:
        rows = rows.filter(key__in=_found(wanted.workspace, wanted.words))
    return rows


def _due(rows: "QuerySet[Any]", promise: str) -> "QuerySet[Any]":
    """What is overdue, or will be soon."""
    now = timezone.now()
    open_rows = rows.filter(state=Thread.State.OPEN, due_at__isnull=False)
    return open_rows.filter(due_at__lte=now) if promise == "late" else open_rows.filter(due_at__gt=now, due_at__lte=now + wording.SOON)


def _boxed(rows: "QuerySet[Any]", box: str, user: User) -> "QuerySet[Any]":
    if box == "waiting":
        return rows.filter(state=Thread.State.OPEN, rank__isnull=False)
    if box == "mine":
        return rows.filter(assignee=user, state=Thread.State.OPEN)
    if box in (Thread.State.SNOOZED, Thread.State.CLOSED):
        return rows.filter(state=box)
    return rows.filter(state=Thread.State.OPEN)


def _handles(workspace: Workspace, pid: str) -> list[int]:
    try:
        person = from_public_id(pid)
    except ValueError:
        return []
    return list(Belonging.objects.of(workspace).filter(person=person).values_list("handle", flat=True)[:500])


def _handles_in(workspace: Workspace, segment: str) -> "QuerySet[Any]":
    """The handles of whoever is in a segment, by its public id."""
    inside = Membership.objects.of(workspace).filter(segment__public=segment.replace("\0", ""), left_at=None).values("person")
    return Belonging.objects.of(workspace).filter(person__in=inside).values("handle")


def _found(workspace: Workspace, words: str) -> set[int]:
    """Conversations in which these words were said, lately, or with people who are called so."""
    try:
        points = search.points(search.prepare(workspace, queries.parse(words)), size=MOST_FOUND)
    except QueryError:
        points = []
    seqs = [fulltext.seq_of(point) for point in points]
    found = set(bulk.pluck("SELECT thread FROM inbox_piece WHERE thread IS NOT NULL AND seq IN ({})", seqs))
    named = [row.person for row in people.first(people.where(workspace, {"q": [words]}), people.sort_of(people.DEFAULT_SORT), 100)]
    handles = Belonging.objects.of(workspace).filter(person__in=named).values_list("handle", flat=True)
    return found | set(Thread.objects.of(workspace).filter(handle__in=list(handles)).values_list("key", flat=True)[:MOST_FOUND])


class Page(NamedTuple):
    """Rows with keys of the pages beside it ("" where there is none)."""

    rows: list["Line"]
    after: str
    before: str


@dataclass
class Line:
    """A conversation as the list shows it."""

    thread: Thread
    name: str
    person: int | None
    is_unknown: bool
    kind: str
    words: str
    is_ours: bool
    is_new: bool
    tags: list[str]
    answering: str = ""

    @property
    def pid(self) -> str:
        return self.thread.public

    @property
    def due(self) -> wording.Due | None:
        """What is owed, where it is open; None where nothing is."""
        return wording.due(self.thread.due_at, timezone.now()) if self.thread.state == Thread.State.OPEN else None

    @property
    def at(self) -> datetime:
        return self.thread.waiting_since if self.thread.is_waiting and self.thread.waiting_since else self.thread.last_at


def page(wanted: Asked, after: str = "", before: str = "", size: int = PAGE) -> Page:
    """One page, as quick on the thousandth as on the first."""
    column, down = ("rank", False) if wanted.by_rank else ("last_at", True)
    rows, backwards = where(wanted), bool(before and not after)
    if (place := _place(before if backwards else after, column)) is not None:
        sign = "<" if down != backwards else ">"
        rows = rows.extra(where=[f"(inbox_thread.{column}, inbox_thread.key) {sign} (%s, %s)"], params=place)
    order = [f"-{column}", "-key"] if down != backwards else [column, "key"]
    found = list(rows.select_related("assignee", "team").order_by(*order)[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    first, last = (_mark(found[0], column), _mark(found[-1], column)) if found else ("", "")
    return Page(
        lines(wanted.workspace, wanted.user, found), last if more or backwards else "",
        first if (more if backwards else place is not None) else "",
    )  # fmt: skip


def _place(mark: str, column: str) -> list[Any] | None:
    text, _sep, pid = mark.rpartition("~")
    try:
        key = from_public_id(pid)
        return [int(text[:18]), key] if column == "rank" else [bulk.stamp(datetime.fromisoformat(text)), key]
    except (ValueError, OverflowError):
        return None


def _mark(thread: Thread, column: str) -> str:
    value = getattr(thread, column)
    return f"{value.isoformat() if isinstance(value, datetime) else value}~{thread.public}"


def lines(workspace: Workspace, user: User, found: Sequence[Thread]) -> list[Line]:
    """Conversations with names, last words and tags: five queries, however many."""
    keys = [each.key for each in found]
    words = log.contents(bytes(each.last_event) for each in found if each.last_event)
    who = faces({each.handle for each in found if each.handle})
    seen = dict(Seen.objects.filter(user=user, thread__in=keys).values_list("thread", "seq"))
    tags: dict[int, list[str]] = {}
    for thread, name in ThreadTag.objects.of(workspace).filter(thread__in=keys).values_list("thread", "tag__name"):
        tags.setdefault(thread, []).append(name)
    return [_line(each, who.get(each.handle or 0), words, seen, sorted(tags.get(each.key, ()), key=fold)) for each in found]


class Face(NamedTuple):
    """Whom a handle is of."""

    name: str
    person: int
    kind: str
    is_unknown: bool


def faces(handles: Iterable[int]) -> dict[int, Face]:
    """By handle; people by the name they have now, the unknown by what the channel calls them. One query."""
    sql = (
        "SELECT h.key, h.kind, h.value, h.name, b.person, p.name, p.kind FROM listen_handle h "
        "LEFT JOIN identify_belonging b ON b.handle = h.key LEFT JOIN organise_profile p ON p.person = b.person WHERE h.key IN ({})"
    )
    found = {}
    for key, kind, value, name, person, called, sort in bulk.select(sql, list(handles)):
        shown = called or name or ("" if kind in ("cookie", "visit") else value)
        found[key] = Face(shown, person or key, sort or "person", not called)
    return found


def _line(thread: Thread, face: Face | None, words: Mapping[bytes, Any], seen: Mapping[int, int], tags: list[str]) -> Line:
    text, title, _body = words.get(bytes(thread.last_event or b""), ("", "", ""))
    ours = thread.last_out_at is not None and thread.last_out_at >= thread.last_at
    return Line(
        thread, face.name if face else "", face.person if face else None, face is None or not face.name, face.kind if face else "person",
        " ".join((text or title)[:160].split()), ours, seen.get(thread.key, 0) < thread.last_seq, tags,
    )  # fmt: skip


def count(rows: "QuerySet[Any]", *order: str) -> int:
    """How many, up to one more than anyone reads. `order`: the one whose index holds just these, for planners that guess otherwise."""
    return int(rows.order_by(*order)[: MOST_COUNTED + 1].count())


def counted(wanted: Asked, box: str) -> int:
    """How many of what is asked for are in a box."""
    return count(where(wanted, box), *(("rank", "key") if box == "waiting" else ()))


def waiting_now(request: Any) -> int | None:
    """For the rail: how many wait for an answer. A page that has counted them already says so on its request."""
    counted: int | None = getattr(request, "inbox_waiting", None)
    return (
        counted
        if counted is not None
        else min(
            count(_boxed(Thread.objects.of(request.workspace).filter(is_here=True), "waiting", request.user), "rank", "key"), MOST_COUNTED
        )
    )


class Waiting(NamedTuple):
    """What the head of the page says: how many wait, for how long the first, and what most of them are about."""

    total: int
    longest: timedelta | None
    topic: str
    share: float


def waiting(wanted: Asked, total: int) -> Waiting:
    """`total`: how many wait, as counted before."""
    rows = where(wanted, "waiting")
    first = list(rows.order_by("rank", "key").values_list("waiting_since", "last_seq")[:200])
    if not first:
        return Waiting(0, None, "", 0.0)
    longest = timezone.now() - min(since for since, _ in first if since)
    topics: Counter[str] = Counter()
    texts = list(Understanding.objects.of(wanted.workspace).filter(seq__in=[seq for _, seq in first]).values_list("topics", "aspects"))
    for named, aspects in texts:
        topics.update({each for each in named.split("|") if each} | {each.partition(":")[0] for each in aspects.split("|") if each})
    topic, number = topics.most_common(1)[0] if topics else ("", 0)
    share = number / len(first)
    return Waiting(total, longest, topic if share >= 0.25 and number > 2 else "", share)


def get(workspace: Workspace, pid: str) -> Thread | None:
    try:
        key = from_public_id(pid)
    except ValueError:
        return None
    found: Thread | None = Thread.objects.of(workspace).filter(key=key).select_related("assignee", "team").first()
    return found


def beside(workspace: Workspace, thread: Thread, handles: Sequence[int], size: int = 8) -> list[Thread]:
    """Other talks with the same person, on all channels, latest first."""
    wanted = list(handles) or ([thread.handle] if thread.handle else [])
    rows = Thread.objects.of(workspace).filter(handle__in=wanted, is_here=True).exclude(key=thread.key)
    return list(rows.order_by("-last_at")[:size])


def person_of(workspace: Workspace, handle: int | None) -> Profile | None:
    """The profile of whoever has this handle."""
    if handle is None:
        return None
    person = Belonging.objects.of(workspace).filter(handle=handle).values_list("person", flat=True).first()
    found: Profile | None = Profile.objects.of(workspace).filter(person=person).first() if person is not None else None
    return found


def tags_of(workspace: Workspace) -> list[Tag]:
    return list(Tag.objects.of(workspace).order_by("folded")[:200])


def helpers(workspace: Workspace, size: int = 10) -> list[tuple[str, Face, int, int]]:
    """Customers who answer customers: (public id, face, answers, of them thanked for), most first."""
    sql = (
        "SELECT actor, COUNT(*), SUM(CASE WHEN thanked THEN 1 ELSE 0 END) FROM inbox_piece WHERE workspace_id = %s AND is_peer "
        "AND actor IS NOT NULL GROUP BY actor ORDER BY 3 DESC, 2 DESC, 1 LIMIT %s"
    )
    with database.cursor() as cursor:
        cursor.execute(sql, [workspace.pk, size])
        rows = cursor.fetchall()
    who = faces([row[0] for row in rows])
    return [(public_id(who[actor].person), who[actor], number, int(thanked)) for actor, number, thanked in rows if actor in who]
