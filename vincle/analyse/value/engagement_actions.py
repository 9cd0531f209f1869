"""Everything that writes what people are worth with all they do: rows, what they rest on, the score, and how the round went."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from django.db import connection, transaction

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace
from vincle.organise import influence_actions
from vincle.organise.influence_actions import Scored
from vincle.store import bulk
from vincle.store.models import Cursor

from .engagement_due import ASKED, name_of
from .engagement_figures import figures
from .engagement_parts import PARTS, Worked, money
from .engagement_terms import Prices
from .models import EngagementEvidence, EngagementRun, EngagementValue

PIECE: Final = 5_000
SCORE: Final = "engagement"
_MONEY: Final = ("total", "low", "high", "own", "referral", "influence", "knowledge", "cost", "brings", "bought")
_COUNTS: Final = ("purchases", "other_money", "newcomers", "swayed", "ideas", "reviews", "answers", "seconds", "sends")
_VALUES: Final = ("workspace_id", "person", *_MONEY, *_COUNTS, "kind", "at")
_EVIDENCE: Final = ("workspace_id", "person", "found")
_encode = msgspec.json.Encoder().encode


def keep(workspace: Workspace, worked: Worked, prices: Prices, now: datetime, seconds: float) -> int:
    """Let this be what everybody is worth; returns of how many people there is something to tell.

    In pieces, each a transaction: others write in between, and a round that is killed is simply done again.
    """
    told = worked.told().tolist()
    at = bulk.writer()(now)
    for part in bulk.chunks(told, PIECE):
        values = list(_rows(workspace, worked, part, at))
        evidence = [(workspace.pk, int(worked.people[i]), _encode(worked.evidence(i)).decode()) for i in part]
        with transaction.atomic():
            bulk.upsert(EngagementValue, _VALUES, values, "person")
            bulk.upsert(EngagementEvidence, _EVIDENCE, evidence, "person")
    with transaction.atomic():
        _drop_others(workspace, at)
        found = figures(worked, prices)
        defaults = {
            "at": now, "people": len(told), "seconds": round(seconds, 2), "figures": found, "terms": prices.kept(), "problem": ""
        }  # fmt: skip
        EngagementRun.objects.update_or_create(workspace=workspace, defaults=defaults)
    influence_actions.keep_scores(workspace, SCORE, _scores(worked, told), now, seconds, {"left_out": list(worked.unpriced)})
    return len(told)


def _rows(workspace: Workspace, worked: Worked, places: Sequence[int], at: Any) -> Iterator[tuple[Any, ...]]:
    amounts, counts = [worked.cents[name] for name in _MONEY], [worked.counts[name] for name in _COUNTS]
    for i in places:
        yield (
            workspace.pk, int(worked.people[i]), *(str(money(int(column[i]))) for column in amounts),
            *(int(column[i]) for column in counts), worked.kinds[i], at,
        )  # fmt: skip


def _drop_others(workspace: Workspace, at: Any) -> None:
    """Rows of an earlier round: of these there is nothing to tell any more."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM value_engagementvalue WHERE workspace_id = %s AND at <> %s", [workspace.pk, at])
        gone = "NOT EXISTS (SELECT 1 FROM value_engagementvalue v WHERE v.person = value_engagementevidence.person)"
        cursor.execute(f"DELETE FROM value_engagementevidence WHERE workspace_id = %s AND {gone}", [workspace.pk])


def _scores(worked: Worked, places: Sequence[int]) -> list[Scored]:
    """The total as a score of each, reasons being its parts, by weight: their share of all that speaks for and against."""
    rows, currency = [], worked.material.currency
    columns = {name: worked.cents[name].tolist() for name in (*PARTS, "total")}
    for i in places:
        parts = [(name, (-1 if name == "cost" else 1) * columns[name][i]) for name in PARTS if columns[name][i]]
        if not parts:
            continue
        whole = sum(abs(cents) for _name, cents in parts)
        parts.sort(key=lambda each: -abs(each[1]))
        reasons: list[list[Any]] = [
            [f"worth_{name}", {"amount": cents / 100, "currency": currency}, round(cents / whole, 4)] for name, cents in parts
        ]
        rows.append(Scored(int(worked.people[i]), columns["total"][i] / 100, None, reasons))
    return rows


def keep_problem(workspace: Workspace, problem: str) -> None:
    """Why the last round could not be done; what stood before stays."""
    EngagementRun.objects.update_or_create(workspace=workspace, defaults={"problem": problem.replace("\x00", "")[:300]})


def ask(workspace: Workspace, user: User) -> None:
    """Have the worker work it all out as soon as it can."""
    with transaction.atomic():
        Cursor.objects.get_or_create(name=name_of(workspace))
        Cursor.objects.filter(name=name_of(workspace)).update(done=ASKED)
        audit.record(workspace, user, "asked for anew", "engagement value")
