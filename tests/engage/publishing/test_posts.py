"""Posts from idea to what people did with them: planned, approved, moved, undone, posted once, kept back, counted."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.engage.publishing.desk import follow, place, post_of, run, write
from vincle.accounts.models import AuditEntry, Role, User, Workspace
from vincle.channels.live import Command, Problem, Receipt
from vincle.engage.outbox import voice
from vincle.engage.outbox.models import Send
from vincle.engage.publishing import ideas, planning, results, rounds
from vincle.engage.publishing.ideas import Refused
from vincle.engage.publishing.models import Post, PostAct, ShortLink
from vincle.listen import log
from vincle.listen.models import Activity as Row
from vincle.listen.models import Connection, Notice
from vincle.store.models import Cursor
from vincle.vocabulary import Activity, HandleRef, ObjectType, Op, Retraction, Verb

pytestmark = pytest.mark.django_db
State = Post.State
SOON = timedelta(hours=2)


def again(post: Post) -> Post:
    found: Post = Post.objects.select_related("idea", "connection__workspace").get(pk=post.pk)
    return found


@pytest.fixture
def agent(member: Callable[..., User]) -> User:
    return member(Role.AGENT)


@pytest.fixture
def post(workspace: Workspace, owner: User) -> Post:
    return post_of(write(workspace, owner, where=[place(workspace)]))


def test_a_post_leaves_when_its_time_comes_and_only_then(workspace: Workspace, owner: User, post: Post) -> None:
    now = timezone.now()
    planning.plan(workspace, owner, post, now + SOON, approves=True)
    run(now + SOON - timedelta(minutes=1))
    assert again(post).state == State.SCHEDULED
    run(now + SOON)
    left = again(post)
    assert (left.state, left.said) == (State.SENT, "The first roast of the year")
    assert left.native_id
    assert Row.objects.filter(workspace=workspace, direction="out", object_key=left.native_id).count() == 1
    assert Send.objects.get(pk=left.send).key == f"post:{post.public}"


def test_running_again_posts_nothing_twice(workspace: Workspace, owner: User, post: Post) -> None:
    planning.plan(workspace, owner, post, timezone.now(), approves=True)
    for _ in range(3):
        run()
    assert Send.objects.count() == 1


def test_killed_between_handing_over_and_noting_it(
    workspace: Workspace, owner: User, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    planning.plan(workspace, owner, post, timezone.now(), approves=True)
    put = rounds.outbox.put

    def dies(*args: object, **more: object) -> None:
        put(*args, **more)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    monkeypatch.setattr(rounds.outbox, "put", dies)
    with pytest.raises(KeyboardInterrupt):
        rounds.turn()
    assert (again(post).state, Send.objects.count()) == (State.SCHEDULED, 0)
    monkeypatch.undo()
    run()
    assert (again(post).state, Send.objects.count()) == (State.SENT, 1)


def test_what_is_late_is_kept_back(workspace: Workspace, owner: User, post: Post) -> None:
    planning.plan(workspace, owner, post, timezone.now(), approves=True)
    run(timezone.now() + timedelta(hours=13))
    assert (again(post).state, again(post).problem_code) == (State.FAILED, "late")
    assert Send.objects.count() == 0
    assert Notice.objects.filter(workspace=workspace, code="post_failed").count() == 1


def test_an_agent_asks_and_someone_else_lets_it_go(workspace: Workspace, owner: User, agent: User) -> None:
    post = post_of(write(workspace, agent, where=[place(workspace)]))
    planning.plan(workspace, agent, post, timezone.now() + SOON, approves=False)
    run(timezone.now() + SOON)
    assert again(post).state == State.WAITING
    planning.approve(workspace, owner, post)
    assert (again(post).state, again(post).approved_by) == (State.SCHEDULED, owner)
    ideas.save(workspace, agent, post.idea, {"text": "Other words"}, approves=False)
    assert (again(post).state, again(post).approved_at) == (State.WAITING, None)


def test_own_words_of_a_place_take_approval_away_too(workspace: Workspace, owner: User, agent: User, post: Post) -> None:
    planning.plan(workspace, owner, post, timezone.now() + SOON, approves=True)
    ideas.set_places(workspace, agent, post.idea, {post.connection_id: ("Mine", "")}, approves=False)
    assert (again(post).state, again(post).words) == (State.WAITING, "Mine")


def test_where_two_are_asked_for_nobody_approves_their_own(
    workspace: Workspace, owner: User, post: Post, member: Callable[..., User]
) -> None:
    ideas.keep_settings(workspace, owner, needs_second=True, late_hours=12, apart_minutes=60)
    planning.plan(workspace, owner, post, timezone.now() + SOON, approves=True)
    assert again(post).state == State.SCHEDULED, "nobody else may approve"
    admin = member(Role.ADMIN)
    planning.send_back(workspace, owner, post, "Wait")
    planning.plan(workspace, owner, post, timezone.now() + SOON, approves=True)
    assert again(post).state == State.WAITING
    with pytest.raises(Refused):
        planning.approve(workspace, owner, post)
    planning.approve(workspace, admin, post)
    assert again(post).state == State.SCHEDULED


def test_moving_and_taking_it_back(workspace: Workspace, owner: User, post: Post) -> None:
    at = timezone.now() + SOON
    planning.plan(workspace, owner, post, at, approves=True)
    token = planning.move(workspace, owner, post, at + timedelta(days=1), approves=True)
    assert again(post).at == at + timedelta(days=1)
    assert planning.undo(workspace, owner, token) is not None
    assert (again(post).at, again(post).state) == (at, State.SCHEDULED)
    assert planning.undo(workspace, owner, token) is None, "it has changed since"


def test_undo_never_brings_unapproved_words_back_to_scheduled(workspace: Workspace, owner: User, agent: User, post: Post) -> None:
    planning.plan(workspace, owner, post, timezone.now() + SOON, approves=True)
    token = planning.move(workspace, owner, post, timezone.now() + 2 * SOON, approves=True)
    ideas.save(workspace, agent, post.idea, {"text": "Something else entirely"}, approves=False)
    assert planning.undo(workspace, agent, token) is None
    assert again(post).state == State.WAITING


def test_words_of_a_removed_post_changed_meanwhile_need_approval_again(workspace: Workspace, owner: User, agent: User, post: Post) -> None:
    planning.plan(workspace, owner, post, timezone.now() + SOON, approves=True)
    token = planning.remove(workspace, agent, post)
    ideas.save(workspace, agent, post.idea, {"text": "Something else entirely"}, approves=False)
    planning.undo(workspace, agent, token)
    assert again(post).state != State.SCHEDULED


def test_a_time_set_by_someone_who_may_not_approve_is_approved_anew(workspace: Workspace, owner: User, agent: User, post: Post) -> None:
    planning.plan(workspace, owner, post, timezone.now() + SOON, approves=True)
    planning.move(workspace, agent, post, timezone.now() + timedelta(minutes=1), approves=False)
    assert again(post).state == State.WAITING


@pytest.mark.parametrize("days", [-1, 800])
def test_times_that_make_no_sense(workspace: Workspace, owner: User, post: Post, days: int) -> None:
    with pytest.raises(Refused):
        planning.move(workspace, owner, post, timezone.now() + timedelta(days=days), approves=True)


def test_what_does_not_fit_is_not_planned_and_does_not_leave(workspace: Workspace, owner: User, post: Post) -> None:
    planning.plan(workspace, owner, post, timezone.now(), approves=True)
    Post.objects.filter(pk=post.pk).update(text="x" * 501)
    run()
    assert (again(post).state, again(post).problem_code) == (State.FAILED, "misfit")
    with pytest.raises(Refused, match="too long"):
        planning.retry(workspace, owner, post)


class Platform:
    """Does, or does not do, what it is asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.fails: list[Problem] = []
        self.keys: list[str] = []
        monkeypatch.setattr(voice, "perform", self.perform)
        monkeypatch.setattr(voice, "found", lambda *_: None)

    def perform(self, connection: Connection, command: Command, key: str) -> Receipt:
        if self.fails:
            raise self.fails.pop(0)
        self.keys.append(key)
        return Receipt(native_id=f"n:{key}", happened_at=timezone.now(), url="https://example.org/1")


