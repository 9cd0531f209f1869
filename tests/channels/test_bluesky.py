from collections.abc import Callable
from datetime import UTC, datetime

from vincle.vocabulary import Activity, Fact, HandleRef, Op, Outcome, Retraction, Verb

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
        ("at://did:plc:aaaa/app.bsky.feed.post/k1", "deleted"), ("at://did:plc:cccc", "account deleted")]
    assert [fact.handles for fact in outcomes if isinstance(fact, Fact)] == [
        (HandleRef("bluesky", "did:plc:bbbb"), HandleRef("bluesky_username", "berta.example", "berta.example"))]
