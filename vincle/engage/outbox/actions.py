"""Everything that writes here: ask for a deed, take it back, carry it out once, try again.

A send is claimed by lease and noted as on its way before anything is done. Whoever finds one that was on its way already (its holder was
killed) asks the platform whether it went through before doing it once more.
"""

import random
import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import structlog
from django.db import transaction
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace
from vincle.channels.live import Command, File, Problem, Receipt
from vincle.engage.keys import piece_key
from vincle.listen.models import Connection
from vincle.store import lease
from vincle.store.blame import said

from . import may, rules, voice
from .models import Job, Send, SendFile
from .rules import Verdict

HOLD = timedelta(seconds=10)
"""How long a send may still be taken back."""

LEASE = timedelta(minutes=5)
"""Longer than any platform takes: whoever finds a send held for longer asks whether it went through."""

UNTOLD = "maybe_sent"
"""The platform cannot say whether something was done there."""

State = Send.State
_DUE = (State.HELD, State.WAITING, State.SENDING)
Follower = Callable[[Iterable[int]], None]
_followers: list[Follower] = []
logger = structlog.get_logger(__name__)


class NotAllowed(ValueError):
    """We may not write to them. `code`: why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def register_followers(follower: Follower) -> None:
    """Called with the keys of conversations in which something has left, inside the transaction."""
    if follower not in _followers:
        _followers.append(follower)


def put(
    workspace: Workspace, user: User | None, connection: Connection, command: Command, *, key: str, thread: int | None = None,
    about: int | None = None, person: int | None = None, handle: int | None = None, purpose: str = Send.Purpose.ANSWER,
    hold: timedelta = HOLD,
) -> Send:  # fmt: skip
    """Ask for a deed; the same `key` again gives the send that stands. Raises NotAllowed. Inside the caller's transaction or its own."""
    with transaction.atomic():
        standing: Send | None = Send.objects.of(workspace).filter(key=key).first()
        if standing:
            return standing
        _check(workspace, purpose, command, connection, handle, person)
        bare = msgspec.structs.replace(command, files=())
        send: Send = Send.objects.create(
            workspace=workspace, key=key, connection=connection, deed=command.deed, command=msgspec.to_builtins(bare), thread=thread,
            about=about, person=person, handle=handle, purpose=purpose, not_before=timezone.now() + hold, by=user,
        )  # fmt: skip
        SendFile.objects.bulk_create(
            SendFile(workspace=workspace, send=send, name=each.name[:200], content_type=each.content_type[:100], alt=each.alt[:500],
                     size=len(each.content), content=each.content)
            for each in command.files
        )  # fmt: skip
        audit.record(
            workspace, user, "asked to send", "send", send.pk, command.deed, connection=connection.pk, conversation=str(thread or "")
        )
    return send


def _check(
    workspace: Any, purpose: str, command: Command, connection: Connection, handle: int | None, person: int | None, topic: str = ""
) -> Verdict:
    """Raises NotAllowed for what may never leave; what may leave later says when."""
    if command.deed not in ("reply", "private_reply", "message"):
        return rules.YES
    wrote = bool(command.about.native_id or command.about.last_in_at)
    verdict = may.decide_one(
        workspace, purpose=purpose, channel=connection.channel, handle=handle, person=person, topic=topic, wrote_first=wrote
    )
    if not verdict.is_allowed and verdict.not_before is None:
        raise NotAllowed(verdict.code)
    return verdict


def cancel(workspace: Workspace, user: User | None, send: Send) -> bool:
    """Take a send back; False when it is on its way already, or done."""
    with transaction.atomic():
        still = Send.objects.of(workspace).filter(pk=send.pk, state__in=(State.HELD, State.WAITING, State.FAILED, State.DEAD), owner="")
        if not still.update(state=State.CANCELLED, command=_bare(send)):
            return False
        audit.record(workspace, user, "took back", "send", send.pk, send.deed)
        SendFile.objects.of(workspace).filter(send=send).update(content=None)
        _follow(send)
    return True


def retry(workspace: Workspace, user: User | None, send: Send) -> bool:
    """Try a failed send once more; False when it did not fail."""
    with transaction.atomic():
        failed = Send.objects.of(workspace).filter(pk=send.pk, state__in=(State.FAILED, State.DEAD))
        if not failed.update(state=State.WAITING, not_before=timezone.now()):
            return False
        if send.job_id is not None:
            Job.objects.filter(pk=send.job_id, state=Job.State.DONE).update(state=Job.State.RUNNING, done_at=None)
        audit.record(workspace, user, "tried again", "send", send.pk, send.deed)
        _follow(send)
    return True


def turn(limit: int = 20) -> int:
    """Carry out what is due; returns how many sends were worked on. Called by the worker, in a thread of its own."""
    moved = 0
    while moved < limit and (send := _claim()) is not None:
        try:
            _carry_out(send)
        finally:
            _release(send)
        moved += 1
    return moved


