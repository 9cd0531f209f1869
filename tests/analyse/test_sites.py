"""Sites: where texts stand and where they lead, on the board, each leading to its words; nothing of shorteners or of our own words."""

from collections.abc import Callable
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from vincle.accounts.models import Workspace
from vincle.analyse.board import Board
from vincle.analyse.choice import choose
from vincle.analyse.pulse import span
from vincle.language._sites import site, sites
from vincle.language.page import Page
from vincle.listen.models import Understanding
from vincle.project import pipeline
from vincle.vocabulary import Activity, Direction

Say = Callable[..., Activity]
NOW = timezone.now() - timedelta(minutes=5)


@pytest.mark.parametrize(
    ("link", "said"),
    [
        ("https://www.Roast.example/blog?x=1", "roast.example"), ("m.news.example/a", "news.example"), ("https://t.co/abc", ""),
        ("http://127.0.0.1:8000/", ""), ("http://localhost/", ""), ("https://user:word@shop.example:8443/x", "shop.example"), ("", ""),
        ("https://bücher.example/", "bucher.example"), ("http://a|b.example/", ""), ("http://" + "a" * 200 + ".example", ""),
        ("http://..", ""),
    ],
)  # fmt: skip
def test_a_site_is_a_host_without_what_varies(link: str, said: str) -> None:
    assert site(link) == said


def test_a_text_has_few_sites_and_each_once() -> None:
    many = " ".join(f"https://s{n}.example/" for n in range(9))
    page = Page(f"See https://roast.example and https://roast.example/b, https://t.co/x {many}")
    assert sites(page)[:2] == ("roast.example", "s0.example")
    assert len(sites(page)) == 5
    assert sites(Page("hello"), "https://blog.example/1", "feed") == ("blog.example",)
    assert sites(Page("hello"), "https://x.com/i/web/status/1", "x") == ()


def test_sites_stand_on_the_board_and_lead_to_their_words(workspace: Workspace, client_for: Callable[..., Client], say: Say) -> None:
    say("ana", NOW, channel="feed", url="https://beans.example/blog/1", text="The best coffee, says https://www.guide.example/girona")
    say("leo", NOW, channel="feed", url="https://beans.example/blog/2", text="I hate the slow delivery https://t.co/abc")
    say("mia", NOW, channel="x", url="https://x.com/i/web/status/7", text="Terrible, see https://guide.example/b")
    say("us", NOW, direction=Direction.OUT, text="All of it on https://ours.example/")
    pipeline.catch_up()
    stored = set(Understanding.objects.values_list("sites", flat=True))
    assert stored == {"beans.example|guide.example", "beans.example", "guide.example", ""}
    known = span(workspace)
    assert known
    figures = Board(workspace, choose({}, workspace.timezone, known[1]), known[0])
    assert [(each.label, each.mood.n, each.mood.negative) for each in figures.sites] == [("beans.example", 2, 1), ("guide.example", 2, 1)]
    client = client_for()
    text = unescape(client.get(reverse("analyse:panel_where", kwargs={"workspace": workspace.slug})).content.decode())
    links = [each.split('"')[0] for each in text.split('href="')[1:] if "beans.example" in each.split('"')[0]]
    assert len(links) == 1
    assert "site:beans.example" in parse_qs(urlsplit(links[0]).query)["q"][0]
    found = client.get(links[0]).content.decode()
    assert "says" in found
    assert "slow" in found
    assert "Terrible" not in found
    assert "ours.example" not in text
