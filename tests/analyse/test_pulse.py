"""The Pulse page: its figures are those of the log, each leads on, and it stays quick."""

import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from vincle.accounts.models import Role, Workspace
from vincle.analyse.choice import choose
from vincle.analyse.pulse import Figures, span
from vincle.listen import actions
from vincle.listen.models import Activity as Row
from vincle.organise.models import Profile
from vincle.project import pipeline
from vincle.vocabulary import Activity, Direction, HandleRef, ObjectType, Stage, Verb

Say = Callable[..., Activity]
Clients = Callable[..., Client]
ZONE = ZoneInfo("Europe/Madrid")
NOW = timezone.now()


def home(workspace: Workspace, query: str = "") -> str:
    return reverse("analyse:pulse", kwargs={"workspace": workspace.slug}) + query


def figures(workspace: Workspace, **asked: str) -> Figures:
    known = span(workspace)
    assert known
    return Figures(workspace, choose(asked, workspace.timezone, known[1]), known[0])


def a_busy_month(say: Say) -> None:
    """30 days: three people write each day, one reacts, one buys; a machine and we ourselves speak as well."""
    for day in range(30):
        at = NOW - timedelta(days=day, minutes=5)
        for who in ("ana", "leo", "mia"):
            say(who, at, channel="instagram" if who == "ana" else "x")
        say("tom", at, verb=Verb.LIKE)
        say("eva", at, actor=HandleRef("email", "eva@example.org"), channel="shop", verb=Verb.PURCHASE, object_type=ObjectType.ORDER,
            amount=Decimal("20"), currency="EUR", text="")  # fmt: skip
        say("scanner", at, is_machine=True)
        say("us", at, direction=Direction.OUT, target=HandleRef("x", "ana"))
    pipeline.catch_up()


def test_it_says_what_to_do_first(workspace: Workspace, client_for: Clients) -> None:
    page = client_for(Role.OWNER).get(home(workspace))
    assert page.status_code == 200
    assert reverse("listen:imports", kwargs={"workspace": workspace.slug}) in page.content.decode()
    assert "Import a file" not in client_for(Role.VIEWER).get(home(workspace)).content.decode()


def test_figures_are_those_of_the_log(workspace: Workspace, say: Say) -> None:
    a_busy_month(say)
    found = figures(workspace)
    rows = Row.objects.of(workspace).filter(
        direction="in", is_machine=False, happened_at__gte=found.period.since, happened_at__lt=found.period.until
    )
    assert found.activities == rows.count() == 35
    assert found.people == rows.values("actor").distinct().count() == 5
    assert dict(found.by_channel) == {"instagram": 7, "x": 21, "shop": 7}
    assert sum(found.rhythm.values()) == 35
    assert found.people_earlier == [5, 5, 5]
    (euros,) = found.revenue
    assert (euros.purchases, euros.amount, euros.known) == (7, Decimal(140), Decimal(140))


def test_what_is_usual_comes_only_from_periods_that_were_counted(workspace: Workspace, say: Say) -> None:
    for day in range(0, 400, 3):
        for who in ("ana", "leo", "mia", "tom", "eva", "pau"):
            say(who, NOW - timedelta(days=day, minutes=5))
    pipeline.catch_up()
    assert figures(workspace).people_earlier == [6, 6, 6, 6]
    assert figures(workspace, days="28").people_earlier == [6, 6, 6, 6]
    quarter = figures(workspace, days="90")
    assert (quarter.people, quarter.people_before, quarter.people_earlier) == (6, 6, [])


def test_rungs_are_those_of_the_people_list(workspace: Workspace, say: Say) -> None:
    a_busy_month(say)
    say("old", NOW - timedelta(days=91))
    say("edge", NOW - timedelta(days=89, hours=23), verb=Verb.VIEW, object_type=ObjectType.PAGE)
    pipeline.catch_up()
    counts = figures(workspace).ladder
    stages = list(Profile.objects.of(workspace).values_list("stage", flat=True))
    assert counts == {stage: stages.count(stage) for stage in set(stages)}
    assert counts[Stage.INACTIVE] == 2


def test_money_of_two_currencies_is_never_added(workspace: Workspace, client_for: Clients, say: Say) -> None:
    for currency, amount in (("EUR", 30), ("GBP", 500), ("EUR", 12)):
        say("eva", NOW - timedelta(hours=1), actor=HandleRef("email", "eva@example.org"), verb=Verb.PURCHASE, object_type=ObjectType.ORDER,
            amount=Decimal(amount), currency=currency)  # fmt: skip
    pipeline.catch_up()
    page = client_for().get(home(workspace)).content.decode()
    assert "€\u00a042" in page
    assert "£\u00a0500" in page
    assert "542" not in page


