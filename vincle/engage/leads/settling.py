"""The step `leads`: when whoever sent a form is known, they are given to someone, and those are told. It goes behind `organise`.

What the log says of lead forms elsewhere (Facebook) becomes a lead here as well. Doing a row again changes nothing.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from django.db import transaction
from django.utils import timezone

from vincle.listen import aside, log
from vincle.store.blame import blame
from vincle.store.lease import advance
from vincle.store.models import Cursor
from vincle.vocabulary import Op

from . import assigning, confirming, facebook
from .definition import Assign
from .models import Submission

STEP, AHEAD, BATCH = "leads", ("organise",), 2_000
COLUMNS = (
    "workspace_id",
    "channel",
    "verb",
    "object_type",
    "op",
    "native_id",
    "event_id",
    "connection_id",
    "object_key",
    "actor",
    "happened_at",
)
_OURS = {"forms": "Form", "cards": "Event"}


def is_behind(reached: dict[str, int]) -> bool:
    return reached.get(STEP, 0) < min(reached.get(name, 0) for name in AHEAD)


def step(cursor: Cursor, most: int | None = None) -> int:
    """Settle what is new in the log; returns how many rows moved."""
    reached = dict(Cursor.objects.filter(name__in=AHEAD).values_list("name", "position"))
    upto = min(reached.get(name, 0) for name in AHEAD)
    rows = [row for row in log.read_new(cursor.position, most or BATCH, COLUMNS) if row[0] <= upto] if upto > cursor.position else []
    if not rows:
        return 0
    skipped = aside.passed_over(STEP, cursor.position, rows[-1][0])
    wanted = [row for row in rows if row[0] not in skipped]
    with blame([row[0] for row in wanted]), transaction.atomic():
        settle(wanted)
        advance(cursor, rows[-1][0], len(rows))
    return len(rows)


def again(seq: int) -> None:
    """Settle one row that had been set aside. Inside the caller's transaction."""
    settle([row for row in log.read_new(seq - 1, 1, COLUMNS) if row[0] == seq])


def settle(rows: Sequence[Any]) -> None:
    """Rows as (seq, *COLUMNS). Inside the caller's transaction."""
    ours = [row for row in rows if _OURS.get(row[2]) == row[4] and row[5] == Op.ASSERT]
    by_workspace: dict[int, list[str]] = {}
    for row in ours:
        by_workspace.setdefault(row[1], []).append(row[6])
    for workspace, natives in by_workspace.items():
        found = Submission.objects.of(workspace).filter(native_id__in=natives, settled_at=None).exclude(state=Submission.State.SPAM)
        for each in found.select_related("workspace", "form__by", "mapping__by").select_for_update(of=("self",)).order_by("pk"):
            settle_one(each)
    heard = [row for row in rows if row[2] == "facebook" and row[4] == "Form" and row[5] != Op.RETRACT]
    for row in heard:
        if (lead := facebook.lead_of(row)) is not None:
            settle_one(lead)


def settle_one(row: Submission) -> None:
    """Carry out the rules of its form, once."""
    rule, others, by = _rules(row)
    if row.origin == Submission.Origin.CARD:
        owner = row.owner
    else:
        owner = assigning.give(row, rule, by)
        assigning.tell(row, owner, others)
    Submission.objects.filter(pk=row.pk).update(settled_at=timezone.now())
    if row.state == Submission.State.UNCONFIRMED and row.optin is None:
        transaction.on_commit(lambda: confirming.ask(row), robust=True)


def _rules(row: Submission) -> tuple[Assign, list[int], Any]:
    if row.mapping is not None:
        found = row.mapping.rules
        return msgspec.convert(found.get("assign", {}), Assign), list(found.get("tell", [])), row.mapping.by
    asked = confirming.definition_of(row)
    if asked is None:
        return Assign(), [], None
    return asked.assign, asked.tell, row.form.by if row.form else None
