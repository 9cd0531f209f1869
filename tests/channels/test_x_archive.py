import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from vincle.channels._x import moment
from vincle.channels.base import FileError, Sample
from vincle.channels.x_archive import channel
from vincle.vocabulary import Activity, Direction, Fact, HandleRef, Outcome, Verb, Warn

Read = Callable[[str, str | bytes], list[Outcome]]
OURS = HandleRef("x", "5550001", "Cafè Lligam")


def activities(outcomes: list[Outcome]) -> list[Activity]:
    return [item for item in outcomes if isinstance(item, Activity)]


def zipped(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def test_a_part_alone_claims_nobody(reading: Read) -> None:
    reply, repost, _ = activities(reading("x_archive", "tweets.js"))
    assert reply.actor is None
    assert reply.direction is Direction.OUT
    assert reply.target == HandleRef("x", "777001", "Marta Gil")
    assert (reply.parent_key, reply.hashtags) == ("1889999999999999000", ("lligam",))
    assert reply.text.endswith("Fins dissabte & bon cafè #Lligam")
    assert (reply.props["source"], "source" in repost.props) == ("Twitter Web App & more", False)
    assert (repost.verb, repost.target) == (Verb.ANNOUNCE, HandleRef("x", "888002", "Roasters Guild"))


def test_the_whole_archive_knows_its_owner(reading: Read) -> None:
    outcomes = reading("x_archive", "lligam.zip")
    found = activities(outcomes)
    assert {item.actor for item in found if item.direction is Direction.OUT} == {OURS}
    assert {(item.verb, item.actor.value) for item in found if item.direction is Direction.IN and item.actor} == {
        (Verb.CREATE, "777001"),
        (Verb.LIKE, "777001"),
        (Verb.FOLLOW, "777001"),
    }
    long = [item for item in found if item.native_id == "1890000000000000003"]
    assert [item.text.endswith("First we taste.") for item in long] == [True]
    assert [fact.tags for fact in outcomes if isinstance(fact, Fact)] == [("own account",)]
    assert [(item.code, item.detail) for item in outcomes if isinstance(item, Warn)] == [("parts_skipped", "ad_engagements")]


def test_direct_messages_alone_tell_their_owner_by_several_conversations(reading: Read) -> None:
    def talk(other: str) -> str:
        message = {"senderId": "1", "recipientId": other, "id": f"9{other}", "text": "hi", "createdAt": "2025-01-01T00:00:00.000Z"}
        return json.dumps({"dmConversation": {"conversationId": f"{other}-1", "messages": [{"messageCreate": message}]}})

    raw = f"window.YTD.direct_messages.part0 = [{talk('2')}, {talk('3')}]".encode()
    assert {item.direction for item in activities(reading("x_archive", raw))} == {Direction.OUT}
    lone = f"window.YTD.direct_messages.part0 = [{talk('2')}]".encode()
    assert {item.direction for item in activities(reading("x_archive", lone))} == {Direction.IN}


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("Sat Dec 06 18:20:30 +0000 2025", datetime(2025, 12, 6, 18, 20, 30, tzinfo=UTC)),
        ("Thu Nov 22 17:10:25 +1000 2025", datetime(2025, 11, 22, 7, 10, 25, tzinfo=UTC)),
        ("2025-02-13T13:00:00.000Z", datetime(2025, 2, 13, 13, tzinfo=UTC)),
        ("never", datetime(2026, 1, 1, tzinfo=UTC)),
    ],
)
def test_times(written: str, told: datetime) -> None:
    assert moment(written, datetime(2026, 1, 1, tzinfo=UTC)) == told


def test_an_id_too_large_to_be_one_gives_way(reading: Read) -> None:
    raw = (
        b'window.YTD.tweets.part0 = [{"tweet": {"id_str": "1", "full_text": "x", "in_reply_to_status_id_str": "19943041994348581220",'
        b' "in_reply_to_status_id": "1994041994348581220"}}]'
    )
    assert activities(reading("x_archive", raw))[0].parent_key == "1994041994348581220"


def test_a_broken_part_names_its_line_and_refuses_the_whole(reading: Read) -> None:
    broken = b'window.YTD.like.part0 = [\n{"like": {"tweetId": "1"}},\n{"like": '
    for raw, place in (
        (broken, "column 9"),
        (zipped({"data/account.js": b"window.YTD.account.part0 = []", "data/like.js": broken}), "data/like.js"),
    ):
        with pytest.raises(FileError) as refusal:
            reading("x_archive", raw)
        assert (refusal.value.code, refusal.value.line) == ("truncated_json", 3)
        assert place in refusal.value.detail


def test_nothing_of_a_part_is_run(reading: Read) -> None:
    with pytest.raises(FileError) as refusal:
        reading("x_archive", b"window.YTD.tweets.part0 = [].concat(alert(1))")
    assert refusal.value.code == "broken_json"


def test_a_zip_bomb_is_refused(reading: Read) -> None:
    bomb = zipped({"data/tweets.js": b"window.YTD.tweets.part0 = [" + b" " * 60_000_000 + b"]"})
    assert len(bomb) < 100_000
    with pytest.raises(FileError) as refusal:
        reading("x_archive", bomb)
    assert refusal.value.code == "member_too_large"


@pytest.mark.parametrize("name", ["../data/tweets.js", "/data/tweets.js", "data/../../tweets.js"])
def test_members_that_climb_are_refused(reading: Read, name: str) -> None:
    with pytest.raises(FileError) as refusal:
        reading("x_archive", zipped({name: b"window.YTD.tweets.part0 = []"}))
    assert refusal.value.code == "unsafe_member_name"


def test_a_damaged_zip_is_refused(reading: Read) -> None:
    whole = bytearray(zipped({"data/tweets.js": b"window.YTD.tweets.part0 = []" * 50}))
    whole[60] ^= 0xFF
    with pytest.raises(FileError) as refusal:
        reading("x_archive", bytes(whole))
    assert refusal.value.code in ("broken_member", "broken_archive")


def test_other_zips_are_not_ours() -> None:
    assert channel.recognise(Sample(head=zipped({"xl/workbook.xml": b"<x/>", "[Content_Types].xml": b"<x/>"}), size=1)) == 0
    assert channel.recognise(Sample(head=zipped({"my/data/tweets.js": b"x"}), size=1)) > 0.5
    assert channel.recognise(Sample(head=b"PK\x03\x04" + struct.pack("<I", zlib.crc32(b"")), size=8)) == 0