def test_nothing_of_another_workspace_is_counted(workspace: Workspace, other_workspace: Workspace, client_for: Clients, say: Say) -> None:
    say("ana", NOW - timedelta(hours=1), text="ours")
    for n in range(5):
        say(f"stranger{n}", NOW - timedelta(hours=1), where=other_workspace, text="theirs alone")
    pipeline.catch_up()
    assert figures(workspace).activities == 1
    page = client_for().get(home(workspace)).content.decode()
    assert "theirs alone" not in page
    assert "Stranger" not in page
    assert client_for().get(home(other_workspace)).status_code == 404


def test_every_figure_leads_to_an_address_that_answers(workspace: Workspace, client_for: Clients, say: Say) -> None:
    a_busy_month(say)
    client = client_for(Role.OWNER)
    page = client.get(home(workspace)).content.decode()
    main = page[page.index("<main") :]
    links = {unescape(link) for link in re.findall(r'href="(/w/[^"]+)"', main)}
    assert any("verb=Purchase" in link for link in links)
    assert any("stage=critic" in link for link in links)
    assert any("known_from=" in link for link in links)
    assert any("person=" in link for link in links)
    hours = [link for link in links if "weekday=" in link]
    for link in [*hours[:2], *(link for link in links if "weekday=" not in link and "from=" not in link)]:
        assert client.get(link).status_code == 200, link


def test_a_day_leads_to_exactly_its_activities(workspace: Workspace, client_for: Clients, say: Say) -> None:
    a_busy_month(say)
    page = client_for().get(home(workspace)).content.decode()
    yesterday = (timezone.now().astimezone(ZONE) - timedelta(days=1)).date().isoformat()
    link = next(
        unescape(each) for each in re.findall(r'href="([^"]+/listen/\?from=[^"]+)"', page) if f"from={yesterday}&amp;to={yesterday}" in each
    )
    asked = {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}
    assert asked == {"from": yesterday, "to": yesterday, "direction": "in"}


def test_days_are_the_workspaces_own(workspace: Workspace, say: Say) -> None:
    local = datetime.combine((NOW.astimezone(ZONE) - timedelta(days=2)).date(), datetime.min.time(), ZONE)
    say("ana", (local + timedelta(minutes=30)).astimezone(UTC))
    say("ana", (local - timedelta(minutes=30)).astimezone(UTC))
    pipeline.catch_up()
    found = figures(workspace)
    assert found.daily[-4:] == [1, 1, 0, 0]


def test_the_channel_narrows_everything_but_the_ladder(workspace: Workspace, client_for: Clients, say: Say) -> None:
    a_busy_month(say)
    found = figures(workspace, channel="instagram")
    assert (found.activities, found.people) == (7, 1)
    assert found.revenue == []
    assert found.ladder == figures(workspace).ladder
    page = client_for().get(home(workspace, "?channel=instagram")).content.decode()
    assert "Activities by kind" in page
    assert "channel=instagram" in page


def test_old_data_are_looked_at_where_they_are(workspace: Workspace, client_for: Clients, say: Say) -> None:
    for day in range(10):
        say("ana", datetime(2015, 2, 24, 12, tzinfo=UTC) - timedelta(days=day))
    pipeline.catch_up()
    found = figures(workspace)
    assert found.choice.is_past
    assert (found.period.first, found.period.last) == (date(2015, 2, 18), date(2015, 2, 24))
    page = client_for().get(home(workspace)).content.decode()
    assert "Your data end before today" in page
    assert "Last 7 days of your data" in page
    assert "24 February 2015" in page


@pytest.mark.parametrize(
    "query",
    [
        "?days=8",
        "?days=x",
        "?from=yesterday",
        "?from=2026-03-09&to=2026-03-01",
        "?from=0001-01-01&to=0001-01-02",
        "?to=9999-12-31",
        "?from=2026-02-30",
    ],
)
def test_a_period_that_cannot_be_is_said_and_the_week_is_shown(workspace: Workspace, client_for: Clients, say: Say, query: str) -> None:
    say("ana", NOW - timedelta(hours=1))
    pipeline.catch_up()
    page = client_for().get(home(workspace, query))
    assert page.status_code == 200
    assert "This period cannot be shown" in page.content.decode()


