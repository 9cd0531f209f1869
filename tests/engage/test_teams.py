"""Teams: who belongs to them, conversations shared out among those who are there, closings and work kept."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from tests.engage.talks import ANA, NURIA, PEP, at, follow, hear, message, post, said, thread_of
from vincle.accounts.models import AuditEntry, Membership, Role, User, Workspace
from vincle.engage.inbox import actions, teams
from vincle.engage.inbox.actions import Refused
from vincle.engage.inbox.models import Closing, Effort, Presence, Team, TeamMember, Thread
from vincle.listen.models import Connection, Notice, NoticeFor

pytestmark = pytest.mark.django_db


def joins(workspace: Workspace, name: str, role: Role = Role.AGENT) -> User:
    user = User.objects.create(email=f"{name.lower()}@lligam.example", name=name)
    Membership.objects.create(workspace=workspace, user=user, role=role)
    return user


@pytest.fixture
def boss(workspace: Workspace) -> User:
    return joins(workspace, "Marta", Role.ADMIN)


@pytest.fixture
def crew(workspace: Workspace) -> list[User]:
    return [joins(workspace, name) for name in ("Berta", "Joan", "Laia")]


@pytest.fixture
def source(workspace: Workspace) -> Connection:
    """A post and nine questions under it, each a conversation of its own."""
    asked = [said(f"q{n}", (NURIA, PEP, ANA)[n % 3], 100 - n, "On és la meva comanda?") for n in range(9)]
    return hear(workspace, post(), *asked)


def keys(source: Connection) -> list[int]:
    return [thread_of(source, f"q{n}").key for n in range(9)]


def looked_after(workspace: Workspace) -> dict[str, int]:
    names = Thread.objects.of(workspace).filter(assignee__isnull=False).values_list("assignee__name", flat=True)
    return {name: list(names).count(name) for name in set(names)}


def test_a_team_shares_out_in_turn(workspace: Workspace, boss: User, crew: list[User], source: Connection) -> None:
    team = teams.save(workspace, boss, "  Parcels ", [user.pk for user in crew], "turn")
    done = actions.assign(workspace, boss, keys(source), to_team=team)
    assert looked_after(workspace) == {"Berta": 3, "Joan": 3, "Laia": 3}
    assert done.threads == 9
    assert teams.turn() == 0  # nobody's are none any more
    # Three each, and one word to each of them.
    assert Notice.objects.filter(code="many_given").count() == NoticeFor.objects.count() == 3
    # The next three go round again, behind whoever had the last one.
    first = hear(workspace, said("q9", NURIA, 1, "I la meva?"))
    actions.assign(workspace, boss, [thread_of(first, "q9").key], to_team=team)
    assert thread_of(first, "q9").assignee == crew[0]
    assert AuditEntry.objects.filter(actor="team", verb="assigned").exists()


def test_whoever_has_fewest_is_given_the_next_and_nobody_more_than_they_may(
    workspace: Workspace, boss: User, crew: list[User], source: Connection
) -> None:
    berta, joan, laia = crew
    first, *rest = keys(source)
    actions.assign(workspace, boss, rest[:2], berta)
    team = teams.save(workspace, boss, "Parcels", [berta.pk, joan.pk, laia.pk], "load", most_open=2)
    actions.assign(workspace, boss, [first, *rest[2:]], to_team=team)
    assert looked_after(workspace) == {"Berta": 2, "Joan": 2, "Laia": 2}
    assert Thread.objects.filter(team=team, assignee=None).count() == 3  # all are full
    actions.close(workspace, boss, [Thread.objects.filter(assignee=joan).order_by("key")[0].key])
    assert teams.turn() == 1
    assert Thread.objects.filter(assignee=joan, state="open").count() == 2


def test_the_away_and_those_who_left_are_passed_over(workspace: Workspace, boss: User, crew: list[User], source: Connection) -> None:
    berta, joan, laia = crew
    team = teams.save(workspace, boss, "Parcels", [user.pk for user in crew], "turn")
    teams.away(workspace, berta, berta, True)
    teams.away(workspace, joan, joan, True, timezone.now() + timedelta(hours=1))
    Membership.objects.filter(user=laia).update(role=Role.VIEWER)
    actions.assign(workspace, boss, keys(source), to_team=team)
    assert looked_after(workspace) == {}
    TeamMember.objects.filter(user=joan).update(away_until=timezone.now() - timedelta(minutes=1))  # his time is over
    teams.turn()
    assert looked_after(workspace) == {"Joan": 9}
    with pytest.raises(Refused):
        teams.away(workspace, joan, joan, True, timezone.now() + timedelta(days=400))


def test_a_team_is_said_what_it_cannot_be(workspace: Workspace, boss: User, crew: list[User], other_workspace: Workspace) -> None:
    teams.save(workspace, boss, "Parcels", [])
    for values in (
        {"name": " "},
        {"name": "PARCELS"},
        {"name": "A", "assigning": "luck"},
        {"name": "A", "most_open": 0},
        {"name": "A", "hours": 77},
    ):
        with pytest.raises(Refused):
            teams.save(workspace, boss, members=[], **values)
    stranger = joins(other_workspace, "Stranger")
    made = teams.save(workspace, boss, "A", [stranger.pk, crew[0].pk])
    assert [each.user for each in teams.members_of(made)] == [crew[0]]
    theirs = teams.save(other_workspace, stranger, "Theirs", [])
    with pytest.raises(Refused):
        actions.assign(workspace, boss, [], to_team=theirs)


def test_a_team_that_goes_leaves_its_conversations_to_whoever_has_them(
    workspace: Workspace, boss: User, crew: list[User], source: Connection
) -> None:
    team = teams.save(workspace, boss, "Parcels", [user.pk for user in crew], "turn")
    done = actions.assign(workspace, boss, keys(source)[:3], to_team=team)
    teams.delete(workspace, boss, team)
    assert not Thread.objects.filter(team=team).exists()
    assert looked_after(workspace) == {"Berta": 1, "Joan": 1, "Laia": 1}
    what = actions.read_undo(workspace, done.undo)
    assert what
    actions.take_back(workspace, boss, what)
    assert looked_after(workspace) == {}
    assert teams.save(workspace, boss, "Parcels", []).pk != team.pk  # its name is free


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite has one writer at a time")
def test_two_who_share_out_at_once_give_each_conversation_once(workspace: Workspace, boss: User, crew: list[User]) -> None:
    source = hear(workspace, post(), *[said(f"q{n}", NURIA, 100 - n, "On és?") for n in range(30)])
    team = teams.save(workspace, boss, "Parcels", [user.pk for user in crew], "load")
    Thread.objects.filter(connection=source).update(team=team)
    given: list[int] = []

    def run() -> None:
        given.append(teams.share_out(team))
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sum(given) == 30
    assert looked_after(workspace) == {"Berta": 10, "Joan": 10, "Laia": 10}


def test_closings_tell_when_it_was_done_with_and_when_it_began_again(workspace: Workspace, boss: User) -> None:
    source = hear(workspace, message("m1", NURIA, 30, "Bon dia, obriu demà?"))
    thread = thread_of(source, "m1")
    actions.close(workspace, boss, [thread.key])
    actions.close(workspace, boss, [thread.key])  # it is already
    row = Closing.objects.get()
    assert (row.opened_at, row.by, row.reopened_at) == (thread.first_at, boss, None)
    later = timezone.now() + timedelta(minutes=5)
    hear(workspace, message("m2", NURIA, -4, "I diumenge?"), received=later)
    row.refresh_from_db()
    assert row.reopened_at == later
    done = actions.close(workspace, None, [thread.key])
    second = Closing.objects.get(reopened_at=None)
    assert (second.opened_at, second.by) == (later, None)
    actions.take_back(workspace, boss, actions.read_undo(workspace, done.undo) or {})
    assert list(Closing.objects.all()) == [row]
    actions.close(workspace, boss, [thread.key])
    again = actions.reopen(workspace, boss, [thread.key])
    assert not Closing.objects.filter(reopened_at=None).exists()
    actions.take_back(workspace, boss, actions.read_undo(workspace, again.undo) or {})
    assert Closing.objects.filter(reopened_at=None).count() == 1


def test_work_is_counted_between_signs_of_life(workspace: Workspace, boss: User) -> None:
    thread = thread_of(hear(workspace, message("m1", NURIA, 30, "Bon dia")), "m1").key

    def sign(ago: int) -> None:
        """The last sign was so long ago."""
        Presence.objects.filter(thread=thread).update(seen_at=timezone.now() - timedelta(seconds=ago))
        actions.here(workspace, boss, thread, is_typing=False)

    actions.here(workspace, boss, thread, is_typing=False)
    assert not Effort.objects.exists()
    for ago in (8, 30, 41, 4000):
        sign(ago)
    assert sum(Effort.objects.values_list("seconds", flat=True)) == pytest.approx(38, abs=1)


def test_two_conversations_that_turn_out_to_be_one_keep_team_closing_and_work(workspace: Workspace, boss: User) -> None:
    source = hear(workspace, said("c2", PEP, 20, "I la meva?", parent="c1"))
    answer = thread_of(source, "c2")
    team = teams.save(workspace, boss, "Parcels", [])
    actions.assign(workspace, boss, [answer.key], to_team=team)
    actions.close(workspace, boss, [answer.key])
    Effort.objects.create(workspace=workspace, thread=answer.key, user=boss, day=at(0).date(), seconds=20)
    hear(workspace, said("c1", NURIA, 40, "On és la meva comanda?"))
    follow()
    whole = thread_of(source, "c2")
    assert whole.key == thread_of(source, "c1").key != answer.key
    assert whole.team == team
    assert Closing.objects.get().thread == Effort.objects.get().thread == whole.key


def test_names_of_teams_are_one_per_workspace(workspace: Workspace, other_workspace: Workspace, boss: User) -> None:
    teams.save(workspace, boss, "Parcels", [])
    teams.save(other_workspace, boss, "Parcels", [])
    assert Team.objects.of(workspace).count() == 1