def test_a_refusal_is_told_and_tried_again_under_a_new_key(
    workspace: Workspace, owner: User, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    platform = Platform(monkeypatch)
    platform.fails = [Problem("permanent", "not_allowed", "No.")]
    planning.plan(workspace, owner, post, timezone.now(), approves=True)
    run()
    assert (again(post).state, again(post).problem_code) == (State.FAILED, "not_allowed")
    planning.retry(workspace, owner, post)
    run()
    assert (again(post).state, platform.keys) == (State.SENT, [f"post:{post.public}:1"])


def test_what_nobody_can_tell_is_never_sent_again_by_itself(
    workspace: Workspace, owner: User, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    platform = Platform(monkeypatch)
    platform.fails = [Problem("permanent", "maybe_sent")]
    planning.plan(workspace, owner, post, timezone.now(), approves=True)
    run()
    with pytest.raises(Refused):
        planning.retry(workspace, owner, post)
    planning.settle_doubt(workspace, owner, post, was_posted=True)
    assert (again(post).state, platform.keys) == (State.SENT, [])


def test_a_paused_connection_keeps_it_waiting_in_the_outbox(
    workspace: Workspace, owner: User, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform = Platform(monkeypatch)
    platform.fails = [Problem("transient", "paused")]
    planning.plan(workspace, owner, post, timezone.now(), approves=True)
    run()
    assert again(post).state == State.LEAVING
    assert Send.objects.get().state == Send.State.WAITING


def test_pictures_leave_with_their_descriptions(workspace: Workspace, owner: User, post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Command] = []
    monkeypatch.setattr(
        voice, "perform", lambda _c, command, key: seen.append(command) or Receipt(native_id=key, happened_at=timezone.now())
    )
    wrong = ideas.add_pictures(workspace, owner, post.idea, [("cup.png", b"\x89PNG\r\n\x1a\n.."), ("x.svg", b"<svg/>")], approves=True)
    assert len(wrong) == 1
    ideas.describe(workspace, owner, post.idea.pictures.get(), "A cup")
    planning.plan(workspace, owner, post, timezone.now(), approves=True)
    run()
    assert [(file.name, file.alt, file.content_type) for file in seen[0].files] == [("cup.png", "A cup", "image/png")]


def test_links_leave_short_each_of_its_own(workspace: Workspace, owner: User) -> None:
    text = "Come: https://example.org/menu. Or https://example.org/map?x=1"
    idea = write(workspace, owner, text, [place(workspace)], shortens=True, campaign="spring")
    planning.plan(workspace, owner, post_of(idea), timezone.now(), approves=True)
    run()
    made = list(ShortLink.objects.order_by("pk"))
    assert [(each.target, each.campaign, each.source) for each in made] == [
        ("https://example.org/menu", "spring", "mastodon"), ("https://example.org/map?x=1", "spring", "mastodon"),
    ]  # fmt: skip
    assert post_of(idea).said.startswith("Come: http")
    assert f"/l/{made[0].code}. Or " in post_of(idea).said


# What people do with it

ANA, PEP = HandleRef("mastodon", "ana@a.example", "Ana"), HandleRef("mastodon", "pep@a.example", "Pep")


def did(verb: Verb, native: str, about: str, who: HandleRef = ANA, **more: object) -> Activity:
    values = {"object_type": ObjectType.NOTE, "happened_at": timezone.now(), "object_key": about, "actor": who} | more
    return Activity(verb=verb, native_id=native, **values)  # type: ignore[arg-type]


def sent(workspace: Workspace, owner: User, post: Post) -> Post:
    planning.plan(workspace, owner, post, timezone.now(), approves=True)
    run()
    return again(post)


def counts(post: Post) -> tuple[int, int, int]:
    found = again(post)
    return found.reactions, found.comments, found.shares


def test_reactions_comments_and_shares_are_counted_and_taken_back(workspace: Workspace, owner: User, post: Post) -> None:
    post = sent(workspace, owner, post)
    native = post.native_id
    comment = did(Verb.CREATE, "c1", "c1", PEP, parent_key=native, thread_key=native, text="Nice")
    machine = did(Verb.LIKE, "l9", native, is_machine=True)
    items = [did(Verb.LIKE, "l1", native), did(Verb.LIKE, "l2", native, PEP), comment, did(Verb.ANNOUNCE, "s1", native), machine]
    log.append(post.connection, [*items, did(Verb.LIKE, "l3", "another")], timezone.now())
    follow()
    assert counts(post) == (2, 1, 1)
    undone = did(Verb.UNDO, "l2", native, PEP, op=Op.CORRECT, version="2")
    log.append(post.connection, [undone, Retraction(native_id="c1", happened_at=timezone.now(), object_key="c1")], timezone.now())
    follow()
    assert counts(post) == (1, 0, 1)
    Cursor.objects.filter(name="posts").update(position=0)
    follow()
    assert counts(post) == (1, 0, 1), "reading the log anew changes nothing"


def test_what_came_before_the_post_was_known_by_name_is_found(workspace: Workspace, owner: User, post: Post) -> None:
    planning.plan(workspace, owner, post, timezone.now(), approves=True)
    rounds.turn()
    native = f"practice:post:{post.public}"
    log.append(post.connection, [did(Verb.LIKE, "l1", native)], timezone.now())
    follow()
    assert PostAct.objects.count() == 0
    from vincle.engage.outbox import actions as outbox

    outbox.turn()
    rounds.turn()
    assert counts(post) == (1, 0, 0)
    assert [kind for _handle, kind, _at in results.people_of(workspace, again(post))] == ["reaction"]


def test_every_change_is_traced(workspace: Workspace, owner: User, post: Post) -> None:
    planning.plan(workspace, owner, post, timezone.now() + SOON, approves=True)
    planning.move(workspace, owner, post, timezone.now() + 2 * SOON, approves=True)
    planning.remove(workspace, owner, post)
    verbs = list(AuditEntry.objects.filter(workspace=workspace, object_type="post").order_by("pk").values_list("verb", flat=True))
    assert verbs == ["planned", "moved", "removed"]