@pytest.mark.parametrize(
    "query", ["?from=1970-01-01", "?from=2000-01-01&to=2026-01-01", "?channel=nowhere", "?channel=%27%3B--", "?days=90", "?from="]
)
def test_any_other_choice_is_answered(workspace: Workspace, client_for: Clients, say: Say, query: str) -> None:
    say("ana", NOW - timedelta(hours=1))
    pipeline.catch_up()
    page = client_for().get(home(workspace, query))
    assert page.status_code == 200
    assert "cannot be shown" not in page.content.decode()


def test_words_on_the_page_are_safe(workspace: Workspace, client_for: Clients, say: Say) -> None:
    say("ana", NOW, text="<script>alert(1)</script>", actor=HandleRef("x", "ana", "<img src=x>"), channel="</script><b>")
    pipeline.catch_up()
    page = client_for().get(home(workspace)).content.decode()
    assert "<script>alert" not in page
    assert "<img src=x>" not in page
    assert "</script><b>" not in page


def test_the_latest_words_stand_at_the_side(workspace: Workspace, client_for: Clients, say: Say) -> None:
    for n in range(12):
        say("ana", NOW - timedelta(minutes=n), text=f"word {n:02d}")
    say("leo", NOW, verb=Verb.LIKE, text="")
    say("us", NOW, direction=Direction.OUT, text="our own")
    pipeline.catch_up()
    part = client_for().get(reverse("analyse:now", kwargs={"workspace": workspace.slug})).content.decode()
    assert re.findall(r"word \d\d", part) == [f"word {n:02d}" for n in range(8)]
    assert "our own" not in part
    assert Profile.objects.get(name="Ana").public in part


@pytest.mark.parametrize("name", ["ladder", "authors"])
def test_figures_that_are_no_chart_can_be_downloaded(workspace: Workspace, client_for: Clients, say: Say, name: str) -> None:
    a_busy_month(say)
    address = reverse(f"analyse:{name}_csv", kwargs={"workspace": workspace.slug})
    rows = b"".join(client_for(Role.ANALYST).get(address).streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert len(rows) == 6
    assert client_for(Role.VIEWER).get(address).status_code == 403
    assert f'href="{address}?days=28"' in client_for(Role.ANALYST).get(home(workspace, "?days=28")).content.decode()
    assert address not in client_for(Role.VIEWER).get(home(workspace)).content.decode()


def test_the_page_asks_the_database_little(
    workspace: Workspace, client_for: Clients, say: Say, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    a_busy_month(say)
    client = client_for()
    client.get(home(workspace))
    with django_assert_max_num_queries(15):
        client.get(home(workspace))


@pytest.mark.slow
def test_airline_tweets_count_on_the_page_as_they_do_in_the_log(workspace: Workspace, client_for: Clients, shared_data: Path) -> None:
    with open(shared_data / "airline_tweets" / "Tweets.csv", "rb") as file:
        actions.receive_file(workspace, file, "Tweets.csv", kind="posts")
    pipeline.catch_up()
    zone = ZoneInfo(workspace.timezone)
    page = client_for().get(home(workspace, "?from=2015-02-17&to=2015-02-24")).content.decode()
    found = figures(workspace, **{"from": "2015-02-17", "to": "2015-02-24"})
    rows = Row.objects.of(workspace).filter(direction="in", is_machine=False, superseded=False).exclude(op="retract")
    rows = rows.exclude(object_type__in=("Profile", "Unknown"))
    moments = [moment.astimezone(zone) for moment in rows.values_list("happened_at", flat=True)]
    inside = [moment for moment in moments if date(2015, 2, 17) <= moment.date() <= date(2015, 2, 24)]
    assert found.activities == len(inside) > 10_000
    assert found.daily == [sum(moment.date() == day for moment in inside) for day in found.days]
    assert found.rhythm == Counter((moment.isoweekday(), moment.hour) for moment in inside)
    start, end = found.period.since, found.period.until
    assert found.people == rows.filter(happened_at__gte=start, happened_at__lt=end).values("actor").distinct().count()
    assert f"{len(inside):,}" in page


def test_the_first_page_finds_its_expressions_compiled(workspace: Workspace, client_for: Clients, say: Say) -> None:
    from vincle.analyse import measure
    from vincle.engines import duckdb

    a_busy_month(say)
    measure.warm()
    before = duckdb._compiled.cache_info().misses
    for query in ("", "?days=28", "?days=90", "?channel=x"):
        assert client_for().get(home(workspace, query)).status_code == 200
    assert duckdb._compiled.cache_info().misses == before
