"""The accounts that post: our own, those of others, and imports of posts that name nobody."""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from django.db import connection as database
from django.db.models import Q

from vincle.accounts.models import Workspace
from vincle.identify.models import Belonging
from vincle.listen.models import Delivery, Handle
from vincle.organise.models import Profile
from vincle.store import bulk
from vincle.vocabulary import FLEETING, from_public_id, public_id

KINDS: Final = ("Note", "Mention", "Article", "Image", "Video", "Link", "Review", "Page")
"""What counts as a post; messages, orders and the like do not."""
_IMPORT = re.compile(r"import-(\d{1,18})").fullmatch
IS_POST = f"a.verb IN ('Create', 'Announce') AND a.object_type IN ({', '.join(repr(kind) for kind in KINDS)})"
STANDS = "NOT a.superseded AND a.op <> 'retract'"


@dataclass(frozen=True)
class Account:
    """One handle, or what one import brought of our own posts without naming who wrote them. `pid` stands in addresses."""

    workspace: Workspace
    pid: str
    name: str
    kind: str
    handle: Handle | None = None
    delivery: Delivery | None = None

    @property
    def is_own(self) -> bool:
        return self.handle is None or self.handle.is_own

    @property
    def where(self) -> str:
        """The condition on rows `a` of the log; the way through time is closed, so that no planner walks it."""
        source = f"a.actor = {self.handle.key:d}" if self.handle else f"a.delivery_id = {self.delivery.pk if self.delivery else 0:d}"
        mine = "" if self.handle else " AND a.actor IS NULL AND a.direction = 'out'"
        return f"{source}{mine} AND a.workspace_id + 0 = {self.workspace.pk:d}"

    @property
    def behind(self) -> dict[str, str]:
        """Parameters of the stream that show what the account did."""
        return {"author": self.pid} if self.handle else {"delivery": str(self.delivery.pk if self.delivery else 0), "direction": "out"}

    @cached_property
    def keys(self) -> list[int]:
        """The handle and others of the same person on the same network: an id and a user name may both be written to."""
        if self.handle is None:
            return []
        person = Belonging.objects.of(self.workspace).filter(handle=self.handle.key).values_list("person", flat=True).first()
        if person is None:
            return [self.handle.key]
        theirs = list(Belonging.objects.of(self.workspace).filter(person=person).values_list("handle", flat=True)[:100])
        stem = self.handle.kind.partition("_")[0]
        return [each.key for each in Handle.objects.filter(key__in=theirs) if each.kind.partition("_")[0] == stem]


def find(workspace: Workspace, pid: str) -> Account | None:
    """The account of a public id in this workspace; None where there is none."""
    if found := _IMPORT(pid):
        delivery = Delivery.objects.of(workspace).filter(pk=int(found[1])).defer("body").first()
        return Account(workspace, pid, delivery.name, delivery.channel, delivery=delivery) if delivery else None
    try:
        key = from_public_id(pid)
    except ValueError:
        return None
    handle = Handle.objects.of(workspace).filter(key=key).first()
    return of_handle(workspace, handle) if handle and handle.kind not in FLEETING else None


def of_handle(workspace: Workspace, handle: Handle) -> Account:
    return Account(workspace, public_id(handle.key), handle.name or handle.value, handle.kind, handle=handle)


@dataclass(frozen=True)
class Listed:
    """A line of the list of accounts."""

    account: Account
    posts: int
    last: datetime | None


def listed(workspace: Workspace, asked: str = "", most: int = 60) -> list[Listed]:
    """Our own accounts first, then those with most posts; `asked` is part of a name or user name."""
    own = list(Handle.objects.of(workspace).filter(is_own=True)[: most * 2])
    if asked:
        named = Q(name__icontains=asked) | Q(value__icontains=asked.removeprefix("@"))
        handles = list(Handle.objects.of(workspace).filter(named).exclude(kind__in=FLEETING)[: most * 3])
    else:
        people = Profile.objects.of(workspace).order_by("-activities").values_list("person", flat=True)[:most]
        theirs = Belonging.objects.of(workspace).filter(person__in=list(people)).values_list("handle", flat=True)
        handles = own + list(Handle.objects.filter(key__in=list(theirs[: most * 5])).exclude(kind__in=FLEETING))
    known = {each.key: each for each in handles}
    counted = bulk.select(
        f"SELECT a.actor, COUNT(*), MAX(a.happened_at) FROM listen_activity a WHERE a.workspace_id + 0 = %s AND {STANDS} AND {IS_POST} "
        "AND a.actor IN ({}) GROUP BY a.actor",
        known,
        [workspace.pk],
    )
    rows = [Listed(of_handle(workspace, known[key]), int(n), moment(last)) for key, n, last in counted]
    rows += [] if asked else _unnamed(workspace)
    return sorted(rows, key=lambda row: (not row.account.is_own, -row.posts, row.account.name))[:most]


def _unnamed(workspace: Workspace) -> list[Listed]:
    """Imports that brought posts of ours without an author."""
    sql = (
        "SELECT a.delivery_id, COUNT(*), MAX(a.happened_at) FROM listen_activity a "
        f"WHERE a.actor IS NULL AND a.direction = 'out' AND {STANDS} AND {IS_POST} AND a.workspace_id + 0 = %s "
        "AND a.delivery_id IN ({}) GROUP BY a.delivery_id"
    )
    imports = {each.pk: each for each in Delivery.objects.of(workspace).filter(is_import=True, channel="posts").defer("body")[:200]}
    return [
        Listed(Account(workspace, f"import-{key}", imports[key].name, imports[key].channel, delivery=imports[key]), int(n), moment(last))
        for key, n, last in bulk.select(sql, imports, [workspace.pk])
    ]


def moment(value: Any) -> datetime | None:
    return bulk.moment(datetime.fromisoformat(value) if isinstance(value, str) else value)


def span(account: Account) -> tuple[datetime, datetime] | None:
    """When the account posted first and last, as far as is known; None: never."""
    with database.cursor() as cursor:
        cursor.execute(
            f"SELECT MIN(a.happened_at), MAX(a.happened_at) FROM listen_activity a WHERE {account.where} AND {STANDS} AND {IS_POST}"
        )
        first, last = (moment(each) for each in cursor.fetchone())
    return (first, last) if first and last else None
