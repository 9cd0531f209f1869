"""Words that are gone stand nowhere in the full text any more, not even in parts of it that nobody reads."""

import pytest
from django.db import connection

from tests.listen.test_alerts import bring, note
from vincle.accounts.models import Workspace
from vincle.language.query import parse
from vincle.listen import known, search, wiping
from vincle.listen.models import Content, Understanding
from vincle.project import pipeline
from vincle.store.models import Cursor

pytestmark = pytest.mark.django_db
RARE = b"zzyzxqw"


def in_the_index() -> int:
    """How many blocks of the index hold the rare word (an index keeps of a word what the one before it does not begin with)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT block FROM listen_fulltext_data")
        return sum(RARE[2:] in bytes(block) for (block,) in cursor.fetchall())


@pytest.fixture
def on_sqlite() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL takes out what is deleted by itself")


def forget(workspace: Workspace) -> None:
    (event,) = (bytes(row.event_id) for row in Content.objects.all() if "zzyzxqw" in row.text)
    known.delete_contents([event])


@pytest.mark.usefixtures("on_sqlite")
def test_words_that_are_gone_are_wiped(workspace: Workspace) -> None:
    bring(workspace, *(note(f"a{n}", f"Coffee is good, day {n}") for n in range(20)))
    bring(workspace, note("rare", "My name is zzyzxqw and I am not amused"))
    bring(workspace, *(note(f"b{n}", f"Tea is bad, day {n}") for n in range(20)))
    assert in_the_index()
    forget(workspace)
    if wiping.is_needed():
        assert in_the_index(), "SQLite only notes that it is gone: else this test shows nothing"
    pipeline.catch_up()
    assert not in_the_index()
    assert not Cursor.objects.filter(name=wiping.CURSOR, position__gt=0).exists()
    assert Understanding.objects.count() == 40
    assert len(search.points(search.prepare(workspace, parse("coffee")), size=100)) == 20
    assert len(search.points(search.prepare(workspace, parse("tea bad")), size=100)) == 20


@pytest.mark.usefixtures("on_sqlite")
def test_it_goes_in_small_pieces_and_comes_to_an_end(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiping, "PAGES", 1)
    monkeypatch.setattr(wiping, "is_needed", lambda: True)
    for part in range(6):
        bring(workspace, *(note(f"{part}-{n}", f"Word{part}x{n} is one of many w{n * 7}") for n in range(30)))
    bring(workspace, note("rare", "My name is zzyzxqw"))
    forget(workspace)
    turns = 0
    while wiping.turn():
        turns += 1
        assert turns < 10_000
    assert turns > 1
    assert not in_the_index()
    assert wiping.turn() == 0


def test_nothing_is_done_while_nothing_is_gone(workspace: Workspace) -> None:
    bring(workspace, note("1", "Coffee"))
    assert not Cursor.objects.filter(name=wiping.CURSOR).exists()
    assert wiping.turn() == 0
