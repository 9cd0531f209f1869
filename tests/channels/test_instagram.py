from collections.abc import Callable

from vincle.vocabulary import Activity, Direction, Fact, HandleRef, ObjectType, Outcome, Retraction, Unknown, Verb

Read = Callable[[str, str | bytes], list[Outcome]]


def test_comments_mentions_and_messages(reading: Read) -> None:
    outcomes = reading("instagram", "deliveries.jsonl")
    found = {item.native_id: item for item in outcomes if isinstance(item, Activity)}
    comment, answer = found["c1"], found["c2"]
    assert (comment.actor, comment.parent_key, comment.thread_key) == (HandleRef("instagram", "8001", "Nuria.Cafe"), "m77", "m77")
    assert (answer.direction, answer.parent_key) == (Direction.OUT, "c1")
    assert (found["mention:c9"].actor, found["mention:c9"].object_type) == (None, ObjectType.MENTION)
    assert (found["im1"].parent_key, found["im2"].object_type, found["im3"].direction) == ("s5", ObjectType.MENTION, Direction.OUT)
    assert (found["read:im3"].verb, found["read:im3"].object_key) == (Verb.READ, "im3")
    assert [(item.native_id, item.reason) for item in outcomes if isinstance(item, Retraction)] == [("im1", "unsent")]
    assert [item.kind for item in outcomes if isinstance(item, Unknown)] == ["story_insights"]


def test_id_and_user_name_are_one_person_but_we_are_nobody(reading: Read) -> None:
    facts = [item for item in reading("instagram", "deliveries.jsonl") if isinstance(item, Fact)]
    assert [fact.handles for fact in facts] == [
        (HandleRef("instagram", "8001", "Nuria.Cafe"), HandleRef("instagram_username", "nuria.cafe", "Nuria.Cafe"))]
