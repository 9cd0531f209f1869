"""Which of the team's queries a text answers: as texts come in, and over what is stored; and what of a text stands in the full text."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from vincle.accounts.models import Workspace
from vincle.language import query as queries
from vincle.language._atoms import atom, fact, pieces
from vincle.language._query_match import is_wild
from vincle.language.query import And, Facts, Near, Or, Part, Query, QueryError, Words
from vincle.store import bulk
from vincle.vocabulary import ANONYMOUS, ObjectType

from . import changes, fulltext, log, search
from .changes import Pair
from .fulltext import Entry, point_of
from .models import Listening, Understanding
from .texts import Text, traits_of

PIECE = 2_000
DRAFT_DAYS = 1
_NEARBY = 10_000
"""Rows of the log, around a text, among which its source may say how many follow its author."""

MOST_FOLLOWERS = 1e11
Reach = Callable[[set[int]], Mapping[int, int]]
_reach: list[Reach] = []


def register_reach(reach: Reach) -> None:
    """Who knows how many follow an author (handle -> followers)."""
    _reach[:] = [reach]


class Seen(NamedTuple):
    """A text as queries see it."""

    text: Text
    words: list[str]
    facts: Facts

    @property
    def point(self) -> int:
        return point_of(self.text.row["happened_at"], self.text.seq)


class Known(NamedTuple):
    """What is known of a handle."""

    kind: str
    name: str
    value: str


def look(workspace: int, found: Sequence[Text]) -> list[Seen]:
    """Texts of a workspace with their words, and what is known of them and of who said them."""
    zone = ZoneInfo(Workspace.objects.values_list("timezone", flat=True).get(pk=workspace)) if found else None
    keys = {key for text in found for key in (text.row["actor"], text.row["target"]) if key}
    handles = {key: Known(*row) for key, *row in bulk.select("SELECT key, kind, name, value FROM listen_handle WHERE key IN ({})", keys)}
    reach = _reach_of(found)
    return [Seen(text, [atom(piece) for piece in pieces(text.page)], _facts(text, zone, handles, reach)) for text in found]


def _facts(text: Text, zone: Any, handles: Mapping[int, Known], reach: Mapping[int, int]) -> Facts:
    row = text.row
    moment = bulk.moment(row["happened_at"])
    assert moment is not None
    return queries.facts_of(
        text.page, moment.astimezone(zone).date(), channel=row["channel"], kind=row["object_type"], reach=reach.get(row["actor"]),
        authors=_names(handles.get(row["actor"])), addressed=_names(handles.get(row["target"])), country=row["country"],
        place=row["place"], is_ours=text.is_ours, sites=text.sites,
    )  # fmt: skip


def _names(handle: Known | None) -> tuple[str, ...]:
    """How someone is called on a channel: name, user name, and the user name without its server."""
    if handle is None or (handle.kind in ANONYMOUS and not handle.name):
        return ()
    value = handle.value.removeprefix("@")
    return tuple(dict.fromkeys(filter(None, (handle.name, value, value.partition("@")[0]))))


def _reach_of(found: Sequence[Text]) -> dict[int, int]:
    """Followers of the authors, as far as known: in what their source says of them together with the text, else in their profile."""
    actors = {text.row["actor"] for text in found if text.row["actor"]}
    known: dict[int, int] = {}
    for reach in _reach:
        known |= reach(actors)
    seqs = sorted(text.seq for text in found)
    if not actors or seqs[-1] - seqs[0] > _NEARBY:
        return known
    sql = "SELECT event_id, actor FROM listen_activity WHERE seq BETWEEN %s AND %s AND object_type = %s AND actor IN ({})"
    told = {bytes(event): actor for event, actor in bulk.select(sql, actors, [seqs[0] - PIECE, seqs[-1] + PIECE, ObjectType.PROFILE])}
    for event, (_text, _title, body) in log.contents(told).items():
        followers = traits_of(body).get("followers")
        if isinstance(followers, int | float) and 0 <= followers < MOST_FOLLOWERS:
            known[told[event]] = int(followers)
    return known


def entries(workspace: int, found: Sequence[Text]) -> list[Entry]:
    """What the full text holds of these texts of a workspace: their words, and what is known of them."""
    whose = fact("ws", workspace)
    return [
        Entry(seen.point, workspace, seen.words, [whose, *queries.fact_atoms(seen.facts), *_author(seen.text)])
        for seen in look(workspace, found)
    ]


def _author(text: Text) -> list[str]:
    return [f"{search.AUTHOR}{text.row['actor']:d}"] if text.row["actor"] else []


class Asked(NamedTuple):
    """A query that is followed. `anchors`: atoms of which one stands in every text it asks for; None: there are no such."""

    listening: int
    query: Query
    anchors: frozenset[str] | None


def match_batch(workspace: int, found: Sequence[Text]) -> list[Pair]:
    """(listening, seq, event_id, point) of the texts that a query of this workspace asks for."""
    asked = followed(workspace)
    if not asked or not found:
        return []
    pairs = []
    for text, words, facts in look(workspace, found):
        there = set(words)
        for listening, query, anchors in asked:
            if (anchors is None or not anchors.isdisjoint(there)) and queries.matches(query, text.page, facts, words):
                pairs.append((listening, text.seq, text.event_id, point_of(text.row["happened_at"], text.seq)))
    return pairs


def followed(workspace: int) -> list[Asked]:
    """The queries of a workspace that are not put away, drafts of boards among them."""
    rows = Listening.objects.of(workspace).filter(archived_at=None).values_list("pk", "text")
    return [Asked(pk, *known) for pk, text in rows if (known := _read(text)) is not None]


@lru_cache(maxsize=1024)
def _read(text: str) -> tuple[Query, frozenset[str] | None] | None:
    """A stored query; None when this release cannot read it any more."""
    try:
        query = queries.parse(text)
    except QueryError:
        return None
    return query, _anchors(query.what)


def _anchors(part: Part | None) -> frozenset[str] | None:
    if isinstance(part, Words):
        return next((frozenset((atom(piece),)) for piece in part.pieces if not is_wild(piece)), None)
    if isinstance(part, Near):
        return _anchors(part.left) or _anchors(part.right)
    if isinstance(part, And):
        return min((each for one in part.parts if (each := _anchors(one)) is not None), key=len, default=None)
    if isinstance(part, Or):
        found = [_anchors(one) for one in part.parts]
        return None if None in found else frozenset[str]().union(*(one for one in found if one is not None))
    return None


def is_behind() -> bool:
    """Whether a query waits to be answered from what is stored, or drafts to be swept away."""
    return Listening.objects.filter(back_to__gt=0).exists() or _old_drafts().exists()


def turn() -> int:
    """A piece of that, under the lease of the step `understand`; returns how many texts were gone through (at least 1 for any work)."""
    row = Listening.objects.filter(back_to__gt=0).select_related("workspace").order_by("changed_at").first()
    if row is None:
        return _sweep()
    return fill(row) or 1


def fill(row: Listening, most: int = PIECE) -> int:
    """Answer a query from up to `most` further texts of what is stored, newest first; returns how many it asks for."""
    known = _read(row.text) if row.archived_at is None else None
    points = search.points(search.prepare(row.workspace, known[0]), after=row.back_to, size=most) if known else []
    with transaction.atomic():
        now = Listening.objects.select_for_update().filter(pk=row.pk, changed_at=row.changed_at, back_to=row.back_to)
        if now.exists():  # else it was rewritten meanwhile, and begins anew
            _note(row.workspace_id, row.pk, points)
            now.update(back_to=points[-1] if len(points) == most else 0)
    return len(points)


def _note(workspace: int, listening: int, points: Iterable[int]) -> None:
    seqs = [fulltext.seq_of(point) for point in points]
    sql = f"SELECT seq, event_id, point FROM {Understanding._meta.db_table} WHERE seq IN ({{}})"
    changes.add_matches(workspace, [(listening, seq, bytes(event), point) for seq, event, point in bulk.select(sql, seqs)])


def draft(workspace: Workspace, text: str, user: Any = None) -> Listening:
    """A query of a board, without a name: answered from what is stored as the others are, and swept away after a day.

    The same query of the same workspace is one draft. QueryError.
    """
    text = str(queries.parse(text))
    with transaction.atomic():
        found = Listening.objects.select_for_update().of(workspace).filter(is_draft=True, text=text, archived_at=None).first()
        if found is None:
            return Listening.objects.create(
                workspace=workspace, text=text, is_draft=True, is_shared=True, created_by=user, back_to=search.LAST
            )
        Listening.objects.filter(pk=found.pk).update(created_at=timezone.now())  # it is kept for another day
    return found


def _old_drafts() -> Any:
    return Listening.objects.filter(is_draft=True, created_at__lt=timezone.now() - timedelta(days=DRAFT_DAYS))


def _sweep() -> int:
    """One draft that nobody looked at for a day."""
    old = _old_drafts().first()
    if old is None:
        return 0
    with transaction.atomic():
        changes.drop_matches(old.workspace_id, old.pk)
        Listening.objects.filter(pk=old.pk).delete()
    return 1
