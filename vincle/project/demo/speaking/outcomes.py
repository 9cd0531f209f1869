"""What became of mails of the time told: opened, followed, bounced, left, as the log says of their readers."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q

from vincle.accounts.models import Workspace
from vincle.engage.outbox.models import LinkHit, Outcome, Send
from vincle.engage.outbox.naming import link_key
from vincle.listen.models import Activity

Act = tuple[str, bool, datetime, str]
_FIRST = {
    ("Read", False): "opened_at",
    ("Read", True): "machine_opened_at",
    ("View", False): "clicked_at",
    ("View", True): "machine_clicked_at",
    ("Undo", False): "unsubscribed_at",
    ("Bounce", False): "bounced_at",
    ("Deliver", False): "delivered_at",
}


def tell(workspace: Workspace, sends: Sequence[Send], which: Q) -> None:
    """Outcomes of these sends from the acts that `which` finds, each by its handle."""
    acts = _acts(workspace, which)
    Outcome.objects.bulk_create((_outcome(send, acts[send.handle or 0]) for send in sends), batch_size=500)
    LinkHit.objects.bulk_create((hit for send in sends for hit in _hits(send, acts[send.handle or 0])), batch_size=500)


def _acts(workspace: Workspace, which: Q) -> dict[int, list[Act]]:
    found: dict[int, list[Act]] = defaultdict(list)
    rows = Activity.objects.of(workspace).filter(which, op="assert", superseded=False).order_by("happened_at")
    for verb, is_machine, at, url, actor, target, direction in rows.values_list(
        "verb", "is_machine", "happened_at", "url", "actor", "target", "direction"
    ):
        found[(target if direction == "out" else actor) or 0].append((verb, is_machine, at, url))
    return found


def _outcome(send: Send, acts: Sequence[Act]) -> Outcome:
    values: dict[str, Any] = {}
    for verb, is_machine, at, _url in acts:
        if name := _FIRST.get((verb, is_machine)):
            values.setdefault(name, at)
    clicks = sum(verb == "View" and not is_machine for verb, is_machine, _at, _url in acts)
    return Outcome(
        workspace_id=send.workspace_id, send=send, job=send.job, arm=send.arm, clicks=clicks, is_hard="bounced_at" in values, **values
    )


def _hits(send: Send, acts: Sequence[Act]) -> list[LinkHit]:
    by_url: dict[str, list[Act]] = defaultdict(list)
    for act in acts:
        if act[0] == "View" and act[3]:
            by_url[act[3]].append(act)
    return [
        LinkHit(
            workspace_id=send.workspace_id,
            send=send,
            job=send.job,
            arm=send.arm,
            link=link_key(url),
            url=url,
            first_at=some[0][2],
            humans=sum(not act[1] for act in some),
            machines=sum(act[1] for act in some),
        )
        for url, some in by_url.items()
    ]
