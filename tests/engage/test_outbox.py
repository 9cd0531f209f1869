"""What leaves leaves once: held, taken back, tried again, and asked for before it is done a second time, whenever the worker is killed."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.engage.talks import NOW
from vincle.accounts.models import AuditEntry, User, Workspace
from vincle.channels.live import Command, Context, File, Problem, Receipt
from vincle.engage.outbox import actions, voice
from vincle.engage.outbox.models import Send, SendFile
from vincle.identify.models import Suppression
from vincle.listen import actions as listen
from vincle.listen.models import Connection

pytestmark = pytest.mark.django_db
State = Send.State
COMMAND = Command(
    deed="reply",
    about=Context(native_id="c1", happened_at=NOW),
    text="Surt avui.",
    files=(File(name="a.txt", content_type="text/plain", content=b"x"),),
)


class Killed(BaseException):
    """The process ends here."""


class Platform:
    """Remembers what was done there; `fails` is raised before, `dies` after it was done."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.files: list[tuple[str, bytes]] = []
        self.asked = 0
        self.fails: list[BaseException] = []
        self.dies: list[BaseException] = []

    def perform(self, connection: Connection, command: Command, key: str) -> Receipt:
        if self.fails:
            raise self.fails.pop(0)
        self.done.append(key)
        self.files += [(file.name, file.content) for file in command.files]
        if self.dies:
            raise self.dies.pop(0)
        return Receipt(native_id=f"n:{key}", happened_at=NOW, url="https://example.org/1")

    def found(self, connection: Connection, command: Command, key: str, since: datetime) -> Receipt | None:
        self.asked += 1
        return Receipt(native_id=f"n:{key}", happened_at=NOW) if key in self.done else None


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch) -> Platform:
    made = Platform()
    monkeypatch.setattr(voice, "perform", made.perform)
    monkeypatch.setattr(voice, "found", made.found)
    return made


@pytest.fixture
def put(workspace: Workspace, owner: User) -> Callable[..., Send]:
    source = listen.connection_for(workspace, "instagram")

    def make(key: str = "k", hold: float = 0.0, **more: Any) -> Send:
        return actions.put(workspace, owner, source, COMMAND, key=key, thread=7, hold=timedelta(seconds=hold), **more)

    return make


def now(send: Send) -> Send:
    send.refresh_from_db()
    return send


def at_once(send: Send) -> None:
    Send.objects.filter(pk=send.pk).update(not_before=timezone.now(), lease_until=timezone.now() - timedelta(seconds=1))


def test_it_waits_its_seconds_and_leaves_once(platform: Platform, put: Callable[..., Send]) -> None:
    send = put(hold=10)
    assert actions.turn() == 0
    assert platform.done == []
    at_once(send)
    assert actions.turn() == 1
    assert actions.turn() == 0
    assert (now(send).state, send.native_id, platform.done, platform.files) == (State.SENT, "n:k", ["k"], [("a.txt", b"x")])
    assert SendFile.objects.get().content is None, "what has left is not kept twice"
    assert send.command == {"deed": "reply", "text": "Surt avui.", "subject": ""}, "nor is what they said"
    assert AuditEntry.objects.filter(verb="sent").exists()


def test_the_same_key_is_one_send(put: Callable[..., Send]) -> None:
    assert put().pk == put().pk


def test_it_can_be_taken_back_until_it_is_on_its_way(
    platform: Platform, put: Callable[..., Send], workspace: Workspace, owner: User
) -> None:
    send = put(hold=10)
    assert actions.cancel(workspace, owner, send)
    at_once(send)
    assert actions.turn() == 0
    assert (now(send).state, platform.done) == (State.CANCELLED, [])
    other = put("k2")
    actions.turn()
    assert not actions.cancel(workspace, owner, other)


