"""What the parts of engagement value are made of, out of the store: a fixed number of queries, whatever the number of people."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from django.db import connection

from vincle.accounts.models import Workspace
from vincle.organise import influence_brought, influence_rounds, influence_ties
from vincle.organise.influence_brought import CODE, Brought
from vincle.organise.influence_ties import Ties
from vincle.organise.sql import moment
from vincle.store import bulk
from vincle.vocabulary import ObjectType, Verb

MONTH: Final = timedelta(days=30.4375)
KNEW: Final = timedelta(days=30)
"""Who did something with us so long before they used somebody's code knew us already, and would have come anyway."""
KEPT: Final = 30
"""Of the activities behind a part so many are kept for each person, the newest."""
_OURS: Final = "NOT a.superseded AND a.op <> 'retract' AND NOT a.is_machine"
_decode = msgspec.json.decode


@dataclass
class Bought:
    """Of one person, in the workspace's currency, less what was given back; `other_money`: purchases in others, of the months counted."""

    lately: float = 0.0
    ever: float = 0.0
    purchases: int = 0
    other_money: int = 0


@dataclass
class Did:
    """What one person did of one kind: how often, and the newest keys."""

    count: int = 0
    keys: list[int] = field(default_factory=list)


@dataclass
class Material:
    """Everything a round works from. `since`: the beginning of the months counted."""

    currency: str
    since: datetime
    values: dict[int, tuple[float, float, float]]
    bought: dict[int, Bought]
    brought: list[Brought]
    anyway: set[int]
    ties: Ties
    ideas: dict[int, Did]
    reviews: dict[int, Did]
    answers: dict[int, Did]
    threads: dict[int, list[tuple[int, int]]]
    sends: dict[int, dict[str, int]]

    @property
    def people(self) -> list[int]:
        """All who stand in any of it, ascending."""
        ends = {each for row in self.brought for each in (row.newcomer, row.bringer)}
        kinds = (self.values, self.bought, self.ideas, self.reviews, self.answers, self.threads, self.sends)
        found = ends.union(*kinds, self.ties.source.tolist(), self.ties.target.tolist())
        return sorted(found)


def read(workspace: Workspace, now: datetime, months: int) -> Material:
    """EngineError where the analysis engine, which knows who turned to whom, cannot be asked."""
    since = now - months * MONTH
    ours = influence_ties.own_people(workspace.pk)
    brought = influence_brought.read(workspace, now, ours)
    ties, _texts = influence_rounds.read(workspace, now, brought, ours)
    return Material(
        workspace.currency, since, _values(workspace), _bought(workspace, since, now), brought, _anyway(workspace, brought), ties,
        _did(_ideas(workspace, since, now)), _did(_reviews(workspace, since, now)), _did(_answers(workspace, since, now)),
        _threads(workspace, since, now), _sends(workspace, since, now),
    )  # fmt: skip


