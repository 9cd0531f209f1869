"""The open table has what texts say, as the store has it, and follows when that changes."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from tests.analyse.conftest import Say
from tests.analyse.test_table_changes import ancient, loaded
from vincle.accounts.models import Workspace
from vincle.analyse import understood
from vincle.language import registry
from vincle.listen import changes, known, understanding
from vincle.listen.models import Activity, Gone, Listening, Match, Understanding
from vincle.organise import warehouse
from vincle.project import pipeline
from vincle.store import lease
from vincle.store.models import Cursor
from vincle.vocabulary import Op

pytestmark = pytest.mark.django_db
GOOD = "I love this coffee, it is great!"


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """`reads(field=value ...)`: what every text says from now on."""
    understand = registry.understand

    def set_to(**fields: Any) -> None:
        def other(pages: Any, context: Any) -> Any:
            readings = understand(pages, context)
            for reading in readings:
                for name, value in fields.items():
                    setattr(reading, name, value)
            return readings

        monkeypatch.setattr(registry, "understand", other)

    return set_to


def matches() -> list[tuple[int, int]]:
    return sorted((row["listening"], row["seq"]) for row in warehouse.tables()["match"].read().to_pylist())


def test_the_columns_are_what_the_store_has(say: Say) -> None:
    say("ana", text=GOOD)
    say("pau", text="Terrible queue :(", language="xx", sentiment="positive", topics=("source",))
    say("bot", text="", language="it", sentiment="negative", intents=("question",), place="Milano", country="IT")
    pipeline.catch_up()
    first, second, wordless = loaded()
    for row in (first, second):
        text = Understanding.objects.get(seq=row["seq"])
        assert (row["sentiment"], row["sentiment_score"]) == (text.sentiment, text.sentiment_score)
        assert row["sentiment_confidence"] == text.sentiment_confidence
        assert (row["terms"] or []) == list(filter(None, text.terms.split("|")))
        assert row["urgency"] == text.urgency
    assert (first["sentiment"], second["sentiment"]) == ("positive", "negative")
    assert second["language"] == (Understanding.objects.get(seq=second["seq"]).language or "xx")
    # What no reader has words for stands as its source said it.
    assert (wordless["language"], wordless["sentiment"], wordless["place"]) == ("it", "negative", "Milano")
    assert (wordless["sentiment_score"], wordless["urgency"], wordless["intents"]) == (None, None, ["question"])


def test_aspects_are_two_lists_of_one_length(say: Say, reads: Callable[..., None]) -> None:
    from vincle.language.reading import Aspect

    reads(aspects=(Aspect("staff", 0, 1, -0.8), Aspect("coffee", 2, 3, 0.62), Aspect("staff", 4, 5, 0.0)), emotions=("joy",))
    say("ana", text=GOOD)
    pipeline.catch_up()
    row = loaded()[0]
    assert (row["aspects"], row["aspect_scores"], row["emotions"]) == (["staff", "coffee"], [-0.8, 0.62], ["joy"])


def test_nothing_is_loaded_before_it_is_understood(say: Say) -> None:
    say("ana", text=GOOD)
    pipeline.follow(("identify", "organise", "analyse"))
    assert not loaded()
    pipeline.catch_up()
    assert [row["sentiment"] for row in loaded()] == ["positive"]


def test_what_is_read_otherwise_is_rewritten_once(say: Say, reads: Callable[..., None]) -> None:
    act = say("ana", text=GOOD)
    say("pau", text="Fine.")
    pipeline.catch_up()
    version = warehouse.tables()["activity"].version()
    reads(sentiment="negative", sentiment_score=-0.5)
    with transaction.atomic():
        understanding.refresh(Activity.objects.get(native_id=act.native_id).workspace_id, [loaded()[0]["seq"]])
    pipeline.catch_up()
    assert next(row["sentiment_score"] for row in loaded()) == -0.5
    assert len(loaded()) == 2
    assert warehouse.tables()["activity"].version() == version + 1
    assert not pipeline.advance()
    assert warehouse.tables()["activity"].version() == version + 1


def test_words_that_are_gone_leave_what_the_source_said(say: Say) -> None:
    act = say("ana", text=GOOD, language="ca")
    pipeline.catch_up()
    assert loaded()[0]["sentiment_score"] is not None
    with transaction.atomic():
        known.delete_contents([bytes(Activity.objects.get(native_id=act.native_id).event_id)])
    pipeline.catch_up()
    row = loaded()[0]
    assert (row["language"], row["sentiment"], row["sentiment_score"], row["terms"]) == ("ca", "", None, None)
    assert not Gone.objects.exists()  # all have followed


def test_an_edit_is_loaded_with_what_it_says(say: Say) -> None:
    act = say("ana", text=GOOD)
    pipeline.catch_up()
    say("ana", text="Awful, I hate it", native_id=act.native_id, op=Op.CORRECT, version="2")
    pipeline.catch_up()
    assert [row["sentiment"] for row in loaded()] == ["negative"]


def test_matches_follow(workspace: Workspace, say: Say) -> None:
    one, two = (Listening.objects.create(workspace=workspace, name=name, text=name, is_draft=True) for name in ("one", "two"))
    say("ana", text=GOOD)
    say("pau", text="Awful queue")
    pipeline.catch_up()
    rows = list(Understanding.objects.order_by("seq"))
    pairs = [(listening.pk, row.seq, bytes(row.event_id), row.point) for listening in (one, two) for row in rows]
    assert changes.add_matches(workspace.pk, pairs) == 4
    assert changes.add_matches(workspace.pk, pairs) == 0
    pipeline.catch_up()
    assert matches() == sorted(pair[:2] for pair in pairs)
    changes.drop_matches(workspace.pk, one.pk)
    with transaction.atomic():
        changes.unmatch([(workspace.pk, two.pk, rows[0].seq)])
    pipeline.catch_up()
    assert matches() == [(two.pk, rows[1].seq)]
    with transaction.atomic():
        known.delete_contents([bytes(rows[1].event_id)])
    assert not Match.objects.exists()
    pipeline.catch_up()
    assert matches() == []


def test_matches_of_rows_still_to_come_are_loaded_with_them(workspace: Workspace, say: Say) -> None:
    listening = Listening.objects.create(workspace=workspace, name="one", text="one", is_draft=True)
    say("ana", text=GOOD)
    pipeline.follow(("understand",))
    row = Understanding.objects.get()
    changes.add_matches(workspace.pk, [(listening.pk, row.seq, bytes(row.event_id), row.point)])
    pipeline.catch_up()
    assert matches() == [(listening.pk, row.seq)]
    month = warehouse.tables()["match"].read().to_pylist()[0]["month"]
    assert month == loaded()[0]["month"]


def test_a_lake_of_an_older_release_is_filled_anew(say: Say) -> None:
    ancient("activity", "sentiment_score", "urgency", "emotions", "aspects", "aspect_scores", "terms", "sites")
    say("ana", text=GOOD)
    pipeline.catch_up()
    assert [row["sentiment"] for row in loaded()] == ["positive"]
    assert loaded()[0]["sentiment_score"] > 0


def test_a_rebuild_comes_to_the_same(workspace: Workspace, say: Say) -> None:
    say("ana", text=GOOD)
    pipeline.catch_up()
    Understanding.objects.all().delete()
    Cursor.objects.filter(name__in=("understand", understood.CURSOR)).update(position=0)
    pipeline.catch_up()
    assert loaded()[0]["sentiment_score"] == Understanding.objects.get().sentiment_score
    assert not understood.is_behind(lease.positions())
