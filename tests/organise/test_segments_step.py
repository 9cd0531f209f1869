"""The step that keeps segments true: at the right moment, once, for its own workspace, at a cost that does not grow."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.organise.community import NOW, act, bring, fact
from tests.organise.segments_world import ASKED, World
from tests.organise.test_segments_path import BUYERS, bought, made, names
from vincle.accounts.models import User, Workspace
from vincle.listen import actions as listen
from vincle.listen.models import Activity as Row
from vincle.organise import history, members, membership, segmenting, telling
from vincle.organise.lifts import lift
from vincle.organise.models import Due, History, Membership, Profile, Segment, Touched
from vincle.project import pipeline
from vincle.store.lease import held
from vincle.store.models import Cursor
from vincle.vocabulary import HandleRef, ObjectType, Verb, public_id

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(workspace: Workspace) -> None:
    bring(workspace, [fact("ana@example.org", "Ana"), fact("bea@example.org", "Bea")])
    bring(workspace, [bought("ana@example.org", 5)], "orders")


@pytest.fixture
def world(workspace: Workspace, owner: User) -> World:
    return World(workspace, owner, 1)


@pytest.mark.usefixtures("people")
class TestTime:
    def test_out_at_the_moment_the_window_ends(self, workspace: Workspace, world: World) -> None:
        segment = made(workspace, BUYERS)
        ends = NOW + timedelta(days=25)
        assert Due.objects.get(person=Profile.objects.get(name="Ana").person).at == ends
        world.now = ends - timedelta(seconds=1)
        world.settle()
        assert names(segment) == ["Ana"]
        world.now = ends
        world.settle()
        assert names(segment) == []
        told = Row.objects.get(channel="vincle")
        assert (told.verb, abs(told.happened_at - ends) < timedelta(seconds=1)) == ("Leave", True)

    def test_an_idle_step_looks_at_nobody(self, workspace: Workspace, world: World) -> None:
        made(workspace, BUYERS)
        world.settle()
        assert world.step() == 0
        assert not pipeline.STEPS["segments"].is_behind(membership.lease.positions())

    def test_as_it_was(self, workspace: Workspace, world: World) -> None:
        segment = made(workspace, {"did": {"verb": "Purchase"}, "within": {"days": 30}})
        bring(workspace, [bought("bea@example.org", 0)], "orders")
        assert names(segment) == ["Ana", "Bea"]
        ana, bea = (Profile.objects.get(name=name).person for name in ("Ana", "Bea"))
        assert members.members(segment, segment.created_at) == [ana]
        world.now = NOW + timedelta(days=29)
        world.settle()
        assert members.members(segment) == [bea]
        assert sorted(members.members(segment, NOW + timedelta(days=20))) == sorted([ana, bea])
        # Of the days before it was made: whoever was known then, by what is known to have happened by then.
        Profile.objects.update(known_since=NOW - timedelta(days=60))
        assert members.members(segment, NOW - timedelta(days=4)) == [ana]
        assert members.members(segment, NOW - timedelta(days=6)) == []
        sizes = members.sizes(segment, 40, (NOW + timedelta(days=29)).date())
        assert (sizes[0].members, sizes[-1].members) == (2, 1)


@pytest.mark.usefixtures("people")
class TestOnce:
    def test_another_worker_holds_it(self, workspace: Workspace) -> None:
        made(workspace, BUYERS)
        bring_only = [bought("bea@example.org", 1)]
        Cursor.objects.filter(name="segments").update(owner="elsewhere:1:x", lease_until=NOW + timedelta(days=1))
        bring(workspace, list(bring_only), "orders")
        assert Membership.objects.count() == 1
        Cursor.objects.filter(name="segments").update(owner="")
        pipeline.catch_up()
        assert Membership.objects.count() == 2

    def test_a_lease_that_is_lost_on_the_way_writes_nothing(self, workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
        made(workspace, BUYERS)
        real = history.Histories.write

        def lose(histories: history.Histories) -> None:
            real(histories)
            Cursor.objects.filter(name="segments").update(owner="elsewhere:1:x")

        with monkeypatch.context() as patch:
            patch.setattr(history.Histories, "write", lose)
            bring(workspace, [bought("bea@example.org", 1)], "orders")
        assert Membership.objects.count() == 1
        Cursor.objects.filter(name="segments").update(owner="")
        pipeline.catch_up()
        assert Membership.objects.count() == 2
        assert Row.objects.filter(channel="vincle").count() == 1

    def test_telling_twice_changes_nothing(self, workspace: Workspace) -> None:
        made(workspace, BUYERS)
        bring(workspace, [bought("bea@example.org", 1)], "orders")
        before = Row.objects.count()
        assert telling.tell_again(workspace) == 0
        assert Row.objects.count() == before
        Row.objects.filter(channel="vincle").delete()
        assert telling.tell_again(workspace) == 1

    def test_what_it_writes_touches_nobody(self, workspace: Workspace) -> None:
        segment = made(workspace, {"did": {}, "count": {"at_least": 2}})
        bring(workspace, [bought("ana@example.org", 1)], "orders")
        ana = Profile.objects.get(name="Ana")
        assert names(segment) == ["Ana"]
        assert (ana.activities, ana.stage) == (2, ana.stage)
        assert not Touched.objects.exists()


@pytest.mark.usefixtures("people")
class TestWorkspaces:
    def test_only_its_own_people(self, workspace: Workspace, other_workspace: Workspace) -> None:
        bring(other_workspace, [fact("carla@example.org", "Carla")])
        bring(other_workspace, [bought("carla@example.org", 1)], "orders")
        mine, theirs = made(workspace, {"all": []}), made(other_workspace, BUYERS)
        assert (names(mine), names(theirs)) == (["Ana", "Bea"], ["Carla"])
        assert members.found(workspace, theirs.public) is None
        with pytest.raises(segmenting.BadPredicate, match="segment: unknown_segment"):
            segmenting.create(workspace, None, "Theirs", {"segment": theirs.public})

    def test_nothing_is_written_where_there_is_no_segment(self, workspace: Workspace, owner: User) -> None:
        from vincle.organise import team
        from vincle.organise.people import chosen

        ana = Profile.objects.get(name="Ana")
        team.tag(workspace, owner, chosen(workspace, [public_id(ana.person)]), "VIP")
        pipeline.catch_up()
        assert not Touched.objects.exists()
        assert not History.objects.exists()


def test_who_is_taken_back_is_in_no_segment(workspace: Workspace, owner: User) -> None:
    """The entry in the log keeps nobody there."""
    bring(workspace, [fact("ana@example.org", "Ana")])
    segment = made(workspace, {"all": []})
    delivery = bring(workspace, [fact("bea@example.org", "Bea")], name="more.csv")
    assert names(segment) == ["Ana", "Bea"]
    listen.undo(delivery, owner)
    pipeline.catch_up()
    assert list(Profile.objects.values_list("name", flat=True)) == ["Ana"]
    assert names(segment) == ["Ana"]
    assert Membership.objects.get(is_found=False).is_dropped
    assert Row.objects.filter(channel="vincle").count() == 1


@pytest.mark.usefixtures("people")
class TestVerbs:
    def test_another_question_and_back(self, workspace: Workspace, owner: User) -> None:
        segment = made(workspace, BUYERS)
        leaning = made(workspace, {"not": {"segment": segment.public}}, "Others")
        segmenting.change(workspace, owner, segment, predicate={"not": BUYERS})
        pipeline.catch_up()
        assert (names(segment), names(leaning)) == (["Bea"], ["Ana"])
        segment.refresh_from_db()
        segmenting.undo(workspace, owner, segment)
        pipeline.catch_up()
        assert (names(segment), names(leaning)) == (["Ana"], ["Bea"])
        assert [each.number for each in segmenting.versions(segment)] == [3, 2, 1]
        assert not Row.objects.filter(channel="vincle").exists()

    def test_put_away_and_brought_back(self, workspace: Workspace, owner: User) -> None:
        segment = made(workspace, BUYERS)
        leaning = made(workspace, {"segment": segment.public}, "Others")
        with pytest.raises(segmenting.Refused, match="Others"):
            segmenting.archive(workspace, owner, segment)
        segmenting.archive(workspace, owner, leaning)
        segmenting.archive(workspace, owner, segment)
        assert (members.members(segment), list(members.listed(workspace))) == ([], [])
        segmenting.restore(workspace, owner, segment)
        pipeline.catch_up()
        assert names(segment) == ["Ana"]

    def test_circles_are_refused(self, workspace: Workspace, owner: User) -> None:
        one = made(workspace, BUYERS)
        two = made(workspace, {"segment": one.public}, "Two")
        with pytest.raises(segmenting.BadPredicate, match="not/segment: cycle"):
            segmenting.change(workspace, owner, one, predicate={"not": {"segment": two.public}})
        copied = segmenting.copy(workspace, owner, two)
        assert (copied.name, copied.predicate) == ("Two, copy", two.predicate)

    def test_one_that_cannot_be_worked_out_does_not_stop_the_others(self, workspace: Workspace) -> None:
        broken, good = made(workspace, {"all": []}, "Broken"), made(workspace, BUYERS, "Good")
        Segment.objects.filter(pk=broken.pk).update(predicate={"nonsense": 1})
        bring(workspace, [bought("bea@example.org", 1)], "orders")
        broken.refresh_from_db()
        assert (broken.state, "unknown_clause" in broken.problem) == ("failed", True)
        assert (names(broken), names(good)) == (["Ana", "Bea"], ["Ana", "Bea"])


@pytest.mark.usefixtures("people")
class TestAround:
    def test_overlap_and_lift(self, workspace: Workspace) -> None:
        one, two = made(workspace, BUYERS, "One"), made(workspace, {"all": []}, "Two")
        shared = members.overlap([one, two])
        assert {(each.segments, each.people) for each in shared} == {(frozenset({one.pk, two.pk}), 1), (frozenset({two.pk}), 1)}
        bring(workspace, [fact(f"x{n}@example.org", f"X{n}", traits={"city": "Vic" if n < 8 else "Girona"}) for n in range(40)])
        segment = made(workspace, {"trait": "city", "is": "Vic"}, "Vic")
        found = lift(workspace, segment).found
        assert (found[0].name, found[0].value, found[0].people, found[0].everybody) == ("city", "Vic", 8, 8)
        assert found[0].lift == pytest.approx(42 / 8)

    def test_the_timeline_says_it(self, workspace: Workspace, client_for: Callable[..., Client]) -> None:
        made(workspace, BUYERS, "Good customers")
        bring(workspace, [bought("bea@example.org", 1)], "orders")
        bea = Profile.objects.get(name="Bea")
        page = (
            client_for("viewer").get(reverse("organise:person", kwargs={"workspace": workspace.slug, "pid": bea.public})).content.decode()
        )
        assert "entered a segment" in page
        assert "Good customers" in page

    def test_a_rebuild_keeps_segments_and_the_ledger(self, workspace: Workspace) -> None:
        from vincle.project.rebuild import rebuild

        segment = made(workspace, {"all": []})
        ledger = list(Membership.objects.values_list("person", "entered_at"))
        rebuild()  # nothing of this was a delivery that can be read again: everybody goes
        segment.refresh_from_db()
        assert (segment.state, segment.members) == ("live", 0)
        assert sorted(Membership.objects.values_list("person", "entered_at")) == sorted(ledger)


def test_what_a_step_costs_does_not_grow(workspace: Workspace, owner: User) -> None:
    world, count = World(workspace, owner, 0), 0

    def cost(people: int) -> int:
        nonlocal count
        count += 1
        looks = [
            act(HandleRef("email", f"p{n}@example.org"), Verb.VIEW, ObjectType.PAGE, 1, native_id=f"{count}:{n}") for n in range(people)
        ]
        world.bring(list(looks))
        world.follow()
        with held("segments") as cursor, CaptureQueriesContext(connection) as asked:
            assert cursor
            membership.step(cursor, at=NOW)
        return len(asked)

    def make(name: str, number: int) -> None:
        segmenting.create(workspace, owner, f"{name} {number}", ASKED[name])
        world.settle()

    for number, name in enumerate(("buyers", "tag", "best", "may write", "city")):
        make(name, number)
    cost(60)
    few, many = cost(20), cost(60)  # some databases write up to 16 rows in another way
    for number in range(10):
        make("big" if number % 2 else "waiting", number)
    cost(60)
    assert (many, cost(60)) == (few, few)
    assert few < 40
