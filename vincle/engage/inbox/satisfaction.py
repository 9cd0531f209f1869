"""How well someone was served: asked once after their conversation was closed, in private, and never the same person twice in a month.

The question goes out by the outbox; its link holds a token of which only the hash is kept. What they say enters the log as something
they did (`Submit` an `Answer`, rated), so that it is theirs like all else; it can be changed within a day.
"""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from django.conf import settings as project
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace
from vincle.channels import vincle_jsonl
from vincle.channels.live import Command
from vincle.engage.outbox.models import AUTOMATIC, Send
from vincle.identify.models import Belonging
from vincle.listen import actions as listen
from vincle.listen.models import Connection, Handle
from vincle.store import bulk, lease
from vincle.store.models import Cursor
from vincle.vocabulary import Activity, HandleRef, ObjectType, Op, Verb, public_id
from vincle.vocabulary.keys import event_id

from . import answering, doing
from .actions import Refused
from .models import Closing, Satisfaction, ServiceSettings, Thread

CURSOR: Final = "inbox questions"
WIPING, WIPED = "inbox questions to wipe", 200
PRIVATE: Final = ("message", "mail")
"""Kinds of conversation in which it is asked: nobody is asked before others."""

SCORES: Final = (1, 2, 3, 4, 5)
LONGEST_COMMENT, LONGEST_QUESTION = 2_000, 300
LATEST: Final = 14 * 24 * 60
BETWEEN: Final = timedelta(days=30)
LASTS: Final = timedelta(days=30)
CHANGES: Final = timedelta(days=1)
LATE: Final = timedelta(days=2)
"""A worker that stood still for longer asks nobody of what is so long past."""

AGAIN: Final = timedelta(minutes=30)
CONNECTION: Final = "Satisfaction"


# What holds


def settings_of(workspace: Workspace) -> ServiceSettings:
    """As they are kept; else what holds without any."""
    found: ServiceSettings | None = ServiceSettings.objects.of(workspace).first()
    return found or ServiceSettings(workspace=workspace)


def save(workspace: Workspace, user: User, is_asked: bool, after_minutes: int, question: str, channels: Sequence[str]) -> None:
    """Whether it is asked, when, how, and on which channels (none: on all that are private). Raises Refused."""
    question = " ".join(question.replace("\x00", "").split())
    if not 0 <= after_minutes <= LATEST:
        raise Refused(_("Choose from 0 to %(most)d minutes.") % {"most": LATEST})
    if len(question) > LONGEST_QUESTION:
        raise Refused(_("A question has %(most)d letters at most.") % {"most": LONGEST_QUESTION})
    values: dict[str, Any] = {
        "ask_satisfaction": is_asked, "ask_after_minutes": after_minutes, "question": question,
        "ask_channels": sorted({each for each in channels if each.isprintable() and 0 < len(each) <= 40})[:50],
    }  # fmt: skip
    with transaction.atomic():
        ServiceSettings.objects.get_or_create(workspace=workspace)
        ServiceSettings.objects.of(workspace).update(**values)
        audit.record(workspace, user, "changed", "satisfaction question", "", question, on=is_asked, after=after_minutes)


def language_of(thread: Thread) -> str:
    """The customer's language, where the product speaks it."""
    return thread.language if thread.language in dict(project.LANGUAGES) else project.LANGUAGE_CODE


def question_of(kept: ServiceSettings, language: str) -> str:
    """The question, in the customer's language unless the team has words of its own."""
    if kept.question:
        return kept.question
    with translation.override(language):
        return _("How well did we help you? Tell us with one click:")


# Asking


def turn() -> int:
    """Ask those whose time has come; returns how many. Called by the worker; one at a time."""
    with lease.held(CURSOR) as cursor:
        if cursor is None:
            return 0
        now = timezone.now()
        since = max(datetime.fromtimestamp(cursor.position, UTC) if cursor.position else now, now - LATE) - AGAIN
        kept = ServiceSettings.objects.filter(ask_satisfaction=True).select_related("workspace")
        asked = sum(_ask_those_of(each, since, now) for each in kept)
        Cursor.objects.filter(name=CURSOR, owner=lease.ME).update(position=int(now.timestamp()), updated_at=now)
    _wipe()
    return asked


def _ask_those_of(kept: ServiceSettings, since: datetime, now: datetime) -> int:
    after = timedelta(minutes=kept.ask_after_minutes)
    due = Closing.objects.of(kept.workspace).filter(closed_at__gt=since - after, closed_at__lte=now - after, reopened_at=None)
    keys = list(due.order_by("closed_at", "pk").values_list("thread", flat=True))
    return sum(ask(kept, key, now) for key in keys)


def ask(kept: ServiceSettings, key: int, now: datetime) -> int:
    """Ask in one conversation if one may; 1 when it was asked. In a transaction of its own, with the question that leaves."""
    try:
        with transaction.atomic():
            thread = Thread.objects.of(kept.workspace).filter(key=key, is_here=True).select_for_update().first()
            if thread is None or not _may_ask(kept, thread, now):
                return 0
            _put(kept, thread, now)
    except doing.CannotDo:
        return 0
    return 1


def _may_ask(kept: ServiceSettings, thread: Thread, now: datetime) -> bool:
    if thread.state != Thread.State.CLOSED or thread.kind not in PRIVATE or thread.first_answer_at is None or thread.handle is None:
        return False
    if kept.ask_channels and thread.channel not in kept.ask_channels:
        return False
    asked = Satisfaction.objects.of(kept.workspace).filter(handle__in=_theirs(kept.workspace, thread.handle), asked_at__gt=now - BETWEEN)
    return not asked.exists()


