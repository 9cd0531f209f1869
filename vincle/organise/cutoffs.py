"""Where the best so many of a score end: when that moves, those between the old end and the new are looked at again."""

from collections.abc import Collection, Mapping

from django.db import connection

from vincle.accounts.models import Workspace

from . import touching
from .models import Cutoff

End = tuple[float, int] | None
"""(score, id) of the last person; None while there are fewer people."""

Cutoffs = Mapping[tuple[str, int], End]

_LAST = (
    "SELECT * FROM (SELECT %s AS place, s.value, s.person FROM organise_score s JOIN organise_profile p ON p.person = s.person "
    "WHERE s.workspace_id = %s AND s.name = %s ORDER BY s.value DESC, s.person LIMIT 1 OFFSET %s) t{}"
)
_BETWEEN = (
    "p.person IN (SELECT s.person FROM organise_score s WHERE s.workspace_id = %s AND s.name = %s AND s.value <= %s AND s.value >= %s) "
    "AND 1 IN ({})"
)
_LOWEST = -1.7e308


def of(workspace: Workspace, tops: Collection[tuple[str, int]]) -> Cutoffs:
    """Where each (score, count) ends now, by one query."""
    asked = sorted(tops)
    found: dict[tuple[str, int], End] = dict.fromkeys(asked)
    if asked:
        values = [value for place, (score, count) in enumerate(asked) for value in (place, workspace.pk, score, max(count - 1, 0))]
        sql = " UNION ALL ".join([_LAST.format(place) for place in range(len(asked))])
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            for place, value, person in cursor.fetchall():
                found[asked[place]] = (float(value), int(person))
    return found


class Moved:
    """Where the best end now, beside where memberships think they end."""

    def __init__(self, workspace: Workspace, tops: Collection[tuple[str, int]]) -> None:
        self.workspace = workspace
        self.found = of(workspace, tops)
        kept = Cutoff.objects.of(workspace).values_list("score", "count", "value", "person") if tops else ()
        self._kept: dict[tuple[str, int], End] = {
            (score, count): None if person is None else (value, person) for score, count, value, person in kept
        }

    def write(self) -> None:
        """Keep the ends, and have those in between looked at again. Inside the caller's transaction."""
        for key, end in self.found.items():
            if key in self._kept and self._kept[key] == end:
                continue
            value, person = end or (None, None)
            score, count = key
            Cutoff.objects.update_or_create(workspace=self.workspace, score=score, count=count, defaults={"value": value, "person": person})
            if key in self._kept:
                self._touch(score, self._kept[key], end)

    def _touch(self, score: str, before: End, after: End) -> None:
        values = [each[0] for each in (before, after) if each]
        lowest = _LOWEST if None in (before, after) else min(values)
        touching.touch_where(self.workspace, _BETWEEN, [1], [self.workspace.pk, score, max(values), lowest])
