"""The board: its figures are those of the texts, each leads to the words, filters and queries narrow it, nobody else's are in it."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from vincle.accounts.models import Membership, Role, User, Workspace
from vincle.analyse.board import Board, Mood, Subject
from vincle.analyse.choice import choose
from vincle.analyse.metrics.base import FILTERS
from vincle.analyse.pulse import span
from vincle.listen import actions
from vincle.listen.models_listening import Listening, Match, Understanding
from vincle.project import pipeline
from vincle.vocabulary import Activity, Direction, HandleRef, Verb

Say = Callable[..., Activity]
Clients = Callable[..., Client]
NOW = timezone.now()
GOOD, BAD = "I love this coffee, it is wonderful!", "The delivery was terrible and the coffee cold. Awful!"


def address(workspace: Workspace, **asked: object) -> str:
    query = "&".join(f"{name}={value}" for name, value in {**asked, "whole": 1}.items())
    return reverse("analyse:board", kwargs={"workspace": workspace.slug}) + f"?{query}"


def board(workspace: Workspace, listening: int = 0, **asked: str) -> Board:
    known = span(workspace)
    assert known
    return Board(workspace, choose(asked, workspace.timezone, known[1]), known[0], listening)


def a_month(say: Say) -> None:
    """Twenty-eight days: four praise each day, in the last two weeks two complain of the delivery; we answer, a machine speaks."""
    for day in range(28):
        at = NOW - timedelta(days=day, minutes=9)
        for who in ("ana", "leo", "mia", "tom"):
            say(who, at, channel="instagram" if who == "ana" else "x", text=GOOD)
        if day < 14:
            for which in ("eva", "pau"):
                say(f"{which}{day}", at, text=BAD, channel="reviews")
        say("us", at, direction=Direction.OUT, text="Thank you, lovely of you!")
        say("bot", at, is_machine=True, text=BAD)
        say("leo", at, verb=Verb.LIKE, text="", reaction="love")
    pipeline.catch_up()


def follow(workspace: Workspace, query: str, name: str = "Coffee", **fields: object) -> Listening:
    made = Listening.objects.create(
        workspace=workspace, text=query, name=name, **{"kind": Listening.Kind.BRAND, "is_shared": True, "back_to": 2**62, **fields}
    )
    pipeline.catch_up()
    return made


def test_figures_are_those_of_the_texts(workspace: Workspace, say: Say) -> None:
    a_month(say)
    found = board(workspace, days="28")
    texts = Understanding.objects.of(workspace).exclude(sentiment="")
    assert found.mood.n == 28 * 4 + 28
    assert found.mood.negative == texts.filter(sentiment="negative").count() == 28
    assert dict(found.by_channel) == {"x": Mood(84, 0, 84), "instagram": Mood(28, 0, 28), "reviews": Mood(28, 28, 0)}
    topics = {each.label: each.mood for each in found.subjects("topics")}
    assert topics["coffee"].n == 140
    assert topics["delivery"] == Mood(28, 28, 0)
    assert sum(found.hours.values()) == 140
    assert found.authors[0].mood.n == 28
    assert found.reactions == {"love": 28}
    four = found.four
    assert (four.people, four.again, four.possible) == (32, 4, 6)


def test_what_weighs_on_the_mood_is_named(workspace: Workspace, say: Say) -> None:
    a_month(say)
    strongest = board(workspace, days="28").movers[0]
    assert strongest.name == "delivery"
    assert strongest.is_sure
    assert strongest.effect < -0.5


def test_a_share_that_changed_by_chance_is_not_rising() -> None:
    assert Subject("topics", "delivery", Mood(14, 14, 0), 0, -9).change(63, 56) > 2.5
    assert abs(Subject("topics", "delivery", Mood(14, 14, 0), 12, -9).change(63, 56)) < 2.5
    assert Subject("topics", "delivery", Mood(14, 14, 0), None, -9).change(63, 0) == 0


def test_rising_topics_are_seen(workspace: Workspace, say: Say) -> None:
    a_month(say)
    say("old", NOW - timedelta(days=60), text=GOOD)
    pipeline.catch_up()
    today, before = (NOW - timedelta(days=ago) for ago in (0, 13))
    found = board(workspace, **{"from": f"{before:%Y-%m-%d}", "to": f"{today:%Y-%m-%d}"})
    rising, _falling = found.moving(("topics",))
    assert "delivery" in [each.label for each in rising]


def test_a_query_keeps_what_it_asks_for(workspace: Workspace, client_for: Clients, say: Say) -> None:
    a_month(say)
    asked = follow(workspace, "delivery OR envio", "Deliveries")
    assert Match.objects.filter(listening=asked).count() == 28
    found = board(workspace, asked.pk, days="28")
    assert (found.mood, found.four.recent, found.four.possible) == (Mood(28, 28, 0), 2, 6)
    page = client_for().get(address(workspace, listening=asked.pk, days=28)).content.decode()
    assert "Deliveries: 28 mentions" in unescape(page)


def test_filters_narrow_every_panel(workspace: Workspace, client_for: Clients, say: Say) -> None:
    a_month(say)
    page = client_for().get(address(workspace, days=28, topic="delivery")).content.decode()
    assert "28 mentions" in page
    assert "Instagram" not in re.sub(r"<details.*?</details>", "", page, flags=re.DOTALL)
    for name in FILTERS:
        assert client_for().get(address(workspace, **{name: "'); DROP TABLE--"})).status_code == 200


def test_each_figure_leads_to_its_words(workspace: Workspace, client_for: Clients, say: Say) -> None:
    a_month(say)
    client = client_for()
    page = unescape(client.get(address(workspace, days=28)).content.decode())
    row = re.search(r"<tr><th scope=\"row\"><a[^>]*>Delivery</a></th><td class=\"num\"><a class=\"link\" href=\"([^\"]+)\">(\d+)</a>", page)
    assert row
    behind, count = row.groups()
    assert count == "28"
    assert "topic:delivery" in parse_qs(urlsplit(behind).query)["q"][0]
    words = client.get(behind).content.decode()
    assert words.count("delivery was terrible") == 28
    assert "wonderful" not in words


def test_brands_stand_side_by_side(workspace: Workspace, client_for: Clients, say: Say) -> None:
    a_month(say)
    ours, theirs = follow(workspace, "wonderful", "Ours"), follow(workspace, "delivery", "Theirs", kind=Listening.Kind.COMPETITOR)
    page = unescape(client_for().get(address(workspace, days=28, listening=ours.pk, beside=theirs.pk)).content.decode())
    voice = page[page.index("Share of voice") :]
    assert "112" in voice
    assert "28" in voice
    assert "80\u202f%" in voice
    assert page.count('<th scope="col">Theirs</th>') == 1


def test_queries_of_others_are_not_open(workspace: Workspace, other_workspace: Workspace, client_for: Clients, say: Say) -> None:
    a_month(say)
    someone = User.objects.create_user("someone@example.org", "pw")
    Membership.objects.create(workspace=workspace, user=someone, role=Role.AGENT)
    secret = follow(workspace, "delivery", "Secret plan", is_shared=False, created_by=someone)
    foreign = follow(other_workspace, "delivery", "Foreign plan")
    for asked in (secret, foreign):
        page = client_for().get(address(workspace, listening=asked.pk, beside=asked.pk, days=28)).content.decode()
        assert "plan" not in page
        assert "140 mentions" in page


def test_nothing_of_another_workspace_is_counted(workspace: Workspace, other_workspace: Workspace, say: Say) -> None:
    say("ana", NOW - timedelta(hours=1), text=GOOD)
    for n in range(4):
        say(f"x{n}", NOW - timedelta(hours=1), where=other_workspace, text=BAD)
    pipeline.catch_up()
    assert board(workspace).mood == Mood(1, 0, 1)


def test_words_of_people_are_inert(workspace: Workspace, client_for: Clients, say: Say) -> None:
    name = "<script>alert(1)</script>"
    say("eva", NOW - timedelta(hours=1), text=f"lovely {name} #x<b>", actor=HandleRef("x", "eva", name), hashtags=("<i>tag",))
    pipeline.catch_up()
    page = client_for().get(address(workspace)).content.decode()
    assert "<script>alert" not in page
    assert "<i>tag" not in page


def test_panels_come_one_by_one(workspace: Workspace, client_for: Clients, say: Say) -> None:
    a_month(say)
    client = client_for()
    page = client.get(address(workspace, days=28, topic="delivery").replace("&whole=1", "")).content.decode()
    parts = [unescape(each) for each in re.findall(r'hx-get="([^"]+)"', page) if "/board/" in each]
    assert len(parts) == 6
    shown = "".join(client.get(part).content.decode() for part in parts)
    whole = client.get(address(workspace, days=28, topic="delivery")).content.decode()
    for words in ("Delivery", "tile-map", "Passion", "speaks most"):
        assert words in shown
        assert words in whole
    assert client.get(parts[0].replace("tiles", "nothing")).status_code == 404


def test_an_empty_workspace_says_what_to_do(workspace: Workspace, client_for: Clients) -> None:
    page = client_for(Role.OWNER).get(address(workspace))
    assert reverse("listen:imports", kwargs={"workspace": workspace.slug}) in page.content.decode()


def test_the_page_asks_the_database_little(
    workspace: Workspace, client_for: Clients, say: Say, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    a_month(say)
    client = client_for()
    client.get(address(workspace))
    with django_assert_max_num_queries(14):
        client.get(address(workspace, days=28))


def test_airline_tweets_answer_the_six_questions(workspace: Workspace, client_for: Clients, shared_data: Path) -> None:
    """14,485 tweets: what drives them is compared with the reasons people gave them."""
    with (shared_data / "airline_tweets" / "Tweets.csv").open("rb") as file:
        actions.receive_file(workspace, file, "Tweets.csv")
    pipeline.catch_up()
    found = board(workspace, **{"from": "2015-02-16", "to": "2015-02-25"})
    assert found.mood.n > 14_000
    topics = [each.label for each in found.subjects("topics", 20)]
    # The most frequent reasons of its people: customer service, late flight, cancelled flight, lost luggage, bad flight.
    assert {"service", "delay", "cancellation", "baggage"} <= set(topics) | {"luggage"}
    down = {each.name for each in found.movers if each.is_sure and each.effect < 0}
    assert {"delay", "cancellation"} <= down
    assert client_for().get(address(workspace, **{"from": "2015-02-16", "to": "2015-02-25"})).status_code == 200
