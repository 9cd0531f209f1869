"""The full text of what stands (FTS5 on SQLite, `tsvector` on PostgreSQL): words of texts, and atoms of what is known of them.

Rows stand by their point in time, so that newest first is the index's own order; the database takes them away with `Understanding`.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from django.db import connection

from vincle.store import bulk

LAST_PLACE = 16_383
"""PostgreSQL counts no further: words behind are found, but not by what stands next to them."""
SEQ_BITS = 31
_SEQ = (1 << SEQ_BITS) - 1
_LATEST = (1 << 32) - 1


class Entry(NamedTuple):
    """A text for the index: `words` and `facts` are atoms (`language._atoms`)."""

    point: int
    workspace: int
    words: Sequence[str]
    facts: Sequence[str]


def point_of(happened_at: datetime, seq: int) -> int:
    """When a row of the log stands: the second it happened in, and within it the order of arrival.

    >>> point_of(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC), 7) == (1 << 31) + 7
    True
    """
    second = int((happened_at if happened_at.tzinfo else happened_at.replace(tzinfo=UTC)).timestamp() // 1)
    return (min(max(second, 1), _LATEST) << SEQ_BITS) | (seq & _SEQ)


def moment_of(point: int) -> datetime:
    """The second it was said in."""
    return datetime.fromtimestamp(point >> SEQ_BITS, UTC)


def seq_of(point: int) -> int:
    return point & _SEQ


def write(entries: Sequence[Entry]) -> None:
    """Put texts into the index, in place of what stood there for their rows. Inside the caller's transaction."""
    remove([entry.point for entry in entries])
    add(entries)


def remove(points: Sequence[int]) -> None:
    """Take texts out of the index."""
    bulk.execute_in(f"DELETE FROM listen_fulltext WHERE {'rowid' if connection.vendor == 'sqlite' else 'point'} IN ({{}})", points)


def add(entries: Sequence[Entry]) -> None:
    """Put texts into the index whose rows have none there."""
    if not entries:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            rows = [(entry.point, " ".join(entry.words), " ".join(entry.facts)) for entry in entries]
            cursor.executemany("INSERT INTO listen_fulltext (rowid, words, facts) VALUES (%s, %s, %s)", rows)
            return
        with cursor.copy("COPY listen_fulltext (point, workspace_id, facts, words) FROM STDIN") as copying:
            for entry in entries:
                copying.write_row((entry.point, entry.workspace, " ".join(entry.facts), vector(entry.words, entry.facts)))


def vector(words: Sequence[str], facts: Sequence[str] = ()) -> str:
    """Atoms as PostgreSQL writes a `tsvector`. They hold letters, digits and `_`: nothing that needs escaping.

    >>> vector(["cafe", "bo", "cafe"], ["_lg_ca"])
    "'cafe':1,3 'bo':2 '_lg_ca'"
    """
    places: dict[str, list[str]] = {}
    for place, word in enumerate(words, 1):
        places.setdefault(word, []).append(str(min(place, LAST_PLACE)))
    found = [f"'{word}':{','.join(where[:255])}" for word, where in places.items()]
    return " ".join([*found, *(f"'{fact}'" for fact in dict.fromkeys(facts))])
