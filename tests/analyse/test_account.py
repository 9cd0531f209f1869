"""Statistics of accounts: each figure against the posts it was made of, at the screens; nothing of another workspace."""

import csv
import io
import re
import zipfile
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from vincle.accounts.models import Role, Workspace
from vincle.analyse import account, account_words
from vincle.analyse.account_posts import POST, REPLY, SHARE, Posts
from vincle.listen import actions, log
from vincle.listen.models import Connection, Delivery, Handle
from vincle.project import pipeline
from vincle.science.account import rhythm
from vincle.vocabulary import Activity, Direction, Fact, HandleRef, ObjectType, Verb, handle_key, public_id

Say = Callable[..., Activity]
Clients = Callable[..., Client]
START = datetime(2026, 3, 2, 8, tzinfo=UTC)
DAYS = (date(2026, 3, 1), date(2026, 3, 31))


def pid_of(workspace: Workspace, name: str, kind: str = "x") -> str:
    return public_id(handle_key(bytes(workspace.secret), kind, name))


def posts_of(workspace: Workspace, name: str, days: tuple[date, date] = DAYS) -> Posts:
    found = account.find(workspace, pid_of(workspace, name))
    assert found
    return Posts(found, *days)


def page(client: Client, workspace: Workspace, pid: str, part: str = "account", **asked: object) -> str:
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    answer = client.get(reverse(f"analyse:{part}", kwargs={"workspace": workspace.slug, "pid": pid}) + f"?{query}")
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def a_month(say: Say) -> None:
    """Ana: ten posts with counts, five replies to Kim, five shares of Mia, a message, a like; 1,000 followers in the middle."""
    for n in range(10):
        props = {"likes": n, "shares": 2, "comments": 1, "followers": 1000}
        say(
            "ana",
            START + timedelta(days=n),
            props=props,
            text=f"Fresh bread today #bread {n} https://www.example.org/a",
            hashtags=("bread",),
        )
    for n in range(5):
        say("ana", START + timedelta(days=n, hours=1), parent_key=f"kim{n}", target=HandleRef("x", "kim", "Kim"), text="@kim thank you")
        say("ana", START + timedelta(days=n, hours=2), verb=Verb.ANNOUNCE, props={"likes": 9000}, text="RT @mia: our bread is the best")
    say("ana", START, object_type=ObjectType.MESSAGE, text="in private")
    say("ana", START, verb=Verb.LIKE, text="")


def test_figures_are_those_of_the_posts(workspace: Workspace, say: Say) -> None:
    a_month(say)
    found = posts_of(workspace, "ana")
    assert (found.n, found.number(POST), found.number(REPLY), found.number(SHARE)) == (20, 10, 5, 5)
    rates = found.rates
    # Fifteen posts in own words; x leaves a count of nothing out, so the replies had none.
    assert (rates["applause"].total, rates["applause"].n, rates["applause"].value) == (45, 15, 3)
    assert rates["amplification"].value == pytest.approx(20 / 15)
    assert rates["conversation"].value == pytest.approx(10 / 15)
    assert rates["replying"].value == pytest.approx(5 / 15)
    assert rates["engagement"].value == pytest.approx((45 + 20 + 10) / (15 * 1000))
    assert [found.seq[place] for place in found.best(1)] == [max(found.seq[p] for p in range(20) if found.counts["likes"][p] == 9)]


def test_what_is_not_known_is_not_nothing(workspace: Workspace, say: Say) -> None:
    say("leo", START, text="hello")
    found = posts_of(workspace, "leo")
    assert all(found.rates[name].value is None for name in ("applause", "conversation", "amplification", "engagement"))


def test_days_are_those_of_the_workspace(workspace: Workspace, say: Say) -> None:
    say("leo", datetime(2026, 3, 1, 22, 59, tzinfo=UTC))
    say("leo", datetime(2026, 3, 1, 23, 1, tzinfo=UTC))
    assert posts_of(workspace, "leo", (date(2026, 3, 1), date(2026, 3, 1))).n == 1
    assert posts_of(workspace, "leo", (date(2026, 3, 2), date(2026, 3, 2))).n == 1


