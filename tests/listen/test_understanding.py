"""The step that reads texts: what it stores, and that it follows all that happens to a text."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from vincle.accounts.models import Workspace
from vincle.language import registry
from vincle.listen import actions, aside, changes, expiry, known, log, texts, understanding
from vincle.listen.models import Activity as Row
from vincle.listen.models import Connection, Content, Gone, SetAside, Understanding
from vincle.project import pipeline
from vincle.store import lease
from vincle.store.models import Cursor
from vincle.vocabulary import Activity, Direction, Fact, HandleRef, ObjectType, Op, Retraction, Verb

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
ANA = HandleRef("mastodon", "ana@example.social", "Ana")
GOOD, BAD = "I love this coffee, best in town!", "Terrible service, the worst waiter ever."


def note(native_id: str, text: str, op: Op = Op.ASSERT, version: str = "", **more: Any) -> Activity:
    told = {"verb": Verb.CREATE, "object_type": ObjectType.NOTE, "happened_at": NOW, "actor": ANA, **more}
    return Activity(native_id=native_id, text=text, op=op, version=version, **told)


@pytest.fixture
def source(workspace: Workspace) -> Connection:
    return actions.connection_for(workspace, "mastodon")


@pytest.fixture
def say(source: Connection) -> Callable[..., None]:
    def add(*items: Any, read: bool = True) -> None:
        log.append(source, items, timezone.now())
        if read:
            follow()

    return add


def follow() -> None:
    while pipeline.follow(("understand",)):
        pass


def said(text: str) -> Understanding | None:
    event = next((key for key, words in Content.objects.values_list("event_id", "text") if words == text), None)
    return Understanding.objects.filter(event_id=event).first() if event else None


def found(word: str) -> int:
    """How many texts the full text finds by a word."""
    sql = "listen_fulltext MATCH %s" if connection.vendor == "sqlite" else "words @@ %s::tsquery"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM listen_fulltext WHERE {sql}", [word])
        return int(cursor.fetchone()[0])


def test_what_a_text_says_is_stored(say: Callable[..., None]) -> None:
    say(note("1", GOOD), note("2", BAD))
    good, bad = said(GOOD), said(BAD)
    assert good is not None
    assert bad is not None
    assert (good.sentiment, bad.sentiment) == ("positive", "negative")
    assert good.sentiment_score > 0 > bad.sentiment_score
    assert {good.version, bad.version} == {registry.version()}
    assert good.seq < bad.seq
    assert good.change != bad.change
    assert (found("coffee"), found("waiter"), found("tea")) == (1, 1, 0)


def test_only_words_of_people_are_read(say: Callable[..., None], source: Connection) -> None:
    say(
        note("machine", "Out of office", is_machine=True),
        note("silent", ""),
        note("look", "A page", verb=Verb.VIEW, object_type=ObjectType.PAGE),
        note("order", "Two coffees", verb=Verb.PURCHASE, object_type=ObjectType.ORDER),
        Fact(native_id="f", observed_at=NOW, handles=(ANA,), name="Ana"),
    )
    assert not Understanding.objects.exists()
    assert Cursor.objects.get(name="understand").position == log.last_seq()


def test_of_our_own_words_only_the_language(say: Callable[..., None]) -> None:
    say(note("1", GOOD, direction=Direction.OUT))
    ours = said(GOOD)
    assert ours is not None
    assert (ours.language, ours.sentiment, ours.sentiment_score, ours.intents) == (ours.language, "", 0.0, "")
    assert found("coffee") == 1


def test_a_title_is_read_with_the_text(say: Callable[..., None]) -> None:
    say(note("1", "Came back twice.", title="Wonderful breakfast", object_type=ObjectType.REVIEW))
    assert found("breakfast") == found("twice") == 1


def test_an_edit_takes_the_place_of_what_was_said(say: Callable[..., None]) -> None:
    say(note("1", GOOD))
    say(note("1", BAD, op=Op.CORRECT, version="2"))
    assert Understanding.objects.count() == 1
    now = said(BAD)
    assert now is not None
    assert now.sentiment == "negative"
    assert (found("coffee"), found("waiter")) == (0, 1)


def test_what_is_deleted_is_understood_no_more(say: Callable[..., None]) -> None:
    say(note("1", GOOD))
    seq = Understanding.objects.get().seq
    say(Retraction(native_id="1", happened_at=NOW), read=False)
    assert not Understanding.objects.exists()  # at once: its words are gone
    assert found("coffee") == 0
    assert list(Gone.objects.values_list("seq", flat=True)) == [seq]
    follow()
    assert not Understanding.objects.exists()


def test_what_is_hidden_and_shown_again_is_read_again(say: Callable[..., None]) -> None:
    say(note("1", GOOD))
    say(Retraction(native_id="1", happened_at=NOW, reason="hidden", version="1"))
    assert not Understanding.objects.exists()
    say(note("1", GOOD, op=Op.CORRECT, version="3"))
    assert Understanding.objects.count() == 1


def test_an_undone_import_is_understood_no_more_and_again_when_it_comes_again(workspace: Workspace) -> None:
    line = {"type": "activity", "native_id": "1", "happened_at": "2026-11-01T12:00:00Z", "verb": "Create", "object_type": "Note",
            "actor": {"kind": "instagram", "value": "17"}, "text": GOOD}  # fmt: skip
    delivery = actions.receive_file(workspace, BytesIO(json.dumps(line).encode()), "acts.jsonl")
    pipeline.catch_up()
    assert (Understanding.objects.count(), found("coffee")) == (1, 1)
    actions.undo(delivery, None)
    pipeline.catch_up()
    assert (Understanding.objects.count(), found("coffee")) == (0, 0)
    actions.receive_file(workspace, BytesIO(json.dumps(line).encode() + b"\n"), "acts.jsonl")
    pipeline.catch_up()
    assert (Understanding.objects.count(), found("coffee")) == (1, 1)


def test_words_past_their_days_are_understood_no_more(workspace: Workspace, source: Connection) -> None:
    log.append(source, [note("1", GOOD)], timezone.now() - timedelta(days=40))
    pipeline.catch_up()
    expiry.set_rules(workspace, None, {expiry.Kind.WORDS: 30})
    while expiry.step():
        pipeline.catch_up()
    assert Row.objects.filter(op="assert").count() == 1
    assert not Content.objects.exists()
    assert not Understanding.objects.exists()
    assert found("coffee") == 0


def test_words_that_go_while_they_are_read_leave_nothing(source: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    log.append(source, [note("1", GOOD), note("2", BAD)], timezone.now())
    victim = next(bytes(key) for key, words in Content.objects.values_list("event_id", "text") if words == GOOD)
    reads = understanding.read

    def read(texts: Any) -> None:
        reads(texts)
        known.delete_contents([victim])

    monkeypatch.setattr(understanding, "read", read)
    follow()
    assert [bytes(row.event_id) for row in Understanding.objects.all()] != [victim]
    assert Understanding.objects.count() == 1
    assert (found("coffee"), found("waiter")) == (0, 1)


def test_a_kill_half_way_reads_nothing_twice(source: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    log.append(source, [note(str(n), f"{GOOD} {n}") for n in range(30)], timezone.now())
    monkeypatch.setattr(understanding, "BATCH", 10)
    advance, calls = understanding.advance, []

    def dies(*given: Any) -> None:
        calls.append(given)
        if len(calls) == 2:
            raise KeyboardInterrupt
        advance(*given)

    monkeypatch.setattr(understanding, "advance", dies)
    with pytest.raises(KeyboardInterrupt):
        follow()
    assert Understanding.objects.count() == 10
    monkeypatch.setattr(understanding, "advance", advance)
    follow()
    assert Understanding.objects.count() == 30
    assert found("coffee") == 30
    assert len(set(Understanding.objects.values_list("change", flat=True))) == 30


def test_a_lost_lease_writes_nothing(source: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    log.append(source, [note("1", GOOD)], timezone.now())
    with lease.held("understand") as cursor:
        assert cursor is not None
        Cursor.objects.filter(name="understand").update(owner="elsewhere:1:x")
        with pytest.raises(lease.LostLease):
            understanding.step(cursor)
        assert not Understanding.objects.exists()
        assert found("coffee") == 0


def test_a_text_that_cannot_be_read_is_set_aside_and_read_later(
    workspace: Workspace, source: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    understand = registry.understand

    def stumble(pages: Any, context: Any) -> Any:
        if any("worst" in page.text for page in pages):
            raise ValueError("no")
        return understand(pages, context)

    monkeypatch.setattr(registry, "understand", stumble)
    log.append(source, [note("1", GOOD), note("2", BAD), note("3", "So so.")], timezone.now())
    follow()
    assert Understanding.objects.count() == 2
    row = SetAside.objects.get(step="understand")
    monkeypatch.setattr(registry, "understand", understand)
    assert aside.retry(workspace, [row], None).mended == 1
    assert Understanding.objects.count() == 3


def test_new_readers_read_everything_again_newest_first(say: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    say(note("1", GOOD), note("2", BAD))
    before = dict(Understanding.objects.values_list("seq", "change"))
    version = registry.version()
    monkeypatch.setattr(registry, "version", lambda: version + 1)
    monkeypatch.setattr(understanding, "PAGES", 1)
    understand = registry.understand

    def other(pages: Any, context: Any) -> Any:
        readings = understand(pages, context)
        for reading in readings:
            reading.sentiment = "neutral" if reading.sentiment == "negative" else reading.sentiment
        return readings

    monkeypatch.setattr(registry, "understand", other)
    assert pipeline.follow(("understand",)) == 1
    first, second = sorted(before)
    assert Understanding.objects.get(seq=second).sentiment == "neutral"
    assert Understanding.objects.get(seq=first).version == version
    follow()
    assert set(Understanding.objects.values_list("version", flat=True)) == {version + 1}
    after = dict(Understanding.objects.values_list("seq", "change"))
    assert after[first] == before[first]  # what says the same was not written anew for those who follow
    assert after[second] > max(before.values())
    assert not understanding.is_behind(lease.positions())


def test_texts_of_a_workspace_stay_with_it(say: Callable[..., None], other_workspace: Workspace, workspace: Workspace) -> None:
    theirs = actions.connection_for(other_workspace, "mastodon")
    log.append(theirs, [note("1", BAD)], timezone.now())
    say(note("1", GOOD))
    row = Understanding.objects.of(other_workspace).get()
    Understanding.objects.filter(pk=row.pk).update(sentiment="positive")
    with transaction.atomic():
        understanding.refresh(workspace, [row.seq])
    row.refresh_from_db()
    assert row.sentiment == "positive"
    other_workspace.delete()
    assert Understanding.objects.count() == 1
    assert found("waiter") == 0


def test_followers_miss_no_number(say: Callable[..., None]) -> None:
    say(note("1", GOOD))
    upto = changes.newest()
    assert changes.behind(0, upto, log.last_seq(), 10).texts == set(Understanding.objects.values_list("seq", flat=True))
    assert not changes.behind(0, upto, 0, 10).texts
    say(Retraction(native_id="1", happened_at=NOW))
    gone = set(Gone.objects.values_list("seq", flat=True))
    assert changes.behind(upto, changes.newest(), log.last_seq(), 10).texts == gone
    assert len(gone) == 1


def test_followers_may_take_a_few_at_a_time(say: Callable[..., None]) -> None:
    say(*(note(str(n), f"{GOOD} {n}") for n in range(5)))
    at, found = 0, list[int]()
    while (part := changes.behind(at, changes.newest(), log.last_seq(), 2)).texts:
        found += sorted(part.texts)
        at = part.upto
    assert found == sorted(Understanding.objects.values_list("seq", flat=True))


def test_the_place_of_an_author(say: Callable[..., None]) -> None:
    say(Fact(native_id="f", observed_at=NOW, handles=(ANA,), name="Ana", traits={"location": "Barcelona"}), note("1", GOOD))
    text = texts.at(Understanding.objects.values_list("seq", flat=True))
    # The source's fact came with the text: the readers are handed what it says.
    facts = Row.objects.filter(object_type="Profile").values_list("seq", *texts.COLUMNS)
    rows = [*facts, *Row.objects.exclude(object_type="Profile").values_list("seq", *texts.COLUMNS)]
    assert [each.page.profile_place for each in texts.of(rows)] == ["Barcelona"]
    assert len(text) == 1


def test_a_fact_that_cannot_be_read_is_no_texts_trouble(say: Callable[..., None]) -> None:
    say(Fact(native_id="f", observed_at=NOW, handles=(ANA,), name="Ana"), note("1", GOOD), read=False)
    Content.objects.exclude(body="").update(body="{broken")
    follow()
    assert Understanding.objects.count() == 1
    assert not SetAside.objects.exists()
