"""The stream over HTTP: every filter, pages by key, the count, the download, and what cannot be understood."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from vincle.accounts.models import AuditEntry, Role, Workspace
from vincle.identify.models import Belonging
from vincle.listen import actions, log
from vincle.listen.models import Activity as Row
from vincle.listen.models import Delivery, Handle
from vincle.project import pipeline
from vincle.vocabulary import Activity, Direction, Fact, HandleRef, ObjectType, Op, Retraction, Verb, public_id

NOON = datetime(2026, 3, 10, 11, 30, tzinfo=UTC)


@pytest.fixture
def viewer(client_for: Callable[..., Client]) -> Client:
    return client_for(Role.VIEWER)


def place(name: str = "stream", query: str = "") -> str:
    return reverse(f"listen:{name}", kwargs={"workspace": "cafe-lligam"}) + (f"?{query}" if query else "")


def said(number: int, at: datetime = NOON, **more: Any) -> Activity:
    values: dict[str, Any] = {
        "verb": Verb.CREATE,
        "object_type": ObjectType.NOTE,
        "native_id": f"n{number}",
        "happened_at": at,
        "actor": HandleRef("mastodon", f"u{number % 3}@example", f"User {number % 3}"),
        "text": f"words {number}",
    }
    return Activity(**{**values, **more})


def put(workspace: Workspace, *items: Any, channel: str = "mastodon", delivery: Delivery | None = None) -> None:
    source = actions.connection_for(workspace, channel)
    log.append(source, items, datetime.now(UTC), delivery)


def words(client: Client, query: str = "") -> list[str]:
    response = client.get(place(query=query))
    assert response.status_code == 200
    return [line["words"] for line in response.context["lines"]]


def total(client: Client, query: str = "") -> int:
    return int(client.get(place("stream_total", query)).content.decode().split()[0].replace(",", ""))


def page_of(client: Client, query: str) -> Any:
    return client.get(place(query=query))


def test_empty_says_what_to_do_next(viewer: Client, client_for: Callable[..., Client], workspace: Workspace) -> None:
    assert "Nothing has been heard yet" in page_of(viewer, "").content.decode()
    assert "Import a file" not in page_of(viewer, "").content.decode()
    assert "Import a file" in page_of(client_for(Role.OWNER), "").content.decode()
    put(workspace, said(1))
    assert "Nobody said or did anything that fits" in page_of(viewer, "channel=facebook").content.decode()


def test_words_stand_with_who_said_them_newest_first(viewer: Client, workspace: Workspace) -> None:
    put(workspace, *(said(n, NOON + timedelta(minutes=n)) for n in range(3)))
    pipeline.catch_up()
    page = page_of(viewer, "").content.decode()
    assert words(viewer) == ["words 2", "words 1", "words 0"]
    handle = Handle.objects.get(value="u2@example")
    way = reverse("identify:of_handle", kwargs={"workspace": workspace.slug, "pid": public_id(handle.key)})
    assert f'href="{way}"' in page
    person = Belonging.objects.get(handle=handle.key).person
    assert viewer.get(way)["Location"].endswith(f"/people/{public_id(person)}/")
    card = reverse("identify:card_of_handle", kwargs={"workspace": workspace.slug, "pid": public_id(handle.key)})
    assert f'data-card="{card}"' in page
    assert viewer.get(card)["Location"].endswith(f"/people/{public_id(person)}/card/")
    unknown = reverse("identify:of_handle", kwargs={"workspace": workspace.slug, "pid": public_id(5)})
    assert viewer.get(unknown).status_code == 404
    assert viewer.get(unknown.replace(public_id(5), "not-a-public-id")).status_code == 404


def test_facts_retractions_and_hidden_words_are_no_acts(viewer: Client, workspace: Workspace) -> None:
    fact = Fact(native_id="f", observed_at=NOON, handles=(HandleRef("email", "ana@example.org"),), name="Ana")
    gone = Retraction(native_id="n2", happened_at=NOON + timedelta(hours=1))
    put(workspace, fact, said(1), said(2), said(3), said(1, text="mended", op=Op.CORRECT, version="2"), gone)
    assert sorted(words(viewer)) == ["mended", "words 3"]
    assert total(viewer) == 2


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("channel=mastodon", {1, 2, 3, 4}),
        ("channel=feed", {5}),
        ("verb=Like", {3}),
        ("kind=Review", {2}),
        ("from=2026-03-10&to=2026-03-10", {1, 2, 5}),
        ("from=2026-03-11", {3, 4}),
        ("to=2026-03-09", set()),
        ("from=2026-03-01&to=2026-03-31&hour=12", {1, 2, 5}),
        ("from=2026-03-01&to=2026-03-31&hour=0", {3}),
        ("from=2026-03-01&to=2026-03-31&weekday=2", {1, 2, 5}),
        ("from=2026-03-01&to=2026-03-31&weekday=3&hour=0", {3}),
        ("from=2026-03-01&to=2026-03-31&weekday=7&hour=3", {4}),
        ("channel=mastodon&kind=Note&from=2026-03-10&to=2026-03-10", {1}),
        ("channel=&verb=&from=&hour=", {1, 2, 3, 4, 5}),
    ],
)
def test_filters(query: str, numbers: set[int], viewer: Client, workspace: Workspace) -> None:
    put(workspace, said(1), said(2, object_type=ObjectType.REVIEW, rating=4, rating_max=5))
    # 23:30 UTC on the tenth is half past midnight on the eleventh in Madrid, a Wednesday.
    put(workspace, said(3, datetime(2026, 3, 10, 23, 30, tzinfo=UTC), verb=Verb.LIKE))
    # On the day the clocks go forward 01:15 UTC is 03:15.
    put(workspace, said(4, datetime(2026, 3, 29, 1, 15, tzinfo=UTC)))
    put(workspace, said(5), channel="feed")
    assert {int(text.split()[1]) for text in words(viewer, query)} == numbers
    assert total(viewer, query) == len(numbers)


def test_the_hour_that_comes_twice_counts_twice(viewer: Client, workspace: Workspace) -> None:
    put(workspace, *(said(n, datetime(2026, 10, 24, 23, 30, tzinfo=UTC) + timedelta(hours=n)) for n in range(5)))
    query = "from=2026-10-25&to=2026-10-25&hour=2"
    assert sorted(words(viewer, query)) == ["words 1", "words 2"]
    assert total(viewer, query) == 2


def test_hours_without_a_period_mean_the_last_ninety_days(viewer: Client, workspace: Workspace) -> None:
    now = datetime.now(UTC).replace(minute=30)
    put(workspace, said(1, now - timedelta(days=2)), said(2, now - timedelta(days=200)))
    assert words(viewer, "weekday=" + str((now - timedelta(days=2)).astimezone(workspace_zone(workspace)).isoweekday())) == ["words 1"]


def workspace_zone(workspace: Workspace) -> Any:
    from zoneinfo import ZoneInfo

    return ZoneInfo(workspace.timezone)


def test_author_person_and_import(viewer: Client, workspace: Workspace, other_workspace: Workspace) -> None:
    source = actions.connection_for(workspace, "mastodon")
    brought = Delivery.objects.create(
        workspace=workspace, connection=source, channel="mastodon", name="posts.csv", sha256="0" * 64, size=1, is_import=True
    )
    both = Fact(native_id="f", observed_at=NOON, handles=(HandleRef("mastodon", "u0@example"), HandleRef("mastodon", "u1@example")))
    put(workspace, both, *(said(n) for n in range(6)))
    put(workspace, said(7), delivery=brought)
    pipeline.catch_up()
    author = Handle.objects.get(value="u0@example")
    assert sorted(words(viewer, f"author={public_id(author.key)}")) == ["words 0", "words 3"]
    person = Belonging.objects.get(handle=author.key).person
    assert sorted(words(viewer, f"person={public_id(person)}")) == ["words 0", "words 1", "words 3", "words 4", "words 7"]
    page = page_of(viewer, f"delivery={brought.pk}")
    assert [line["words"] for line in page.context["lines"]] == ["words 7"]
    assert "Import: posts.csv" in page.content.decode()
    theirs = Delivery.objects.create(
        workspace=other_workspace,
        connection=actions.connection_for(other_workspace, "x"),
        channel="x",
        sha256="1" * 64,
        size=1,
        is_import=True,
    )
    assert "There is no such import" in page_of(viewer, f"delivery={theirs.pk}").content.decode()


@pytest.mark.parametrize(
    "query",
    [
        *("from=yesterday", "to=2026-02-30", "from=2026-02-01&to=2026-01-01", "hour=24", "hour=-1", "hour=٣", "weekday=0", "weekday=x"),
        *("author=zzz", "author=%00", "person=0000000000000", "person=!!!!!!!!!!!!!", "delivery=99999", "delivery=" + "9" * 30),
        *("verb=Sing", "kind=Song", "channel=%00", "channel=nowhere"),
    ],
)
def test_what_cannot_be_understood_is_an_empty_list_and_a_sentence(query: str, viewer: Client, workspace: Workspace) -> None:
    put(workspace, said(1))
    page = page_of(viewer, query)
    assert page.status_code == 200
    assert page.context["lines"] == []
    assert page.context["filters"].problems or "Nobody said or did anything that fits" in page.content.decode()
    assert total(viewer, query) == 0


@pytest.mark.parametrize(
    "query",
    [
        "from=0001-01-01&to=0001-01-02",
        "from=9999-12-30&to=9999-12-31",
        "to=0001-01-05&hour=3",
        "from=0001-01-01&to=9999-12-31&hour=3&weekday=1",
    ],
)
def test_days_at_the_ends_of_time_are_days(query: str, viewer: Client, workspace: Workspace) -> None:
    put(workspace, said(1))
    assert page_of(viewer, query).status_code == 200
    assert total(viewer, query) in (0, 1)


@pytest.mark.parametrize("query", ["", "hour=12&from=2026-03-01&to=2026-03-31", "channel=mastodon"])
def test_pages_by_key_show_each_once_in_both_directions(query: str, viewer: Client, workspace: Workspace) -> None:
    put(workspace, *(said(n, NOON + timedelta(seconds=n // 40)) for n in range(130)))
    seen: list[str] = []
    pages, after = [], None
    while True:
        page = page_of(viewer, f"{query}&after={after}" if after else query)
        pages.append([line["words"] for line in page.context["lines"]])
        seen += pages[-1]
        after = page.context["after"]
        if after is None:
            break
    assert len(seen) == len(set(seen)) == 130
    assert [len(each) for each in pages] == [50, 50, 30]
    back = page_of(viewer, f"{query}&before={page.context['before']}")
    assert [line["words"] for line in back.context["lines"]] == pages[1]
    first = page_of(viewer, f"{query}&before={back.context['before']}")
    assert [line["words"] for line in first.context["lines"]] == pages[0]
    assert first.context["before"] is None


@pytest.mark.parametrize("key", ["after=nonsense", "after=" + "9" * 40, "before=-1", "after=999999999", "before=999999999"])
def test_a_key_that_is_none_does_no_harm(key: str, viewer: Client, workspace: Workspace) -> None:
    put(workspace, said(1))
    assert page_of(viewer, key).status_code == 200


def test_words_and_links_are_inert(viewer: Client, workspace: Workspace) -> None:
    put(workspace, said(1, text="<script>alert(1)</script>", url="javascript:alert(2)"), said(2, url="https://example.org/post"))
    page = page_of(viewer, "").content.decode()
    assert "<script>alert" not in page
    assert "javascript:" not in page
    assert 'href="https://example.org/post" rel="noopener noreferrer"' in page


def test_nothing_of_another_workspace(viewer: Client, workspace: Workspace, other_workspace: Workspace) -> None:
    put(other_workspace, said(1))
    put(workspace, said(2))
    theirs = Row.objects.of(other_workspace).get()
    assert words(viewer) == ["words 2"]
    assert words(viewer, f"author={public_id(theirs.actor)}") == []
    assert words(viewer, f"after={theirs.seq}") == ["words 2"]
    assert total(viewer) == 1


def test_what_we_said_is_marked_as_ours(viewer: Client, workspace: Workspace) -> None:
    put(workspace, said(1, direction=Direction.OUT))
    line = page_of(viewer, "").context["lines"][0]
    assert line["is_ours"]


def test_the_download_is_the_list(client_for: Callable[..., Client], workspace: Workspace) -> None:
    put(workspace, *(said(n, NOON + timedelta(seconds=n)) for n in range(5)), said(9, text='=HYPERLINK("x")'), channel="mastodon")
    put(workspace, said(8), channel="feed")
    analyst = client_for(Role.ANALYST)
    body = b"".join(analyst.get(place("stream_csv", "channel=mastodon"))).decode().lstrip("\ufeff")
    rows = list(csv.DictReader(io.StringIO(body)))
    assert [row["text"] for row in rows] == ["words 4", "words 3", "words 2", "words 1", '\'=HYPERLINK("x")', "words 0"]
    assert rows[0]["at"] == "2026-03-10T12:30:04+01:00"
    entry = AuditEntry.objects.get(verb="exported")
    assert entry.details == {"filters": "channel=mastodon"}
    assert client_for(Role.VIEWER).get(place("stream_csv")).status_code == 403


def test_a_long_download_misses_nothing(client_for: Callable[..., Client], workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    from vincle.listen import stream

    monkeypatch.setattr(stream.everything, "__defaults__", (7,))
    put(workspace, *(said(n) for n in range(30)))
    body = b"".join(client_for(Role.ANALYST).get(place("stream_csv"))).decode()
    assert len(body.splitlines()) == 31


def test_the_page_asks_few_questions(viewer: Client, workspace: Workspace, django_assert_max_num_queries: Any) -> None:
    put(workspace, *(said(n) for n in range(60)))
    with django_assert_max_num_queries(14):
        page_of(viewer, "")
    with django_assert_max_num_queries(15):
        page_of(viewer, "channel=mastodon&hour=12&from=2026-03-01&to=2026-03-31&after=1")
