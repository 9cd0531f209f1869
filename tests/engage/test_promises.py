"""What is promised: due times by the hours, kept when kept, told of once before and once after, and anew when promises change."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from tests.engage.talks import ANA, NOW, NURIA, PEP, US, at, hear, message, post, said, thread_of
from vincle.accounts.models import Membership, Role, User, Workspace
from vincle.engage.inbox import actions, promises, promising, rounds, snoozing, teams
from vincle.engage.inbox.actions import Refused
from vincle.engage.inbox.hours import Times
from vincle.engage.inbox.models import Hours, Promise, ServiceSettings, Thread
from vincle.engage.inbox.promising import Begun, Owed
from vincle.listen.models import Notice, NoticeFor

pytestmark = pytest.mark.django_db
MADRID = ZoneInfo("Europe/Madrid")
MINUTE = timedelta(minutes=1)
OFFICE = {str(day): [["09:00", "18:00"]] for day in range(5)}


@pytest.fixture
def boss(workspace: Workspace) -> User:
    user: User = User.objects.create(email="marta@lligam.example", name="Marta")
    Membership.objects.create(workspace=workspace, user=user, role=Role.ADMIN)
    return user


def promise(workspace: Workspace, boss: User, first: int | None = 60, done: int | None = None, **more: object) -> Promise:
    values = {"name": "Answers", "conditions": [], "in_hours": False, "warn_share": 0.5} | more
    return promises.save(workspace, boss, first_minutes=first, done_minutes=done, **values)  # type: ignore[arg-type]


def ask(workspace: Workspace, minutes: float = 10) -> Thread:
    return thread_of(hear(workspace, post(), said("c1", NURIA, minutes, "On és la meva comanda?")), "c1")


def later(thread: Thread) -> Thread:
    thread.refresh_from_db()
    return thread


def told() -> list[tuple[str, str]]:
    return sorted(NoticeFor.objects.values_list("notice__code", "user__name"))


# What is due, purely


PROMISE = Promise(pk=7, first_minutes=60, done_minutes=600, warn_share=0.75)
MONDAY = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def test_the_first_answer_and_the_end_are_due_and_the_nearer_counts() -> None:
    waits = Begun(MONDAY, None, MONDAY, MONDAY)
    found = promising.owed(PROMISE, Times(), waits, Owed())
    assert found == Owed(7, MONDAY + 60 * MINUTE, MONDAY + 600 * MINUTE, MONDAY + 60 * MINUTE, MONDAY + 45 * MINUTE)
    answered = promising.owed(PROMISE, Times(), Begun(MONDAY, MONDAY + MINUTE, None, MONDAY), found)
    assert answered == Owed(7, MONDAY + 60 * MINUTE, MONDAY + 600 * MINUTE, MONDAY + 600 * MINUTE, MONDAY + 450 * MINUTE)
    again = promising.owed(PROMISE, Times(), Begun(MONDAY, MONDAY + MINUTE, MONDAY + 90 * MINUTE, MONDAY), answered)
    assert (again.due_first_at, again.due_at) == (MONDAY + 60 * MINUTE, MONDAY + 150 * MINUTE)


def test_a_kept_promise_stays_and_a_told_one_is_not_told_again() -> None:
    kept = Owed(7, MONDAY + 60 * MINUTE, None, None, None)
    shorter = Promise(pk=8, first_minutes=5, warn_share=0.5)
    answered = Begun(MONDAY, MONDAY + MINUTE, None, MONDAY)
    assert promising.owed(shorter, Times(), answered, kept).due_first_at == MONDAY + 60 * MINUTE
    assert promising.owed(None, Times(), answered, kept) == kept._replace(promise=7)
    waits = Begun(MONDAY, None, MONDAY, MONDAY)
    due = promising.owed(shorter, Times(), waits, Owed())
    assert promising.owed(shorter, Times(), waits, due._replace(warn_at=None)).warn_at is None
    assert promising.owed(None, Times(), waits, due) == Owed()


# In the store


def test_minutes_count_while_someone_is_there(workspace: Workspace, boss: User) -> None:
    promises.save_hours(workspace, boss, "Office", "Europe/Madrid", OFFICE, [], is_usual=True)
    promise(workspace, boss, 60, in_hours=True)
    thread = ask(workspace)
    assert thread.due_first_at == Times("Europe/Madrid", dict.fromkeys(range(5), ((540, 1080),))).add(at(10), 60)
    # The team's own hours go before the workspace's: tonight's are over at once.
    never = promises.save_hours(workspace, boss, "Sundays", "Europe/Madrid", {"6": [["10:00", "11:00"]]}, [])
    team = teams.save(workspace, boss, "Sunday", [], hours=never.pk)
    actions.assign(workspace, boss, [thread.key], to_team=team)
    due = later(thread).due_at
    assert due
    assert (due.astimezone(MADRID).weekday(), due.astimezone(MADRID).hour) in ((6, 10), (6, 11))


def test_an_answer_keeps_it_and_the_end_is_due_until_closed(workspace: Workspace, boss: User) -> None:
    made = promise(workspace, boss, 60, 600)
    thread = ask(workspace)
    assert (thread.promise, thread.due_at) == (made.pk, at(10) + 60 * MINUTE)
    hear(workspace, said("a1", US, 5, "És a la central.", parent="c1"))
    later(thread)
    assert (thread.due_first_at, thread.due_done_at, thread.due_at) == (at(10) + 60 * MINUTE, at(10) + 600 * MINUTE, at(10) + 600 * MINUTE)
    actions.close(workspace, boss, [thread.key])
    actions.reopen(workspace, boss, [thread.key])
    due = later(thread).due_done_at
    assert due
    assert due > NOW + 599 * MINUTE  # counted from when it began again


def test_past_and_praise_are_promised_nothing(workspace: Workspace, boss: User) -> None:
    promise(workspace, boss)
    source = hear(workspace, post(60 * 24 * 40), said("old", PEP, 60 * 24 * 30, "On és?"))
    assert thread_of(source, "old").due_first_at is None


def test_the_team_is_told_once_before_and_once_after(workspace: Workspace, boss: User, monkeypatch: pytest.MonkeyPatch) -> None:
    promise(workspace, boss, 60)
    promising.sweep()
    thread = ask(workspace, 10)
    assert promising.warn() == 0
    clock = _clock(monkeypatch)
    for minutes, expected in ((25, ["due_soon"]), (30, ["due_soon"]), (51, ["due_late", "due_soon"]), (90, ["due_late", "due_soon"])):
        clock[0] = NOW + minutes * MINUTE
        rounds.look_around()
        assert [code for code, _name in told()] == expected, minutes
    assert later(thread).warned_at
    assert told() == [("due_late", "Marta"), ("due_soon", "Marta")]


def test_those_concerned_are_told_and_many_at_once_in_one_word(workspace: Workspace, boss: User, monkeypatch: pytest.MonkeyPatch) -> None:
    joan, laia = (User.objects.create(email=f"{name}@lligam.example", name=name) for name in ("Joan", "Laia"))
    for each in (joan, laia):
        Membership.objects.create(workspace=workspace, user=each, role=Role.AGENT)
    team = teams.save(workspace, boss, "Parcels", [laia.pk])
    promise(workspace, boss, 60)
    source = hear(workspace, post(), *[said(f"q{n}", (NURIA, PEP, ANA)[n], 10, "On és?") for n in range(3)])
    one, two, three = (thread_of(source, f"q{n}").key for n in range(3))
    actions.assign(workspace, boss, [one], to_team=team)
    actions.assign(workspace, boss, [two, three], joan)
    Notice.objects.all().delete()
    _clock(monkeypatch)[0] = NOW + 30 * MINUTE
    promising.warn()
    assert told() == [("due_soon", "Laia"), ("many_soon", "Joan")]


def test_what_is_put_off_or_closed_is_not_told_of(workspace: Workspace, boss: User, monkeypatch: pytest.MonkeyPatch) -> None:
    promise(workspace, boss, 60)
    promising.sweep()
    thread = ask(workspace, 10)
    actions.snooze(workspace, boss, [thread.key], snoozing.moment(workspace, "1h"))
    clock = _clock(monkeypatch)
    clock[0] = timezone.now() + 30 * MINUTE
    assert promising.warn() == 0
    clock[0] = timezone.now() + 60 * MINUTE
    rounds.look_around()
    assert [code for code, _ in told()] == ["due_late"]


def test_promises_that_change_are_worked_out_anew_without_a_flood(workspace: Workspace, boss: User) -> None:
    thread = ask(workspace, 10)
    assert thread.due_at is None
    made = promise(workspace, boss, 5)  # broken already, when it is made
    assert promising.sweep() == 1
    assert later(thread).due_first_at == at(10) + 5 * MINUTE
    assert promising.warn() == 0
    assert promising.sweep() == 0
    promise(workspace, boss, 300, pk=made.pk)
    promising.sweep()
    assert later(thread).due_at == at(10) + 300 * MINUTE
    promises.delete(workspace, boss, made)
    promising.sweep()
    assert (later(thread).due_at, thread.due_first_at, thread.promise) == (None, None, None)


def test_a_sweep_goes_on_where_it_was_and_begins_again_when_promises_change(
    workspace: Workspace, boss: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(promising, "BATCH", 2)
    monkeypatch.setattr(promising, "PATIENCE", 0)
    hear(workspace, post(), *[said(f"q{n}", NURIA, 10, "On és?") for n in range(5)])
    made = promise(workspace, boss, 60)
    assert promising.sweep() == 2
    promise(workspace, boss, 90, pk=made.pk)
    assert [promising.sweep() for _ in range(4)] == [2, 2, 1, 0]
    assert set(Thread.objects.values_list("due_at", flat=True)) == {at(10) + 90 * MINUTE}
    assert ServiceSettings.objects.get().due_from is None


def test_the_first_that_fits_counts(workspace: Workspace, boss: User) -> None:
    promise(workspace, boss, 60, name="Talks", conditions=[{"field": "kind", "is": ["message"]}])
    promise(workspace, boss, 600, name="The rest")
    source = hear(workspace, post(), said("c1", NURIA, 10, "On és?"), message("m1", NURIA, 10, "Bon dia, obriu demà?"))
    assert thread_of(source, "c1").due_at == at(10) + 600 * MINUTE
    assert thread_of(source, "m1").due_at == at(10) + 60 * MINUTE
    first, second = promises.of(workspace)
    promises.order(workspace, boss, [second.pk, first.pk])
    assert [each.name for each in promises.of(workspace)] == ["The rest", "Talks"]
    promising.sweep()
    assert later(thread_of(source, "m1")).due_at == at(10) + 600 * MINUTE


def test_what_no_promise_can_be_is_said(workspace: Workspace, boss: User) -> None:
    for values in (
        {"first": None}, {"first": 0}, {"first": 10**6}, {"name": " "}, {"warn_share": 1.5}, {"hours": 77},
        {"conditions": [{"field": "moon", "is": ["full"]}]},
    ):  # fmt: skip
        with pytest.raises(Refused):
            promise(workspace, boss, **values)
    with pytest.raises(Refused, match="Tuesday"):
        promises.save_hours(workspace, boss, "Office", "Europe/Madrid", {"1": [["18:00", "09:00"]]}, [])
    with pytest.raises(Refused, match="Mars"):
        promises.save_hours(workspace, boss, "Office", "Mars/Olympus", {}, [])


def test_hours_that_go_leave_those_that_count_by_them_to_the_usual(workspace: Workspace, boss: User) -> None:
    own = promises.save_hours(workspace, boss, "Own", "Europe/Madrid", OFFICE, ["2026-12-25"])
    usual = promises.save_hours(workspace, boss, "Usual", "Europe/Madrid", OFFICE, [], is_usual=True)
    made = promise(workspace, boss, 60, in_hours=True, hours=own.pk)
    promises.save_hours(workspace, boss, "Own", "Europe/Madrid", OFFICE, [], is_usual=True, pk=own.pk)
    assert list(Hours.objects.filter(is_usual=True)) == [own]
    promises.delete_hours(workspace, boss, own)
    made.refresh_from_db()
    assert made.hours is None
    assert Hours.objects.get() == usual


def _clock(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """Where a test sets what time it is for the worker."""
    clock = [timezone.now()]
    monkeypatch.setattr("django.utils.timezone.now", lambda: clock[0])
    return clock
