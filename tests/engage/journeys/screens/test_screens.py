"""Journeys on screen: made on the canvas or in words, kept, compared, followed; nothing hostile gets through."""

import html
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from vincle.accounts.models import AuditEntry, Role, Workspace
from vincle.engage.journeys import actions
from vincle.engage.journeys.models import Journey, Task, Walk, WalkStep
from vincle.organise.models import Profile

pytestmark = pytest.mark.django_db
WAIT = {"id": "w", "do": "wait", "for": {"days": 2}}
DEFINITION = {"start": [{"form": "*"}], "steps": [WAIT]}


@pytest.fixture
def base(workspace: Workspace) -> str:
    return f"/w/{workspace.slug}/journeys/"


@pytest.fixture
def agent(client_for: Callable[..., Client]) -> Client:
    return client_for(Role.AGENT)


@pytest.fixture
def row(workspace: Workspace) -> Journey:
    return actions.create(workspace, None, "Welcome <b>", DEFINITION)


def someone(workspace: Workspace, row: Journey, person: int = 7, **values: Any) -> Walk:
    told = {"workspace": workspace, "kind": "person", "name": f"=Ana {person}", "search": "ana", "known_since": timezone.now()}
    Profile.objects.get_or_create(person=person, defaults=told)
    stands = {"node": "w", "cause": str(person), **values}
    made: Walk = Walk.objects.create(workspace=workspace, journey=row, version=1, person=person, **stands)
    WalkStep.objects.create(workspace=workspace, walk=made, version=1, what="began", why={"trigger": 0})
    WalkStep.objects.create(workspace=workspace, walk=made, version=1, node="w", what="waits", why={})
    return made


def held(text: str) -> Any:
    """The definition a page carries."""
    found = re.search(r'id="definition" value="([^"]*)"', text)
    assert found
    return json.loads(html.unescape(found[1]))


def press(client: Client, base: str, definition: object, what: str, **more: str) -> Any:
    return client.post(f"{base}shape/", {"definition": json.dumps(definition), "press": what, **more})


def test_a_journey_is_put_together_and_kept(agent: Client, base: str) -> None:
    began = held(agent.get(f"{base}new/?from=welcome").content.decode())
    assert began["start"] == [{"form": "*"}]
    empty: Any = {"start": [{"form": "*"}], "steps": []}
    added = press(agent, base, empty, "add:wait:root:0")
    assert json.loads(added["HX-Trigger-After-Swap"])["journey-shaped"] == {"at": "wait1", "open": True}
    said = press(agent, base, held(added.content.decode()), "step:wait1", at="wait1", how="time", time="10:00", **{"on-tue": "1"})
    definition = held(said.content.decode())
    assert definition["steps"] == [{"id": "wait1", "do": "wait", "until": {"time": "10:00", "on": ["tue"]}}]
    kept = agent.post(f"{base}new/", {"definition": json.dumps(definition), "name": "Greet"}, follow=True)
    assert "Tuesday 10:00" in kept.content.decode()
    assert Journey.objects.get().name == "Greet"


def test_what_is_not_complete_is_marked_and_not_kept(agent: Client, base: str) -> None:
    made = press(agent, base, DEFINITION, "add:send:root:1").content.decode()
    assert "Choose a letter" in made
    wrong = agent.post(f"{base}new/", {"definition": json.dumps(held(made)), "name": "Half"})
    assert wrong.status_code == 422
    assert 'value="Half"' in wrong.content.decode()
    assert held(wrong.content.decode()) == held(made)
    assert not Journey.objects.exists()


def test_words_and_canvas_change_the_same(agent: Client, base: str) -> None:
    text = 'When someone submits any form\nThey start once\n\nwait 3 days [w]\nadd tag "vip" [t]\n'
    made = press(agent, base, DEFINITION, "text", text=text).content.decode()
    assert [step["id"] for step in held(made)["steps"]] == ["w", "t"]
    assert "Tag as “vip”" in made
    assert "wait 3 days [w]" in html.unescape(made)
    wrong = press(agent, base, DEFINITION, "text", text="When someone submits any form\nfrobnicate").content.decode()
    assert 'data-line="2"' in wrong
    assert "frobnicate" in wrong
    assert held(wrong)["steps"] == [WAIT]


def test_a_dialog_says_what_it_cannot_read_and_ways_come_and_go(agent: Client, base: str) -> None:
    made = held(press(agent, base, DEFINITION, "add:branch:root:1").content.decode())
    wrong = press(agent, base, made, "step:branch1", at="branch1", **{"p0-kind": "words", "p0-words": "they <script>"})
    assert wrong["HX-Retarget"] == "#step-body"
    assert "<script>" not in wrong.content.decode()
    asked = {"definition": json.dumps(made), "at": "branch1", "ways": "more", "p0-kind": "tag", "p0-tag": "vip"}
    more = agent.post(f"{base}step/", asked).content.decode()
    assert 'value="vip"' in more
    assert "p1-kind" in more
    draft = re.search(r'name="draft" value="([^"]*)"', more)
    assert draft
    both = {"p0-kind": "tag", "p0-tag": "vip", "p1-kind": "tag", "p1-tag": "new"}
    said = held(press(agent, base, made, "step:branch1", at="branch1", draft=html.unescape(draft[1]), **both).content.decode())
    assert [path["if"] for path in said["steps"][1]["paths"]] == [{"tag": "vip"}, {"tag": "new"}]