def _rows(sql: str, values: list[Any]) -> Iterator[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        while part := cursor.fetchmany(bulk.CHUNK):
            yield from part


def _values(workspace: Workspace) -> dict[int, tuple[float, float, float]]:
    """Expected value of each person's own purchases: (value, low, high), as the score says. Who was joined to somebody has no more any."""
    sql = (
        "SELECT s.person, s.value, s.reasons FROM organise_score s WHERE s.workspace_id = %s AND s.name = 'value' "
        "AND EXISTS (SELECT 1 FROM organise_profile p WHERE p.person = s.person)"
    )
    found = {}
    for person, value, reasons in _rows(sql, [workspace.pk]):
        low, high = interval_of(_decode(reasons) if isinstance(reasons, str | bytes) else reasons, value)
        found[person] = (value, low, high)
    return found


def interval_of(reasons: Any, value: float) -> tuple[float, float]:
    """The interval a value's reasons state, which never leaves the value outside; none stated: the value itself."""
    for reason in reasons if isinstance(reasons, list) else ():
        told = reason[1] if isinstance(reason, list) and len(reason) > 1 and isinstance(reason[1], dict) else {}
        if reason[0] == "between" and isinstance(told.get("low"), int | float) and isinstance(told.get("high"), int | float):
            return min(float(told["low"]), value), max(float(told["high"]), value)
    return value, value


def _bought(workspace: Workspace, since: datetime, now: datetime) -> dict[int, Bought]:
    sql = (
        "SELECT b.person, a.verb, a.currency, SUM(a.amount), SUM(CASE WHEN a.happened_at > %s THEN a.amount ELSE 0 END), "
        "SUM(CASE WHEN a.happened_at > %s THEN 1 ELSE 0 END) FROM listen_activity a JOIN identify_belonging b ON b.handle = a.actor "
        f"WHERE a.workspace_id = %s AND a.verb IN (%s, %s) AND a.direction = 'in' AND {_OURS} AND a.happened_at <= %s "
        "AND a.amount IS NOT NULL GROUP BY 1, 2, 3"
    )
    values = [bulk.stamp(since), bulk.stamp(since), workspace.pk, Verb.PURCHASE.value, Verb.REFUND.value, bulk.stamp(now)]
    found: dict[int, Bought] = {}
    for person, verb, currency, ever, lately, count in _rows(sql, values):
        theirs = found.setdefault(person, Bought())
        is_purchase = verb == Verb.PURCHASE
        if currency != workspace.currency:
            theirs.other_money += int(count) if is_purchase else 0
            continue
        sign = 1 if is_purchase else -1
        theirs.lately += sign * abs(float(lately or 0))
        theirs.ever += sign * abs(float(ever or 0))
        theirs.purchases += int(count) if is_purchase else 0
    return found


def _anyway(workspace: Workspace, brought: list[Brought]) -> set[int]:
    """Newcomers who would have come anyway: before they first used the code they had bought, or had known us for a while.

    Of a recommendation that the team or the newcomer told only the day is known on which it was told, so it says nothing against it.
    """
    since = {each.newcomer: each.at for each in brought if each.evidence == CODE}
    sql = (
        "SELECT b.person, MIN(a.happened_at), MIN(CASE WHEN a.verb = %s THEN a.happened_at END) FROM identify_belonging b "
        f"JOIN listen_activity a ON a.actor = b.handle WHERE a.direction = 'in' AND {_OURS} AND a.object_type <> %s "
        "AND b.workspace_id = %s AND b.person IN ({}) GROUP BY b.person"
    )
    found = set()
    for person, first, purchase in bulk.select(sql, sorted(since), [Verb.PURCHASE.value, ObjectType.PROFILE.value, workspace.pk]):
        came = since[person]
        knew, bought = moment(first), moment(purchase)
        if (knew and knew < came - KNEW) or (bought and bought < came):
            found.add(person)
    return found


def _did(rows: Iterator[tuple[Any, ...]]) -> dict[int, Did]:
    """Counts and newest keys of rows (person, key), newest first."""
    found: dict[int, Did] = {}
    for person, key in rows:
        theirs = found.setdefault(person, Did())
        theirs.count += 1
        if len(theirs.keys) < KEPT:
            theirs.keys.append(key)
    return found


def _ideas(workspace: Workspace, since: datetime, now: datetime) -> Iterator[tuple[Any, ...]]:
    """Texts that suggest something, as they were read or as the team corrected it."""
    sql = (
        "SELECT b.person, a.seq FROM listen_understanding u JOIN listen_activity a ON a.seq = u.seq "
        "JOIN identify_belonging b ON b.handle = a.actor WHERE u.workspace_id = %s AND u.intents LIKE %s AND u.intents NOT LIKE %s "
        f"AND a.direction = 'in' AND {_OURS} AND a.happened_at > %s AND a.happened_at <= %s ORDER BY a.seq DESC"
    )
    return _rows(sql, [workspace.pk, "%suggestion%", "%spam%", bulk.stamp(since), bulk.stamp(now)])


def _reviews(workspace: Workspace, since: datetime, now: datetime) -> Iterator[tuple[Any, ...]]:
    sql = (
        "SELECT b.person, a.seq FROM listen_activity a JOIN identify_belonging b ON b.handle = a.actor "
        "WHERE a.workspace_id = %s AND a.happened_at > %s AND a.happened_at <= %s AND a.verb = %s AND a.object_type = %s "
        f"AND a.direction = 'in' AND {_OURS} ORDER BY a.seq DESC"
    )
    return _rows(sql, [workspace.pk, bulk.stamp(since), bulk.stamp(now), Verb.CREATE.value, ObjectType.REVIEW.value])


def _answers(workspace: Workspace, since: datetime, now: datetime) -> Iterator[tuple[Any, ...]]:
    """What customers answered one another under what is ours, as the inbox found it."""
    sql = (
        "SELECT b.person, p.seq FROM inbox_piece p JOIN identify_belonging b ON b.handle = p.actor WHERE p.workspace_id = %s AND p.is_peer "
        "AND NOT p.is_spam AND NOT p.is_machine AND p.state = '' AND p.at > %s AND p.at <= %s ORDER BY p.seq DESC"
    )
    return _rows(sql, [workspace.pk, bulk.stamp(since), bulk.stamp(now)])


def _threads(workspace: Workspace, since: datetime, now: datetime) -> dict[int, list[tuple[int, int]]]:
    """(conversation, seconds) of each person, longest first."""
    sql = (
        "SELECT b.person, e.thread, SUM(e.seconds) FROM inbox_effort e JOIN inbox_thread t ON t.key = e.thread "
        "JOIN identify_belonging b ON b.handle = t.handle WHERE e.workspace_id = %s AND e.day >= %s AND e.day <= %s "
        "GROUP BY b.person, e.thread ORDER BY 3 DESC, 2"
    )
    found: dict[int, list[tuple[int, int]]] = {}
    for person, thread, seconds in _rows(sql, [workspace.pk, str(since.date()), str(now.date())]):
        found.setdefault(person, []).append((thread, int(seconds)))
    return found


def _sends(workspace: Workspace, since: datetime, now: datetime) -> dict[int, dict[str, int]]:
    """Letters to many by purpose: ours ("marketing", "service"), and what other tools say they delivered ("elsewhere")."""
    found: dict[int, dict[str, int]] = {}
    span = [workspace.pk, bulk.stamp(since), bulk.stamp(now)]
    ours = (
        "SELECT b.person, s.purpose, COUNT(*) FROM outbox_send s JOIN identify_belonging b ON b.handle = COALESCE(s.handle, s.person) "
        "WHERE s.workspace_id = %s AND s.state = 'sent' AND s.job_id IS NOT NULL AND s.sent_at > %s AND s.sent_at <= %s GROUP BY 1, 2"
    )
    for person, purpose, count in _rows(ours, span):
        found.setdefault(person, {})[purpose] = int(count)
    elsewhere = (
        "SELECT b.person, COUNT(DISTINCT CASE WHEN a.object_key <> '' THEN a.object_key ELSE a.native_id END) FROM listen_activity a "
        "JOIN identify_belonging b ON b.handle = a.target WHERE a.workspace_id = %s AND a.happened_at > %s AND a.happened_at <= %s "
        f"AND a.verb = %s AND a.object_type = %s AND a.direction = 'out' AND {_OURS} AND a.object_key NOT IN (SELECT s.native_id "
        "FROM outbox_send s WHERE s.workspace_id = %s AND s.native_id <> '') GROUP BY b.person"
    )
    for person, count in _rows(elsewhere, [*span, Verb.DELIVER.value, ObjectType.MESSAGE.value, workspace.pk]):
        found.setdefault(person, {})["elsewhere"] = int(count)
    return found
