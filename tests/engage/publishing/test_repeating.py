"""Series stand in the calendar ahead of time; the queue fills what is free with what has rested longest; files of posts go in once."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from tests.engage.publishing.desk import place, write
from vincle.accounts.models import User, Workspace
from vincle.engage.publishing import ideas, importing, repeating
from vincle.engage.publishing.ideas import Refused
from vincle.engage.publishing.models import Idea, Post
from vincle.engage.publishing.recurrence import Rule

pytestmark = pytest.mark.django_db
MADRID = ZoneInfo("Europe/Madrid")
NOW = datetime(2026, 10, 12, 8, tzinfo=UTC)  # a Monday; clocks go back on the 25th
WEEKLY = Rule(every="week", start=NOW.date(), minute=600, weekdays=(2,))


def test_a_series_stands_in_the_calendar_and_keeps_its_hour(workspace: Workspace, owner: User) -> None:
    source = place(workspace)
    idea = write(workspace, owner)
    series = repeating.begin(workspace, owner, idea, WEEKLY, {source.pk: ""}, approves=True, now=NOW)
    found = list(series.posts.order_by("at"))
    assert len(found) == 6
    assert {each.at.astimezone(MADRID).strftime("%a %H:%M") for each in found if each.at} == {"Wed 10:00"}
    assert len({each.at.strftime("%H") for each in found if each.at}) == 2, "in UTC the hour changes with the clocks"
    assert {each.state for each in found} == {Post.State.SCHEDULED}


def test_filling_again_makes_nothing_twice_and_brings_nothing_back(workspace: Workspace, owner: User) -> None:
    source = place(workspace)
    series = repeating.begin(workspace, owner, write(workspace, owner), WEEKLY, {source.pk: ""}, approves=True, now=NOW)
    first = series.posts.order_by("at")[0]
    Post.objects.filter(pk=first.pk).update(state=Post.State.REMOVED)
    assert repeating.fill(NOW) == 0
    assert repeating.fill(NOW + timedelta(days=14)) == 2
    assert repeating.fill(NOW + timedelta(days=14)) == 0
    assert series.posts.filter(occurrence=first.occurrence).count() == 1


def test_a_series_of_an_agent_waits_and_is_approved_whole(workspace: Workspace, owner: User) -> None:
    source = place(workspace)
    now = timezone.now()
    rule = Rule(every="day", start=now.date(), minute=600, count=10)
    series = repeating.begin(workspace, owner, write(workspace, owner), rule, {source.pk: ""}, approves=False, now=now)
    assert set(series.posts.values_list("state", flat=True)) == {Post.State.WAITING}
    assert repeating.approve_series(workspace, owner, series) >= 9
    assert repeating.stop(workspace, owner, series) >= 9
    assert not series.posts.filter(state=Post.State.SCHEDULED).exists()


def test_a_rule_by_which_nothing_comes_is_refused(workspace: Workspace, owner: User) -> None:
    past = Rule(every="day", start=NOW.date(), minute=0, count=1)
    with pytest.raises(Refused):
        repeating.begin(workspace, owner, write(workspace, owner), past, {place(workspace).pk: ""}, approves=True, now=NOW)


def test_a_series_of_another_workspace_s_account_is_refused(workspace: Workspace, other_workspace: Workspace, owner: User) -> None:
    with pytest.raises(Refused):
        repeating.begin(workspace, owner, write(workspace, owner), WEEKLY, {place(other_workspace).pk: ""}, approves=True, now=NOW)


# The queue


def evergreen(workspace: Workspace, user: User, name: str, rest: int = 7) -> Idea:
    idea = ideas.create(workspace, user, name, f"{name} is always good", is_evergreen=True, rest_days=rest)
    repeating.approve_idea(workspace, user, idea)
    return idea


def test_the_queue_fills_free_times_with_what_rested_longest(workspace: Workspace, owner: User) -> None:
    source = place(workspace)
    one, two = evergreen(workspace, owner, "One"), evergreen(workspace, owner, "Two")
    ideas.create(workspace, owner, "Not approved", "x", is_evergreen=True)
    repeating.set_slots(workspace, owner, source, "", [(day, 600) for day in range(7)])
    assert repeating.fill_queue(workspace, NOW, timedelta(days=4)) == 2
    found = list(Post.objects.filter(origin="queue").order_by("at"))
    assert [each.idea_id for each in found] == [one.pk, two.pk], "each rests a week, so the others stay free"
    assert repeating.fill_queue(workspace, NOW, timedelta(days=4)) == 0
    assert repeating.fill_queue(workspace, NOW + timedelta(days=7), timedelta(days=4)) == 2
    assert {each.state for each in found} == {Post.State.SCHEDULED}


def test_the_queue_keeps_away_from_other_posts(workspace: Workspace, owner: User) -> None:
    source = place(workspace)
    evergreen(workspace, owner, "One", rest=1)
    at = datetime(2026, 10, 12, 10, 30, tzinfo=MADRID)
    Post.objects.create(workspace=workspace, idea=write(workspace, owner), connection=source, at=at, state=Post.State.SCHEDULED)
    repeating.set_slots(workspace, owner, source, "", [(0, 600), (0, 660 + 45)])
    assert repeating.fill_queue(workspace, NOW - timedelta(hours=4), timedelta(days=1)) == 1
    made = Post.objects.get(origin="queue")
    assert made.at is not None
    assert made.at.astimezone(MADRID).strftime("%H:%M") == "11:45"


def test_changed_words_leave_the_queue_until_they_are_approved(workspace: Workspace, owner: User) -> None:
    idea = evergreen(workspace, owner, "One")
    repeating.set_slots(workspace, owner, place(workspace), "", [(0, 600)])
    ideas.save(workspace, owner, idea, {"text": "Other words"}, approves=False)
    assert repeating.fill_queue(workspace, NOW) == 0


@pytest.mark.parametrize("slots", [[(7, 0)], [(0, 1440)], [(-1, 0)], [(0, minute) for minute in range(71)]])
def test_times_that_are_none(workspace: Workspace, owner: User, slots: list[tuple[int, int]]) -> None:
    with pytest.raises(Refused):
        repeating.set_slots(workspace, owner, place(workspace), "", slots)


# From a file


def taken(workspace: Workspace, user: User, text: str, encoding: str = "utf-8", asks: bool = False) -> importing.Taken:
    return importing.take(workspace, user, text.encode(encoding), approves=True, asks=asks, now=NOW)


def test_good_lines_go_in_and_bad_ones_are_told(workspace: Workspace, owner: User) -> None:
    place(workspace)
    text = (
        "at,where,text,campaign\n2027-01-15 18:00,mastodon,Primer torrat,january\n2025-01-01 10:00,mastodon,Too late,\n"
        'soon,mastodon,No date,\n2027-01-16 18:00,nowhere,No place,\n,mastodon,,\n,,"A draft\nin two lines",\n'
    )
    found = taken(workspace, owner, text)
    assert [(each.idea.text, bool(each.at)) for each in found.made] == [("Primer torrat", True), ("A draft\nin two lines", False)]
    assert len(found.wrong) == 4
    assert [each.line for each in found.wrong] == [3, 4, 5, 6]
    assert {each.state for each in found.made} == {Post.State.DRAFT}


def test_the_same_file_again_makes_nothing(workspace: Workspace, owner: User) -> None:
    place(workspace)
    text = "text;date\nBon dia;15/01/2027 18:00\nBona nit;16/01/2027 18:00\n"
    assert len(taken(workspace, owner, text, "cp1252").made) == 2
    again = taken(workspace, owner, text, "utf-16")
    assert (len(again.made), again.known) == (0, 2)


def test_those_with_a_time_are_planned_where_asked(workspace: Workspace, owner: User) -> None:
    place(workspace)
    found = taken(workspace, owner, f"text,at\nHello,2027-01-15 18:00\n{'x' * 600},2027-01-15 19:00\n", asks=True)
    assert [each.state for each in found.made] == [Post.State.SCHEDULED]
    assert len(found.wrong) == 1
    assert Idea.objects.count() == 1, "of a line that was refused nothing stays"


@pytest.mark.parametrize("content", [b"", b"   \n", b"\x00\x01\x02\x03", b"a,b\n1,2\n", b"\x89PNG\r\n\x1a\n", b"PK\x03\x04" + b"\x00" * 50])
def test_files_that_are_none(workspace: Workspace, owner: User, content: bytes) -> None:
    with pytest.raises(Refused):
        importing.take(workspace, owner, content, approves=True, asks=False, now=NOW)
