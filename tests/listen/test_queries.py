"""Searching and keeping queries at their screens: results, errors in their place, counts, matches as texts come, feeds."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.organise.community import act, bring
from vincle.accounts.models import AuditEntry, Role, Workspace
from vincle.language.query import QueryError
from vincle.listen import listenings, matching
from vincle.listen.models import Activity, Listening, Match
from vincle.project import pipeline
from vincle.vocabulary import Direction, Fact, HandleRef, ObjectType, Retraction

pytestmark = pytest.mark.django_db
ANNA, LUCA = HandleRef("mastodon", "anna@lligam.cat", "Anna Puig"), HandleRef("mastodon", "luca@rome.it", "Luca <b>")


def said(workspace: Workspace) -> None:
    followers = Fact(native_id="f", observed_at=timezone.now(), handles=(ANNA,), traits={"followers": 1500})
    bring(workspace, [
        followers,
        act(ANNA, native_id="1", days=3, text="The flat white was cold and the queue too slow!", url="https://example.org/1"),
        act(LUCA, native_id="2", days=2, text="Lovely coffee, <script>alert(1)</script> thanks #Lligam", language="en"),
        act(LUCA, kind=ObjectType.MESSAGE, native_id="3", days=1, text="My coffee order never came", url="javascript:alert(1)"),
        act(ANNA, native_id="4", days=0.5, text="cafè, coffee, caffè", rating=1.0, rating_max=5.0),
        act(HandleRef("mastodon", "us"), native_id="5", days=0.2, text="Our coffee is fresh", direction=Direction.OUT),
    ], "mastodon")  # fmt: skip


@pytest.fixture
def stored(workspace: Workspace, other_workspace: Workspace) -> Workspace:
    said(workspace)
    bring(other_workspace, [act(HandleRef("mastodon", "x"), native_id="9", text="Their coffee")], "mastodon")
    return workspace


@pytest.fixture
def look(client_for: Callable[..., Client], stored: Workspace) -> Callable[..., Any]:
    clients: dict[str, Client] = {}

    def get(name: str, role: str = Role.AGENT, **asked: Any) -> Any:
        keys = {key: asked.pop(key) for key in ("pk", "token") if key in asked}
        if role not in clients:
            clients[role] = client_for(role)
        return clients[role].get(reverse(f"listen:{name}", kwargs={"workspace": stored.slug, **keys}), asked)

    return get


def words(response: Any) -> list[str]:
    assert response.status_code == 200
    return [
        re.sub("<.*?>", "", each)
        for each in re.findall(r'<blockquote class="words.*?>(.*?)</blockquote>', response.content.decode(), re.DOTALL)
    ]


@pytest.mark.parametrize(
    ("query", "natives"),
    [
        ("coffee", ["4", "3", "2"]),
        ("cafe", ["4"]),
        ("coffee -kind:message", ["4", "2"]),
        ("coffee is:ours", ["5"]),
        ('"flat white" NEAR/6 slow', ["1"]),
        ("#lligam", ["2"]),
        ("from:anna", ["4", "1"]),
        ('from:"anna puig" reach>1000', ["4", "1"]),
        ("reach>1500", []),
        ("rating<2", ["4"]),
        ("channel:mastodon quue*", []),
    ],
)  # fmt: skip
def test_what_is_found(look: Callable[..., Any], stored: Workspace, query: str, natives: list[str]) -> None:
    shown = look("search", q=query).context
    found = [Activity.objects.get(seq=line["seq"]).native_id for line in shown["lines"]]
    assert found == natives


def test_the_page_marks_what_was_asked_for_and_escapes_the_rest(look: Callable[..., Any]) -> None:
    page = look("search", q="coffee lovely").content.decode()
    assert "<mark>Lovely</mark> <mark>coffee</mark>, &lt;script&gt;alert(1)" in page
    assert "Looking for <b>“coffee” and “lovely”</b>" in page


def test_an_error_stands_under_its_place(look: Callable[..., Any]) -> None:
    page = look("search", q="coffee sentimnt:negative")
    assert page.status_code == 200
    shown = page.context["asked"].wrong
    assert (shown.before, shown.text, shown.caret) == ("coffee ", "sentimnt", " " * 7 + "^" * 8)
    assert "Do you mean “sentiment”?" in page.content.decode()
    assert words(page) == []


def test_nothing_typed_shows_where_to_begin(look: Callable[..., Any], stored: Workspace) -> None:
    page = look("search")
    assert "&quot;cafe lligam&quot; OR #cafelligam" in page.content.decode()
    for text, _said, _url in page.context["examples"]:
        assert look("search", q=text).context["asked"].wrong is None


def test_counts(look: Callable[..., Any]) -> None:
    part = look("search_counts", q="coffee")
    assert part.context["counts"].total == 3
    groups = dict(part.context["groups"])
    assert [(row["label"], row["number"]) for row in groups["Channel"]] == [("Mastodon", 3)]
    assert {(row["label"], row["number"]) for row in groups["Who"]} == {("Luca <b>", 2), ("Anna Puig", 1)}
    narrowed = next(row["url"] for row in groups["Who"] if row["number"] == 2)
    assert narrowed.endswith("?q=coffee+from%3Aluca%40rome.it")


def test_conditions_are_chips_that_can_be_taken_off(look: Callable[..., Any]) -> None:
    page = look("search", q="coffee lang:en after:2020-01-01")
    assert [url.partition("?q=")[2] for _label, url in page.context["asked"].conditions] == [
        "coffee+after%3A2020-01-01",
        "coffee+lang%3Aen",
    ]


def test_most_followers_first(look: Callable[..., Any]) -> None:
    page = look("search", q="coffee", sort="reach")
    assert words(page)[0] == "cafè, coffee, caffè"


def test_csv(look: Callable[..., Any], stored: Workspace) -> None:
    bring(stored, [act(LUCA, native_id="7", text='=HYPERLINK("x") coffee')], "mastodon")
    lines = b"".join(look("search_csv", Role.ANALYST, q="coffee").streaming_content).decode().splitlines()
    assert len(lines) == 5
    assert "'=HYPERLINK" in lines[2] + lines[1] + lines[3]
    assert AuditEntry.objects.filter(verb="exported", details__query="coffee").exists()
    assert look("search_csv", Role.VIEWER, q="coffee").status_code == 403


def keep(client: Client, workspace: Workspace, **values: str) -> Any:
    given = {"name": "Coffee", "q": "coffee", "kind": "topic", "is_shared": "on", **values}
    return client.post(reverse("listen:keep_query", kwargs={"workspace": workspace.slug}), given)


def matched(row: Listening) -> set[str]:
    seqs = Match.objects.filter(listening=row).values_list("seq", flat=True)
    return set(Activity.objects.filter(seq__in=seqs).values_list("native_id", flat=True))


class TestKeeping:
    def test_a_kept_query_finds_what_is_stored_and_what_comes(self, client_for: Callable[..., Client], stored: Workspace) -> None:
        assert keep(client_for(Role.AGENT), stored).status_code == 302
        row = Listening.objects.of(stored).get()
        assert matched(row) == set()
        pipeline.catch_up()
        row.refresh_from_db()
        assert (matched(row), row.back_to) == ({"2", "3", "4"}, 0)
        bring(stored, [act(ANNA, native_id="8", text="More COFFEE"), act(ANNA, native_id="10", text="tea")], "mastodon")
        assert matched(row) == {"2", "3", "4", "8"}
        bring(stored, [Retraction(native_id="8", happened_at=timezone.now())], "mastodon")
        assert matched(row) == {"2", "3", "4"}
        assert AuditEntry.objects.filter(verb="created", object_type="listening", label="Coffee").exists()

    def test_a_backfill_goes_on_where_it_was(self, stored: Workspace) -> None:
        row = listenings.save(stored, None, "Coffee", "coffee")
        assert [matching.fill(Listening.objects.get(pk=row.pk), 1) for _ in range(4)] == [1, 1, 1, 0]
        assert (matched(row), Listening.objects.get(pk=row.pk).back_to) == ({"2", "3", "4"}, 0)

    def test_another_text_is_answered_anew_and_can_be_taken_back(self, client_for: Callable[..., Client], stored: Workspace) -> None:
        row = listenings.save(stored, None, "Coffee", "coffee")
        pipeline.catch_up()
        client = client_for(Role.AGENT)
        url = reverse("listen:query", kwargs={"workspace": stored.slug, "pk": row.pk})
        answer = client.post(url, {"name": "White", "q": '"flat white"', "kind": "topic", "is_shared": "on", "mail": "daily"}, follow=True)
        pipeline.catch_up()
        assert matched(row) == {"1"}
        back = re.search(r'/w/[a-z-]+/listen/queries/back/\?token=[^"&]+', answer.content.decode())
        assert back
        client.post(back[0])
        pipeline.catch_up()
        row.refresh_from_db()
        assert (row.name, row.text, row.mail, matched(row)) == ("Coffee", "coffee", "", {"2", "3", "4"})

    def test_put_away_and_taken_back(self, client_for: Callable[..., Client], stored: Workspace) -> None:
        row = listenings.save(stored, None, "Coffee", "coffee")
        token = listenings.give_feed(row, None)
        pipeline.catch_up()
        client = client_for(Role.AGENT)
        answer = client.post(reverse("listen:query_away", kwargs={"workspace": stored.slug, "pk": row.pk}), follow=True)
        assert matched(row) == set()
        assert Client().get(reverse("feeds:atom", kwargs={"token": token})).status_code == 404
        back = re.search(r'/w/[a-z-]+/listen/queries/back/\?token=[^"&]+', answer.content.decode())
        assert back
        client.post(back[0])
        pipeline.catch_up()
        assert matched(row) == {"2", "3", "4"}

    def test_what_is_wrong_is_said_and_nothing_kept(self, client_for: Callable[..., Client], stored: Workspace) -> None:
        client = client_for(Role.AGENT)
        for values in ({"q": '"open'}, {"name": " "}, {"kind": "other planet"}):
            assert keep(client, stored, **values).status_code == 302
        assert not Listening.objects.exists()
        listenings.save(stored, None, "Coffee", "coffee")
        with pytest.raises(listenings.Refused):
            listenings.save(stored, None, "COFFEE", "tea")

    def test_a_wrong_text_in_the_form_keeps_what_was_typed(self, client_for: Callable[..., Client], stored: Workspace) -> None:
        row = listenings.save(stored, None, "Coffee", "coffee")
        url = reverse("listen:query", kwargs={"workspace": stored.slug, "pk": row.pk})
        answer = client_for(Role.AGENT).post(url, {"name": "Mine", "q": "a OR", "kind": "topic", "mail": ""})
        assert answer.status_code == 422
        assert ">a OR</textarea>" in answer.content.decode()
        assert 'value="Mine"' in answer.content.decode()

    def test_ones_own_query_is_seen_by_oneself(self, client_for: Callable[..., Client], stored: Workspace) -> None:
        keep(client_for(Role.VIEWER), stored, is_shared="")
        row = Listening.objects.get()
        page = reverse("listen:query", kwargs={"workspace": stored.slug, "pk": row.pk})
        assert client_for(Role.VIEWER).get(page).status_code == 200
        assert client_for(Role.OWNER).get(page).status_code == 404

    def test_viewers_do_not_change_what_is_the_teams(self, client_for: Callable[..., Client], stored: Workspace) -> None:
        row = listenings.save(stored, None, "Coffee", "coffee")
        for name in ("query", "query_away", "query_feed", "query_move"):
            url = reverse(f"listen:{name}", kwargs={"workspace": stored.slug, "pk": row.pk})
            answer = client_for(Role.VIEWER).post(url, {"name": "x", "q": "y", "kind": "topic"}, follow=True)
            assert "you may look at it" in answer.content.decode()
        row.refresh_from_db()
        assert (row.name, row.text, row.archived_at, row.feed_token) == ("Coffee", "coffee", None, None)

    def test_order(self, client_for: Callable[..., Client], stored: Workspace) -> None:
        rows = [listenings.save(stored, None, name, "coffee") for name in ("A", "B", "C")]
        client_for(Role.AGENT).post(reverse("listen:query_move", kwargs={"workspace": stored.slug, "pk": rows[2].pk}), {"to": "up"})
        assert [row.name for row in listenings.visible(stored, None)] == ["A", "C", "B"]


def test_the_list_asks_the_same_however_many_there_are(
    look: Callable[..., Any], stored: Workspace, django_assert_max_num_queries: Any
) -> None:
    for name in "ABCDEFGH":
        listenings.save(stored, None, name, "coffee")
    pipeline.catch_up()
    look("queries")
    with django_assert_max_num_queries(14):
        page = look("queries")
    assert [sum(row["points"]) for row in page.context["rows"]] == [3] * 8
    assert all(row["last"] > timezone.now() - timedelta(days=1) for row in page.context["rows"])


def test_a_page_of_results_asks_little(look: Callable[..., Any], django_assert_max_num_queries: Any) -> None:
    look("search", q="coffee")
    with django_assert_max_num_queries(14):
        look("search", q="coffee")


class TestFeed:
    @pytest.fixture
    def feed(self, stored: Workspace) -> str:
        row = listenings.save(stored, None, "Coffee & more", "coffee OR white")
        pipeline.catch_up()
        return reverse("feeds:atom", kwargs={"token": listenings.give_feed(row, None)})

    def test_it_says_what_was_said_in_public(self, feed: str) -> None:
        answer = Client().get(feed)
        assert answer["Content-Type"] == "application/atom+xml; charset=utf-8"
        atom = "{http://www.w3.org/2005/Atom}"
        root = ET.fromstring(answer.content)
        texts = [entry.findtext(f"{atom}summary") for entry in root.iter(f"{atom}entry")]
        assert texts == [
            "cafè, coffee, caffè",
            "Lovely coffee, <script>alert(1)</script> thanks #Lligam",
            "The flat white was cold and the queue too slow!",
        ]
        links = [entry.find(f"{atom}link").get("href") for entry in root.iter(f"{atom}entry")]  # type: ignore[union-attr]
        assert links[2] == "https://example.org/1"
        assert len({entry.findtext(f"{atom}id") for entry in root.iter(f"{atom}entry")}) == 3

    def test_it_is_sent_again_only_when_it_changed(self, feed: str, stored: Workspace) -> None:
        first = Client().get(feed)
        assert Client().get(feed, headers={"If-None-Match": first["ETag"]}).status_code == 304
        assert Client().get(feed, headers={"If-Modified-Since": first["Last-Modified"]}).status_code == 304
        bring(stored, [act(ANNA, native_id="11", text="a white\x0b day")], "mastodon")
        assert b"a white day" in Client().get(feed, headers={"If-None-Match": first["ETag"]}).content

    def test_a_new_address_ends_the_old_one(self, feed: str) -> None:
        row = Listening.objects.get()
        other = listenings.give_feed(row, None)
        assert Client().get(feed).status_code == 404
        listenings.end_feed(row, None)
        assert Client().get(reverse("feeds:atom", kwargs={"token": other})).status_code == 404


def test_drafts_of_boards(stored: Workspace) -> None:
    row = matching.draft(stored, "coffee  lovely")
    assert matching.draft(stored, "coffee lovely").pk == row.pk
    pipeline.catch_up()
    assert matched(row) == {"2"}
    assert not listenings.visible(stored, None).exists()
    Listening.objects.update(created_at=timezone.now() - timedelta(days=2))
    pipeline.catch_up()
    assert not Listening.objects.exists()
    with pytest.raises(QueryError):
        matching.draft(stored, "(")


def test_followers_that_a_source_told_of_long_ago_are_known(stored: Workspace, look: Callable[..., Any]) -> None:
    noise = [act(LUCA, native_id=f"n{number}", text="words") for number in range(3)]
    bring(stored, noise, "mastodon")
    bring(stored, [act(ANNA, native_id="12", text="a late espresso")], "mastodon")
    assert words(look("search", q="espresso reach>1000")) == ["a late espresso"]