def test_answers_reactions_and_shares_of_our_posts_are_heard(workspace: Workspace, say: Say) -> None:
    """What below our own post names the post only, and what names us; reactions by kind; a reaction taken back does not count."""
    ours = HandleRef("facebook", "page", "Our page")
    for n in range(2):
        say("us", START + timedelta(days=n), channel="facebook", actor=ours, direction=Direction.OUT, native_id=f"p{n}", object_key=f"p{n}")
    for n, kind in enumerate(("love", "love", "angry", "like")):
        say(
            f"r{n}",
            START + timedelta(hours=n),
            channel="facebook",
            verb=Verb.LIKE,
            reaction=kind,
            object_key="p0",
            parent_key="p0",
            text="",
        )
    say("r4", START, channel="facebook", parent_key="p0", object_key="c1")
    say("r4", START, channel="facebook", parent_key="p1", object_key="c2", target=ours)
    say("r5", START, channel="facebook", verb=Verb.ANNOUNCE, object_key="p1")
    say("r6", START, channel="facebook", verb=Verb.ANNOUNCE, object_key="somewhere else")
    found = account.find(workspace, pid_of(workspace, "page", "facebook"))
    assert found
    assert found.is_own
    posts = Posts(found, *DAYS)
    assert {name: column.sum() for name, column in posts.kinds.items()} == {"likes": 1, "loves": 2, "angrys": 1}
    rates = posts.rates
    assert (rates["applause"].value, rates["conversation"].value, rates["amplification"].value) == (2, 1, 0.5)
    assert posts.is_heard("reactions")


def test_followers_are_told_by_profiles(workspace: Workspace, say: Say) -> None:
    say("leo", START + timedelta(days=5), props={"likes": 30})
    source = Connection.objects.get(workspace=workspace, channel="x")
    for day, count in ((0, 100), (10, 200)):
        fact = Fact(
            native_id=f"f{day}", observed_at=START + timedelta(days=day), handles=(HandleRef("x", "leo"),), traits={"followers": count}
        )
        log.append(source, [fact], START)
    found = posts_of(workspace, "leo")
    assert [n for _at, n in found.follower_points] == [100, 200]
    assert found.rates["engagement"].value == pytest.approx(30 / 150)


def test_words_of_the_account(workspace: Workspace, say: Say) -> None:
    a_month(say)
    found = account_words.words(posts_of(workspace, "ana"))
    assert found.hashtags == {"bread": 10}
    assert found.sites == {"example.org": 10}
    assert found.replies_to == {"Kim": 5}
    assert found.shares_of == {"mia": 5}
    assert found.mentions == {"kim": 5}
    assert found.words["fresh"] == 10
    assert "the" not in found.words
    assert sum(n for _low, _high, n in found.by_length()) == 15


def test_the_screen_leads_from_each_figure_to_the_posts(workspace: Workspace, client_for: Clients, say: Say) -> None:
    a_month(say)
    pipeline.catch_up()
    client = client_for()
    pid = pid_of(workspace, "ana")
    shown = page(client, workspace, pid, days="all")
    assert "Ana: 20 posts" in shown
    tile = re.search(r'<a class="tile" href="([^"]+)"[^>]*><span class="what">Applause</span>.*?<b>([^<]+)</b>', shown)
    assert tile
    assert tile[2] == "3.00"
    heat = re.search(r'href="([^"]+weekday=1&hour=9)"', shown)
    assert heat
    behind = client.get(heat[1]).content.decode()
    assert behind.count("Fresh bread today") == 2
    words = page(client, workspace, pid, "account_words", days="all")
    tag = re.search(r'href="([^"]+)"><bdi>#bread</bdi>', words)
    assert tag
    assert client.get(tag[1]).content.decode().count("Fresh bread") == 10
    assert 'title="' in shown
    assert "over 15" in shown
    whose = re.search(r'href="([^"]+)">[^\n]*Whose account', shown)
    assert whose
    here = reverse("analyse:account", kwargs={"workspace": workspace.slug, "pid": pid})
    assert f'href="{here}"' in client.get(whose[1]).content.decode()


def test_tables_are_downloaded_by_those_who_may(workspace: Workspace, client_for: Clients, say: Say) -> None:
    a_month(say)
    at = (
        reverse("analyse:account_csv", kwargs={"workspace": workspace.slug, "pid": pid_of(workspace, "ana"), "table": "days"}) + "?days=all"
    )
    answer = client_for(Role.OWNER).get(at)
    rows = list(csv.reader(b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()))  # type: ignore[attr-defined]
    assert rows[0] == ["day", "posts", "replies", "shares of others", "reactions", "answers", "shares"]
    assert rows[1] == ["2026-03-02", "3", "1", "1", "0", "1", "2"]
    assert sum(int(row[1]) for row in rows[1:]) == 20
    assert client_for(Role.OWNER).get(at.replace("days.csv", "nothing.csv")).status_code == 404


