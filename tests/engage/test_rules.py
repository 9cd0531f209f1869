"""Rules: conditions that hold and say so, deeds done once, answers that never pester, loops that cannot be."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.engage.talks import ANA, NURIA, PEP, US, follow, hear, message, post, said, thread_of
from vincle.accounts.models import AuditEntry, Membership, Role, User, Workspace
from vincle.engage.inbox import actions, automation, automation_saved, conditions, deeds
from vincle.engage.inbox.conditions_words import names_of
from vincle.engage.inbox.models import (
    Automation,
    AutomationRun,
    Canned,
    Hours,
    Note,
    Tag,
    Team,
    Thread,
    ThreadTag,
)
from vincle.engage.outbox import actions as outbox
from vincle.engage.outbox.models import Send
from vincle.listen.models import Connection, Notice
from vincle.store.models import Cursor

pytestmark = pytest.mark.django_db
Given = dict[str, Any]


@pytest.fixture
def marta(workspace: Workspace) -> User:
    user = User.objects.create(email="marta@lligam.example", name="Marta Puig")
    Membership.objects.create(workspace=workspace, user=user, role=Role.AGENT)
    return user


def rule(workspace: Workspace, user: User, *done: tuple[str, object], when: str = "began", **given: Any) -> Automation:
    told = {"name": "Rule", "moment": when, "minutes": None, "conditions": [], "is_on": True} | given
    return automation_saved.save(workspace, user, told | {"deeds": [{"do": do, "value": str(value)} for do, value in done]})


def heard(workspace: Workspace, *items: Any, practice: bool = True) -> Connection:
    """Said just now."""
    source = hear(workspace, *items, received=timezone.now())
    if practice:
        Connection.objects.filter(pk=source.pk).update(settings={"practice": True})
    return source


def done(run: AutomationRun) -> list[str]:
    return [f"{each['do']}:{each.get('why', '')}".rstrip(":") for each in run.done["deeds"]]


def canned(workspace: Workspace, text: str = "Hello {{ person.first_name }}, {{ agent.name }} will write soon.") -> Canned:
    return Canned.objects.create(workspace=workspace, name="Soon", text=text)


def test_conditions_are_read_from_what_is_known(workspace: Workspace, marta: User) -> None:
    source = hear(
        workspace, post(), said("c1", NURIA, 60, "On és la meva comanda? Fa dues setmanes que espero!"),
        message("m1", NURIA, 30, "Thank you, great coffee!"),
        said("c2", PEP, 50, "Number 42 of the list"),
    )  # fmt: skip
    threads = [thread_of(source, name) for name in ("c1", "m1", "c2")]
    tag = Tag.objects.create(workspace=workspace, name="Parcel", folded="parcel")
    actions.tag(workspace, marta, [threads[0].key], "Parcel")
    actions.assign(workspace, marta, [threads[0].key], marta)
    threads = [thread_of(source, name) for name in ("c1", "m1", "c2")]
    facts = conditions.facts(workspace, threads)
    now = timezone.now()

    def fits(*clauses: Any) -> str:
        return "".join(name for name, row in zip("abc", threads, strict=True) if conditions.holds(clauses, facts[row.key], now))

    def has(field: str, *values: object) -> Given:
        return {"field": field, "is": [str(value) for value in values]}

    assert fits() == "abc"
    assert fits(has("channel", "instagram", "mail")) == "abc"
    assert fits(has("kind", "message")) == "b"
    assert fits({"not": has("kind", "message")}) == "ac"
    assert fits(has("connection", source.pk)) == "abc"
    assert fits(has("language", "ca")) == "a"
    assert fits(has("sentiment", "positive")) == "b"
    assert fits(has("intent", "question")) == "a"
    assert fits(has("tag", tag.pk)) == "a"
    assert fits(has("assignee", marta.pk)) == "a"
    assert fits(has("assignee", "none")) == "bc"
    assert fits(has("team", "none")) == "abc"
    assert fits(has("first_time", "1")) == "ac"
    assert fits({"not": has("first_time", "1")}, has("channel", "instagram")) == "b"
    assert fits({"field": "words", "query": "comanda OR coffee"}) == "ab"
    assert fits({"not": {"field": "words", "query": "coffee"}}) == "ac"
    assert fits({"field": "words", "query": "lang:ca"}) == "a"
    assert fits(has("peers", "1")) == ""
    assert fits(has("hours", "in")) == "abc"
    # What is gone holds for nobody, nor does its opposite, nor what cannot be read; it is said.
    tag_gone = has("tag", 99999)
    assert fits(tag_gone) == fits({"not": tag_gone}) == fits({"field": "words", "query": "("}) == fits({"field": "x"}) == ""
    assert fits(has("tag", 99999, tag.pk)) == "a"
    assert conditions.gone({"not": tag_gone}, conditions.living_of(workspace)) == ["99999"]
    assert "a tag that is gone" in conditions.sentence([tag_gone], names_of(workspace))
    told = conditions.sentence([has("channel", "instagram"), {"not": has("tag", tag.pk)}, has("assignee", marta.pk)], names_of(workspace))
    assert told == "it came by Instagram, it is not tagged Parcel and it is looked after by Marta Puig"


def test_the_same_facts_are_read_where_only_some_are_asked(workspace: Workspace) -> None:
    source = hear(workspace, post(), said("c1", NURIA, 60, "On és la meva comanda?"))
    row = thread_of(source, "c1")
    whole = conditions.facts(workspace, [row])[row.key]
    for name in whole.values:
        some = conditions.facts(workspace, [row], [[{"field": name, "is": ["x"]}]])[row.key]
        assert some.values[name] == whole.values[name], name


def test_outside_the_hours(workspace: Workspace) -> None:
    source = hear(workspace, post(), said("c1", NURIA, 60, "Hola?"))
    row = thread_of(source, "c1")
    Hours.objects.create(workspace=workspace, name="Shop", timezone="Europe/Madrid", week={"0": [["09:00", "13:00"]]}, is_usual=True)
    facts = conditions.facts(workspace, [row])[row.key]
    monday = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
    outside = [{"field": "hours", "is": ["out"]}]
    assert not conditions.holds(outside, facts, monday)
    assert conditions.holds(outside, facts, monday + timedelta(hours=4))


@pytest.mark.parametrize(
    ("given", "said_wrong"),
    [
        ("x", "Conditions are a list"), ([{"field": "moon", "is": ["1"]}], "no field “moon”"),
        ([{"field": "kind", "is": []}], "at least one"),
        ([{"field": "kind", "is": ["<b>"]}], "no value"), ([{"field": "tag", "is": ["none"]}], "no value"), ([None], "says nothing"),
        ([{"field": "words", "query": "a AND"}], "Condition 1"), ([{"not": {"not": {"field": "kind", "is": ["mail"]}}}], "no field"),
        ([{"field": "channel", "is": ["x" * 200]}], "no value"), ([{"field": "kind", "is": ["mail"], "then": 1}], "more than"),
        ([{"field": "kind", "is": ["mail"]}] * 21, "At most 20"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_named_with_its_place(given: Any, said_wrong: str) -> None:
    assert any(said_wrong in problem for problem in conditions.problems(given)), conditions.problems(given)


def test_a_new_conversation_sets_a_rule_off_once(workspace: Workspace, marta: User) -> None:
    team = Team.objects.create(workspace=workspace, name="Parcels", folded="parcels")
    tag = Tag.objects.create(workspace=workspace, name="New", folded="new")
    made = rule(workspace, marta, ("team", team.pk), ("tag", tag.pk), ("note", "Look at @marta"), ("tell", marta.pk), ("assign", marta.pk))
    other = rule(workspace, marta, ("close", ""), conditions=[{"field": "kind", "is": ["mail"]}])
    source = heard(workspace, post(), said("c1", NURIA, 1, "On és la meva comanda?"))
    row = thread_of(source, "c1")
    assert automation.turn() == 1
    row.refresh_from_db()
    assert (row.team_id, row.assignee, row.state) == (team.pk, marta, "open")
    assert ThreadTag.objects.filter(thread=row.key, tag=tag).exists()
    assert Note.objects.get(thread=row.key).by is None
    assert set(Notice.objects.values_list("code", flat=True)) >= {"ruled", "called", "assigned"}
    run = AutomationRun.objects.get()
    assert done(run) == ["team", "tag", "note", "tell", "assign"]
    made.refresh_from_db()
    other.refresh_from_db()
    assert (made.runs, other.runs) == (1, 0)
    assert AuditEntry.objects.filter(actor="rule “Rule”", verb="tagged").count() == 1
    # Looked at once more, from the beginning of the log, nothing happens again; nor when everything is worked out anew.
    Cursor.objects.filter(name=automation.CURSOR).update(position=0)
    assert automation.turn() == 0
    # They write again: no new conversation.
    heard(workspace, said("c1b", NURIA, 0.5, "Hola?", parent="c1"))
    assert automation.turn() == 0
    # The past that comes late, and what was there before the rule, set nothing off.
    hear(workspace, said("old", PEP, 60 * 24 * 40, "On és?"), received=timezone.now())
    assert automation.turn() == 0
    assert AutomationRun.objects.count() == 1


def test_they_write_again(workspace: Workspace, marta: User) -> None:
    source = heard(workspace, post(), said("c1", NURIA, 2, "On és la meva comanda?"))
    automation.turn()
    rule(workspace, marta, ("note", "again"), when="wrote")
    automation.turn()
    assert Note.objects.count() == 0
    heard(workspace, said("c2", NURIA, 1, "Hola?", parent="c1"), said("c3", NURIA, 0.5, "Hola??", parent="c1"))
    assert automation.turn() == 2
    thread = thread_of(source, "c1").key
    assert AutomationRun.objects.filter(thread=thread).count() == Note.objects.filter(thread=thread).count() == 2


def test_waiting_too_long(workspace: Workspace, marta: User) -> None:
    made = rule(workspace, marta, ("snooze", "60"), when="waited", minutes=30)
    source = heard(workspace, post(), said("c1", NURIA, 20, "On és la meva comanda?"), said("c2", PEP, 90, "I la meva?"))
    automation.turn()
    assert AutomationRun.objects.count() == 0  # the one has not waited enough, the other had before there was a rule
    Automation.objects.filter(pk=made.pk).update(created_at=timezone.now() - timedelta(hours=3))
    Thread.objects.filter(key=thread_of(source, "c1").key).update(waiting_since=timezone.now() - timedelta(minutes=31))
    assert automation.turn() == 1
    row = thread_of(source, "c1")
    assert (row.state, row.snoozed_until is not None) == ("snoozed", True)
    Thread.objects.filter(key=row.key).update(state="open", snoozed_until=None)
    assert automation.turn() == 0


def test_only_people_who_close_set_a_rule_off(workspace: Workspace, marta: User) -> None:
    tag = Tag.objects.create(workspace=workspace, name="Done", folded="done")
    rule(workspace, marta, ("close", ""), conditions=[{"field": "kind", "is": ["message"]}])
    rule(workspace, marta, ("tag", tag.pk), when="closed")
    source = heard(workspace, post(), said("c1", NURIA, 5, "On és?"), message("m1", PEP, 4, "Hola, on és?"))
    automation.turn()
    assert thread_of(source, "m1").state == "closed"
    automation.turn()
    assert not ThreadTag.objects.exists()
    actions.close(workspace, marta, [thread_of(source, "c1").key])
    assert automation.turn() == 1
    assert automation.turn() == 0
    assert ThreadTag.objects.get().thread == thread_of(source, "c1").key


def leave() -> None:
    Send.objects.update(not_before=timezone.now() - timedelta(seconds=1))
    outbox.turn()
    follow()


def test_an_answer_leaves_once_and_is_none_of_the_team(workspace: Workspace, marta: User) -> None:
    kept = canned(workspace)
    rule(workspace, marta, ("answer", kept.pk))
    rule(workspace, marta, ("answer", kept.pk), when="wrote")
    source = heard(workspace, post(), said("c1", NURIA, 2, "On és la meva comanda?"))
    assert automation.turn() == 1
    sent = Send.objects.get()
    assert (sent.purpose, sent.by, sent.deed) == ("answer", None, "reply")
    assert sent.text == f"Hello nuria, {workspace.name} will write soon."
    leave()
    row = thread_of(source, "c1")
    assert Send.objects.get().state == "sent"
    assert row.messages == 2
    assert row.waiting_since is not None  # nobody of the team has answered yet
    assert row.first_answer_at is None
    # They write again within the day: no second answer, and it says why. Our own words set nothing off.
    heard(workspace, said("c2", NURIA, 0, "Hola?", parent="c1"))
    assert automation.turn() == 1
    assert done(AutomationRun.objects.latest("pk")) == ["answer:lately"]
    assert Send.objects.count() == 1
    Send.objects.update(created_at=timezone.now() - timedelta(hours=25))
    heard(workspace, said("c3", NURIA, 0, "Hola??", parent="c1"))
    automation.turn()
    assert Send.objects.count() == 2
    kept.refresh_from_db()
    assert kept.used == 2


def test_nothing_answers_machines_spam_or_what_was_answered(workspace: Workspace, marta: User) -> None:
    kept = canned(workspace)
    rule(workspace, marta, ("answer", kept.pk))
    heard(workspace, post(), message("m1", PEP, 3, "Out of office until Monday", is_machine=True))
    assert automation.turn() == 0
    source = heard(workspace, said("c1", NURIA, 5, "On és la meva comanda?"), said("a1", US, 4, "Arriba demà!", parent="c1"))
    automation.turn()
    assert done(AutomationRun.objects.get(thread=thread_of(source, "c1").key)) == ["answer:answered"]
    spam = heard(workspace, said("s1", ANA, 2, "Buy cheap followers now!!! http://spam.example click here, earn money fast, free crypto"))
    from vincle.engage.inbox.models import Piece

    key = thread_of(spam, "s1").key
    Piece.objects.filter(thread=key).update(is_spam=True)
    automation.turn()
    assert done(AutomationRun.objects.get(thread=key)) == ["answer:spam"]
    assert not Send.objects.exists()


def test_what_cannot_be_done_says_why_and_keeps_nothing_else(workspace: Workspace, marta: User) -> None:
    tag = Tag.objects.create(workspace=workspace, name="New", folded="new")
    kept = canned(workspace)
    team = Team.objects.create(workspace=workspace, name="Parcels", folded="parcels")
    rule(workspace, marta, ("tag", tag.pk), ("team", team.pk), ("answer", kept.pk), ("assign", marta.pk), ("note", "here"), ("hide", ""))
    tag.delete()
    Team.objects.update(deleted_at=timezone.now())
    Canned.objects.update(deleted_at=timezone.now())
    Membership.objects.filter(user=marta).delete()
    heard(workspace, post(), said("c1", NURIA, 2, "On és la meva comanda?"))
    automation.turn()
    run = AutomationRun.objects.get()
    assert done(run) == ["tag:gone", "team:gone", "answer:gone", "assign:gone", "note", "hide"]
    assert "gone" in deeds.why("gone")
    assert Send.objects.get().deed == "hide"


def test_killed_on_the_way_nothing_is_half_done(workspace: Workspace, marta: User, monkeypatch: pytest.MonkeyPatch) -> None:
    from vincle.engage.inbox import doing

    tag = Tag.objects.create(workspace=workspace, name="New", folded="new")
    rule(workspace, marta, ("tag", tag.pk), ("note", "here"))
    heard(workspace, post(), said("c1", NURIA, 2, "On és la meva comanda?"))

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setitem(doing._DO, "note", killed)
        with pytest.raises(KeyboardInterrupt):
            automation.turn()
    assert not AutomationRun.objects.exists()
    assert not ThreadTag.objects.exists()
    assert automation.turn() == 1
    assert (ThreadTag.objects.count(), Note.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("change", "said_wrong"),
    [
        ({"name": " "}, "needs a name"), ({"moment": "moon"}, "when it happens"), ({"moment": "waited"}, "how many minutes"),
        ({"deeds": []}, "Choose what is done"), ({"deeds": [{"do": "tag", "value": "77"}]}, "one that stands"),
        ({"deeds": [{"do": "explode", "value": ""}]}, "what is done"), ({"deeds": [{"do": "snooze", "value": "-5"}]}, "write minutes"),
        ({"deeds": [{"do": "note", "value": " "}]}, "some words"), ({"conditions": [{"field": "moon", "is": ["1"]}]}, "no field"),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_be_meant_is_not_kept(workspace: Workspace, marta: User, change: Given, said_wrong: str) -> None:
    given = {"name": "Rule", "moment": "began", "minutes": None, "conditions": [], "deeds": [{"do": "close", "value": ""}], "is_on": True}
    with pytest.raises(actions.Refused, match=said_wrong):
        automation_saved.save(workspace, marta, given | change)
    assert not Automation.objects.exists()


def test_order_switch_and_away(workspace: Workspace, marta: User) -> None:
    first, second = (rule(workspace, marta, ("close", ""), name=name) for name in ("One", "Two"))
    automation_saved.raise_up(workspace, marta, second)
    assert [each.name for each in automation_saved.kept(workspace)] == ["Two", "One"]
    automation_saved.switch(workspace, marta, first, False)
    assert automation.rules_of(workspace) == [second]
    automation_saved.delete(workspace, marta, second)
    assert automation.rules_of(workspace) == []
    assert automation_saved.restore(workspace, marta, second.pk)
    assert [each.is_on for each in automation_saved.kept(workspace)] == [False, False]
