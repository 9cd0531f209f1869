"""The table follows the log: once, whatever happens in between."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from django.utils import timezone

from vincle.accounts.models import Workspace
from vincle.analyse import actions, loading
from vincle.identify import actions as identify
from vincle.identify.models import Belonging, Person
from vincle.listen import log
from vincle.listen.models import Activity as Row
from vincle.listen.models import Connection, Delivery
from vincle.organise import warehouse
from vincle.project import pipeline
from vincle.project.steps import STEPS
from vincle.store import lease
from vincle.vocabulary import Activity, Fact, HandleRef, ObjectType, Op, Retraction, Verb

NOON = datetime(2026, 3, 10, 12, 30, 15, 250000, tzinfo=UTC)
Say = Callable[..., Activity]


def loaded(**partition: Any) -> list[dict[str, Any]]:
    return sorted(warehouse.tables()["activity"].read(**partition).to_pylist(), key=lambda row: row["seq"])


def standing() -> set[bytes]:
    rows = Row.objects.filter(superseded=False).exclude(op="retract").exclude(object_type="Profile")
    return {bytes(event) for event in rows.values_list("event_id", flat=True)}


def source(workspace: Workspace) -> Connection:
    return Connection.objects.get_or_create(workspace=workspace, channel="x", name="test")[0]


def test_an_activity_arrives_with_its_types(workspace: Workspace, say: Say) -> None:
    say("ana", NOON, verb=Verb.PURCHASE, object_type=ObjectType.ORDER, amount=Decimal("27.8"), currency="EUR", topics=("oat milk", "price"),
        hashtags=("coffee", "bcn"), rating=4.0, rating_max=5.0, parent_key="p1", is_machine=True,
        props={"items": 2, "products": ["latte", "mug"]})  # fmt: skip
    say("leo", NOON.replace(microsecond=0))
    pipeline.catch_up()
    row, other = loaded()
    assert row["amount"] == Decimal("27.8000")
    assert (row["workspace"], row["month"], row["channel"], row["verb"]) == (workspace.pk, "2026-03", "x", "Purchase")
    assert (row["topics"], row["hashtags"], row["intents"]) == (["oat milk", "price"], ["coffee", "bcn"], None)
    assert (row["products"], other["products"]) == (["latte", "mug"], None)
    assert row["happened_at"] == NOON
    assert row["is_machine"] is True
    assert other["happened_at"] == NOON.replace(microsecond=0)
    assert other["amount"] is None


def test_no_personal_text_and_no_names_are_in_the_table(say: Say) -> None:
    say("núria serra", NOON, text="Tercer matí sense cafè", actor=HandleRef("email", "nuria@example.org", "Núria Serra"))
    pipeline.catch_up()
    files = [path for path in warehouse.folder().rglob("*") if path.is_file()]
    content = b"".join(path.read_bytes() for path in files)
    assert files
    assert b"Tercer" not in content
    assert b"nuria" not in content
    assert "Núria".encode() not in content


def test_ids_and_extras_are_in_the_table_without_the_addresses_senders_put_into_them(say: Say) -> None:
    say("ana", NOON, native_id="m-1", props={"plan": "pro", "seats": 3})
    reason = "550 5.1.1 <ona.puig@example.org>: user unknown, call +34 600 111 222"
    say("leo", NOON, native_id="bounce:7:ona.puig@example.org", props={"reason": reason})
    phone = HandleRef("phone", "34600111222")
    say("ona", NOON, channel="whatsapp", native_id="reaction:9:34600111222", thread_key="messages:100:34600111222", actor=phone)
    say("ona", NOON, channel="x", native_id="1790000000000001", thread_key="messages:100:34600111")
    pipeline.catch_up()
    one, other, third, fourth = loaded()
    assert (one["native_id"], msgspec.json.decode(one["props"])) == ("m-1", {"plan": "pro", "seats": 3})
    assert other["native_id"] == f"bounce:7:{loading.HIDDEN}"
    assert other["props"] == '{"reason":"550 5.1.1 <…>: user unknown, call …"}'
    assert (third["native_id"], third["thread_key"]) == (f"reaction:9:{loading.HIDDEN}", f"messages:100:{third['actor']}")
    assert (fourth["native_id"], fourth["thread_key"]) == ("1790000000000001", "messages:100:34600111")


def test_facts_are_not_activities(workspace: Workspace, say: Say) -> None:
    fact = Fact(native_id="f", observed_at=NOON, handles=(HandleRef("email", "ana@example.org"),), name="Ana")
    log.append(source(workspace), [fact], NOON)
    say("leo", NOON)
    pipeline.catch_up()
    assert [row["object_type"] for row in loaded()] == ["Note"]
    assert warehouse.tables()["person"].count() == 2


def test_a_kill_between_the_tables_commit_and_the_cursor_loads_nothing_twice(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    for day in range(5):
        say("ana", NOON + timedelta(days=day))

    def die(*_: Any) -> None:
        raise KeyboardInterrupt

    while pipeline.intake() + pipeline.follow(tuple(name for name in STEPS if name != "analyse")):
        pass
    monkeypatch.setattr("vincle.analyse.actions.lease.advance", die)
    with pytest.raises(KeyboardInterrupt):
        pipeline.catch_up()
    monkeypatch.undo()
    assert len(loaded()) == 5
    say("leo", NOON)
    pipeline.catch_up()
    assert len(loaded()) == 6
    with lease.held("analyse") as cursor:
        assert cursor
        assert cursor.position == log.last_seq()


def test_a_second_writer_with_the_same_rows_is_refused(say: Say) -> None:
    say("ana", NOON)
    pipeline.catch_up()
    from vincle.engines.table import lake

    stale = lake(warehouse.folder())["activity"]
    rows = stale.read()
    stale._open()
    say("leo", NOON)
    pipeline.catch_up()
    stale._newest = lambda **_: 0  # type: ignore[method-assign]
    with pytest.raises(Exception, match="commit"):
        stale.append(rows, warehouse.writer(), 99)
    assert len(loaded()) == 2


def test_a_correction_takes_the_place_of_what_it_corrects(workspace: Workspace, say: Say) -> None:
    act = say("ana", NOON, rating=1.0)
    say("leo", NOON)
    pipeline.catch_up()
    corrected = msgspec.structs.replace(act, op=Op.CORRECT, version="2", rating=5.0)
    log.append(source(workspace), [corrected], NOON)
    pipeline.catch_up()
    assert sorted(row["rating"] or 0 for row in loaded()) == [0, 5.0]
    assert {bytes(row["event_id"]) for row in loaded()} == standing()


def test_a_correction_in_the_same_batch_leaves_one_row(workspace: Workspace, say: Say) -> None:
    act = say("ana", NOON, rating=1.0)
    log.append(source(workspace), [msgspec.structs.replace(act, op=Op.CORRECT, version="2", rating=5.0)], NOON)
    log.append(source(workspace), [msgspec.structs.replace(act, op=Op.CORRECT, version="3", rating=3.0)], NOON)
    pipeline.catch_up()
    assert [row["rating"] for row in loaded()] == [3.0]


def test_a_retraction_takes_the_row_out_even_when_it_came_first(workspace: Workspace, say: Say) -> None:
    act = say("ana", NOON)
    pipeline.catch_up()
    log.append(source(workspace), [Retraction(native_id=act.native_id, happened_at=NOON + timedelta(days=40))], NOON)
    log.append(source(workspace), [Retraction(native_id="early", happened_at=NOON)], NOON)
    pipeline.catch_up()
    say("ana", NOON, native_id="early")
    pipeline.catch_up()
    assert loaded() == []


def test_an_undone_import_leaves_and_comes_again(workspace: Workspace) -> None:
    connection = source(workspace)
    acts = [
        Activity(
            verb=Verb.CREATE,
            object_type=ObjectType.NOTE,
            native_id=f"i{n}",
            happened_at=NOON + timedelta(days=n),
            actor=HandleRef("x", f"u{n}"),
        )
        for n in range(40)
    ]

    def deliver(sha: str) -> Delivery:
        delivery = Delivery.objects.create(
            workspace=workspace, connection=connection, channel="x", sha256=sha, size=1, body=b"", is_import=True, state=Delivery.State.DONE
        )
        log.append(connection, acts, NOON, delivery)
        return delivery

    delivery = deliver("a")
    pipeline.catch_up()
    assert len(loaded()) == 40
    while log.undo(delivery, 15):
        pass
    pipeline.catch_up()
    assert loaded() == []
    deliver("b")
    pipeline.catch_up()
    assert len(loaded()) == 40
    assert {bytes(row["event_id"]) for row in loaded()} == standing()


def test_loading_again_from_nothing_gives_the_same(say: Say, workspace: Workspace) -> None:
    act = say("ana", NOON)
    for day in range(60):
        say(f"u{day % 7}", NOON + timedelta(days=day))
    log.append(source(workspace), [Retraction(native_id=act.native_id, happened_at=NOON)], NOON)
    pipeline.catch_up()
    before, people = loaded(), warehouse.tables()["person"].read().sort_by("id")
    assert actions.reload() > 0
    assert loaded() == before
    assert warehouse.tables()["person"].read().sort_by("id").equals(people)


def test_a_lake_of_another_log_is_not_mistaken_for_ours(say: Say) -> None:
    say("ana", NOON)
    pipeline.catch_up()
    Row.objects.all().delete()
    say("leo", NOON)
    pipeline.catch_up()
    assert len(loaded()) == 1
    assert {bytes(row["event_id"]) for row in loaded()} == standing()


def test_tables_that_were_taken_away_are_made_again(say: Say) -> None:
    for day in range(5):
        say(f"u{day}", NOON + timedelta(days=day))
    pipeline.catch_up()
    before = loaded()
    shutil.rmtree(warehouse.folder())
    pipeline.catch_up()
    assert loaded() == before
    assert warehouse.tables()["person"].count() == 5
    shutil.rmtree(warehouse.folder() / "person")
    pipeline.catch_up()
    assert warehouse.tables()["person"].count() == 5


def test_merging_people_changes_only_the_companions(workspace: Workspace, say: Say) -> None:
    say("ana", NOON)
    say("anna", NOON)
    pipeline.catch_up()
    version = warehouse.tables()["activity"].version()
    left, right = Person.objects.values_list("pk", flat=True)
    kept = identify.merge(workspace, left, right, None)
    pipeline.catch_up()
    assert warehouse.tables()["activity"].version() == version
    owners = warehouse.tables()["handle"].read().to_pylist()
    assert {row["person"] for row in owners} == {kept}
    assert {row["key"]: row["person"] for row in owners} == dict(Belonging.objects.values_list("handle", "person"))
    assert warehouse.tables()["person"].read()["id"].to_pylist() == [kept]


def test_many_small_files_are_joined_and_nothing_is_lost(say: Say) -> None:
    table = warehouse.tables()["activity"]
    for n in range(15):
        say(f"u{n}", NOON + timedelta(minutes=n))
        pipeline.catch_up()
    assert len(table.files()[1]) < 13
    assert table.count() == 15
    actors = table.read()["actor"].to_pylist()
    assert len(set(actors)) == 15


def test_a_workspace_that_is_gone_leaves_the_table(say: Say, other_workspace: Workspace) -> None:
    say("ana", NOON)
    say("leo", NOON, where=other_workspace)
    pipeline.catch_up()
    assert len(loaded()) == 2
    other_workspace.delete()
    say("ana", NOON + timedelta(days=1))
    pipeline.catch_up()
    assert len(loaded()) == 2
    assert {row["workspace"] for row in loaded()} == {loaded()[0]["workspace"]}


def test_an_amount_beyond_the_column_is_left_out_and_the_others_stay() -> None:
    amounts = loading._amounts([None, Decimal("12.34567"), 1e300, "27.8", -3, float("nan"), 99999999999999])
    expected = [None, Decimal("12.3457"), None, Decimal("27.8000"), Decimal("-3.0000"), None, Decimal("99999999999999.0000")]
    assert amounts.to_pylist() == expected


def test_moments_are_read_from_text_and_from_values_alike() -> None:
    texts = loading._moments(["2026-03-10 12:30:15.250000", "2026-03-10 12:30:15", None])
    values = loading._moments([NOON, NOON.replace(microsecond=0, tzinfo=None), None])
    assert texts.equals(values)


def test_status_says_how_far_the_table_has_come(say: Say) -> None:
    say("ana", timezone.now())
    assert warehouse.status().lag == 1
    pipeline.catch_up()
    status = warehouse.status()
    assert (status.rows, status.lag) == (1, 0)
    assert status.bytes > 0
    assert replace(status, rows=2) != status
