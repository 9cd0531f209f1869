"""What comes back softly too often counts as never arriving, and who complained without being named is known by the mail they got.

Both are told as events of our own, so that they stand in the log and bar the address as what others report does.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from vincle.listen.models import Handle
from vincle.store import bulk

from . import settling
from .models import Habits, Outcome, Send
from .rules_bounces import Back, is_enough

COMPLAINT, HARD = "complaint", "hard bounce"
_SIGNS: Final = ("delivered_at", "opened_at", "clicked_at", "replied_at")
"""Times of an outcome that show that mail arrives."""


def nameless(some: Iterable[tuple[int, str, datetime]]) -> None:
    """(send, kind, when) of reports that name a mail of ours and nobody. Inside the caller's transaction."""
    told = {send: (kind, at) for send, kind, at in some}
    sends = Send.objects.filter(pk__in=told, job__isnull=False).select_related("job", "connection__workspace")
    for send, to in _addressed(sends):
        kind, at = told[send.pk]
        settling.keep(send.connection, [settling.event(send, kind, to, at, send.native_id, reason="reported without an address")])


def softly(outcomes: Sequence[Outcome]) -> None:
    """Outcomes to which a soft bounce was just entered: whose addresses had enough of them. Inside the caller's transaction."""
    by_workspace: dict[int, list[int]] = {}
    for outcome in outcomes:
        by_workspace.setdefault(outcome.workspace_id, []).append(outcome.send_id)
    for workspace, sends in by_workspace.items():
        habits = Habits.objects.filter(workspace=workspace).first() or Habits()
        if habits.soft_bounces:
            _softly(sends, habits)


def _softly(keys: Sequence[int], habits: Habits) -> None:
    sends = Send.objects.filter(pk__in=keys, handle__isnull=False).select_related("job", "connection__workspace").order_by("pk")
    latest = {send.handle: send for send in sends}
    known = Outcome.objects.filter(send__handle__in=latest, send__job__isnull=False)
    backs: dict[int, list[Back]] = {}
    for handle, back, hard, *signs in known.values_list("send__handle", "bounced_at", "is_hard", *_SIGNS):
        backs.setdefault(handle, []).append(Back(back, hard, max((each for each in signs if each), default=None)))
    within = timedelta(days=habits.soft_days)
    tired = [send for handle, send in latest.items() if is_enough(backs.get(handle or 0, ()), habits.soft_bounces, within)]
    for send, to in _addressed(tired):
        at = max(each.at for each in backs[send.handle or 0] if each.at)
        why = f"came back {habits.soft_bounces} times within {habits.soft_days} days"
        settling.keep(send.connection, [settling.event(send, HARD, to, at, send.native_id, reason=why)])


def _addressed(sends: Iterable[Send]) -> list[tuple[Send, str]]:
    """With the address each went to; without those that are forgotten."""
    some = list(sends)
    rows = bulk.chunks(list({send.handle for send in some if send.handle is not None}), 500)
    values = {key: value for part in rows for key, value in Handle.objects.filter(key__in=part).values_list("key", "value")}
    return [(send, to) for send in some if (to := values.get(send.handle or 0))]
