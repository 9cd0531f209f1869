from collections.abc import Callable
from datetime import UTC, datetime

from vincle.channels._x import born
from vincle.vocabulary import Activity, Direction, Fact, HandleRef, ObjectType, Outcome, Retraction, Unknown, Verb

Read = Callable[[str, str | bytes], list[Outcome]]
NEVER = datetime(1999, 1, 1, tzinfo=UTC)
MARTA, OURS = HandleRef("x", "777001", "Marta Gil"), HandleRef("x", "5550001", "Cafè Lligam")


def activities(outcomes: list[Outcome]) -> list[Activity]:
    return [item for item in outcomes if isinstance(item, Activity)]


def test_account_activity(reading: Read) -> None:
    outcomes = reading("x", "deliveries.jsonl")
    mention, reply, like, follow, unfollow, direct = activities(outcomes)
    assert (mention.object_type, mention.actor, mention.text) == (ObjectType.MENTION, MARTA, "@CafeLligam bon dia & gràcies")
    assert (reply.direction, reply.parent_key, reply.actor) == (Direction.OUT, mention.native_id, OURS)
    assert (like.object_key, like.target) == (reply.native_id, OURS)
    assert (follow.verb, unfollow.verb, follow.native_id == unfollow.native_id) == (Verb.FOLLOW, Verb.UNDO, True)
    assert (direct.object_type, direct.actor, direct.target, direct.thread_key) == (ObjectType.MESSAGE, MARTA, OURS, "dm:5550001:777001")
    assert [item.native_id for item in outcomes if isinstance(item, Retraction)] == [mention.native_id]
    assert [item.kind for item in outcomes if isinstance(item, Unknown)] == ["block_events"]


def test_ids_and_user_names_are_linked_but_ours_is_not(reading: Read) -> None:
    facts = [item for item in reading("x", "deliveries.jsonl") if isinstance(item, Fact)]
    assert {fact.handles[0].value for fact in facts} == {"777001", "777002"}
    assert facts[0].handles == (MARTA, HandleRef("x_username", "marta_gil", "marta_gil"))
    assert facts[0].traits == {"bio": "cafè", "followers": 120}


def test_answers_are_joined_with_what_they_include(reading: Read) -> None:
    outcomes = reading("x", "search.json")
    first, repost, reply = activities(outcomes)
    nora = HandleRef("x", "777003", "Nora Vila")
    assert (first.actor, first.hashtags, first.props) == (nora, ("brunch",), {"likes": 2, "replies": 1})
    assert (repost.verb, repost.object_key, repost.body, repost.actor) == (
        Verb.ANNOUNCE,
        first.native_id,
        {"to": "777003"},
        HandleRef("x", "777004"),
    )
    assert (reply.parent_key, reply.target) == (first.native_id, None)
    assert reply.happened_at.date().isoformat() == "2025-03-03", "an id holds its time"


def test_ids_hold_their_time() -> None:
    """The post of this id says itself that it was written at 19:26:16."""
    assert born("1212092628029698048", NEVER).replace(microsecond=0) == datetime(2019, 12, 31, 19, 26, 16, tzinfo=UTC)
    assert born("200", NEVER) == born("tw_1", NEVER) == born("9" * 25, NEVER) == NEVER