def test_two_accounts_stand_side_by_side(workspace: Workspace, client_for: Clients, say: Say) -> None:
    a_month(say)
    say("leo", START, text="hello", props={"likes": 7})
    pipeline.catch_up()
    client, ana, leo = client_for(), pid_of(workspace, "ana"), pid_of(workspace, "leo")
    listing = reverse("analyse:accounts", kwargs={"workspace": workspace.slug})
    shown = client.get(listing).content.decode()
    assert shown.index(ana) < shown.index(leo)
    assert leo not in client.get(f"{listing}?q=an").content.decode()
    picked = client.get(f"{listing}?pick={ana}&pick={leo}")
    assert urlsplit(picked["Location"]).query == f"beside={leo}"
    both = page(client, workspace, ana, beside=leo)
    table = both[both.index('id="beside"') :]
    assert re.search(r"Applause</th><td class=\"num\">3.00</td><td class=\"num\">7.00</td>", table)


def test_the_period_before_is_compared_where_it_is_known(workspace: Workspace, client_for: Clients, say: Say) -> None:
    for ago in range(14):
        say("leo", timezone.now() - timedelta(days=ago), text="hello")
    say("leo", timezone.now() - timedelta(days=3, minutes=1), text="once more")
    shown = page(client_for(), workspace, pid_of(workspace, "leo"), days=7)
    assert "+1 on the 7 days before" in shown
    assert "compared with" not in page(client_for(), workspace, pid_of(workspace, "leo"), days=28)


def test_accounts_of_others_are_not_there(workspace: Workspace, other_workspace: Workspace, client_for: Clients, say: Say) -> None:
    say("xenobia", START, where=other_workspace)
    say("ana", START)
    theirs = pid_of(other_workspace, "xenobia")
    for part, more in (("account", {}), ("account_words", {}), ("account_csv", {"table": "days"})):
        at = reverse(f"analyse:{part}", kwargs={"workspace": workspace.slug, "pid": theirs, **more})
        assert client_for(Role.OWNER).get(at).status_code == 404
    assert "xenobia" not in page(client_for(), workspace, pid_of(workspace, "ana"), beside=theirs).lower()
    delivery = Delivery.objects.create(
        workspace=other_workspace, connection=Connection.objects.get(workspace=other_workspace), channel="posts", sha256="", size=0
    )
    assert account.find(workspace, f"import-{delivery.pk}") is None
    for pid in ("nothing", "import-0", "u" * 13, "import-99999999999999999999"):
        assert account.find(workspace, pid) is None


def test_words_of_people_are_inert(workspace: Workspace, client_for: Clients, say: Say) -> None:
    evil = "<script>alert(1)</script>"
    say("eva", timezone.now(), text=f"{evil} @leo https://x.example/{evil}", actor=HandleRef("x", "eva", evil), props={"likes": 3})
    pid = pid_of(workspace, "eva")
    for part in ("account", "account_words"):
        at = reverse(f"analyse:{part}", kwargs={"workspace": workspace.slug, "pid": pid})
        assert "<script>alert" not in client_for().get(at).content.decode()


def test_who_never_posted_is_told_so(workspace: Workspace, client_for: Clients, say: Say) -> None:
    say("leo", START, verb=Verb.LIKE, text="")
    assert "has not posted" in page(client_for(), workspace, pid_of(workspace, "leo"))
    assert "No posts yet" in client_for().get(reverse("analyse:accounts", kwargs={"workspace": workspace.slug})).content.decode()
    bad = page(client_for(), workspace, pid_of(workspace, "leo"), days="x", **{"from": "never"})
    assert "has not posted" in bad


