"""After a conversation: whoever wrote to us is asked in it once it is closed, with a link of their own, where the survey may ask them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone, translation

from vincle.accounts import audit
from vincle.channels.live import Command
from vincle.engage.inbox import answering as inbox
from vincle.engage.inbox import doing
from vincle.engage.inbox.models import Closing, Thread
from vincle.engage.inbox.satisfaction import PRIVATE
from vincle.engage.outbox import may
from vincle.engage.outbox.models import AUTOMATIC, Send
from vincle.identify.models import Belonging
from vincle.store import lease
from vincle.store.models import Cursor

from . import asked, asked_words, collector_kinds, collectors, invite_mail, rounds, rounds_running, settled
from .models import Collector, Invitation, Survey

CURSOR: Final = "surveys after talks"
KEY: Final = f"{AUTOMATIC}survey:"
LATE, AGAIN = timedelta(days=2), timedelta(minutes=30)
"""A worker that stood still for longer asks nobody of what is so long past; a little is looked at twice."""

Asked = Invitation.State


def turn(now: datetime | None = None) -> int:
    """Ask those whose time has come; returns how many. One worker at a time."""
    now = now or timezone.now()
    ways = Collector.objects.filter(kind="thread", is_on=True, survey__state=Survey.State.OPEN, survey__deleted_at=None)
    found = list(ways.select_related("workspace", "survey__workspace", "survey__version").order_by("pk"))
    if not found:
        return 0
    with lease.held(CURSOR) as cursor:
        if cursor is None:
            return 0
        since = max(datetime.fromtimestamp(cursor.position, UTC) if cursor.position else now, now - LATE) - AGAIN
        _note_failures(found, since)
        count = sum(_ask_by(way, since, now) for way in found if not asked.closed(way.survey, way, now))
        Cursor.objects.filter(name=CURSOR, owner=lease.ME).update(position=int(now.timestamp()), updated_at=now)
    return count


def _note_failures(ways: Sequence[Collector], since: datetime) -> None:
    """Whoever our question did not reach was not asked: the next conversation may try again."""
    some = Invitation.objects.filter(collector__in=ways, round=None, state=Asked.ASKED, asked_at__gt=since - LATE)
    keys = {f"{KEY}{row.pk}": row.pk for row in some.order_by("-pk")[: rounds_running.PIECE]}
    lost = Send.objects.filter(key__in=keys, state__in=rounds_running.NOT_REACHED).values_list("key", "problem_code")
    for key, why in lost:
        Invitation.objects.filter(pk=keys[key], state=Asked.ASKED).update(state=Asked.FAILED, why=why[:40])


def _ask_by(way: Collector, since: datetime, now: datetime) -> int:
    after = timedelta(hours=int(collector_kinds.settings_of("thread", way.settings)["wait"]))
    begun = max(since - after, way.created_at)
    due = Closing.objects.of(way.workspace).filter(closed_at__gt=begun, closed_at__lte=now - after, reopened_at=None)
    keys = list(due.order_by("closed_at", "pk").values_list("thread", flat=True))
    return sum(ask(way, key, now) for key in dict.fromkeys(keys))


def ask(way: Collector, key: int, now: datetime) -> int:
    """Ask in one conversation if one may; 1 when it was asked. In a transaction of its own, with the message that leaves."""
    try:
        with transaction.atomic():
            thread = Thread.objects.of(way.workspace).filter(key=key, is_here=True).select_for_update().first()
            person = _person(way, thread, now) if thread is not None else None
            if thread is None or person is None:
                return 0
            _put(way, thread, person, now)
    except doing.CannotDo:
        return 0
    return 1


def _person(way: Collector, thread: Thread, now: datetime) -> int | None:
    """Who would be asked; None where they may not be."""
    if thread.state != Thread.State.CLOSED or thread.kind not in PRIVATE or thread.first_answer_at is None or thread.handle is None:
        return None
    channels = collector_kinds.settings_of("thread", way.settings)["channels"]
    if channels and thread.channel not in channels:
        return None
    if Invitation.objects.of(way.workspace).filter(collector=way, about=thread.public, created_at__gt=now - LATE - AGAIN).exists():
        return None
    person: int | None = Belonging.objects.of(way.workspace).filter(handle=thread.handle).values_list("person", flat=True).first()
    if (
        person is None
        or person in rounds.lately(way.survey, [person], now)
        or person in rounds.refusing(way.workspace, [person], may.medium_of(thread.channel))
    ):
        return None
    return person


def _put(way: Collector, thread: Thread, person: int, now: datetime) -> None:
    scene = doing.Scene(way.workspace, thread, None, 0, "", is_over=True)
    place = inbox.place_of(way.workspace, thread, now=now)
    doing.check_listener(scene, place)
    found = doing.way_of(place, ("message", "reply"))
    row = Invitation.objects.create(
        workspace=way.workspace, survey=way.survey, collector=way, person=person, handle=thread.handle, about=thread.public,
        state=Asked.ASKED, created_at=now, asked_at=now,
    )  # fmt: skip
    rounds_running.code([row], collectors.secret(way))
    definition = asked_words.asked(way.survey)
    language = asked_words.chosen(definition, [thread.language, way.language])
    with translation.override(language):
        text = invite_mail.message(way.survey, definition, language, {}, settled.url(row))
    doing.check_length(place, found, text)
    command = Command(deed=found.deed, about=place.about, text=text)
    with audit.speaking("survey"):
        doing.put(scene, place, command, f"{KEY}{row.pk}", timedelta(), Send.Purpose.SERVICE)
