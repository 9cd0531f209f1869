"""Jobs: begun, filled without doubles, paused, stopped, counted."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from vincle.accounts.models import AuditEntry, User, Workspace
from vincle.engage.outbox import actions, jobs, writing
from vincle.engage.outbox.jobs import Wanted
from vincle.engage.outbox.models import Job, Send
from vincle.listen.models import Connection

pytestmark = pytest.mark.django_db


def test_nobody_and_no_address_gets_a_job_twice(job: Callable[..., Job]) -> None:
    made = job(["ana", "biel"])
    ana, biel = Send.objects.filter(job=made).order_by("key")
    again = [
        Wanted("c:ana", 1000, ana.handle or 0), Wanted("other:key", 1000, 99), Wanted("third", 5, biel.handle or 0),
        Wanted("fourth", 6, 123, arm=1, data={"code": "A1"}), Wanted("fifth", 6, 124),
    ]  # fmt: skip
    assert jobs.add(made, again) == 1
    assert jobs.add(made, again) == 0
    assert jobs.progress(made).waiting == 3
    fourth = Send.objects.get(key="fourth")
    assert (fourth.arm, fourth.data, fourth.medium, fourth.purpose) == (1, {"code": "A1"}, "email", "service")


def test_another_turn_may_reach_the_same_person(job: Callable[..., Job]) -> None:
    made = job(["ana"])
    ana = Send.objects.get(job=made)
    assert jobs.add(made, [Wanted("walk:2", ana.person, ana.handle or 0, turn=2)]) == 1


def test_pause_go_on_stop(job: Callable[..., Job], owner: User) -> None:
    made = job(["ana", "biel"])
    assert [jobs.pause(made, owner), jobs.pause(made, owner), made.state] == [True, False, "paused"]
    assert [jobs.resume(made, owner), jobs.resume(made, owner), made.state] == [True, False, "running"]
    assert [jobs.stop(made, owner), jobs.stop(made, owner), jobs.resume(made, owner)] == [True, False, False]
    assert jobs.progress(made).cancelled == 2
    with pytest.raises(jobs.NotPossible, match="stopped"):
        jobs.add(made, [Wanted("late", 7, 8)])
    verbs = list(AuditEntry.objects.filter(object_type="job").order_by("pk").values_list("verb", flat=True))
    assert verbs == ["began to send", "paused", "went on with", "stopped"]


def test_a_job_that_was_done_goes_on(job: Callable[..., Job]) -> None:
    made = job(["ana"])
    Job.objects.filter(pk=made.pk).update(state="done", done_at=timezone.now())
    assert jobs.add(made, [Wanted("more", 1, 2)]) == 1
    assert (made.state, made.done_at) == ("running", None)


def test_its_time_and_theirs(job: Callable[..., Job]) -> None:
    later, latest = timezone.now() + timedelta(hours=1), timezone.now() + timedelta(hours=9)
    made = job(["ana"], not_before=later)
    jobs.add(made, [Wanted("far", 1, 2, not_before=latest), Wanted("near", 3, 4, not_before=timezone.now())])
    assert made.state == "waiting"
    assert dict(made.sends.values_list("key", "not_before")) == {"c:ana": later, "far": latest, "near": later}


def test_what_cannot_be(job: Callable[..., Job], workspace: Workspace, other_workspace: Workspace, mailbox: Connection) -> None:
    with pytest.raises(jobs.NotPossible, match="another_workspace"):
        job(["x"], connection=Connection.objects.create(workspace=other_workspace, channel="mail"))
    with pytest.raises(jobs.NotPossible, match="unknown_purpose"):
        job(["x"], purpose="spam")
    with pytest.raises(jobs.NotPossible, match="no_rate"):
        job(["x"], rate=0)
    with pytest.raises(writing.NoWriter):
        job(["x"], writer="nobody")
    with pytest.raises(jobs.NotPossible, match="bad_key"):
        jobs.add(job(["y"]), [Wanted("k" * 81, 1, 2)])


def test_the_queue_of_answers_leaves_jobs_alone(job: Callable[..., Job]) -> None:
    job(["ana"])
    assert actions.turn() == 0


def test_the_plain_writer(job: Callable[..., Job]) -> None:
    made = job(["ana"])
    jobs.add(made, [Wanted("own", 3, 4, data={"text": "Hola"})])
    written = dict(zip(("ana", "own"), writing.named("plain")(made, list(made.sends.order_by("key"))), strict=True))
    assert written["own"] == writing.Skip("no_address")
    assert written["ana"] == writing.Written("ana@roastery.example", "Cafè", "", "Bon dia!")
