"""Journeys: a welcome that runs, with those who signed up of late on the way through it day by day; one that is being written."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from vincle.accounts.models import User, Workspace
from vincle.engage.journeys import actions, posting, ready, tasks, telling
from vincle.engage.journeys.models import Journey, Task
from vincle.engage.journeys.running import entering, walking
from vincle.engage.journeys.running.book import Running, running
from vincle.engage.journeys.running.moving import Round
from vincle.engage.letters.models import Letter
from vincle.engage.outbox.models import Job, Outcome, Send
from vincle.identify.models import Belonging
from vincle.listen.models import Activity, Connection, NoticeFor

DAYS: Final = 35
MOST: Final = 60
"""People who are led through it."""
PAUSE: Final = timedelta(days=6)


def make(workspace: Workspace, user: User, source: Connection, letters: dict[str, Letter]) -> None:
    welcome = actions.create(
        workspace,
        user,
        "Welcome",
        _welcome(workspace, user, source, letters),
        "Whoever signs up hears from us twice, and from a person where they do not read.",
    )
    actions.start(workspace, user, welcome)
    now = timezone.now()
    begun = now - timedelta(days=DAYS)
    Journey.objects.filter(pk=welcome.pk).update(created_at=begun, changed_at=begun, started_at=begun)
    Job.objects.of(workspace).filter(source=posting.source(welcome)).update(created_at=begun, started_at=begun)
    _lead(workspace, next(iter(running([welcome.pk]))), begun, now)
    _work_off(workspace, user)
    birthday = ready.one("birthday")
    if birthday:
        draft = birthday.definition()
        draft["steps"][0] |= {"letter": str(letters["birthday"].pk), "connection": str(source.pk)}
        actions.create(workspace, user, "Birthday", draft, "Wishes at nine, where each of them lives.")


def _welcome(workspace: Workspace, user: User, source: Connection, letters: dict[str, Letter]) -> dict[str, Any]:
    mail = {"do": "send", "medium": "email", "topic": "marketing", "purpose": "marketing", "connection": str(source.pk)}
    ask = {
        "id": "ask",
        "do": "task",
        "text": "Say hello in person: they have not opened the welcome.",
        "to": user.email,
        "due": {"days": 2},
    }
    return {
        "start": [{"event": {"verb": ["Submit"], "object": ["newsletter"]}}],
        "again": {"may": "never"},
        "late": {"hours": 48, "then": "go_on"},
        "goal": [{"event": {"verb": ["Purchase"]}}],
        "steps": [
            {**mail, "id": "hello", "letter": str(letters["welcome"].pk)},
            {"id": "pause", "do": "wait", "for": {"days": PAUSE.days}},
            {
                "id": "read",
                "do": "branch",
                "paths": [
                    {
                        "if": {"got": "opened", "step": "hello"},
                        "steps": [
                            {"id": "weeks", "do": "wait", "for": {"days": 14}},
                            {**mail, "id": "more", "letter": str(letters["news"].pk)},
                        ],
                    }
                ],
                "else": [
                    ask,
                    {"id": "days", "do": "wait", "for": {"days": 10}},
                    {**mail, "id": "offer", "letter": str(letters["offer"].pk)},
                ],
            },
        ],
    }


def _lead(workspace: Workspace, there: Running, begun: datetime, now: datetime) -> None:
    """Each day's sign-ups begin, and who is due goes on, at the time of that day."""
    starts, bought, seen = _signed_up(workspace, begun, now), _bought(workspace, begun), _Seen(workspace, there)
    at = begun
    while at < now:
        at = min(at + timedelta(days=1), now)
        fresh = [each for each in starts if at - timedelta(days=1) < each.at <= at]
        due = walking.due(there.row.pk, at, MOST)
        if not fresh and not due:
            continue
        with transaction.atomic():
            round_ = Round(there, at)
            _reach_goal(round_, there, bought, at)
            round_.wake([walk for walk in due if walk.pk not in round_.walks])
            entering.begin(round_, fresh)
            walking.write(workspace.pk, there.row.pk, list(round_.walks.values()), round_.passed, at)
            seen.tell(at)


def _reach_goal(round_: Round, there: Running, bought: dict[int, tuple[int, datetime]], at: datetime) -> None:
    walks = walking.of_people(there.row.pk, bought)
    for person, theirs in walks.items():
        seq, moment = bought[person]
        round_.end([walk for walk in theirs if walk.started_at < moment <= at], "goal", "goal", event=seq)


def _rows(workspace: Workspace, since: datetime, **which: Any) -> Iterator[tuple[int, int, datetime, bytes]]:
    """(person, seq, when, event) of what people did, by time."""
    rows = Activity.objects.of(workspace).filter(direction="in", op="assert", superseded=False, happened_at__gt=since, **which)
    found = list(rows.order_by("happened_at").values_list("actor", "seq", "happened_at", "event_id"))
    owner = dict(Belonging.objects.of(workspace).filter(handle__in=[row[0] for row in found]).values_list("handle", "person"))
    return ((owner[actor], seq, at, bytes(event)) for actor, seq, at, event in found if actor in owner)


def _signed_up(workspace: Workspace, begun: datetime, now: datetime) -> list[entering.Start]:
    rows = _rows(workspace, begun, verb="Submit", object_type="Form", object_key="newsletter")
    found = [entering.Start(person, event.hex(), at, seq, {"trigger": 0, "event": seq}) for person, seq, at, event in rows if at <= now]
    return found[-MOST:]


def _bought(workspace: Workspace, begun: datetime) -> dict[int, tuple[int, datetime]]:
    """The last purchase of each since then."""
    return {person: (seq, at) for person, seq, at, _event in _rows(workspace, begun, verb="Purchase")}


class _Seen:
    """Letters of the journey as they leave; they count as read by who read mail of ours in the days after."""

    def __init__(self, workspace: Workspace, there: Running) -> None:
        self.workspace, self.jobs = workspace, Job.objects.of(workspace).filter(source=posting.source(there.row))
        self.reads: dict[int, list[datetime]] = {}
        rows = Activity.objects.of(workspace).filter(Q(verb="Read") | Q(verb="View", object_type="Link"), channel="email", is_machine=False)
        for actor, at in rows.filter(happened_at__gt=there.row.started_at).order_by("happened_at").values_list("actor", "happened_at"):
            self.reads.setdefault(actor, []).append(at)

    def tell(self, at: datetime) -> None:
        sends = list(Send.objects.of(self.workspace).filter(job__in=self.jobs, state=Send.State.WAITING).select_related("job"))
        if not sends:
            return
        times = {"not_before": at, "begun_at": at, "sent_at": at, "created_at": at}
        Send.objects.filter(pk__in=[send.pk for send in sends]).update(state=Send.State.SENT, **times)
        Outcome.objects.bulk_create(
            Outcome(
                workspace=self.workspace,
                send=send,
                job=send.job,
                arm=send.arm,
                delivered_at=at,
                opened_at=next((read for read in self.reads.get(send.handle or 0, ()) if at < read <= at + PAUSE), None),
            )
            for send in sends
        )


def _work_off(workspace: Workspace, user: User) -> None:
    """Two of three tasks of the past are done; the newest wait. What the bell said of them was heard."""
    old = Task.objects.of(workspace).filter(due_at__lt=timezone.now() - timedelta(days=4)).order_by("due_at")
    for number, task in enumerate(old):
        if number % 3 < 2:
            tasks.finish(workspace, user, task)
            Task.objects.filter(pk=task.pk).update(done_at=task.due_at)
    NoticeFor.objects.of(workspace).filter(notice__code=telling.CODE).update(seen_at=timezone.now())