def _theirs(workspace: Workspace, handle: int) -> list[int]:
    """Every handle of the same person."""
    person = Belonging.objects.of(workspace).filter(handle=handle).values("person")[:1]
    return [handle, *Belonging.objects.of(workspace).filter(person__in=person).values_list("handle", flat=True)[:500]]


def _put(kept: ServiceSettings, thread: Thread, now: datetime) -> None:
    workspace = kept.workspace
    scene = doing.Scene(workspace, thread, None, 0, "", is_over=True)
    place = answering.place_of(workspace, thread, now=now)
    doing.check_listener(scene, place)
    way = doing.way_of(place, ("message", "reply"))
    token = secrets.token_urlsafe(24)
    link = f"{project.PUBLIC_URL}{reverse('asked:page', kwargs={'token': token})}"
    text = f"{question_of(kept, language_of(thread))}\n{link}"
    doing.check_length(place, way, text)
    row = Satisfaction.objects.create(
        workspace=workspace, thread=thread.key, token_hash=hashed(token), asked_at=now, connection=place.connection, handle=thread.handle,
        agent_id=_agent(workspace, thread),
    )  # fmt: skip
    command = Command(deed=way.deed, about=place.about, text=text)
    with audit.speaking("satisfaction question"):
        sent = doing.put(scene, place, command, f"{AUTOMATIC}ask:{row.pk}", timedelta(), Send.Purpose.SERVICE)
    Satisfaction.objects.filter(pk=row.pk).update(send=sent.pk)


def _agent(workspace: Workspace, thread: Thread) -> int | None:
    """Who is judged: whoever answered last, else who looks after it."""
    answers = Send.objects.of(workspace).filter(thread=thread.key, by__isnull=False, state=Send.State.SENT, deed__in=answering.ANSWERS)
    last: int | None = answers.order_by("-sent_at").values_list("by", flat=True).first()
    return last or thread.assignee_id


# Answering


def hashed(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def found(token: str) -> Satisfaction | None:
    """What was asked with this token, for thirty days."""
    since = timezone.now() - LASTS
    rows = Satisfaction.objects.filter(token_hash=hashed(token), asked_at__gt=since)  # the token is all that is known
    row: Satisfaction | None = rows.select_related("workspace").first()
    return row


def is_settled(row: Satisfaction) -> bool:
    """Whether the answer can be changed no more."""
    return row.answered_at is not None and timezone.now() - row.answered_at > CHANGES


def answer(row: Satisfaction, score: int, comment: str) -> bool:
    """Keep what they say; False when it stands already, or is settled. It enters the log at once."""
    comment = comment.replace("\x00", "").replace("\r\n", "\n").strip()[:LONGEST_COMMENT]
    if score not in SCORES:
        raise Refused(_("Choose one of the five."))
    now = timezone.now()
    with transaction.atomic():
        locked = Satisfaction.objects.filter(pk=row.pk).select_for_update().get()
        if is_settled(locked) or (locked.score, locked.comment) == (score, comment):
            return False
        is_first = locked.answered_at is None
        Satisfaction.objects.filter(pk=row.pk).update(score=score, comment=comment, answered_at=locked.answered_at or now)
        _tell(locked, score, comment, now, is_first)
    return True


def _tell(row: Satisfaction, score: int, comment: str, now: datetime, is_first: bool) -> None:
    handle = Handle.objects.of(row.workspace_id).filter(key=row.handle).first()
    thread = Thread.objects.of(row.workspace_id).filter(key=row.thread).first()
    if handle is None:
        return
    act = Activity(
        verb=Verb.SUBMIT, object_type=ObjectType.ANSWER, native_id=_native(row), happened_at=now,
        actor=HandleRef(handle.kind, handle.value, handle.name), op=Op.ASSERT if is_first else Op.CORRECT,
        version="" if is_first else str(int(now.timestamp() * 1e6)), rating=float(score), rating_max=5.0, text=comment,
        language=thread.language if thread else "", props={"conversation": public_id(row.thread)},
    )  # fmt: skip
    delivery = listen.receive(_source(row.workspace), vincle_jsonl.dump(act), now)
    transaction.on_commit(lambda: listen.work_off(delivery), robust=True)


def _source(workspace: Workspace) -> Connection:
    return listen.connection_for(workspace, vincle_jsonl.VincleLines.spec.id, CONNECTION)


def _native(row: Satisfaction) -> str:
    return f"satisfaction:{row.pk}"


def _wipe() -> int:
    """Where the log no longer holds their words (they were forgotten, or their time is over), no copy is kept here either. Some a turn."""
    at, _new = Cursor.objects.get_or_create(name=WIPING)
    old = Satisfaction.objects.exclude(comment="").filter(answered_at__lt=timezone.now() - CHANGES, pk__gt=at.position)
    rows = list(old.select_related("workspace").order_by("pk")[:WIPED])
    sources = {row.workspace_id: _source(row.workspace).pk for row in rows}
    roots = {event_id(row.workspace_id, sources[row.workspace_id], _native(row), Op.ASSERT, ""): row.pk for row in rows}
    standing: dict[bytes, bytes] = {}
    for column in ("event_id", "root_id"):
        sql = f"SELECT event_id, {column} FROM listen_activity WHERE {column} IN ({{}}) AND NOT superseded"
        standing |= {bytes(own): bytes(root) for own, root in bulk.select(sql, roots)}
    there = {standing[bytes(event)] for event in bulk.pluck("SELECT event_id FROM listen_content WHERE event_id IN ({})", standing)}
    gone = [pk for root, pk in roots.items() if root not in there]
    Cursor.objects.filter(name=WIPING).exclude(position=(upto := rows[-1].pk if len(rows) == WIPED else 0)).update(position=upto)
    return Satisfaction.objects.filter(pk__in=gone).update(comment="") if gone else 0
