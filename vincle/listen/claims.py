"""Which delivery a worker takes next. Deliveries of one connection are worked in their order; connections do not wait for each other."""

from collections.abc import Iterator

from django.db import connection, transaction
from django.utils import timezone

from vincle.store import lease

from .models import Delivery

OPEN = (Delivery.State.WAITING, Delivery.State.RUNNING, Delivery.State.UNDOING)
# The first open one of each connection, passing by what other workers are just taking: nobody waits for anybody's lock.
_NEXT = """
SELECT d.id FROM listen_delivery d
WHERE d.state = ANY(%(open)s) AND d.id > %(after)s AND (d.owner = ANY(%(free)s) OR d.lease_until < %(now)s) AND NOT EXISTS (
    SELECT FROM listen_delivery e WHERE e.connection_id = d.connection_id AND e.id < d.id AND e.state = ANY(%(open)s)
)
ORDER BY d.id LIMIT 1 FOR UPDATE OF d SKIP LOCKED
"""


def take(limit: int) -> Iterator[Delivery]:
    """Up to `limit` deliveries, oldest first, each held by us when it is given out. What became of one is seen before the next."""
    yield from _take_postgres(limit) if connection.vendor == "postgresql" else _take_sqlite(limit)


def _take_postgres(limit: int) -> Iterator[Delivery]:
    after = 0
    for _ in range(limit):
        with transaction.atomic(), connection.cursor() as cursor:
            free = ["", lease.ME, *lease.gone(Delivery.objects.filter(state__in=OPEN).exclude(owner__in=("", lease.ME)))]
            cursor.execute(_NEXT, {"open": [str(state) for state in OPEN], "after": after, "free": free, "now": timezone.now()})
            found = cursor.fetchone()
            if found is None:
                return
            after = found[0]
            Delivery.objects.filter(pk=after).update(owner=lease.ME, lease_until=timezone.now() + lease.LEASE)
        yield _whole(after)


def _take_sqlite(limit: int) -> Iterator[Delivery]:
    waiting = list(Delivery.objects.filter(state__in=OPEN).order_by("pk").values_list("pk", "connection_id")[:limit])
    held_up = set[int]()
    for pk, source in waiting:
        if source in held_up:
            continue
        rows = Delivery.objects.filter(pk=pk, state__in=OPEN)
        if lease.claim(rows):
            yield _whole(pk)
        if rows.exists():
            held_up.add(source)


def _whole(pk: int) -> Delivery:
    found: Delivery = Delivery.objects.select_related("connection__workspace").get(pk=pk)
    return found
