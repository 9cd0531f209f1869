"""What became of items goes into the database, many at once, and into the log as everybody's acts do."""

import random
import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec
from django.db import connection as database
from django.db import transaction
from django.utils import timezone

from vincle.channels.live import Problem
from vincle.engage.keys import piece_key
from vincle.listen import actions as listen
from vincle.listen.models import Connection, Handle
from vincle.store import bulk, lease

from . import claiming, composing, naming, rules
from .carriers import Result
from .models import Send

OWN_EVENTS = "email_events"
OWN_NAME = "Letters"
"""The connection on which what we count ourselves is kept: what left, what was opened and followed."""

_NO_MAILBOX = re.compile(r"5\d\d[ -]5\.(1\.\d|2\.1)\b|550(?![ -]5\.)")
_SENT = (
    "UPDATE outbox_send SET state = 'sent', owner = '', sent_at = %s, native_id = %s, piece = %s, url = %s, command = '{}', "
    "problem_kind = '', problem_code = '', problem_detail = '' WHERE id = %s AND owner = %s AND state = 'sending'"
)


def settle(connection: Connection, results: Sequence[Result]) -> None:
    """Enter results of one connection in one transaction."""
    sent = [each for each in results if each.end == "sent"]
    with transaction.atomic():
        _sent(connection, sent)
        for each in results:
            if each.end == "refused" and each.problem:
                _refused(each, each.problem)
            elif each.end == "untold":
                _untold(each)
        claiming.give_back([each.item.send.pk for each in results if each.end == "given back"])
        _tell(connection, results)


def _sent(connection: Connection, sent: Sequence[Result]) -> None:
    if not sent:
        return
    stamp = bulk.writer()
    rows = [
        (stamp(each.at), (native := _native(each))[:300], piece_key(connection.pk, native) if native else None, each.url[:2000],
         each.item.send.pk, lease.ME)
        for each in sent
    ]  # fmt: skip
    with database.cursor() as cursor:
        cursor.executemany(_SENT, rows)


def _native(result: Result) -> str:
    return result.native or (result.item.mail.id if result.item.mail else "")


def _refused(result: Result, problem: Problem) -> None:
    send = result.item.send
    then = rules.after(problem, send.tries, random.random())
    Send.objects.filter(pk=send.pk, owner=lease.ME, state=Send.State.SENDING).update(
        state=then.state, owner="", not_before=timezone.now() + timedelta(seconds=then.pause), problem_kind=problem.kind,
        problem_code=problem.code[:60], problem_detail=problem.detail[:300],
    )  # fmt: skip


def _untold(result: Result) -> None:
    problem = result.problem or Problem("transient", "interrupted")
    Send.objects.filter(pk=result.item.send.pk, owner=lease.ME, state=Send.State.SENDING).update(
        state=Send.State.DOUBTFUL, owner="", problem_kind=problem.kind, problem_code=problem.code[:60], problem_detail=problem.detail[:300]
    )


def is_no_mailbox(problem: Problem) -> bool:
    """Whether a server says that nobody has that address: as good as a bounce.

    >>> is_no_mailbox(Problem("permanent", "recipient_refused", "550 5.1.1 no such user"))
    True
    >>> is_no_mailbox(Problem("permanent", "recipient_refused", "554 5.7.1 blocked"))
    False
    """
    return problem.code == "recipient_refused" and _NO_MAILBOX.match(problem.detail) is not None


def _tell(connection: Connection, results: Iterable[Result]) -> None:
    """Mails that left, and addresses that are no more, as one delivery of what we count ourselves."""
    events = []
    for each in results:
        if each.item.mail is None:
            continue
        if each.end == "sent":
            events.append(event(each.item.send, "sent", each.item.to, each.at, _native(each)))
        elif each.end == "refused" and each.problem and is_no_mailbox(each.problem):
            why = {"reason": each.problem.detail[:300]}
            events.append(event(each.item.send, "hard bounce", each.item.to, each.at, each.item.mail.id, **why))
    keep(connection, events)


def event(send: Send, kind: str, to: str, at: datetime, message: str, **more: str | bool) -> dict[str, object]:
    """Something we counted ourselves, as the channel `email_events` reads it."""
    told = {
        "vincle": kind,
        "send": send.pk,
        "to": to,
        "at": at.isoformat(),
        "message": message,
        "campaign": send.job.source if send.job else "",
        **more,
    }
    return {name: value for name, value in told.items() if value != ""}


def keep(connection: Connection, events: Sequence[dict[str, object]]) -> None:
    """Inside the caller's transaction: what we counted is kept raw, as what others deliver is."""
    if events:
        source = listen.connection_for(connection.workspace, OWN_EVENTS, OWN_NAME)
        listen.take_in(source, msgspec.json.encode(events), timezone.now())


def recovered(connection: Connection, pks: Sequence[int]) -> None:
    """What had left when its sender was killed enters the log, too."""
    sends = list(Send.objects.filter(pk__in=pks, medium=composing.EMAIL).select_related("job"))
    values = dict(Handle.objects.filter(key__in={send.handle for send in sends}).values_list("key", "value"))
    domain = composing.sender_of(connection)[0].rpartition("@")[2]
    events = []
    for send in sends:
        native = naming.message_id(composing.secret(), send.pk, domain)
        Send.objects.filter(pk=send.pk, native_id="").update(native_id=native, piece=piece_key(connection.pk, native))
        if to := values.get(send.handle or 0):
            events.append(event(send, "sent", to, send.sent_at or timezone.now(), native))
    keep(connection, events)
