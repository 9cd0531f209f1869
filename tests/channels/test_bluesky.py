import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from vincle.channels._deliveries import key_of
from vincle.vocabulary import Activity, Fact, HandleRef, Item, Op, Outcome, Retraction, Unknown, Verb

Read = Callable[[str, str | bytes], list[Outcome]]


def test_frames(reading: Read) -> None:
    outcomes = reading("bluesky", "frames.jsonl")
    post, like, unlike, edited, repost, follow = (item for item in outcomes if isinstance(item, Activity))
    assert (post.actor, post.target) == (HandleRef("bluesky", "did:plc:aaaa"), None)
    assert post.props["mentions"] == ["did:plc:lligam"]
    assert (post.hashtags, post.language) == (("cafè",), "ca")
    assert post.parent_key == "at://did:plc:lligam/app.bsky.feed.post/p1"
    assert post.thread_key == "at://did:plc:lligam/app.bsky.feed.post/p0"
    assert post.url == "https://bsky.app/profile/did:plc:aaaa/post/k1"
    assert (like.object_key, like.props["via"]) == (post.parent_key, "at://did:plc:bbbb/app.bsky.feed.repost/z")
    assert (unlike.verb, unlike.op, unlike.native_id) == (Verb.UNDO, Op.CORRECT, like.native_id)
    assert (edited.op, edited.native_id, edited.version) == (Op.CORRECT, post.native_id, "r4")
    assert (repost.verb, follow.verb, follow.object_key) == (Verb.ANNOUNCE, Verb.FOLLOW, "did:plc:lligam")


def test_a_clock_that_runs_ahead_is_held_back(reading: Read) -> None:
    like = [item for item in reading("bluesky", "frames.jsonl") if isinstance(item, Activity) and item.verb is Verb.LIKE]
    assert [item.happened_at for item in like] == [datetime(2025, 3, 3, 11, 0, 1, tzinfo=UTC)]


def test_markers(reading: Read) -> None:
    outcomes = reading("bluesky", "frames.jsonl")
    assert [(item.native_id, item.reason) for item in outcomes if isinstance(item, Retraction)] == [
        ("at://did:plc:aaaa/app.bsky.feed.post/k1", "deleted"),
        ("at://did:plc:cccc", "account deleted"),
    ]
    assert [fact.handles for fact in outcomes if isinstance(fact, Fact)] == [
        (HandleRef("bluesky", "did:plc:bbbb"), HandleRef("bluesky_username", "berta.example", "berta.example"))
    ]


def keys(outcomes: list[Outcome]) -> list[tuple[str, str, str, str]]:
    """What makes items the same for the log."""
    return [key_of(item) for item in outcomes if isinstance(item, Item)]


def frame(operation: str, **more: Any) -> dict[str, Any]:
    commit = {"operation": operation, "collection": "app.bsky.feed.post", "rkey": "k", "rev": f"r-{operation}", **more}
    return {"did": "did:plc:aaaa", "time_us": 1740999600000000, "kind": "commit", "commit": commit}


RECORD = {"$type": "app.bsky.feed.post", "text": "Ñam", "createdAt": "2025-03-03T10:59:59.000Z"}
LIFE = [
    frame("create", record=RECORD, cid="c1"),
    frame("update", record=RECORD | {"text": "Ñam!"}, cid="c2"),
    frame("delete"),
    {"did": "did:plc:aaaa", "time_us": 1740999700000000, "kind": "account", "account": {"active": False, "status": "takendown", "seq": 9}},
]


def lines(deliveries: list[dict[str, Any]]) -> bytes:
    return "\n".join(json.dumps(each) for each in deliveries).encode()


def test_order_and_repetition_change_no_item(reading: Read) -> None:
    forward = keys(reading("bluesky", lines(LIFE)))
    assert [kind for kind, *_ in forward] == ["Activity", "Activity", "Retraction", "Retraction"]
    assert sorted(keys(reading("bluesky", lines(LIFE[::-1])))) == sorted(forward)
    assert set(keys(reading("bluesky", lines(LIFE + LIFE)))) == set(forward)


def test_an_edit_is_named_by_its_content_however_it_was_heard(reading: Read) -> None:
    other = frame("update", record=RECORD | {"text": "Ñam!"}, cid="c2", rev="another")
    assert keys(reading("bluesky", lines([LIFE[1]]))) == keys(reading("bluesky", lines([other])))


def test_who_is_taken_down_is_hidden_with_all_they_said(reading: Read) -> None:
    hidden = reading("bluesky", lines(LIFE))[-1]
    assert isinstance(hidden, Retraction)
    assert (hidden.native_id, hidden.reason) == ("at://did:plc:aaaa", "account takendown")


def test_several_in_one_delivery(reading: Read) -> None:
    author = {"did": "did:plc:bbbb", "handle": "berta.example"}
    each = {"author": author, "indexedAt": "2025-03-03T11:00:00Z", "cid": "c"}
    answer = {"notifications": [
        each | {"uri": "at://did:plc:bbbb/app.bsky.feed.post/a", "reason": "mention", "record": RECORD},
        each | {"uri": "at://did:plc:bbbb/app.bsky.feed.like/b", "reason": "like", "record": {"subject": {"uri": "at://did:plc:l/x/y"}}},
        each | {"uri": "at://did:plc:bbbb/app.bsky.graph.verification/c", "reason": "verified", "record": {}},
    ]}  # fmt: skip
    found = reading("bluesky", json.dumps(answer).encode())
    assert [item.verb for item in found if isinstance(item, Activity)] == [Verb.CREATE, Verb.LIKE]
    assert [item.kind for item in found if isinstance(item, Unknown)] == ["notification.verified"]
    assert len([item for item in found if isinstance(item, Fact)]) == 1, "the same profile is told once"


def test_what_there_is_no_word_for_is_kept(reading: Read) -> None:
    odd = [frame("create", record=None), {"did": "did:plc:aaaa", "kind": "weather", "time_us": 1}, frame("merge")]
    assert all(isinstance(item, Unknown) for item in reading("bluesky", lines(odd)))


def test_what_an_answer_needs_of_a_post_is_kept(reading: Read) -> None:
    reply = {"root": {"uri": "at://did:plc:l/app.bsky.feed.post/0", "cid": "c0"}, "parent": {"uri": "at://did:plc:l/app.bsky.feed.post/1"}}
    (post,) = reading("bluesky", lines([frame("create", record=RECORD | {"reply": reply}, cid="c1")]))
    assert isinstance(post, Activity)
    assert (post.props["cid"], post.props["root_cid"]) == ("c1", "c0")
