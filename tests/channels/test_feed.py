from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from vincle.channels._feed_reading import target
from vincle.channels.base import FileError
from vincle.vocabulary import Activity, HandleRef, ObjectType, Outcome, Reject

Read = Callable[[str, str | bytes], list[Outcome]]


def activities(outcomes: list[Outcome]) -> list[Activity]:
    return [item for item in outcomes if isinstance(item, Activity)]


def test_a_google_alert_is_a_mention(reading: Read) -> None:
    (found,) = activities(reading("feed", "alert.atom"))
    assert found.object_type is ObjectType.MENTION
    assert found.native_id == "tag:google.com,2013:googlealerts/feed:99"
    assert found.url == "https://diari.example/torra?a=1"
    assert found.actor == HandleRef("web", "diari.example", "diari.example")
    assert (found.title, found.text) == ("El Cafè Lligam torra & serveix", "El Cafè Lligam ...")
    assert found.props["query"] == "cafè lligam"


def test_rss(reading: Read) -> None:
    dated, undated = activities(reading("feed", "blog.rss"))
    assert dated.happened_at == datetime(2025, 3, 3, 9, tzinfo=UTC)
    assert (dated.title, dated.text, dated.language) == ("Cafès nous", "Un lloc nou", "ca")
    assert dated.body == {"author": "Joana"}
    assert dated.native_id.endswith(":17")
    assert undated.happened_at == datetime(2026, 11, 1, 12, tzinfo=UTC)
    assert (undated.url, undated.props["undated"]) == ("", True)
    assert undated.actor == HandleRef("web", "blog.example", "blog.example")


def test_json_feed(reading: Read) -> None:
    (found,) = activities(reading("feed", "feed.json"))
    assert (found.title, found.text, found.actor) == ("Una nota", "Molt bo", HandleRef("mastodon", "mila@tarda.example", "Mila"))


def test_an_empty_feed_is_no_error(reading: Read) -> None:
    assert reading("feed", b'<feed xmlns="http://www.w3.org/2005/Atom"><id>x</id><title>t</title></feed>') == []


@pytest.mark.parametrize(
    "declared", ['<!ENTITY xxe SYSTEM "file:///etc/passwd">', '<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">', '<!ENTITY % p "x">']
)
def test_entities_are_refused(reading: Read, declared: str) -> None:
    raw = f'<?xml version="1.0"?><!DOCTYPE rss [{declared}]><rss version="2.0"><channel><title>&b;</title></channel></rss>'
    with pytest.raises(FileError) as refusal:
        reading("feed", raw.encode())
    assert refusal.value.code == "xml_entities_refused"


def test_what_came_before_the_break_is_kept(reading: Read) -> None:
    raw = b'<?xml version="1.0"?><rss version="2.0"><channel><title>T</title><item><guid>a:1</guid><title>One</title></item><item><ti'
    outcomes = reading("feed", raw)
    assert [item.title for item in activities(outcomes)][:1] == ["One"]
    assert any(isinstance(item, Reject) and item.code == "broken_xml" for item in outcomes)


def test_entries_that_share_an_id_are_kept_apart(reading: Read) -> None:
    item = "<item><guid>a:1</guid><title>{}</title></item>"
    raw = f'<rss version="2.0"><channel><title>T</title>{item.format("One")}{item.format("Two")}{item.format("Two")}</channel></rss>'
    assert [found.title for found in activities(reading("feed", raw.encode()))] == ["One", "Two"]


@pytest.mark.parametrize(
    ("link", "leads"),
    [
        ("https://www.google.es/url?q=https://a.example/b&sa=x", "https://a.example/b"),
        ("https://www.google.com/search?q=x", "https://www.google.com/search?q=x"),
        ("https://www.google.com/url?url=javascript:alert(1)", ""),
        ("data:text/html,x", ""),
    ],
)
def test_where_links_lead(link: str, leads: str) -> None:
    assert target(link) == leads
