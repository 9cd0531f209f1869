"""Numbers of what is understood anew, matched, and gone: others follow by them, as they follow the log by its own.

They are given out under a lock that lasts until the transaction ends: whoever has read up to one misses none below it. The same lock
keeps the writing of what a text says apart from the deletion of its words, so that nothing is understood of a text that is gone.
"""

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from django.db import connection, transaction

from vincle.store import bulk
from vincle.store.models import Cursor

from . import wiping
from .models import Attachment, Correction, Gone, Judged, Match, Understanding

NUMBERS = "changes of texts"
Pair = tuple[int, int, bytes, int]
"""A match: (listening, seq, event_id, point)."""

_MATCH = ("workspace_id", "listening_id", "seq", "event_id", "point", "change")
_GONE = ("change", "workspace_id", "seq", "listening")


def take(count: int) -> int:
    """The first of `count` new numbers; none else is given out until the caller's transaction ends."""
    sql = "UPDATE store_cursor SET position = position + %s WHERE name = %s RETURNING position"
    with connection.cursor() as cursor:
        cursor.execute(sql, [count, NUMBERS])
        if not (found := cursor.fetchall()):
            Cursor.objects.get_or_create(name=NUMBERS)
            cursor.execute(sql, [count, NUMBERS])
            found = cursor.fetchall()
    return int(found[0][0]) - count + 1


def newest() -> int:
    """The highest number that stands."""
    return Cursor.objects.filter(name=NUMBERS).values_list("position", flat=True).first() or 0


def let_go(events: Iterable[bytes], *, for_good: bool = True) -> int:
    """Take away what is known of these texts, inside the caller's transaction; returns of how many something was.

    `for_good`: with the team's corrections, for the words go as well.
    """
    wanted = list(events)
    if not wanted:
        return 0
    take(0)  # from here on nothing is understood that we do not see
    there = list(bulk.select("SELECT event_id, workspace_id, seq FROM listen_understanding WHERE event_id IN ({})", wanted))
    if there:
        first = take(len(there))
        rows = [(first + place, workspace, seq, None) for place, (_, workspace, seq) in enumerate(sorted(there, key=itemgetter(2)))]
        bulk.insert(Gone, _GONE, rows)
        bulk.execute_in("DELETE FROM listen_understanding WHERE event_id IN ({})", [bytes(event) for event, *_ in there])
        wiping.note()
    bulk.execute_in(f"DELETE FROM {Judged._meta.db_table} WHERE event_id IN ({{}})", wanted)
    if for_good:
        for model in (Correction, Attachment):
            bulk.execute_in(f"DELETE FROM {model._meta.db_table} WHERE event_id IN ({{}})", wanted)
    return len(there)


def add_matches(workspace: int, pairs: Sequence[Pair]) -> int:
    """Note that these texts are what queries ask for; those that stand, and texts that are gone, are passed over. Returns how many."""
    with transaction.atomic():
        take(0)
        there = set(bulk.pluck("SELECT seq FROM listen_understanding WHERE seq IN ({})", {pair[1] for pair in pairs}))
        stood = set(bulk.select("SELECT listening_id, seq FROM listen_match WHERE seq IN ({})", there))
        new = [pair for pair in pairs if pair[1] in there and pair[:2] not in stood]
        put_matches([(workspace, *pair) for pair in new])
    return len(new)


def put_matches(rows: Sequence[tuple[Any, ...]]) -> None:
    """Write matches (workspace, listening, seq, event_id, point) that are not there yet. Inside the caller's transaction."""
    if rows:
        first = take(len(rows))
        bulk.insert(Match, _MATCH, [(*row, first + place) for place, row in enumerate(rows)])


def unmatch(rows: Sequence[tuple[int, int, int]]) -> None:
    """Take single matches (workspace, listening, seq) away. Inside the caller's transaction."""
    if not rows:
        return
    first = take(len(rows))
    bulk.insert(Gone, _GONE, [(first + place, workspace, seq, listening) for place, (workspace, listening, seq) in enumerate(rows)])
    by_listening: dict[int, list[int]] = {}
    for _, listening, seq in rows:
        by_listening.setdefault(listening, []).append(seq)
    for listening, seqs in by_listening.items():
        bulk.execute_in("DELETE FROM listen_match WHERE listening_id = %s AND seq IN ({})", seqs, [listening])


def drop_matches(workspace: int, listening: int) -> int:
    """Take all matches of a query away: it was rewritten, or goes. Returns how many there were."""
    with transaction.atomic():
        first = take(1)
        Gone.objects.create(change=first, workspace_id=workspace, listening=listening)
        return bulk.execute("DELETE FROM listen_match WHERE listening_id = %s AND workspace_id = %s", [listening, workspace])


class Behind(NamedTuple):
    """What has changed up to the number `upto`: rows of the log understood otherwise, rows matched otherwise, queries without matches."""

    upto: int
    texts: set[int]
    matched: set[int]
    dropped: set[int]


def behind(after: int, upto: int, within: int, most: int) -> Behind:
    """What has changed behind a number and up to another, of the rows of the log up to `within`; some `most` of it, the oldest first."""
    there = {"change__gt": after, "change__lte": upto, "seq__lte": within}
    kinds: tuple[list[tuple[Any, ...]], ...] = (
        list(Understanding.objects.filter(**there).order_by("change").values_list("change", "seq")[:most]),
        list(Match.objects.filter(**there).order_by("change").values_list("change", "seq")[:most]),
        list(Gone.objects.filter(change__gt=after, change__lte=upto).order_by("change").values_list("change", "seq", "listening")[:most]),
    )
    upto = min([upto, *(rows[-1][0] for rows in kinds if len(rows) == most)])
    texts, matched, gone = ([row[1:] for row in rows if row[0] <= upto] for rows in kinds)
    found = Behind(upto, {seq for (seq,) in texts}, {seq for (seq,) in matched}, set())
    for seq, listening in gone:
        if seq is None:
            found.dropped.add(listening)
        elif seq <= within:
            (found.texts if listening is None else found.matched).add(seq)
    return found


FOLLOWERS = ("analyse texts", "segments texts")
"""Cursors of those who have to be told what is gone."""


def followed(upto: int) -> None:
    """One who follows has come to this number: what all of them have passed need not be told any more."""
    reached = dict(Cursor.objects.filter(name__in=FOLLOWERS).values_list("name", "position"))
    Gone.objects.filter(change__lte=min(upto, *(reached.get(name, 0) for name in FOLLOWERS))).delete()
