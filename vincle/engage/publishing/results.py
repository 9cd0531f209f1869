"""The step `posts`: what people did with our posts and links, from the log. Doing it again changes nothing."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec
from django.db import transaction
from django.db.models import Count, Max, Q

from vincle.accounts.models import Workspace
from vincle.listen import aside, log
from vincle.store import bulk
from vincle.store.blame import blame
from vincle.store.lease import advance
from vincle.store.models import Cursor
from vincle.vocabulary import Direction, ObjectType, Op, Verb

from .models import LinkVisit, Post, PostAct, ShortLink

STEP: Final = "posts"
AHEAD: Final = "identify"
BATCH: Final = 5_000
LINKS: Final = "links"
COLUMNS: Final = ("event_id", "root_id", "workspace_id", "connection_id", "channel", "verb", "object_type", "op", "actor", "object_key",
                  "parent_key", "thread_key", "happened_at", "direction", "is_machine", "props")  # fmt: skip
_KINDS: Final = {"Like": "reaction", "Announce": "share", "Create": "comment"}


class Row(NamedTuple):
    """A row of the log, as `COLUMNS`."""

    seq: int
    event: bytes
    root: bytes | None
    workspace: int
    connection: int
    channel: str
    verb: str
    object_type: str
    op: str
    actor: int | None
    object_key: str
    parent_key: str
    thread_key: str
    at: datetime
    direction: str
    is_machine: bool
    props: Any

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(key for key in (self.object_key, self.parent_key, self.thread_key) if key)

    @property
    def first(self) -> bytes:
        """The root of what it speaks of."""
        return bytes(self.root or self.event)


def is_behind(reached: dict[str, int]) -> bool:
    return reached.get(STEP, 0) < reached.get(AHEAD, 0)


def step(cursor: Cursor, most: int | None = None) -> int:
    """Go through what is new in the log; returns how many rows moved."""
    upto = Cursor.objects.filter(name=AHEAD).values_list("position", flat=True).first() or 0
    rows = [row for row in log.read_new(cursor.position, most or BATCH, COLUMNS) if row[0] <= upto] if upto > cursor.position else []
    if not rows:
        return 0
    skipped = aside.passed_over(STEP, cursor.position, rows[-1][0])
    wanted = [row for row in rows if row[0] not in skipped]
    with blame([row[0] for row in wanted]), transaction.atomic():
        take(wanted)
        advance(cursor, rows[-1][0], len(rows))
    return len(rows)


def again(seq: int) -> None:
    """One row that had been set aside. Inside the caller's transaction."""
    take([row for row in log.read_new(seq - 1, 1, COLUMNS) if row[0] == seq])


def take(rows: Sequence[Any]) -> None:
    """Rows of the log into what is counted. Inside the caller's transaction."""
    read = [Row(*row) for row in rows]
    _take_visits([row for row in read if row.channel == LINKS and row.verb == Verb.VIEW])
    _take_acts([row for row in read if row.channel != LINKS and row.direction == Direction.IN])


def _take_visits(rows: Sequence[Row]) -> None:
    if not rows:
        return
    codes = {row.object_key.removeprefix("link:") for row in rows}
    known = {(link.workspace_id, link.code): link.pk for link in ShortLink.objects.filter(code__in=codes)}
    made, touched = [], set()
    for row in rows:
        link = known.get((row.workspace, row.object_key.removeprefix("link:")))
        if link is None:
            continue
        props = msgspec.json.decode(row.props) if isinstance(row.props, str | bytes) else row.props
        made.append(LinkVisit(workspace_id=row.workspace, link_id=link, event=row.first, at=_moment(row), is_machine=row.is_machine,
                              visitor=str(props.get("visitor", ""))[:32], source=str(props.get("from", ""))[:120]))  # fmt: skip
        touched.add(link)
    LinkVisit.objects.bulk_create(made, ignore_conflicts=True, batch_size=500)
    for found in (
        LinkVisit.objects.filter(link__in=touched)
        .values("link")
        .annotate(humans=Count("pk", filter=Q(is_machine=False)), machines=Count("pk", filter=Q(is_machine=True)), last=Max("at"))
    ):
        ShortLink.objects.filter(pk=found["link"]).update(humans=found["humans"], machines=found["machines"], last_at=found["last"])


