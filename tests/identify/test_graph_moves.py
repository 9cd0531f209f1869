"""Moves one by one: merge, split, undo, back to a date, rebuild; the graph stays sound."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from vincle.accounts.models import AuditEntry, User, Workspace
from vincle.identify import actions as identify
from vincle.identify.actions import NotUndoable, ProbableLink
from vincle.identify.models import Belonging, Case, Link, Move, Person
from vincle.listen import log
from vincle.listen.actions import connection_for
from vincle.listen.models import Activity as Row
from vincle.organise import team
from vincle.organise.filters import Where
from vincle.organise.models import Profile, Tagging
from vincle.store.models import Cursor
from vincle.vocabulary import Activity, HandleRef, ObjectType, Verb, handle_key

from .test_resolve import NOW, groups, say, settle


def person(workspace: Workspace, text: str) -> int:
    return int(Belonging.objects.get(handle=key(workspace, text)).person)


def key(workspace: Workspace, text: str) -> int:
    return handle_key(bytes(workspace.secret), *text.split(":"))


def state(workspace: Workspace) -> tuple[Any, ...]:
    leads = dict(Person.objects.of(workspace).values_list("pk", "merged_into"))
    return dict(Belonging.objects.of(workspace).values_list("handle", "person")), leads


def merge(workspace: Workspace, one: str, other: str, user: User | None = None) -> Move:
    identify.merge(workspace, person(workspace, one), person(workspace, other), user)
    return Move.objects.latest("pk")


def read_log_again() -> None:
    """What `vincle rebuild` does to identity, on the log as it is."""
    leads = identify.reading_again()
    Belonging.objects.all().delete()
    Person.objects.all().delete()
    Link.objects.filter(decided_by="exact").delete()
    Cursor.objects.filter(name="identify").update(position=0)
    settle()
    identify.reapply_merges(leads)


def test_merge_then_split_is_the_identity(workspace: Workspace, owner: User) -> None:
    say(workspace, "email:a instagram:a", "email:b phone:2")
    before = state(workspace)
    merge(workspace, "email:a", "email:b", owner)
    assert len(groups(workspace)) == 1
    came_out = identify.split(workspace, person(workspace, "email:a"), [key(workspace, "email:b"), key(workspace, "phone:2")], owner)
    assert state(workspace) == before
    assert came_out == person(workspace, "email:b")
    assert identify.sound(workspace) == []


def test_a_move_asks_no_more_for_many_handles_than_for_few(
    workspace: Workspace, owner: User, django_assert_max_num_queries: Callable[[int], AbstractContextManager[Any]]
) -> None:
    say(workspace, "email:a", *(f"email:b cookie:{number}" for number in range(300)))
    handles = list(Belonging.objects.filter(person=person(workspace, "email:b")).values_list("handle", flat=True))
    assert len(handles) == 301
    with django_assert_max_num_queries(40):
        kept = identify.merge(workspace, person(workspace, "email:a"), person(workspace, "email:b"), owner)
    with django_assert_max_num_queries(50):
        identify.split(workspace, kept, handles, owner)
    assert len(groups(workspace)) == 2
    assert identify.sound(workspace) == []


def test_a_split_handle_does_not_come_back_by_the_same_evidence(workspace: Workspace, owner: User) -> None:
    say(workspace, "email:a instagram:x", "email:a cookie:c")
    out = identify.split(workspace, person(workspace, "email:a"), [key(workspace, "instagram:x")], owner)
    settle()
    say(workspace, "email:a instagram:x", start=10)
    say(workspace, "instagram:x cookie:new", "cookie:new email:a", start=20)
    assert groups(workspace) == {frozenset({"email:a", "cookie:c"}), frozenset({"instagram:x", "cookie:new"})}
    assert person(workspace, "cookie:new") == out
    assert Case.objects.get().state == Case.State.DIFFERENT
    read_log_again()
    assert groups(workspace) == {frozenset({"email:a", "cookie:c"}), frozenset({"instagram:x", "cookie:new"})}
    assert person(workspace, "instagram:x") == out
    assert identify.sound(workspace) == []


def test_a_split_can_be_taken_back_with_what_came_since(workspace: Workspace, owner: User) -> None:
    say(workspace, "email:a instagram:x")
    identify.split(workspace, person(workspace, "email:a"), [key(workspace, "instagram:x")], owner)
    say(workspace, "instagram:x mastodon:m", start=5)
    assert len(groups(workspace)) == 2
    identify.undo(workspace, Move.objects.get().pk, owner)
    assert groups(workspace) == {frozenset({"email:a", "instagram:x", "mastodon:m"})}
    assert identify.sound(workspace) == []
    assert Case.objects.get().state == Case.State.MOOT


def test_what_came_to_a_merged_person_goes_with_the_part_it_came_to(workspace: Workspace, owner: User) -> None:
    say(workspace, "email:a", "email:b")
    move = merge(workspace, "email:a", "email:b", owner)
    say(workspace, "email:b instagram:b", start=5)
    identify.undo(workspace, move.pk, owner)
    assert groups(workspace) == {frozenset({"email:a"}), frozenset({"email:b", "instagram:b"})}


def test_undo_out_of_order_in_part_and_again(workspace: Workspace, owner: User) -> None:
    say(workspace, "email:a", "email:b phone:b", "email:c")
    start = state(workspace)
    first = merge(workspace, "email:a", "email:b", owner)
    second = merge(workspace, "email:a", "email:c", owner)
    identify.undo(workspace, first.pk, owner)
    assert groups(workspace) == {frozenset({"email:a", "email:c"}), frozenset({"email:b", "phone:b"})}
    with pytest.raises(NotUndoable, match="already"):
        identify.undo(workspace, first.pk, owner)
    identify.undo(workspace, Move.objects.get(act="undo").pk, owner)
    assert len(groups(workspace)) == 1
    identify.undo(workspace, first.pk, owner, handles=[key(workspace, "phone:b")])
    assert groups(workspace) == {frozenset({"email:a", "email:b", "email:c"}), frozenset({"phone:b"})}
    for move in Move.objects.filter(undone_at=None).exclude(act="undo").order_by("pk"):
        identify.undo(workspace, move.pk, owner)
    assert state(workspace)[0] == start[0]
    assert second.pk
    assert identify.sound(workspace) == []
    assert AuditEntry.objects.filter(verb="take back", object_type="move").exists()


def test_old_ids_lead_on_through_chains(workspace: Workspace) -> None:
    say(workspace, *(f"email:{name}" for name in "abcd"))
    ids = [person(workspace, f"email:{name}") for name in "abcd"]
    for one, other in (("a", "b"), ("c", "d"), ("d", "b")):
        merge(workspace, f"email:{one}", f"email:{other}")
    found = {identify.person_of(workspace, pk).pk for pk in ids}
    assert len(found) == 1
    assert identify.sound(workspace) == []


def test_what_exact_evidence_joined_can_be_taken_back(workspace: Workspace, owner: User) -> None:
    say(workspace, "email:a", "cookie:c", "email:a cookie:c")
    move = Move.objects.get()
    assert (move.act, move.handles) == ("exact", [Person.objects.get(pk=key(workspace, "cookie:c")).public])
    identify.undo(workspace, move.pk, owner)
    assert len(groups(workspace)) == 2
    assert person(workspace, "cookie:c") == key(workspace, "cookie:c")
    say(workspace, "email:a cookie:c", start=9)
    assert len(groups(workspace)) == 2


def test_back_to_a_moment_and_to_what_evidence_says(workspace: Workspace, owner: User) -> None:
    say(workspace, *(f"email:{name}" for name in "abc"))
    merge(workspace, "email:a", "email:b", owner)
    moment = timezone.now()
    merge(workspace, "email:a", "email:c", owner)
    settle()
    two = identify.back_to(workspace, person(workspace, "email:b"), moment, owner)
    assert groups(workspace) == {frozenset({"email:a", "email:b"}), frozenset({"email:c"})}
    assert set(two) == {person(workspace, "email:a"), person(workspace, "email:c")}
    three = identify.split_whole(workspace, person(workspace, "email:b"), owner)
    assert len(groups(workspace)) == 3
    assert len(three) == 2
    assert identify.sound(workspace) == []
    assert identify.back_to(workspace, person(workspace, "email:c"), timezone.now() - timedelta(days=9), owner) == [
        person(workspace, "email:c")
    ]


def test_many_at_once_and_back_at_one_word(workspace: Workspace, owner: User) -> None:
    say(workspace, "email:a", "phone:1", "email:b", "phone:2", "email:a phone:1", "email:b phone:2")
    start = state(workspace)
    cases = list(Case.objects.values_list("pk", flat=True))
    done = identify.merge_many(workspace, [*cases, 999], owner)
    assert (done.done, done.skipped) == (2, 1)
    assert len(groups(workspace)) == 2
    assert identify.merge_many(workspace, cases, owner).done == 0
    assert identify.undo_batch(workspace, done.batch, owner) == 2
    assert state(workspace) == start
    assert set(Case.objects.values_list("state", flat=True)) == {"open"}


def test_probable_links_join_ask_and_stay_apart(workspace: Workspace, owner: User) -> None:
    say(workspace, "email:a", "instagram:a", "email:b", "mastodon:m")
    ids = {name: person(workspace, name) for name in ("email:a", "instagram:a", "email:b", "mastodon:m")}
    steps = [{"matcher": matcher, "level": "same", "weight": 5.0, "code": "same"} for matcher in ("name", "username")]
    pair = [
        ProbableLink(ids["instagram:a"], ids["email:a"], 9.0, 0.999, steps),
        ProbableLink(ids["instagram:a"], ids["email:b"], 8.5, 0.998, steps),
        ProbableLink(ids["mastodon:m"], ids["email:b"], 1.0, 0.1, steps),
    ]
    assert identify.link_probable(workspace, pair) == (1, 1, 1)
    assert groups(workspace) >= {frozenset({"email:a", "instagram:a"}), frozenset({"email:b"})}
    asked = Case.objects.get(state="open")
    assert (asked.kind, asked.probability, asked.evidence[0]["steps"]) == ("probable", 0.998, steps)
    assert {asked.left, asked.right} == {ids["email:a"], ids["email:b"]}
    move = Move.objects.get(act="link")
    read_log_again()
    assert frozenset({"email:a", "instagram:a"}) in groups(workspace)
    identify.undo(workspace, move.pk, owner)
    assert identify.link_probable(workspace, pair[:1]) == (0, 0, 1)
    assert identify.sound(workspace) == []


def test_tags_owner_and_profile_follow_a_merge_and_go_back(workspace: Workspace, owner: User) -> None:
    say(workspace, "email:a", "email:b")
    one, other = person(workspace, "email:a"), person(workspace, "email:b")
    team.tag(workspace, owner, Where(workspace, ["p.person = %s"], [other]), "vip")
    team.set_owner(workspace, owner, Where(workspace, ["p.person = %s"], [other]), owner)
    kept = identify.merge(workspace, one, other, owner)
    joined = other if kept == one else one
    settle()
    assert Profile.objects.get().owner == owner
    assert {row.person for row in Tagging.objects.filter(removed_at=None)} >= {kept}
    identify.undo(workspace, Move.objects.get().pk, owner)
    settle()
    assert {row.person: row.owner for row in Profile.objects.all()} == {other: owner, (kept if kept != other else joined): None}
    assert {row.person for row in Tagging.objects.filter(removed_at=None)} == {other}


def test_history_tells_who_was_who(workspace: Workspace, owner: User) -> None:
    say(workspace, "email:a", "cookie:c", "email:a cookie:c", "email:b")
    move = merge(workspace, "email:a", "email:b", owner)
    identify.undo(workspace, move.pk, owner)
    told = identify.history(workspace, key(workspace, "cookie:c"))
    assert [move.act for move in told.moves] == ["exact", "merge", "undo"]
    assert {node.label for node in told.nodes if node.kind == "handle"} == {"a", "b", "c"}
    assert identify.history(workspace, 42) == ([], [])


def test_a_rebuild_takes_every_decision_again_in_its_order(workspace: Workspace, owner: User) -> None:
    say(workspace, "cookie:c", *(f"email:{name} instagram:{name}" for name in "abcd"), "email:a cookie:c")
    first = merge(workspace, "email:a", "email:b", owner)
    merge(workspace, "email:a", "email:c", owner)
    identify.split(workspace, person(workspace, "email:a"), [key(workspace, "instagram:c")], owner)
    identify.undo(workspace, first.pk, owner)
    merge(workspace, "instagram:c", "email:d", owner)
    say(workspace, "instagram:c mastodon:late", start=30)
    before, ids = groups(workspace), set(Person.objects.values_list("pk", flat=True))
    owners = state(workspace)[0]
    read_log_again()
    assert groups(workspace) == before
    assert state(workspace)[0] == owners
    assert ids <= set(Person.objects.values_list("pk", flat=True))
    assert identify.sound(workspace) == []


def act(workspace: Workspace, who: str, number: int, kind: ObjectType = ObjectType.PAGE) -> None:
    row = Activity(
        verb=Verb.VIEW,
        object_type=kind,
        native_id=f"v{number}",
        happened_at=NOW + timedelta(seconds=number),
        actor=HandleRef(*who.split(":")),
    )
    log.append(connection_for(workspace, "web"), [row], NOW)
    settle()


def test_what_a_cookie_did_before_is_the_persons_past(workspace: Workspace) -> None:
    for number in range(3):
        act(workspace, "cookie:c", number)
    say(workspace, "login:7 cookie:c", start=100)
    assert Profile.objects.get().activities == 3
    assert Profile.objects.get().first_at == NOW
    act(workspace, "cookie:c", 200)
    assert Profile.objects.get().activities == 4
    say(workspace, "email:z", "email:z login:7", start=300)
    assert len(groups(workspace)) == 2
    rows = Row.objects.count()
    merge(workspace, "email:z", "login:7")
    settle()
    assert Profile.objects.get().activities == 4
    assert Row.objects.count() == rows
