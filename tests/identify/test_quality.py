"""The Quality screen over HTTP: its numbers against decisions made one by one, its intervals, its errors, and how many queries it takes."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.identify.test_job import bring, club, of_handle, shop
from vincle.accounts.models import Role, Workspace
from vincle.identify import actions, job
from vincle.identify import quality as figures
from vincle.identify.models import Case, Move, SharedHandle
from vincle.listen.models import Handle
from vincle.science.proportions import wilson


def place(workspace: Workspace) -> str:
    return reverse("identify:quality", kwargs={"workspace": workspace.slug})


@pytest.fixture
def agent(client_for: Callable[..., Client]) -> Client:
    return client_for(Role.AGENT)


@pytest.fixture
def decided(workspace: Workspace, owner: Any) -> Workspace:
    """20 links of which 2 are taken back, 10 questions of which 7 are the same and 2 are not, and 1 join that nobody had asked about."""
    bring(workspace, shop(), "shop.csv")
    bring(workspace, club(range(20)), "club.csv")
    second = shop(30).splitlines(keepends=True)
    bring(workspace, "".join([second[0], *second[21:]]).replace("@example.org", "@example.net"), "second.csv")
    job.run(workspace)
    for move in Move.objects.of(workspace).filter(act=Move.Act.LINK).order_by("pk")[:2]:
        actions.undo(workspace, move.pk, owner, via="screen")
    for number, case in enumerate(Case.objects.of(workspace).filter(kind="probable").order_by("pk")[:9]):
        actions.decide(workspace, case.pk, "same" if number < 7 else "different", owner)
    actions.merge(workspace, of_handle(workspace, "c50@example.org"), of_handle(workspace, "c77@example.org"), owner, via="screen")
    return workspace


def test_before_anything_is_known_it_says_how_to_get_there(agent: Client, workspace: Workspace) -> None:
    page = agent.get(place(workspace)).content.decode()
    assert "Nothing was linked by likelihood and nobody decided anything yet" in page
    assert "Nobody looked yet" in page
    assert reverse("listen:imports", kwargs={"workspace": workspace.slug}) in page


def test_the_numbers_are_those_of_the_decisions(decided: Workspace) -> None:
    found = figures.quality(decided)
    assert found.standing == figures.Share(18, 20, *wilson(18, 20))
    assert found.confirmed == figures.Share(7, 9, *wilson(7, 9))
    assert (found.rates.right, found.rates.false, found.rates.missed) == (18 + 7, 2 + 2, 1)
    assert found.precision.value == 25 / 29
    assert found.recall.value == 25 / 26
    assert found.f1 == pytest.approx(2 * 25 / (2 * 25 + 4 + 1))
    assert found.decisions == 9 + 2 + 1
    assert found.open_questions == 1
    assert sum(each.count for each in found.pairs.bins) == 9
    assert sum(each.same for each in found.pairs.bins) == 7
    assert sum(row[1] for row in found.weeks) == 20
    assert [sum(row[place] for row in found.weeks) for place in (2, 3, 4)] == [7, 2, 2]


def test_each_error_is_listed(decided: Workspace) -> None:
    found = figures.quality(decided)
    kinds = [each.what for each in found.errors]
    assert kinds.count("Linked, and taken back") == 2
    assert kinds.count("Nearly sure, and not the same") == 2
    assert kinds.count("Joined by someone, and never asked about") == 1
    assert all(name for each in found.errors for name in each.names)
    gone = next(each for each in found.errors if each.what == "Linked, and taken back")
    assert gone.names[0] == gone.names[1]  # the same name on both sides is why they were linked
    assert gone.pids[0] != gone.pids[1]


def test_a_decision_taken_back_does_not_count(decided: Workspace, owner: Any) -> None:
    case = Case.objects.of(decided).filter(kind="probable", state=Case.State.DIFFERENT)[0]
    actions.reopen(decided, case.pk, owner)
    assert figures.quality(decided).confirmed[:2] == (7, 8)


def test_what_counts_how_much(decided: Workspace) -> None:
    found = figures.quality(decided)
    texts = {each.text: each.weight for each in found.weights}
    assert texts["Same birthday"] > 0 > texts["Different birthday"]
    assert texts["Same surname"] > 0


def test_the_page_says_it(agent: Client, decided: Workspace) -> None:
    handle = Handle.objects.of(decided).get(value="c1@example.org")
    SharedHandle.objects.create(workspace=decided, handle=handle.pk, reason=SharedHandle.Reason.TEAM)
    page = agent.get(place(decided)).content.decode()
    for text in ("86.2 %", "25 of 29", "96.2 %", "90.0 %", "Same birthday", "c1@example.org", "18 links stand", "pairs"):
        assert text in page.replace("\u202f", " ").replace("\xa0", " "), text
    assert page.count("btn primary") == 1
    assert "1 question waits" in page
    Case.objects.create(workspace=decided, left=1, right=2, kind="exact")
    assert "2 questions wait" in agent.get(place(decided)).content.decode(), "as many as the page it leads to shows"
    chart = agent.get(place(decided)).context["calibration"]
    assert all(0 <= low <= row[1] <= high <= 100 for row, (low, high) in zip(chart["rows"], chart["band"], strict=True))


def test_the_queries_do_not_grow(agent: Client, decided: Workspace, owner: Any) -> None:
    agent.get(place(decided))
    with CaptureQueriesContext(
        connection,
    ) as few:
        agent.get(place(decided))
    for number in range(60, 70):
        actions.merge(
            decided, of_handle(decided, f"c{number}@example.org"), of_handle(decided, f"c{number + 20}@example.org"), owner, via="screen"
        )
    with CaptureQueriesContext(connection) as more:
        agent.get(place(decided))
    assert len(more) == len(few) < 40


def test_nothing_of_another_workspace(decided: Workspace, other_workspace: Workspace) -> None:
    found = figures.quality(other_workspace)
    assert (found.decisions, found.standing.whole, found.errors, found.weights) == (0, 0, [], [])