@pytest.mark.parametrize("point", ["before", "after", "interrupted"])
def test_killed_at_any_point_it_is_done_once(platform: Platform, put: Callable[..., Send], point: str) -> None:
    send = put()
    if point == "before":
        platform.fails = [Killed()]
    else:
        platform.dies = [Killed() if point == "after" else OSError("the answer never came")]
    with suppress(Killed):
        actions.turn()
    # A process that was killed gives nothing back: its lease runs out.
    Send.objects.filter(pk=send.pk).exclude(state=State.WAITING).update(
        owner="elsewhere:1:x", lease_until=timezone.now() + timedelta(seconds=30)
    )
    if now(send).state == State.SENDING:
        assert actions.turn() == 0, "another's lease holds"
    at_once(send)
    actions.turn()
    assert (platform.done, now(send).state, platform.asked) == (["k"], State.SENT, 1)


@pytest.mark.parametrize(
    ("fault", "after"),
    [(Killed(), State.DEAD), (OSError("cut"), State.DEAD), (Problem("transient", "no_answer_in_time"), State.DEAD),
     (Problem("transient", "unreachable"), State.SENT), (Problem("transient", "server_trouble"), State.SENT)],
    ids=lambda value: getattr(value, "code", None) or str(value) or "killed",
)  # fmt: skip
def test_where_nobody_can_tell_someone_looks_before_it_is_done_again(
    platform: Platform, put: Callable[..., Send], workspace: Workspace, owner: User, monkeypatch: pytest.MonkeyPatch,
    fault: BaseException, after: str,
) -> None:  # fmt: skip
    def untold(*_args: Any) -> None:
        raise Problem("permanent", "maybe_sent")

    monkeypatch.setattr(voice, "found", untold)
    send = put()
    platform.fails = [fault]
    with suppress(Killed):
        actions.turn()
    Send.objects.filter(pk=send.pk).update(owner="")
    at_once(send)
    actions.turn()
    assert (now(send).state, len(platform.done)) == (after, int(after == State.SENT))
    if after == State.DEAD:
        assert send.problem_code == "maybe_sent"
        assert actions.retry(workspace, owner, send), "someone looked, and says that it is to be done"
        actions.turn()
        assert (now(send).state, len(platform.done)) == (State.SENT, 1)


@pytest.mark.parametrize(
    ("problem", "state", "later"),
    [
        (Problem("quota", "slow_down", retry_after=90), State.WAITING, 90), (Problem("transient", "unreachable"), State.WAITING, 5),
        (Problem("auth", "token_ended"), State.FAILED, 0), (Problem("permanent", "too_long"), State.DEAD, 0),
        (Problem("gone", "deleted"), State.DEAD, 0),
    ],
)  # fmt: skip
def test_each_problem_has_its_end(platform: Platform, put: Callable[..., Send], problem: Problem, state: str, later: int) -> None:
    send = put()
    platform.fails = [problem]
    actions.turn()
    assert (now(send).state, send.problem_code) == (state, problem.code)
    assert later - 2 <= (send.not_before - timezone.now()).total_seconds() <= later * 1.5 + 1


def test_a_failed_one_is_tried_again_when_someone_says_so(
    platform: Platform, put: Callable[..., Send], workspace: Workspace, owner: User
) -> None:
    send = put()
    platform.fails = [Problem("auth", "token_ended")]
    actions.turn()
    assert actions.turn() == 0
    assert actions.retry(workspace, owner, send)
    actions.turn()
    assert (now(send).state, platform.done) == (State.SENT, ["k"])
    assert not actions.retry(workspace, owner, send)


def test_what_the_law_forbids_is_not_put_and_is_looked_at_again_when_it_leaves(
    platform: Platform, put: Callable[..., Send], workspace: Workspace
) -> None:
    send = put(handle=5)
    Suppression.objects.create(workspace=workspace, handle=5, channel="email", reason="complained", since=NOW)
    actions.turn()
    assert (now(send).state, send.problem_code, platform.done) == (State.DEAD, "complained", [])
    with pytest.raises(actions.NotAllowed, match="complained"):
        put("k2", handle=5)


def test_two_threads_of_one_worker_do_not_do_it_twice(
    platform: Platform, put: Callable[..., Send], monkeypatch: pytest.MonkeyPatch
) -> None:
    put()
    taken = actions._claim()
    assert taken
    monkeypatch.setattr(actions, "_me", lambda: "elsewhere:1:2t3")
    assert actions._claim() is None
