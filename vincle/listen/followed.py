"""What kept queries brought: matches by day, and the newest of them that may be shown to the world."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils import timezone

from vincle.accounts.models import Workspace
from vincle.channels.registry import channels
from vincle.vocabulary import ObjectType

from . import fulltext, stream
from .models import Listening, Match

ENTRIES = 50
LOOKED_AT = 400
"""Newest matches among which those are looked for that may be shown."""
PUBLIC = frozenset({ObjectType.NOTE, ObjectType.MENTION, ObjectType.REVIEW, ObjectType.ARTICLE, ObjectType.IMAGE, ObjectType.VIDEO})
_PRIVATE_CHANNELS = frozenset({"team", "whatsapp", "telegram"})
_PRIVATE_FAMILIES = frozenset({"messages", "contacts"})


def by_day(workspace: Workspace, listenings: Sequence[int], days: int) -> dict[int, list[int]]:
    """Matches of each query on each of the last days of the workspace, oldest first. One query."""
    found = {pk: [0] * days for pk in listenings}
    if not listenings:
        return found
    zone = ZoneInfo(workspace.timezone)
    today = timezone.now().astimezone(zone).date()
    starts = [datetime.combine(today - timedelta(days=days - 1 - place), time(0), zone) for place in range(days)]
    edges = [fulltext.point_of(start.astimezone(UTC), 0) for start in starts]
    ends = [*edges[1:], (1 << 63) - 1]
    cases = " ".join(f"WHEN point < {end:d} THEN {place:d}" for place, end in enumerate(ends))
    marks = ", ".join(["%s"] * len(listenings))
    sql = (
        f"SELECT listening_id, CASE {cases} ELSE {days - 1:d} END AS day, COUNT(*) FROM listen_match "
        f"WHERE listening_id IN ({marks}) AND point >= {edges[0]:d} GROUP BY 1, 2"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, list(listenings))
        for pk, day, count in cursor.fetchall():
            found[pk][day] = count
    return found


class Entry(NamedTuple):
    """A public text of a feed."""

    id: str
    row: dict[str, Any]


def public_entries(row: Listening) -> list[Entry]:
    """The newest matches that were said in public: no messages, mails, answers or notes of the team."""
    seqs = list(Match.objects.filter(listening=row).order_by("-point").values_list("seq", flat=True)[:LOOKED_AT])
    shown: list[Entry] = []
    for start in range(0, len(seqs), 2 * ENTRIES):
        found = [each for each in stream.rows(seqs[start : start + 2 * ENTRIES]) if is_public(each)]
        shown += [Entry(UUID(bytes=bytes(each["event_id"])).urn, each) for each in found]
        if len(shown) >= ENTRIES:
            break
    return shown[:ENTRIES]


def is_public(row: dict[str, Any]) -> bool:
    """Whether a row of the stream was said for all to read."""
    channel = channels().get(row["channel"])
    is_private = row["channel"] in _PRIVATE_CHANNELS or (channel is not None and channel.spec.family in _PRIVATE_FAMILIES)
    return row["object_type"] in PUBLIC and not is_private