def test_a_hundred_thousand_acts_ask_no_more_than_ten(
    workspace: Workspace, say: Say, client_for: Clients, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    say("ana", START)
    source = Connection.objects.get(workspace=workspace, channel="x")
    ana = HandleRef("x", "ana", "Ana")
    for part in range(10):
        begin = START + timedelta(minutes=part * 10_000)
        acts = [
            Activity(verb=Verb.CREATE, object_type=ObjectType.NOTE, native_id=f"m{part}-{n}", happened_at=begin + timedelta(minutes=n),
                     actor=ana, text="bread", props={"likes": n % 50, "shares": 1})
            for n in range(10_000)
        ]  # fmt: skip
        log.append(source, acts, START)
    found = account.find(workspace, pid_of(workspace, "ana"))
    assert found
    days = (date(2026, 3, 1), date(2026, 6, 1))
    with django_assert_max_num_queries(12):
        posts = Posts(found, *days)
        assert posts.n == 100_001
        rates = posts.rates
    assert rates["applause"].value == pytest.approx(24.5, abs=0.01)
    client = client_for()
    page(client, workspace, found.pid, days=90)
    with django_assert_max_num_queries(30):
        page(client, workspace, found.pid, days=90)


def _imported(workspace: Workspace, folder: Path, name: str, **options: Any) -> Delivery:
    with (folder / name).open("rb") as file:
        delivery = actions.receive_file(workspace, file, name, **options)
    pipeline.catch_up()
    return delivery


def test_two_candidates_against_a_count_of_the_file(workspace: Workspace, shared_data: Path) -> None:
    """6,444 tweets of two accounts: each figure beside one counted from the file itself."""
    folder = shared_data / "account_tweets"
    _imported(workspace, folder, "election-tweets-2016.tab")
    with (folder / "election-tweets-2016.tab").open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t") if row["Is retweet"] in ("True", "False")]
    zone = ZoneInfo("Europe/Madrid")
    for name in ("HillaryClinton", "realDonaldTrump"):
        theirs = [row for row in rows if row["Author"] == name]
        own = [row for row in theirs if row["Is retweet"] == "False"]
        handle = Handle.objects.of(workspace).get(name=name)
        found = account.of_handle(workspace, handle)
        posts = Posts(found, date(2015, 1, 1), date(2017, 1, 1))
        assert (posts.n, posts.number(SHARE)) == (len(theirs), len(theirs) - len(own))
        assert posts.rates["applause"].value == pytest.approx(sum(float(row["Favorite count"]) for row in own) / len(own))
        assert posts.rates["amplification"].value == pytest.approx(sum(float(row["Retweet count"]) for row in own) / len(own))
        assert posts.rates["engagement"].value is None
        told = [datetime.fromisoformat(row["Time"]) for row in theirs]
        hours = Counter((at.weekday(), at.hour) for at in (each.replace(tzinfo=zone) for each in told))
        grid = _grid(posts)
        assert grid == dict(hours)
        words = account_words.words(posts)
        assert words.shares_of == Counter(row["Original author"] for row in theirs if row["Is retweet"] == "True")
        tools = Counter(row["Source URL"].partition("://")[2].removeprefix("www.").rstrip("/#!") for row in theirs if row["Source URL"])
        assert words.tools == tools
        tags = Counter(
            tag for row in own for tag in {each.lower() for each in re.findall(r"#(\w+)", row["Content"]) if not each.isdecimal()}
        )
        assert dict(words.hashtags.most_common(10)).items() <= tags.items()


def _grid(posts: Posts) -> dict[tuple[int, int], int]:
    grid = rhythm(posts.at)
    return {(day, hour): int(grid[day, hour]) for day in range(7) for hour in range(24) if grid[day, hour]}


def test_reactions_of_a_page_against_a_count_of_the_file(workspace: Workspace, client_for: Clients, shared_data: Path) -> None:
    """7,050 posts of Facebook pages: sums by kind, the nine posts whose kinds do not add up, a post of each figure."""
    folder = shared_data / "facebook_live_sellers"
    delivery = _imported(workspace, folder, "Live_20210128.csv", date_order="mdy")
    with (folder / "Live_20210128.csv").open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    found = account.find(workspace, f"import-{delivery.pk}")
    assert found
    posts = Posts(found, date(2010, 1, 1), date(2020, 1, 1))
    assert posts.n == len(rows) == 7050
    for kind in ("likes", "loves", "wows", "hahas", "sads", "angrys"):
        assert posts.kinds[kind].sum() == sum(int(row[f"num_{kind}"]) for row in rows)
    rates = posts.rates
    assert (rates["applause"].total, rates["conversation"].total, rates["amplification"].total) == (1_622_326, 1_581_710, 282_159)
    assert posts.uneven == 9
    assert rates["replying"].value == 0
    assert [row.account.pid for row in account.listed(workspace)] == [found.pid]
    shown = page(client_for(), workspace, found.pid, days="all")
    assert "Of 9 posts the kinds do not add up" in shown
    assert "reactions are “Like”" in shown


def test_an_archive_of_x_says_what_its_posts_were_written_with(workspace: Workspace, client_for: Clients) -> None:
    folder = Path(__file__).resolve().parents[1] / "channels/x_archive"
    file = io.BytesIO()
    with zipfile.ZipFile(folder / "lligam.zip") as whole, zipfile.ZipFile(file, "w") as made:
        made.writestr("data/account.js", whole.read("data/account.js"))
        made.write(folder / "tweets.js", "data/tweets.js")
    actions.receive_file(workspace, io.BytesIO(file.getvalue()), "x.zip")
    pipeline.catch_up()
    days = {"from": "2025-02-01", "to": "2025-02-28"}
    text = page(client_for(), workspace, pid_of(workspace, "5550001"), "account_words", **days)
    assert "Posts with" in text
    assert "Twitter Web App & more" in text
    assert "nofollow" not in text