def _claim() -> Send | None:
    now = timezone.now()
    due = Send.objects.filter(state__in=_DUE, not_before__lte=now, job=None).order_by("not_before").values_list("pk", flat=True)
    for pk in due[:50]:
        row = Send.objects.filter(pk=pk, state__in=_DUE, not_before__lte=now)
        free = Q(owner="") | Q(lease_until__lt=now) | Q(owner__in=lease.gone(row.exclude(owner="")))
        if row.filter(free).update(owner=_me(), lease_until=now + LEASE):
            found: Send | None = row.filter(owner=_me()).select_related("connection__workspace", "by").first()
            if found:
                return found
    return None


def _me() -> str:
    """This thread: of several in one process each holds its own."""
    return f"{lease.ME}t{threading.get_ident()}"[:80]


def _release(send: Send) -> None:
    Send.objects.filter(pk=send.pk, owner=_me()).update(owner="", lease_until=timezone.now())


def _carry_out(send: Send) -> None:
    began, again = timezone.now(), send.tries > 0
    first = Case(When(begun_at=None, then=Value(began)), default=F("begun_at"))
    ours = Send.objects.filter(pk=send.pk, owner=_me()).exclude(state__in=(State.CANCELLED, State.SENT))
    if not ours.update(state=State.SENDING, tries=F("tries") + 1, begun_at=first):
        return
    send.tries += 1
    command = command_of(send)
    try:
        verdict = _check(send.workspace_id, send.purpose, command, send.connection, send.handle, send.person, send.topic)
        if verdict.not_before:
            raise Problem("quota", verdict.code, retry_after=(verdict.not_before - timezone.now()).total_seconds())
        receipt = _went_through(send, command, send.begun_at or began) if again else None
        _sent(send, receipt or voice.perform(send.connection, command, send.key))
    except Problem as problem:
        _failed(send, problem)
    except NotAllowed as no:
        _failed(send, Problem("permanent", no.code))
    except Exception as error:
        # It may have gone through: the next try asks first.
        logger.warning("a send was interrupted", send=send.pk, error=said(error))
        _failed(send, Problem("transient", "interrupted", type(error).__name__))


def _went_through(send: Send, command: Command, since: datetime) -> Receipt | None:
    """What an earlier try came to, where it was done. Raises Problem, also where nobody can tell and it may have been done."""
    try:
        return voice.found(send.connection, command, send.key, since)
    except Problem as problem:
        if problem.code == UNTOLD and not rules.is_doubtful(send.state == State.SENDING, send.problem_kind, send.problem_code):
            return None
        raise


def command_of(send: Send) -> Command:
    """The command as the channel takes it, files included."""
    command = msgspec.convert(send.command, Command, strict=False)
    files = tuple(
        File(name=each.name, content_type=each.content_type, content=bytes(each.content), alt=each.alt)
        for each in send.files.order_by("pk")
        if each.content is not None
    )
    return msgspec.structs.replace(command, files=files) if files else command


def _bare(send: Send) -> dict[str, Any]:
    """What is kept of a command that is over: our own words; theirs stand in the log, as long as they do."""
    return {name: send.command[name] for name in ("deed", "text", "subject") if name in send.command}


def _sent(send: Send, receipt: Receipt) -> None:
    with transaction.atomic():
        piece = piece_key(send.connection_id, receipt.native_id) if receipt.native_id else None
        Send.objects.filter(pk=send.pk).update(
            state=State.SENT, command=_bare(send), native_id=receipt.native_id[:300], piece=piece, url=receipt.url[:2000],
            sent_at=receipt.happened_at, problem_kind="", problem_code="", problem_detail="",
        )  # fmt: skip
        SendFile.objects.filter(send=send.pk).update(content=None)
        audit.record(send.workspace_id, send.by, "sent", "send", send.pk, send.deed, conversation=str(send.thread or ""))
        _follow(send)


def _failed(send: Send, problem: Problem) -> None:
    then = rules.after(problem, send.tries, random.random())
    with transaction.atomic():
        Send.objects.filter(pk=send.pk).update(
            state=then.state, not_before=timezone.now() + timedelta(seconds=then.pause), problem_kind=problem.kind,
            problem_code=problem.code[:60], problem_detail=problem.detail[:300],
        )  # fmt: skip
        _follow(send)
    logger.info("a send did not go through", send=send.pk, kind=problem.kind, code=problem.code, state=then.state)


def _follow(send: Send) -> None:
    if send.thread is not None:
        for follower in _followers:
            follower([send.thread])


def of_thread(workspace: Workspace, thread: int) -> Sequence[Send]:
    """What of ours was asked for in a conversation, oldest first."""
    return list(
        Send.objects.of(workspace).filter(thread=thread).select_related("by").prefetch_related("files").order_by("created_at", "pk")
    )
