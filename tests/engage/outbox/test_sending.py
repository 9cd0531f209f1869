"""The sender of jobs against a mail server: everything once, what is refused told apart, pauses held, nobody written to who left."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from email import message_from_bytes, policy
from threading import Event
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError
from django.utils import timezone

from tests.engage.outbox.smtp import Place, smtp
from vincle.accounts.models import User
from vincle.engage.outbox import bulk, claiming, jobs, journal, lanes, leaving, settling
from vincle.engage.outbox.models import Job, Lane, Send
from vincle.identify.models import Suppression
from vincle.listen.models import Connection, Delivery
from vincle.store import lease

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch, mailbox: Connection) -> Iterator[Place]:
    monkeypatch.setattr(settings, "OPTIONS", replace(settings.OPTIONS, webhooks_private=True))
    with smtp() as made:
        mailbox.settings = {**mailbox.settings, "smtp_port": str(made.port)}
        mailbox.save()
        yield made


def send() -> int:
    return bulk.serve(Event(), linger=0.2)


def states(job: Job) -> dict[str, str]:
    return {key.removeprefix("c:"): state for key, state in job.sends.values_list("key", "state")}


def test_everybody_gets_it_once(job: Callable[..., Job], place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaving, "_addresses", {"one_click": lambda *of: f"https://lligam.example/u/{of[3]}"})
    names = [f"n{at}" for at in range(60)]
    made = job(names, text="Bon dia!\n.amagat\nTornem l'estiu.")
    assert send() == 60
    assert send() == 0
    assert place.recipients == sorted(f"{name}@roastery.example" for name in names)
    made.refresh_from_db()
    assert (made.state, jobs.progress(made).sent) == ("done", 60)
    mail: Any = message_from_bytes(place.taken[0][2], policy=policy.default)
    row = Send.objects.get(native_id=mail["Message-ID"].strip("<>"))
    assert mail["To"] == f"{row.key.removeprefix('c:')}@roastery.example"
    assert (mail["List-Unsubscribe"], mail["List-Unsubscribe-Post"]) == (
        f"<https://lligam.example/u/{row.pk}>", "List-Unsubscribe=One-Click"
    )  # fmt: skip
    assert mail["Precedence"] is None
    assert mail["Feedback-ID"].count(":") == 3
    assert mail.get_content().splitlines() == ["Bon dia!", ".amagat", "Tornem l'estiu."]
    assert Delivery.objects.filter(channel="email_events").count() >= 1
    assert not list(journal.folder().glob("*.journal"))


def test_what_the_server_refuses_is_told_apart(job: Callable[..., Job], place: Place) -> None:
    place.says = {"gone@roastery.example": "550 5.1.1 no such user", "later@roastery.example": "450 4.2.0 greylisted"}
    place.ends = {"spam@roastery.example": "554 5.7.1 looks like spam"}
    made = job(["ana", "gone", "later", "spam", "zoe"])
    send()
    assert states(made) == {"ana": "sent", "gone": "dead", "later": "waiting", "spam": "dead", "zoe": "sent"}
    later = Send.objects.get(key="c:later")
    assert later.problem_code == "smtp_later"
    assert later.not_before > timezone.now()
    assert any(b'"hard bounce"' in bytes(body) for body in Delivery.objects.values_list("body", flat=True))


def test_a_server_that_takes_one_command_at_a_time(job: Callable[..., Job], place: Place) -> None:
    place.extensions = []
    place.says = {"gone@roastery.example": "550 no such user"}
    made = job(["ana", "gone", "zoe"])
    send()
    assert states(made) == {"ana": "sent", "gone": "dead", "zoe": "sent"}


def test_what_nobody_can_tell_is_doubtful_and_not_sent_again(job: Callable[..., Job], place: Place) -> None:
    place.hangs_up_after = "ana@roastery.example"
    made = job(["ana"])
    send()
    assert states(made) == {"ana": "doubtful"}
    send()
    assert place.recipients == ["ana@roastery.example"]


def test_a_server_that_is_away_closes_the_lane_for_a_while(job: Callable[..., Job], place: Place) -> None:
    place.greeting = "421 too busy"
    made = job(["ana", "biel"])
    send()
    assert set(states(made).values()) == {"waiting"}
    lane = Lane.objects.get()
    assert lane.failed_in_a_row >= 1
    assert lane.not_before
    assert lane.not_before > timezone.now()
    place.greeting = "220 here"
    assert send() == 0
    Lane.objects.update(not_before=None)
    assert send() == 2


def test_a_sender_that_is_refused_spoils_no_send(job: Callable[..., Job], place: Place) -> None:
    place.sender_says = "550 5.7.1 not from here"
    made = job(["ana"])
    send()
    assert states(made)["ana"] in ("dead", "waiting")
    assert Lane.objects.get().code == "sender_refused"


def test_pausing_holds_at_once(job: Callable[..., Job], place: Place, owner: User) -> None:
    made = job([f"n{at}" for at in range(300)])

    def slow(recipient: str) -> None:
        if place.taken[19:] and recipient == place.taken[19][1]:
            Job.objects.filter(pk=made.pk).update(state="paused")
        time.sleep(0.02)

    place.on_message = slow
    send()
    left = len(place.taken)
    assert 20 <= left < 250
    made.refresh_from_db()
    counts = jobs.progress(made)
    assert (counts.sent, counts.waiting, counts.sending) == (left, 300 - left, 0)
    place.on_message = None
    jobs.resume(made, owner)
    send()
    assert len(set(place.recipients)) == len(place.recipients) == 300


def test_whoever_leaves_meanwhile_gets_nothing(job: Callable[..., Job], place: Place) -> None:
    made = job([f"n{at}" for at in range(120)])
    last = made.sends.order_by("-pk").first()
    assert last

    def leave(recipient: str) -> None:
        if place.taken[4:] and recipient == place.taken[4][1]:
            Suppression.objects.create(
                workspace_id=made.workspace_id, handle=last.handle, channel="email", reason="complained", since=timezone.now()
            )
        time.sleep(0.01)

    place.on_message = leave
    send()
    assert states(made)[last.key.removeprefix("c:")] == "skipped"
    assert len(place.taken) == 119
    assert jobs.progress(made).skips == {"complained": 1}


def test_whoever_leaves_when_their_letter_is_written_already_gets_nothing(
    job: Callable[..., Job], place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "FEWEST", 100)  # all are taken at once
    made = job([f"n{at}" for at in range(60)])
    last = made.sends.order_by("-pk").first()
    assert last

    def leave(recipient: str) -> None:
        if place.taken[4:] and recipient == place.taken[4][1]:
            assert states(made)[last.key.removeprefix("c:")] == "sending"
            Suppression.objects.create(
                workspace_id=made.workspace_id, handle=last.handle, channel="email", reason="complained", since=timezone.now()
            )
        time.sleep(0.03)

    place.on_message = leave
    send()
    assert states(made)[last.key.removeprefix("c:")] == "skipped"
    assert len(set(place.recipients)) == len(place.recipients) == 59


def test_a_database_that_fails_meanwhile_makes_nobody_get_it_twice(
    job: Callable[..., Job], place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, whole, failed = job([f"n{at}" for at in range(80)]), settling.settle, list[int]()

    def fail(connection: Connection, results: Any) -> None:
        if len(failed) < 3 and len(place.taken) > 10 * (len(failed) + 1):
            failed.append(len(place.taken))
            raise OperationalError("database is locked")
        whole(connection, results)

    monkeypatch.setattr(settling, "settle", fail)
    place.on_message = lambda _recipient: time.sleep(0.05)
    bulk.serve(Event(), linger=2.0)
    assert len(failed) == 3
    assert len(set(place.recipients)) == len(place.recipients)
    assert {state for state in states(made).values() if state != "doubtful"} == {"sent"}
    assert len(place.taken) == 80


def test_a_rate_is_held(job: Callable[..., Job], place: Place) -> None:
    job([f"n{at}" for at in range(30)], rate=600)
    stopping = Event()
    began = time.monotonic()
    place.on_message = lambda _recipient: stopping.set() if len(place.taken) >= 12 else None
    bulk.serve(stopping, linger=0.0)
    assert len(place.taken) / max(time.monotonic() - began, 0.01) < 25


def test_mails_refused_one_after_the_other_pause_the_job(job: Callable[..., Job], place: Place) -> None:
    names = [f"n{at}" for at in range(120)]
    place.ends = {f"{name}@roastery.example": "550 5.7.1 content refused" for name in names}
    made = job(names)
    send()
    made.refresh_from_db()
    assert (made.state, made.why) == ("paused", "server_refuses")
    assert jobs.progress(made).waiting > 0


def test_a_writer_that_fails_pauses_its_job(job: Callable[..., Job], place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    made = job(["ana"], text="")
    Job.objects.update(writer="nobody")
    send()
    made.refresh_from_db()
    assert (made.state, made.why, states(made)) == ("paused", "writer_failed", {"ana": "waiting"})


def test_a_process_that_lost_its_lane_begins_nothing(job: Callable[..., Job], place: Place, mailbox: Connection) -> None:
    held = lanes.Held(mailbox)
    assert held.take()
    assert held.may_begin()
    Lane.objects.update(owner="elsewhere:1:x")
    held.kept_at = -100.0
    assert not held.keep()
    assert not held.may_begin()


def test_what_a_killed_process_left_is_told_apart(job: Callable[..., Job], mailbox: Connection) -> None:
    made = job(["taken", "begun", "refused", "never"])
    keys = dict(made.sends.values_list("key", "pk"))
    gone = f"{lease.ME.split(':')[0]}:999999:dead"
    written = journal.Journal(gone)
    for name in ("taken", "begun", "refused"):
        written.begun(keys[f"c:{name}"])
    written.taken(keys["c:taken"], timezone.now())
    written.refused(keys["c:refused"])
    Send.objects.update(state="sending", owner=gone)
    assert claiming.due_connections() == [mailbox.pk]
    assert lanes.recover(mailbox) == [keys["c:taken"]]
    assert states(made) == {"taken": "sent", "begun": "doubtful", "refused": "waiting", "never": "waiting"}
    assert not journal.path_of(gone).exists()


def test_without_a_journal_all_of_it_is_doubtful(job: Callable[..., Job], mailbox: Connection) -> None:
    made = job(["ana"])
    Send.objects.update(state="sending", owner="another-machine:1:x")
    lanes.recover(mailbox)
    assert states(made) == {"ana": "doubtful"}
