"""The ladder over time: who moved is who moved, days are kept true, what goes before a rise is told with its doubt, brands stand beside."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, time, timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from vincle.accounts.models import Workspace
from vincle.analyse import ladder_words, stage_rounds
from vincle.analyse.choice import choose
from vincle.analyse.ladder_figures import Ladder
from vincle.analyse.measure import measure
from vincle.analyse.metrics.base import Period
from vincle.listen.models_listening import Listening
from vincle.organise.models import StageDay
from vincle.project import pipeline
from vincle.store.models import Cursor
from vincle.vocabulary import Activity, Direction, HandleRef, Verb
from vincle.web.tags.flows import Flow, flows

Say = Callable[..., Activity]
Clients = Callable[..., Client]
NOW = timezone.now()
NOON = datetime.combine(NOW.astimezone(ZoneInfo("Europe/Madrid")).date(), time(12), ZoneInfo("Europe/Madrid"))
"""Of the workspace's day: what lies whole days before lies on the day that is meant, also over a change of the clocks."""


def ago(days: float) -> datetime:
    return NOON - timedelta(days=days)


def figures(workspace: Workspace, **asked: str) -> Ladder:
    return Ladder(workspace, choose({"days": "28", **asked}, workspace.timezone, NOW))


def community(say: Say, people: int = 24) -> None:
    """Everybody reacted once; whom we answered (two thirds of each dozen) wrote later, of the others one."""
    for n in range(people):
        who = f"p{n}"
        say(who, ago(40), verb=Verb.LIKE, text="")
        answered = n % 12 < 8
        if answered:
            say("us", ago(35), direction=Direction.OUT, target=HandleRef("x", who, who.title()), text="Hello")
        if answered or n == 11:
            say(who, ago(10), text="What a day", parent_key="p")
    pipeline.catch_up()


def test_moves_are_those_of_the_people(workspace: Workspace, say: Say) -> None:
    community(say)
    say("new", ago(3))
    pipeline.catch_up()
    found = figures(workspace)
    assert {way: n for way, n in found.whole.items() if way[0]} == {("semi-active", "critic"): 17, ("semi-active", "semi-active"): 7}
    assert found.whole["", "creator"] == 1
    assert (found.rose, found.fell) == (17, 0)
    assert found.now == Counter(critic=17, **{"semi-active": 7}) + Counter(
        {k: n for k, n in found.now.items() if k in ("creator", "inactive")}
    )
    first, second = (found.moves(each) for each in found.halves or ())
    assert sum(n for way, n in first.items()) <= sum(n for way, n in second.items())
    assert dict(found.flags)[0, 0, 1, 0] == 17


def test_what_goes_before_a_rise_is_told_with_its_doubt(workspace: Workspace, say: Say) -> None:
    community(say, 48)
    found = {(each.kind, each.what): each for each in figures(workspace).rises}
    ours = found["us", "Create Note"]
    assert (ours.rose, ours.met, ours.others_rose, ours.others) == (32, 32, 1, 16)
    assert ours.ratio.low > 1
    assert ("did", "Like Note") not in found
    assert "times as often" in ladder_words.times(ours.ratio)


def test_days_are_kept_and_filled_back(workspace: Workspace, say: Say) -> None:
    community(say)
    assert stage_rounds.any_due()
    assert stage_rounds.turn() == 40
    assert not stage_rounds.any_due()
    for day in StageDay.objects.of(workspace).dates("day", "day")[::9]:
        kept = set(StageDay.objects.of(workspace).filter(day=day).values_list("before", "after", "people"))
        assert kept == set(measure(workspace, "ladder_moves", Period(day, day, workspace.timezone)))
    assert len(figures(workspace).days) == 40


def test_what_comes_late_changes_the_days_it_bears_on(workspace: Workspace, say: Say) -> None:
    community(say, 12)
    stage_rounds.turn()
    say("p0", ago(20.5), text="I made this myself")
    pipeline.catch_up()
    assert not stage_rounds.any_due()
    Cursor.objects.filter(name=f"{stage_rounds.CURSOR}{workspace.pk}").update(done=0)
    assert 19 <= stage_rounds.turn() <= 21
    for day in StageDay.objects.of(workspace).dates("day", "day"):
        kept = set(StageDay.objects.of(workspace).filter(day=day).values_list("before", "after", "people"))
        assert kept == set(measure(workspace, "ladder_moves", Period(day, day, workspace.timezone)))
    assert StageDay.objects.of(workspace).filter(after="creator").exists()


def test_brands_stand_side_by_side(workspace: Workspace, say: Say) -> None:
    for n in range(6):
        say(f"a{n}", ago(3), text="oatly is fine", thread_key="t1", parent_key="p" if n else "")
    for n in range(4):
        say(f"b{n}", ago(3), text="the rival is fine")
        say(f"c{n}", ago(2), text="", verb=Verb.LIKE, thread_key="t1")
    values = {"is_shared": True, "back_to": 2**62}
    Listening.objects.create(workspace=workspace, text="oatly", name="Ours", kind=Listening.Kind.BRAND, **values)
    Listening.objects.create(workspace=workspace, text="rival", name="Theirs", kind=Listening.Kind.COMPETITOR, **values)
    pipeline.catch_up()
    ours, theirs = figures(workspace).voices
    assert (ours.name, ours.reached, ours.at_least("critic"), ours.at_least("creator")) == ("Ours", 10, 6, 1)
    assert (theirs.reached, theirs.at_least("creator"), theirs.share("creator")[0]) == (4, 4, 1.0)
    assert theirs.share("creator")[1] < 0.6
    assert "Theirs" in ladder_words.voices_title([ours, theirs])


def test_the_page_shows_it_all(
    workspace: Workspace, client_for: Clients, say: Say, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    url = reverse("analyse:ladder", kwargs={"workspace": workspace.slug})
    assert client_for().get(url).status_code == 200
    community(say, 48)
    stage_rounds.turn()
    client = client_for()
    client.get(url)
    with django_assert_max_num_queries(22):
        page = unescape(client.get(url).content.decode())
    assert "33 people climbed, 0 stepped down" in page
    assert "times as often" in page
    assert 'class="flows-band up' in page
    assert "<td>Critics</td>" in page or "<td>Critic</td>" in page
    assert client.get(url, {"days": "9"}).status_code == 200
    assert client.get(url, {"from": "2026-13-01"}).status_code == 200


def test_nothing_of_others_is_in_it(workspace: Workspace, other_workspace: Workspace, say: Say) -> None:
    say("ana", ago(3), where=other_workspace)
    pipeline.catch_up()
    assert not figures(workspace).whole
    stage_rounds.turn()
    assert not StageDay.objects.of(workspace).exists()


def test_flows_are_as_wide_as_what_went_over() -> None:
    rows = [Flow(0, "low", "high", 30, "up"), Flow(0, "low", "low", 10, "same"), Flow(1, "high", "low", 30, "down")]
    drawn = flows("f", "Title", "", ["a", "b", "c"], [("high", "High", "pos"), ("low", "Low", "neu")], rows, ["1", "2", "3", "4"])
    assert [drawn.count(f"flows-band {way} ") for way in ("up", "same", "down")] == [1, 1, 1]
    assert drawn.count("<rect") == 4
    assert "style=" not in drawn
    assert "Nothing to draw" in flows("f", "Title", "", ["a", "b"], [("low", "Low", "neu")], [], [])
    with pytest.raises(KeyError):
        flows("f", "Title", "", ["a", "b"], [("low", "Low", "neu")], [Flow(0, "odd", "low", 1, "")], [])
