"""Teams, hours and promises on screen: who may change them, what is typed is kept or given back with why."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.engage import talks
from tests.engage.talks import NURIA, PEP, hear, post, said, thread_of
from vincle.accounts.models import Membership, Role, User, Workspace
from vincle.engage.inbox.models import Hours, Promise, Team, TeamMember, Thread

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]
EVIL = "<script>alert(1)</script>"


def url(workspace: Workspace, name: str = "list", **more: Any) -> str:
    return reverse(f"inbox:{name}", kwargs={"workspace": workspace.slug, **more})


@pytest.fixture
def admin(client_for: ClientFor) -> Client:
    return client_for(Role.ADMIN)


@pytest.fixture
def joan(workspace: Workspace) -> User:
    user: User = User.objects.create(email="joan@lligam.example", name="Joan Roca")
    Membership.objects.create(workspace=workspace, user=user, role=Role.AGENT)
    return user


def week(**more: str) -> dict[str, str]:
    return {f"day-{day}": "9-13, 15:00–19:00" if day < 5 else "" for day in range(7)} | more


def test_a_team_is_made_changed_and_taken_away(admin: Client, workspace: Workspace, joan: User) -> None:
    assert "no teams yet" in admin.get(url(workspace, "teams")).content.decode()
    fields = {"name": EVIL, "members": [joan.pk], "assigning": "load", "most_open": "5"}
    admin.post(url(workspace, "team_save"), fields)
    team = Team.objects.get()
    assert (team.assigning, team.most_open, [each.user for each in team.members.all()]) == ("load", 5, [joan])
    page = admin.get(url(workspace, "teams")).content.decode()
    assert "Joan Roca" in page
    assert EVIL not in page
    refused = admin.post(url(workspace, "team_save"), {**fields, "team": team.pk, "name": "Parcels", "most_open": "many"})
    assert refused.status_code == 422
    text = refused.content.decode()
    assert "“many” is no whole number" in text
    assert 'value="Parcels"' in text  # what was typed is still there
    admin.post(url(workspace, "team_save"), {"team": team.pk, "name": "Parcels", "assigning": "turn"})
    team.refresh_from_db()
    assert (team.name, team.most_open, team.members.count()) == ("Parcels", None, 0)
    admin.post(url(workspace, "team_delete", team=team.pk))
    assert not Team.objects.filter(deleted_at=None).exists()


def test_one_is_away_and_here_again_and_only_managers_say_it_of_others(
    admin: Client, client_for: ClientFor, workspace: Workspace, joan: User
) -> None:
    admin.post(url(workspace, "team_save"), {"name": "Parcels", "members": [joan.pk], "assigning": "turn"})
    agent = Client()
    agent.force_login(joan)
    tomorrow = (timezone.now() + timedelta(days=2)).date().isoformat()
    agent.post(url(workspace, "away"), {"away": "1", "until": tomorrow})
    row = TeamMember.objects.get()
    assert row.is_away
    assert row.away_until
    assert "You are away until" in agent.get(url(workspace, "teams")).content.decode()
    agent.post(url(workspace, "away"), {"away": "0"})
    row.refresh_from_db()
    assert (row.is_away, row.away_until) == (False, None)
    admin.post(url(workspace, "away"), {"away": "1", "user": joan.pk})
    row.refresh_from_db()
    assert row.is_away
    client_for(Role.AGENT).post(url(workspace, "away"), {"away": "0", "user": joan.pk})
    row.refresh_from_db()
    assert row.is_away


def test_hours_are_kept_as_they_are_typed(admin: Client, workspace: Workspace) -> None:
    fields = {"name": "Office", "zone": "Europe/Madrid", "holidays": "2026-12-25\n2026-12-26", "is_usual": "1", **week()}
    admin.post(url(workspace, "hours_save"), fields)
    row = Hours.objects.get()
    assert row.week["0"] == [["09:00", "13:00"], ["15:00", "19:00"]]
    assert row.holidays == ["2026-12-25", "2026-12-26"]
    assert row.is_usual
    page = admin.get(url(workspace, "hours")).content.decode()
    assert "09:00-13:00, 15:00-19:00" in page
    for wrong, told in (({"day-2": "13-9"}, "Wednesday"), ({"zone": "Moon"}, "Moon"), ({"holidays": "Christmas"}, "Christmas")):
        refused = admin.post(url(workspace, "hours_save"), {**fields, "hours": row.pk, "name": "Shop", **wrong})
        assert refused.status_code == 422
        assert told in refused.content.decode()
        assert 'value="Shop"' in refused.content.decode()
    row.refresh_from_db()
    assert row.name == "Office"
    admin.post(url(workspace, "hours_delete", hours=row.pk))
    assert not Hours.objects.exists()


def test_promises_are_kept_said_and_put_in_order(admin: Client, workspace: Workspace, joan: User) -> None:
    admin.post(url(workspace, "promise_save"), {"name": "All", "first": "2", "first_unit": "d", "is_on": "1", "warn": "80"})
    fields = {
        "name": "Talks", "first": "90", "first_unit": "m", "done": "1", "done_unit": "d", "kind": ["message", "mail"], "urgent": "1",
        "in_hours": "1", "warn": "50", "is_on": "1", "words": "refund OR broken",
    }  # fmt: skip
    admin.post(url(workspace, "promise_save"), fields)
    whole, talks = Promise.objects.order_by("rank")
    assert (whole.first_minutes, whole.warn_share) == (2880, 0.8)
    assert (talks.first_minutes, talks.done_minutes, talks.in_hours) == (90, 1440, True)
    assert talks.conditions[0] == {"field": "kind", "is": ["message", "mail"]}
    page = admin.get(url(workspace, "promises")).content.decode()
    assert "Answered within 1 h 30 min, closed within 1 day and counted in opening hours." in page
    admin.post(url(workspace, "promise_earlier", promise=talks.pk))
    assert [each.name for each in Promise.objects.order_by("rank")] == ["Talks", "All"]
    refused = admin.post(url(workspace, "promise_save"), {**fields, "promise": talks.pk, "first": "", "done": "", "name": "Chats"})
    assert (refused.status_code, 'value="Chats"' in refused.content.decode()) == (422, True)
    assert admin.post(url(workspace, "promise_save"), {**fields, "words": "(refund"}).status_code == 422
    admin.post(url(workspace, "promise_delete", promise=whole.pk))
    assert Promise.objects.filter(deleted_at=None).count() == 1


def test_lists_say_what_is_due_and_are_narrowed_by_it_and_by_team(
    admin: Client, workspace: Workspace, joan: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    monkeypatch.setattr(talks, "NOW", now)
    admin.post(url(workspace, "promise_save"), {"name": "All", "first": "1", "first_unit": "h", "is_on": "1", "warn": "80"})
    admin.post(url(workspace, "team_save"), {"name": "Parcels", "members": [joan.pk], "assigning": "none"})
    team = Team.objects.get()
    source = hear(workspace, post(), said("late", NURIA, 90, "On és la meva comanda?"), said("soon", PEP, 10, "I la meva?"), received=now)
    late, soon = thread_of(source, "late"), thread_of(source, "soon")

    def shown(**asked: str) -> list[int]:
        return [line.thread.key for line in admin.get(url(workspace), asked).context["page"].rows]

    page = admin.get(url(workspace)).content.decode()
    assert "overdue by 3" in page
    assert "due in" in page
    assert (shown(promise="late"), shown(promise="soon")) == ([late.key], [soon.key])
    admin.post(url(workspace, "bulk"), {"ids": [late.public], "team": team.pk})
    assert (shown(team=str(team.pk)), shown(team="none")) == ([late.key], [soon.key])
    talk = admin.post(url(workspace, "act", pid=soon.public), {"team": team.pk}, headers={"HX-Request": "true"}).content.decode()
    assert "Parcels" in talk
    assert "The team Parcels looks after it now." in talk
    admin.post(url(workspace, "act", pid=soon.public), {"team": "none"})
    assert Thread.objects.get(key=soon.key).team is None
    assert "overdue" in admin.get(url(workspace, "thread", pid=late.public)).content.decode()


@pytest.mark.parametrize("name", ["team_save", "hours_save", "promise_save"])
def test_agents_see_but_do_not_change(client_for: ClientFor, workspace: Workspace, name: str) -> None:
    agent = client_for(Role.AGENT)
    assert agent.post(url(workspace, name), {"name": "X"}).status_code == 403
    assert agent.get(url(workspace, {"team_save": "teams", "hours_save": "hours", "promise_save": "promises"}[name])).status_code == 200
