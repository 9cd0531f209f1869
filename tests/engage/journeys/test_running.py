"""Journeys as people go through them: who begins, where they go, each step once, and when."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.engage.journeys.town import BUYS, Town, mailbox
from vincle.accounts.models import User, Workspace
from vincle.engage.journeys import actions, checking, counting
from vincle.engage.journeys.models import HookCall, Journey, Task, Walk
from vincle.engage.outbox.models import Outcome, Send
from vincle.listen import notices_words
from vincle.listen.models import NoticeFor
from vincle.organise import segmenting
from vincle.organise.models import Profile, Tagging
from vincle.vocabulary import ObjectType, Verb

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(workspace: Workspace, owner: User) -> Town:
    made = Town(workspace, owner)
    made.people("ana", "bea")
    return made


def state(town: Town, name: str) -> tuple[str, str]:
    walk = town.walk(name)
    return walk.state, walk.node


def test_whoever_acts_begins_and_goes_through_once(town: Town) -> None:
    journey = town.journey(BUYS + 'add tag "buyer" [t]\nwait 2 days [w]\nremove tag "buyer" [u]\n')
    town.act("ana")
    town.settle()
    assert state(town, "ana") == ("waiting", "w")
    assert Tagging.objects.filter(removed_at=None).values_list("person", flat=True).get() == town.person("ana")
    town.later(days=1)
    assert state(town, "ana") == ("waiting", "w")
    town.later(days=1, minutes=1)
    assert state(town, "ana") == ("done", "")
    assert not Tagging.objects.filter(removed_at=None).exists()
    assert town.trail("ana") == [("", "began"), ("t", "tagged"), ("w", "waits"), ("u", "tagged"), ("", "done")]
    assert counting.live(journey) == {"t": (0, 1), "w": (0, 1), "u": (0, 1)}
    assert counting.ends(journey) == {"done": 1}
    assert not Walk.objects.filter(person=town.person("bea")).exists()


def test_what_happened_before_the_start_starts_nobody(town: Town) -> None:
    town.act("ana", at=timezone.now() - timedelta(minutes=1))
    town.journey(BUYS + "leave\n")
    town.act("bea", at=timezone.now() - timedelta(days=9))
    town.settle()
    assert not Walk.objects.exists()


def test_again_only_as_the_rule_lets(town: Town) -> None:
    town.journey(BUYS + "wait 1 hour\n", "once")
    town.journey(BUYS + "They may start again once it has ended, 3 days after they began\nwait 1 hour\n", "after")
    town.journey(BUYS + "They may start again at any time\nwait 1 hour\n", "always")
    for times in range(2):
        town.act("ana")
        town.settle()
        assert dict(Walk.objects.values_list("journey__name", "turn")) == {"once": 0, "after": 0, "always": times}
    town.later(days=3)
    town.act("ana")
    town.settle()
    assert dict(Walk.objects.order_by("turn").values_list("journey__name", "turn")) == {"once": 0, "after": 1, "always": 2}


def test_segments_start_and_end(town: Town) -> None:
    segmenting.create(town.workspace, town.user, "VIP", {"tag": "vip"})
    town.settle()
    town.journey('When someone enters segment "VIP"\nThey leave when someone leaves segment "VIP"\nwait 5 days [w]\n')
    town.journey('When someone does Purchase\nadd tag "vip"\nwait 1 day [x]\nremove tag "vip"\n', "tags")
    town.act("ana")
    town.settle()
    vip = Walk.objects.get(journey__name="Test")
    assert (vip.state, vip.node) == ("waiting", "w")
    town.later(days=1, hours=1)
    vip.refresh_from_db()
    assert vip.state == "left"


def test_branches_ask_what_segments_ask(town: Town) -> None:
    town.people("carla", traits={"city": "Girona"})
    journey = town.journey(
        BUYS + 'if their "city" is "Girona": [b]\n  add tag "near" [n]\notherwise:\n  add tag "far" [f]\nwait 1 day [w]\n'
    )
    for name in ("ana", "carla"):
        town.act(name)
    town.settle()
    assert [node for node, _ in town.trail("carla")] == ["", "b", "n", "w"]
    assert [node for node, _ in town.trail("ana")] == ["", "b", "f", "w"]
    assert counting.ways(journey)["b"] == {0: 1, 1: 1}


def test_waiting_for_something_that_comes_or_does_not(town: Town) -> None:
    text = 'wait until the person does Create of Review, 2 days at most: [w]\n  add tag "thanked" [t]\n'
    town.journey(f"{BUYS}{text}otherwise:\n  leave [l]\n")
    town.act("ana")
    town.act("bea")
    town.settle()
    town.act("ana", Verb.CREATE, ObjectType.REVIEW)
    town.settle()
    assert [what for _, what in town.trail("ana")] == ["began", "waits_for", "heard", "came", "tagged", "done"]
    assert state(town, "bea") == ("waiting", "w")
    town.later(days=2, minutes=1)
    assert [what for _, what in town.trail("bea")] == ["began", "waits_for", "missed", "left"]


def test_the_goal_ends_it(town: Town) -> None:
    town.journey("When someone does View of Page\nThe goal is that someone does Purchase\nwait 9 days\n")
    town.act("ana", Verb.VIEW, ObjectType.PAGE)
    town.settle()
    town.act("ana")
    town.settle()
    assert town.walk("ana").state == "goal"


def test_messages_go_to_the_outbox_once_and_their_results_are_asked(town: Town) -> None:
    mailbox(town.workspace)
    text = BUYS + 'They may start again at any time\nsend text "Hello {{ person.first_name }}" by email as service [m]\n'
    journey = town.journey(text + 'wait until the person opened it, 1 day at most: [w]\n  add tag "reader" [t]\n')
    town.act("ana")
    town.settle()
    walk, send = town.walk("ana"), Send.objects.get()
    assert send.key == f"j:{journey.pk}:{walk.pk}:m"
    assert send.person == town.person("ana")
    Send.objects.filter(pk=send.pk).update(state=Send.State.SENT)
    Outcome.objects.create(workspace=town.workspace, send=send, job=send.job, opened_at=timezone.now())
    town.act("ana", Verb.READ, ObjectType.MESSAGE)
    town.settle()
    assert ("w", "came") in town.trail("ana")
    town.act("ana")
    town.settle()
    assert Send.objects.count() == 2


def test_tasks_webhooks_fields_and_scores(town: Town) -> None:
    text = (
        BUYS
        + 'add 5 to score "points" [p]\nadd 2.5 to score "points" [q]\nset field "plan" to "pro" [f]\nset stage "Stage" to "customer" [s]\n'
    )
    town.journey(text + 'ask a colleague "Call them" within 2 days [c]\ntell "https://example.org/hook" [h]\n')
    town.act("ana")
    town.settle()
    traits = Profile.objects.get(person=town.person("ana")).traits
    assert [traits[name][0] for name in ("points", "plan", "Stage")] == [7.5, "pro", "customer"]
    assert Task.objects.get().due_at is not None
    rung = NoticeFor.objects.get(notice__code="journey_task")
    assert rung.user == town.user, "nobody is named: whoever made the journey"
    assert notices_words.title(rung.notice) == "“Test” asks you: Call them"
    assert HookCall.objects.get().body["person"]
    assert town.walk("ana").state == "done"


def test_a_pause_holds_everything_and_what_happened_meanwhile_is_followed(town: Town) -> None:
    journey = town.journey(BUYS + 'wait 1 hour [w]\nadd tag "x" [t]\n')
    town.act("ana")
    town.settle()
    actions.pause(town.workspace, town.user, journey)
    town.act("bea")
    town.later(hours=3)
    assert state(town, "ana") == ("waiting", "w")
    assert not Walk.objects.filter(person=town.person("bea")).exists()
    actions.start(town.workspace, town.user, journey)
    town.settle()
    assert town.walk("ana").state == "done"
    assert state(town, "bea") == ("waiting", "w")
    journey.refresh_from_db()
    assert journey.behind is None


@pytest.mark.parametrize(("late", "trail"), [
    ("is left out", ["began", "waits", "late", "tagged", "done"]),
    ("is done all the same", ["began", "waits", "sent", "tagged", "done"]),
    ("ends it", ["began", "waits", "left_late"]),
])  # fmt: skip
def test_what_is_too_late_after_a_pause(town: Town, late: str, trail: list[str]) -> None:
    mailbox(town.workspace)
    text = f'What is more than 24 hours late {late}\nwait 1 hour [w]\nsend text "Hi" by email as service [m]\nadd tag "x" [t]\n'
    journey = town.journey(BUYS + text)
    town.act("ana")
    town.settle()
    actions.pause(town.workspace, town.user, journey)
    town.later(days=3)
    actions.start(town.workspace, town.user, journey)
    town.settle()
    assert [what for _, what in town.trail("ana")] == trail
    assert Send.objects.count() == ("sent" in trail)


def test_a_new_version_is_followed_where_the_step_still_stands(town: Town) -> None:
    journey = town.journey(BUYS + 'wait 1 day [w]\nadd tag "old" [t]\n')
    town.act("ana")
    town.settle()
    changed = {"start": [{"event": {"verb": ["Purchase"]}}], "steps": [
        {"id": "w", "do": "wait", "for": {"days": 9}}, {"id": "n", "do": "tag", "add": "new"},
    ]}  # fmt: skip
    actions.save_version(town.workspace, town.user, journey, changed)
    actions.start(town.workspace, town.user, journey)
    town.later(days=1, hours=1)
    assert [node for node, _ in town.trail("ana")][-2:] == ["n", ""]


def test_stopping_ends_it_for_everybody(town: Town) -> None:
    journey = town.journey(BUYS + "wait 1 day\n")
    town.act("ana")
    town.settle()
    actions.stop(town.workspace, town.user, journey)
    town.later(days=2)
    assert town.walk("ana").state == "stopped"
    with pytest.raises(actions.Refused):
        actions.pause(town.workspace, town.user, journey)


def test_a_journey_that_fails_pauses_alone_and_loses_nothing(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    from vincle.engage.journeys.running import deeds

    bad, good = town.journey(BUYS + "leave [l]\n", "bad"), town.journey(BUYS + 'add tag "x" [t]\n', "good")
    real = dict(deeds._DEEDS)

    def fall(*_: object) -> None:
        raise ValueError("no")

    monkeypatch.setitem(deeds._DEEDS, deeds.Leave, fall)
    town.act("ana")
    town.settle()
    bad.refresh_from_db()
    assert (bad.state, bool(bad.trouble), bad.behind is not None) == (Journey.State.PAUSED, True, True)
    assert counting.ends(good) == {"done": 1}
    monkeypatch.setitem(deeds._DEEDS, deeds.Leave, real[deeds.Leave])
    actions.start(town.workspace, town.user, bad)
    town.settle()
    assert counting.ends(bad) == {"left": 1}


def test_birthdays_come_each_year(town: Town) -> None:
    born = (town.now - timedelta(days=1)).date().replace(year=1990)
    town.people("dora", traits={"birthday": born.isoformat(), "timezone": "Europe/Madrid"})
    text = 'When someone reaches 2 days after "birthday" at 09:00 every year\nOnly if their "city" is unknown\n'
    town.journey(text + 'They may start again at any time\nadd tag "bday" [t]\n')
    town.later(days=1, hours=13)
    assert [what for _, what in town.trail("dora")] == ["began", "tagged", "done"]
    assert Walk.objects.count() == 1
    town.later(hours=2)
    assert Walk.objects.count() == 1


def test_who_is_joined_to_another_goes_on_as_that_one(town: Town) -> None:
    from vincle.identify import actions as identify

    town.journey(BUYS + 'The goal is that someone does Create of Review\nwait 1 day [w]\nadd tag "x" [t]\n')
    town.act("ana")
    town.act("bea")
    town.settle()
    ana, bea = town.person("ana"), town.person("bea")
    identify.merge(town.workspace, ana, bea, town.user)
    town.settle()
    stands = Profile.objects.get(person__in=[ana, bea]).person
    town.act("bea", Verb.CREATE, ObjectType.REVIEW)
    town.settle()
    assert list(Walk.objects.values_list("person", "state")) == [(stands, "goal")] * 2


def test_who_is_no_more_ends(town: Town) -> None:
    town.journey(BUYS + "wait 1 day [w]\n")
    town.act("ana")
    town.settle()
    Profile.objects.filter(person=town.person("ana")).update(person=1)
    town.later(days=1, minutes=1)
    assert Walk.objects.get().state == "left"


def test_nothing_crosses_workspaces(town: Town, other_workspace: Workspace) -> None:
    journey = town.journey(BUYS + "leave\n")
    other = Town(other_workspace, town.user)
    other.people("ana")
    other.act("ana")
    town.settle()
    assert not Walk.objects.exists()
    with pytest.raises(Journey.DoesNotExist):
        actions.pause(other_workspace, town.user, journey)


def test_people_put_in_and_taken_out_by_hand(town: Town, other_workspace: Workspace) -> None:
    from vincle.engage.journeys import people

    journey = town.journey(BUYS + "wait 1 day [w]\n")
    ana = town.person("ana")
    assert people.put_in(town.workspace, town.user, journey, [ana, ana, 12345]) == 1
    town.settle()
    assert state(town, "ana") == ("waiting", "w")
    assert people.put_in(town.workspace, town.user, journey, [ana]) == 0
    walk = town.walk("ana")
    assert people.take_out(other_workspace, town.user, [walk.pk]) == 0
    assert people.take_out(town.workspace, town.user, [walk.pk]) == 1
    assert town.walk("ana").state == "left"


def test_a_late_journey_starts_nobody_of_long_ago(town: Town) -> None:
    journey = town.journey(BUYS + "wait 1 day [w]\n")
    Journey.objects.filter(pk=journey.pk).update(started_at=timezone.now() - timedelta(days=30))
    town.act("ana", at=timezone.now() - timedelta(days=5))
    town.act("bea", at=timezone.now() - timedelta(hours=5))
    town.settle()
    assert set(Walk.objects.values_list("person", flat=True)) == {town.person("bea")}


def test_a_correction_begins_nobody_again(town: Town) -> None:
    from vincle.vocabulary import Op

    town.journey(BUYS + "They may start again at any time\nleave\n")
    town.act("ana", native_id="order")
    town.settle()
    town.act("ana", native_id="order", op=Op.CORRECT, version="2")
    town.settle()
    assert Walk.objects.count() == 1


def test_following_the_log_from_the_beginning_changes_nothing(town: Town) -> None:
    from vincle.engage.journeys.models import WalkStep
    from vincle.engage.journeys.running import stepping
    from vincle.store.models import Cursor

    text = "They may start again at any time\nwait 1 day [d]\nwait until the person does Purchase, 3 days at most: [w]\n"
    town.journey(BUYS + text)
    town.act("ana")
    town.act("bea")
    town.act("bea")
    town.settle()
    town.later(days=1, minutes=10)
    before = list(WalkStep.objects.order_by("pk").values_list("walk", "node", "what"))
    stepping.empty()
    assert Cursor.objects.get(name=stepping.STEP).position == 0
    town.settle()
    assert list(WalkStep.objects.order_by("pk").values_list("walk", "node", "what")) == before


def test_texts_codes_and_links_of_surveys(town: Town) -> None:
    from vincle.engage.campaigns import promotions
    from vincle.engage.journeys import texts
    from vincle.engage.outbox.writing import Skip, Written

    mailbox(town.workspace)
    terms = promotions.Terms(name="Spring", words="10 % off", percent=10)  # type: ignore[arg-type]
    promotions.save(town.workspace, town.user, terms)
    text = 'send text "Hi {{ person.first_name }}, use {{ data.code }}" titled "For {{ person.name }}" with code of "Spring" by email [m]\n'
    town.journey(BUYS + text + 'send text "Bye" by email [bad]\n')
    town.act("ana")
    town.settle()
    good, bad = Send.objects.order_by("pk")
    (written,) = texts.writer(good.job, [good])
    assert isinstance(written, Written)
    assert written.text == f"Hi Ana, use {good.data['code']}"
    assert (written.subject, written.to_address) == ("For Ana", "ana@example.org")
    bad.job.content["text"] = "{% if"
    (skipped,) = texts.writer(bad.job, [bad])
    assert isinstance(skipped, Skip)
    assert skipped.code == "text_broken"


def test_a_journey_that_names_what_is_not_there_does_not_start(town: Town) -> None:
    text = 'send text "{% if" by email [t]\nsend letter #77 by email [m]\nask a colleague "Call" for "nobody@example.org" [c]\n'
    text = f"{BUYS}{text}if they are in segment #gone: [b]\n"
    journey = town.journey(text, is_started=False)
    found = checking.problems(town.workspace, actions.definition_of(journey))
    assert [(each.node, each.code) for each in found] == [
        ("t", "no_connection"), ("t", "text_broken"), ("m", "no_connection"), ("m", "no_letter"), ("c", "no_such_colleague"),
        ("b", "no_segment"),
    ]  # fmt: skip
    with pytest.raises(actions.Refused):
        actions.start(town.workspace, town.user, journey)


def test_the_story_says_why(town: Town) -> None:
    from vincle.engage.journeys import story

    town.journey(BUYS + 'if their "city" is "Girona": [b]\n  leave [l]\nwait 2 days [w]\nadd tag "x" [t]\n')
    town.act("ana")
    town.later(minutes=1)
    town.later(days=2, minutes=5)
    lines = story.of(town.walk("ana"))
    assert [line.what for line in lines] == ["began", "branched", "waits", "tagged", "done"]
    assert all(line.words for line in lines)
    assert lines[0].because
    assert lines[1].because == "Nothing of the above held."
    assert "Until" in lines[2].because
