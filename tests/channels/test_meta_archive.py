import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from vincle.channels.base import FileError, Sample
from vincle.channels.meta_archive import channel
from vincle.vocabulary import Activity, Direction, HandleRef, ObjectType, Outcome, Verb, Warn

Read = Callable[[str, str | bytes], list[Outcome]]


def activities(outcomes: list[Outcome]) -> list[Activity]:
    return [item for item in outcomes if isinstance(item, Activity)]


def zipped(members: dict[str, Any]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content if isinstance(content, bytes) else json.dumps(content))
    return file.getvalue()


def test_posts(reading: Read) -> None:
    outcomes = reading("meta_archive", "your_posts_1.json")
    party, link = activities(outcomes)
    assert party.text == "Avui féiem festa 🎉 #Lligam"
    assert (party.hashtags, party.happened_at) == (("lligam",), datetime(2025, 3, 3, 11, 6, 40, tzinfo=UTC))
    assert party.actor == HandleRef("facebook_name", "cafe lligam", "Cafè Lligam")
    assert (link.verb, link.url, link.direction) == (Verb.ANNOUNCE, "https://diari.example/torra", Direction.OUT)
    assert [(item.line, item.code) for item in outcomes if isinstance(item, Warn)] == [(3, "empty_item")]


def test_messages(reading: Read) -> None:
    outcomes = reading("meta_archive", "message_1.json")
    said, liked = activities(outcomes)
    assert said.actor == HandleRef("facebook_name", "nuria", "Núria")
    assert (said.object_type, said.thread_key, liked.reaction, liked.object_key) == (
        ObjectType.MESSAGE,
        "messages:inbox/nuria_1",
        "❤",
        said.native_id,
    )
    assert [item.code for item in outcomes if isinstance(item, Warn)] == ["unsent_message"]


def test_instagram_lists(reading: Read) -> None:
    first, second = activities(reading("meta_archive", "followers_1.json"))
    assert (first.verb, first.actor, first.direction) == (
        Verb.FOLLOW,
        HandleRef("instagram_username", "nuria.cafe", "nuria.cafe"),
        Direction.IN,
    )
    assert first.native_id != second.native_id
    (liked,) = activities(reading("meta_archive", "liked_posts.json"))
    assert (liked.direction, liked.object_key) == (Direction.OUT, "https://www.instagram.com/p/abc/")
    assert liked.target == HandleRef("instagram_username", "nuria.cafe", "nuria.cafe")


def test_instagram_comments_in_any_language(reading: Read) -> None:
    comment = [
        {
            "string_map_data": {
                "Comentario": {"value": "Qué rico"},
                "Propietario": {"value": "nuria.cafe"},
                "Hora": {"timestamp": 1741000000},
            }
        }
    ]
    (found,) = activities(reading("meta_archive", json.dumps(comment).encode()))
    assert (found.text, found.target, found.happened_at.year) == (
        "Qué rico",
        HandleRef("instagram_username", "nuria.cafe", "nuria.cafe"),
        2025,
    )


def test_equal_items_are_counted_apart(reading: Read) -> None:
    like = {"timestamp": 1741000000, "data": [{"reaction": {"reaction": "LIKE", "actor": "A B"}}], "title": "A B likes C D's photo."}
    found = activities(reading("meta_archive", json.dumps({"reactions_v2": [like, like]}).encode()))
    assert len({item.native_id for item in found}) == 2
    assert found[0].target == HandleRef("facebook_name", "c d", "C D")


@pytest.mark.parametrize(
    ("title", "whose"),
    [
        ("Aase Berg commented on Bo Dahl's post.", "Bo Dahl"),
        ("Aase Berg commented on his own post.", ""),
        ("Aase Berg replied to a comment.", ""),
        ("Aase Berg replied to Tobias Løye's comment.", "Tobias Løye"),
    ],
)
def test_whose_thing_it_was(reading: Read, title: str, whose: str) -> None:
    comment = {
        "comments_v2": [
            {"timestamp": 1, "data": [{"comment": {"timestamp": 1741000000, "comment": "x", "author": "Aase Berg"}}], "title": title}
        ]
    }
    (found,) = activities(reading("meta_archive", json.dumps(comment).encode()))
    assert found.actor == HandleRef("facebook_name", "aase berg", "Aase Berg")
    assert (found.target.name if found.target else "") == whose


def test_a_whole_download(reading: Read) -> None:
    message = {"sender_name": "Lligam", "timestamp_ms": 1741000000000, "content": "Hola"}
    raw = zipped(
        {
            "your_facebook_activity/messages/inbox/a_1/message_1.json": {
                "participants": [{"name": "Ana"}, {"name": "Lligam"}],
                "messages": [message],
                "thread_path": "inbox/a_1",
            },
            "personal_information/profile_information/profile_information.json": {"profile_v2": {"name": {"full_name": "Lligam"}}},
            "your_facebook_activity/posts/media/x.jpg": b"\xff\xd8",
            "preferences/language.json": {"language_v2": "ca"},
        }
    )
    outcomes = reading("meta_archive", raw)
    (found,) = activities(outcomes)
    assert (found.direction, found.target) == (Direction.OUT, HandleRef("facebook_name", "ana", "Ana"))
    assert [(item.code, item.detail) for item in outcomes if isinstance(item, Warn)] == [("parts_skipped", "language.json")]
    assert channel.recognise(Sample(head=raw, size=len(raw))) == 0.9


def test_pages_instead_of_json_are_told(reading: Read) -> None:
    with pytest.raises(FileError) as refusal:
        reading("meta_archive", zipped({"your_facebook_activity/posts/your_posts_1.html": b"<html></html>"}))
    assert refusal.value.code == "download_is_html"


def test_a_broken_member_refuses_the_whole(reading: Read) -> None:
    raw = zipped(
        {"posts/your_posts_1.json": [{"timestamp": 1741000000, "data": [{"post": "x"}]}], "posts/your_posts_2.json": b'[{"timestamp": 1'}
    )
    with pytest.raises(FileError) as refusal:
        reading("meta_archive", raw)
    assert refusal.value.code == "truncated_json"
    assert "your_posts_2.json" in refusal.value.detail