def test_how_it_starts_and_ends_is_said_in_a_dialog(agent: Client, base: str) -> None:
    said = {
        "at": "_head",
        "t0-kind": "date",
        "t0-date": "birthday",
        "t0-days": "-3",
        "t0-yearly": "1",
        "again": "ended",
        "again-days": "300",
    }
    made = press(agent, base, DEFINITION, "step:_head", **said).content.decode()
    assert held(made)["start"] == [{"date": "birthday", "days": -3, "time": "09:00", "yearly": True}]
    assert held(made)["again"] == {"may": "ended", "days": 300}
    assert "3 days before their birthday" in made


ODD = ("", "[]", '{"steps": [{"do": "branch", "paths": 3}, {"do": "wait", "for": 1}, {"do": "score", "add": "x"}, {"do": "split"}]}')


@pytest.mark.parametrize("definition", [*ODD, json.dumps(DEFINITION)])
def test_no_press_is_too_odd(agent: Client, base: str, definition: str) -> None:
    for what in ("add:x:root:0", "add:wait:nowhere:0", "remove:zz", "up:", "place:w:w.9:9", "step:zz", "step:score1", "", "text"):
        assert agent.post(f"{base}shape/", {"definition": definition, "press": what}).status_code == 200, what
    for at in ("_head", "branch1", "wait1", "score1", "split1", "zz"):
        for ways in ("", "more:x", "fewer:p0", "fewer:t9", "fewer:"):
            assert agent.post(f"{base}step/", {"definition": definition, "at": at, "ways": ways}).status_code == 200, (at, ways)


def test_people_at_a_step_their_way_and_the_download(
    client_for: Callable[..., Client], base: str, workspace: Workspace, row: Journey
) -> None:
    owner, walk = client_for(Role.OWNER), someone(workspace, row)
    someone(workspace, row, 8, node="", state=Walk.State.GOAL, wakes_at=None, ended_at=timezone.now())
    here = owner.get(f"{base}{row.public}/people/?at=w").content.decode()
    assert "=Ana 7" in here
    assert "=Ana 8" not in here
    assert "=Ana 8" in owner.get(f"{base}{row.public}/people/?state=goal").content.decode()
    assert "=Ana 8" in owner.get(f"{base}{row.public}/people/?at=w&state=passed").content.decode()
    way = owner.get(f"{base}ways/{walk.pk}/").content.decode()
    assert "Began" in way
    assert "Welcome &lt;b&gt;" in way
    csv = b"".join(owner.get(f"{base}{row.public}/people.csv").streaming_content).decode()
    assert "'=Ana 7" in csv


def test_versions_are_compared_and_brought_back(agent: Client, base: str, workspace: Workspace, row: Journey) -> None:
    actions.save_version(workspace, None, row, {**DEFINITION, "steps": [{**WAIT, "for": {"days": 5}}]})
    page = html.unescape(agent.get(f"{base}{row.public}/versions/").content.decode())
    assert "<del>− wait 2 days [w]</del>" in page
    assert "<ins>+ wait 5 days [w]</ins>" in page
    agent.post(f"{base}{row.public}/act/", {"do": "back", "version": "1"})
    row.refresh_from_db()
    assert row.version == 3


def test_only_those_who_may_approve_start_and_stop(client_for: Callable[..., Client], agent: Client, base: str, row: Journey) -> None:
    agent.post(f"{base}{row.public}/act/", {"do": "start"})
    row.refresh_from_db()
    assert row.state == Journey.State.DRAFT
    admin = client_for(Role.ADMIN)
    for do, state in (("start", "running"), ("pause", "paused"), ("start", "running"), ("stop", "stopped")):
        admin.post(f"{base}{row.public}/act/", {"do": do})
        row.refresh_from_db()
        assert row.state == state
    admin.post(f"{base}{row.public}/act/", {"do": "archive"})
    assert "Welcome &lt;b&gt;" in admin.get(f"{base}?put_away=yes").content.decode()


def test_tasks_are_taken_done_and_opened_again(agent: Client, base: str, workspace: Workspace) -> None:
    task = Task.objects.create(workspace=workspace, person=7, text="Call <i>")
    assert "Call &lt;i&gt;" in agent.get(f"{base}tasks/").content.decode()
    for do in ("take", "done", "done", "open"):
        agent.post(f"{base}tasks/{task.pk}/", {"do": do})
    task.refresh_from_db()
    assert (task.done_at, task.to and task.to.email) == (None, f"agent@{workspace.slug}.example")
    verbs = AuditEntry.objects.filter(object_type="task").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["took over", "finished", "opened again"]


def test_the_list_and_a_journey_ask_few_questions(
    client_for: Callable[..., Client], base: str, workspace: Workspace, row: Journey, django_assert_max_num_queries: Any
) -> None:
    login = client_for()
    for number in range(10):
        someone(workspace, actions.create(workspace, None, f"J{number}", DEFINITION), number)
        someone(workspace, row, 100 + number)
    with django_assert_max_num_queries(32):
        assert "J9" in login.get(base).content.decode()
    with django_assert_max_num_queries(40):
        assert "Version 1" in login.get(f"{base}{row.public}/").content.decode()
    with django_assert_max_num_queries(32):
        login.get(f"{base}{row.public}/people/")