def _moment(row: Row) -> datetime:
    found = bulk.moment(row.at)
    assert found is not None
    return found


def _take_acts(rows: Sequence[Row]) -> None:
    posts = _posts_of(rows)
    made, gone = [], []
    for row in rows:
        if _is_taken_back(row):
            gone.append(row.first)
        elif (post := next((posts[row.connection, key] for key in row.keys if (row.connection, key) in posts), None)) and (
            kind := _kind(row, post)
        ):
            made.append(PostAct(workspace_id=post.workspace_id, post=post, root=row.first, kind=kind, actor=row.actor, at=_moment(row)))
    touched = {each.post_id for each in made}
    PostAct.objects.bulk_create(made, ignore_conflicts=True, batch_size=500)
    for part in bulk.chunks(gone, 500):
        lost = PostAct.objects.filter(root__in=part)
        touched |= set(lost.values_list("post", flat=True))
        lost.delete()
    recount(touched)


def _posts_of(rows: Sequence[Row]) -> dict[tuple[int, str], Post]:
    keys = list({key for row in rows for key in row.keys})
    connections = {row.connection for row in rows}
    if not keys or not Post.objects.filter(state=Post.State.SENT, connection__in=connections).exists():
        return {}
    found: dict[tuple[int, str], Post] = {}
    for part in bulk.chunks(keys, 500):
        for post in Post.objects.filter(state=Post.State.SENT, connection__in=connections, native_id__in=part):
            found[post.connection_id, post.native_id] = post
    return found


def _is_taken_back(row: Row) -> bool:
    return row.op == Op.RETRACT or row.verb in (Verb.UNDO, Verb.DELETE)


def _kind(row: Row, post: Post) -> str:
    """What it is to this post; "" for what is not counted, as the post itself."""
    if row.is_machine:
        return ""
    kind = _KINDS.get(row.verb, "")
    if kind == "comment":
        is_under = post.native_id in (row.parent_key, row.thread_key) and row.object_key != post.native_id
        return kind if is_under and row.object_type in (ObjectType.NOTE, ObjectType.MENTION) else ""
    return kind if row.object_key == post.native_id else ""


def recount(posts: Iterable[int]) -> None:
    """Have posts say what stands of them. Inside the caller's transaction."""
    wanted = set(posts)
    counted: dict[int, dict[str, int]] = {post: {} for post in wanted}
    for post, kind, count in PostAct.objects.filter(post__in=wanted).values_list("post", "kind").annotate(Count("pk")):
        counted[post][kind] = count
    for post, kinds in counted.items():
        Post.objects.filter(pk=post).update(
            reactions=kinds.get("reaction", 0), comments=kinds.get("comment", 0), shares=kinds.get("share", 0)
        )


def catch_up(post: Post) -> None:
    """What came while nobody knew yet what the platform calls the post: it is looked for where the log stood then. Inside a transaction."""
    if not post.native_id or post.from_seq is None:
        return
    position = Cursor.objects.filter(name=STEP).values_list("position", flat=True).first() or 0
    after = post.from_seq
    while after < position:
        rows = [row for row in log.read_new(after, BATCH, COLUMNS) if row[0] <= position]
        if not rows:
            return
        after = rows[-1][0]
        take([row for row in rows if row[COLUMNS.index("connection_id") + 1] == post.connection_id])


def people_of(workspace: Workspace, post: Post, kind: str = "") -> list[tuple[int, str, datetime]]:
    """(handle, kind, when) of those who did something with it, newest first, at most 500."""
    rows = PostAct.objects.of(workspace).filter(post=post, actor__isnull=False)
    rows = rows.filter(kind=kind) if kind else rows
    return list(rows.order_by("-at").values_list("actor", "kind", "at")[:500])
