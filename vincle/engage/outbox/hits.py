"""Links followed and pictures fetched: noted at once, judged some seconds later with their neighbours, then told to the log."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from django.db import connection as database
from django.db import transaction
from django.utils import timezone

from vincle.listen.models import Connection, Handle

from . import settling
from .machines import Seen, judged
from .models import Hit, Send

WAIT: Final = timedelta(seconds=4)
MOST_OF_ONE, PIECE = 60, 500
"""Visits by one mail that wait to be judged; what comes beyond says nothing new."""


def note(send: int, url: str, agent: str, method: str) -> None:
    """A visit by the mail of a send. One of a send that is no more, or of too many, is not noted."""
    found = Send.objects.filter(pk=send, job__isnull=False).values_list("workspace", flat=True).first()
    if found is None or Hit.objects.filter(send=send).count() >= MOST_OF_ONE:
        return
    Hit.objects.create(workspace_id=found, send_id=send, is_click=bool(url), url=url, agent=_printable(agent)[:300], method=method[:8])


def _printable(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable())


def settle() -> int:
    """Tell the log of the visits that are old enough; returns how many. Called by the worker every few seconds."""
    until = timezone.now() - WAIT
    if not Hit.objects.filter(at__lte=until).exists():
        return 0  # seen without a write: those who look disturb nobody
    with transaction.atomic():
        ripe = Hit.objects.filter(at__lte=until).order_by("at")
        rows = list((ripe.select_for_update(skip_locked=True) if database.vendor == "postgresql" else ripe)[:PIECE])
        if not rows:
            return 0
        _tell(rows)
        Hit.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)


def _tell(rows: Sequence[Hit]) -> None:
    named = Send.objects.filter(pk__in={row.send_id for row in rows}).select_related("job", "connection__workspace")
    sends = {send.pk: send for send in named}
    values = dict(Handle.objects.filter(key__in={send.handle for send in sends.values()}).values_list("key", "value"))
    events: dict[Connection, list[dict[str, object]]] = defaultdict(list)
    for send in sends.values():
        mine, every = _of(send, rows)
        judgements = judged([Seen(row.at, row.url, row.agent, row.method) for row in every], send.sent_at)
        for row, is_machine in zip(every, judgements, strict=True):
            if row in mine and send.handle in values:
                events[send.connection].append(_event(send, row, values[send.handle], is_machine))
    for connection, told in events.items():
        settling.keep(connection, told)


def _of(send: Send, rows: Sequence[Hit]) -> tuple[list[Hit], list[Hit]]:
    """Those to be told of now, and those with the later ones that are still waiting: they say something of each other."""
    mine = [row for row in rows if row.send_id == send.pk]
    return mine, list(Hit.objects.filter(send=send).order_by("at"))


def _event(send: Send, row: Hit, to: str, is_machine: bool) -> dict[str, object]:
    kind = "clicked" if row.is_click else "machine open" if is_machine else "opened"
    return settling.event(
        send, kind, to, row.at, send.native_id, id=f"{send.pk}:{row.pk}", link=row.url, agent=row.agent, machine=is_machine or ""
    )
