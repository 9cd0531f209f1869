"""A step that fails on a row sets exactly that row aside, and goes on; on everything, it stops."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.db import OperationalError

from tests.analyse.conftest import forget_lake
from vincle.accounts.models import AuditEntry, User, Workspace
from vincle.analyse import loading
from vincle.identify import actions as identify
from vincle.identify import following
from vincle.identify.models import Belonging
from vincle.listen import actions as listen
from vincle.listen import aside, log
from vincle.listen.models import Activity as Row
from vincle.listen.models import Connection, Content, SetAside
from vincle.organise import actions as organise
from vincle.organise import warehouse
from vincle.organise.models import Profile
from vincle.project import pipeline, quarantine, rebuild
from vincle.project.commands.imports import import_command
from vincle.project.commands.rebuild import rebuild_command
from vincle.store.models import Cursor
from vincle.vocabulary import Activity, Fact, HandleRef, ObjectType, Verb, event_id

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
State = SetAside.State


@pytest.fixture(autouse=True)
def lake() -> Iterator[None]:
    forget_lake()
    yield
    forget_lake()


def source(workspace: Workspace) -> Connection:
    return Connection.objects.get_or_create(workspace=workspace, channel="x", name="test")[0]


def fact(who: int, **fields: Any) -> Fact:
    values: dict[str, Any] = {
        "native_id": f"f{who}", "observed_at": NOON + timedelta(minutes=who), "handles": (HandleRef("email", f"p{who}@example.org"),),
        "name": f"P{who}",
    }  # fmt: skip
    return Fact(**{**values, **fields})


def act(number: int, who: int = 1) -> Activity:
    return Activity(
        verb=Verb.CREATE, object_type=ObjectType.NOTE, native_id=f"a{number}", happened_at=NOON + timedelta(minutes=number),
        actor=HandleRef("email", f"p{who}@example.org"), text="said",
    )  # fmt: skip


def row_of(workspace: Workspace, native_id: str) -> Row:
    return Row.objects.of(workspace).get(native_id=native_id)


def spoil(workspace: Workspace, *native_ids: str) -> list[str]:
    """What a fact states is no longer JSON; returns what it was."""
    rows = Content.objects.filter(event_id__in=[row_of(workspace, name).event_id for name in native_ids])
    stood = [row.body for row in rows]
    rows.update(body="{broken")
    return stood


def mend(workspace: Workspace, native_id: str, body: str) -> None:
    Content.objects.filter(event_id=row_of(workspace, native_id).event_id).update(body=body)


def aside_of(step: str) -> set[int]:
    return set(SetAside.objects.filter(step=step, state=State.WAITING).values_list("seq", flat=True))


def poison(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, is_bad: Callable[[Any], bool]) -> Callable[[], None]:
    """`module.name(rows, ...)` raises when one of its rows `is_bad`; returns how to heal it."""
    true = getattr(module, name)

    def ill(rows: Any, *more: Any) -> Any:
        if any(is_bad(row) for row in rows):
            raise ValueError("this row cannot be")
        return true(rows, *more)

    monkeypatch.setattr(module, name, ill)
    return lambda: monkeypatch.setattr(module, name, true)


def test_exactly_the_rows_at_fault_are_set_aside_and_the_rest_goes_in(workspace: Workspace) -> None:
    log.append(source(workspace), [fact(n) for n in range(1, 301)], NOON)
    spoil(workspace, "f7", "f8", "f250")
    bad = {row_of(workspace, name).seq for name in ("f7", "f8", "f250")}
    pipeline.catch_up()
    assert aside_of("identify") == bad
    assert aside_of("organise") == set(), "nobody is known by these rows, so profiles have nothing to fail on"
    assert Profile.objects.count() == 297
    assert pipeline.lag() == dict.fromkeys(pipeline.STEPS, 0)
    one = SetAside.objects.get(step="identify", seq=min(bad))
    assert one.workspace_id == workspace.pk
    assert bytes(one.event_id) == event_id(workspace.pk, source(workspace).pk, "f7", "assert", "")
    assert one.error.startswith("DecodeError")
    assert "handles_of" in one.trace
    assert Cursor.objects.get(name="identify").failed_in_a_row == 0


def test_a_row_set_aside_while_loading_goes_into_the_table_when_tried_again(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    log.append(source(workspace), [act(n) for n in range(1, 41)], NOON)
    bad = row_of(workspace, "a17").seq
    heal = poison(monkeypatch, loading, "activities", lambda row: row[0] == bad)
    pipeline.catch_up()
    assert aside_of("analyse") == {bad}
    table = warehouse.tables()["activity"]
    assert sorted(table.read()["seq"].to_pylist()) == sorted(set(Row.objects.values_list("seq", flat=True)) - {bad})

    again = SetAside.objects.get()
    assert aside.retry(workspace, [again], None) == (0, 1, 0), "it still cannot be"
    again.refresh_from_db()
    assert (again.state, again.tries) == (State.WAITING, 2)
    heal()
    assert aside.retry(workspace, [again], None) == (1, 0, 0)
    assert aside.retry(workspace, [again], None) == (1, 0, 0), "twice changes nothing"
    assert sorted(table.read()["seq"].to_pylist()) == sorted(Row.objects.values_list("seq", flat=True))
    log.append(source(workspace), [act(50)], NOON)
    pipeline.catch_up()
    assert table.count() == 41


def test_someone_met_late_has_all_they_did(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The row that says who it was goes in after the others: the profile is as if it had come in its turn."""
    log.append(source(workspace), [act(1), act(2), fact(1, traits={"city": "Girona"})], NOON)
    seqs = set(Row.objects.values_list("seq", flat=True))
    heal = poison(monkeypatch, following, "follow", lambda row: True)
    pipeline.catch_up()
    assert aside_of("identify") == seqs
    assert not Profile.objects.exists()
    heal()
    assert aside.retry(workspace, SetAside.objects.all(), None) == (3, 0, 0)
    pipeline.catch_up()
    late = Profile.objects.values().get()
    assert (late["activities"], late["city"], late["name"]) == (2, "Girona", "P1")
    assert Belonging.objects.count() == 1


def test_a_profile_counts_a_row_once_when_it_is_tried_again(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    log.append(source(workspace), [act(n) for n in range(1, 6)], NOON)
    bad = bytes(row_of(workspace, "a3").event_id)
    heal = poison(monkeypatch, organise, "_follow", lambda row: bytes(row[1]) == bad)
    pipeline.catch_up()
    assert Profile.objects.get().activities == 4
    log.append(source(workspace), [act(9), fact(1)], NOON)
    pipeline.catch_up()
    heal()
    waiting = SetAside.objects.get()
    aside.retry(workspace, [waiting], None)
    aside.retry(workspace, [waiting], None)
    pipeline.catch_up()
    assert Profile.objects.get().activities == 6


def test_someone_joined_keeps_the_row_aside(workspace: Workspace) -> None:
    """Computing a person anew passes over what was set aside, and what waits does not stop it."""
    log.append(source(workspace), [fact(1), fact(2), act(1, who=1), act(2, who=2), fact(1, native_id="f1b")], NOON)
    spoil(workspace, "f1b")
    pipeline.catch_up()
    one, other = Profile.objects.values_list("person", flat=True)
    identify.merge(workspace, one, other, None)
    pipeline.catch_up()
    assert Profile.objects.get().activities == 2
    assert aside_of("organise") == {row_of(workspace, "f1b").seq}


def test_a_row_that_only_fails_when_someone_is_computed_anew_is_found(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    log.append(source(workspace), [fact(1), fact(2), *(act(n, who=1 + n % 2) for n in range(1, 30))], NOON)
    pipeline.catch_up()
    bad = row_of(workspace, "a11")
    poison(monkeypatch, organise, "_follow", lambda row: bytes(row[1]) == bytes(bad.event_id))
    one, other = Profile.objects.values_list("person", flat=True)
    identify.merge(workspace, one, other, None)
    pipeline.catch_up()
    assert aside_of("organise") == {bad.seq}
    assert Profile.objects.get().activities == 28


def test_a_step_stops_rather_than_set_everything_aside(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quarantine, "MOST_IN_A_ROW", 5)
    log.append(source(workspace), [act(n) for n in range(1, 41)], NOON)
    heal = poison(monkeypatch, following, "follow", bool)
    with pytest.raises(quarantine.Halted):
        pipeline.catch_up()
    with pytest.raises(quarantine.Halted):
        pipeline.catch_up()
    assert len(aside_of("identify")) == 5, "a second round sets nothing more aside"
    assert "5 rows in a row failed" in Cursor.objects.get(name="identify").trouble
    heal()
    pipeline.catch_up()
    assert Profile.objects.get().activities == 35
    assert Cursor.objects.get(name="identify").trouble == ""
    aside.retry(workspace, SetAside.objects.all(), None)
    pipeline.catch_up()
    assert Profile.objects.get().activities == 40


def test_a_step_stops_when_too_many_wait_though_others_go_in(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quarantine, "MOST_WAITING", 4)
    log.append(source(workspace), [fact(n) for n in range(1, 31)], NOON)
    spoil(workspace, *(f"f{n}" for n in range(1, 31, 2)))
    with pytest.raises(quarantine.Halted):
        pipeline.catch_up()
    assert len(aside_of("identify")) == 4
    aside.leave_out(workspace, SetAside.objects.filter(step="identify"), None)
    with pytest.raises(quarantine.Halted):
        pipeline.catch_up()
    assert len(aside_of("identify")) == 4, "four more, once someone had looked"


@pytest.mark.parametrize(
    "error", [OperationalError("disk I/O error"), OSError(28, "No space left on device"), MemoryError(), NameError("x")]
)
def test_what_is_of_the_house_is_never_blamed_on_rows(workspace: Workspace, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    log.append(source(workspace), [act(1), act(2)], NOON)

    def fail(rows: Any) -> Any:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(following, "follow", fail)
        with pytest.raises(type(error)):
            pipeline.advance()
    assert not SetAside.objects.exists()
    pipeline.catch_up()
    assert Profile.objects.get().activities == 2


def test_a_step_that_fails_does_not_keep_others_from_theirs(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    log.append(source(workspace), [act(1)], NOON)
    pipeline.catch_up()
    log.append(source(workspace), [act(2)], NOON)
    pipeline.follow(("identify",))

    def fail(*given: Any) -> Any:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(following, "follow", fail)
        log.append(source(workspace), [act(3)], NOON)
        with pytest.raises(OSError, match="No space"):
            pipeline.advance()
    assert Profile.objects.get().activities == 2, "profiles went on as far as identity had come"
    assert "No space left" in Cursor.objects.get(name="identify").trouble


def test_a_killed_worker_leaves_nothing_between(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cursor moves past a row in the transaction that sets it aside, or not at all."""
    log.append(source(workspace), [fact(1), fact(2)], NOON)
    spoil(workspace, "f1")
    true = aside.put

    def die(*given: Any) -> None:
        true(*given)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(aside, "put", die)
        with pytest.raises(KeyboardInterrupt):
            pipeline.follow(("identify",))
    assert not SetAside.objects.exists()
    assert Cursor.objects.get(name="identify").position < row_of(workspace, "f1").seq
    pipeline.catch_up()
    assert aside_of("identify") == {row_of(workspace, "f1").seq}


def test_a_rebuild_gives_rows_their_chance_again_but_not_those_left_out(workspace: Workspace, owner: User) -> None:
    listen.receive_file(workspace, BytesIO(b"Email,First Name\nana@example.org,Ana\nleo@example.org,Leo\n"), "people.csv", owner)
    while pipeline.intake():
        pass
    first, second = Row.objects.order_by("seq")
    Content.objects.all().update(body="{broken")
    pipeline.catch_up()
    assert aside_of("identify") == {first.seq, second.seq}
    aside.leave_out(workspace, SetAside.objects.filter(seq=second.seq), owner)
    rebuild.rebuild()
    assert [profile.name for profile in Profile.objects.all()] == ["Ana"], "what waited went in, what was left out did not"
    left = SetAside.objects.filter(state=State.LEFT_OUT)
    assert {row.seq for row in left} == {Row.objects.get(event_id=second.event_id).seq}
    assert not SetAside.objects.filter(state=State.WAITING).exists()
    assert aside.retry(workspace, left, owner) == (1, 0, 0)
    pipeline.catch_up()
    assert {profile.name for profile in Profile.objects.all()} == {"Ana", "Leo"}
    assert {"left out", "tried again"} <= set(AuditEntry.objects.values_list("verb", flat=True))


def test_a_row_tried_again_before_the_step_came_to_it_goes_in_once(workspace: Workspace) -> None:
    log.append(source(workspace), [act(1), act(2)], NOON)
    seq = row_of(workspace, "a2").seq
    aside.put("organise", [seq], ValueError("from another life"))
    waiting = SetAside.objects.get()
    pipeline.follow(("identify",))
    assert aside.retry(workspace, [waiting], None) == (1, 0, 0)
    pipeline.catch_up()
    assert Profile.objects.get().activities == 2


def test_trying_again_waits_for_the_step_that_is_at_work(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    log.append(source(workspace), [fact(1)], NOON)
    spoil(workspace, "f1")
    pipeline.catch_up()
    Cursor.objects.filter(name="identify").update(owner="elsewhere:1:x", lease_until=datetime.now(UTC) + timedelta(minutes=1))
    rows = SetAside.objects.filter(step="identify")
    assert aside.retry(workspace, rows, None, patience=0.1) == (0, 0, 1)
    assert rows.get().state == State.WAITING


def test_mended_content_goes_in(workspace: Workspace) -> None:
    log.append(source(workspace), [fact(1), act(1)], NOON)
    (body,) = spoil(workspace, "f1")
    pipeline.catch_up()
    assert Profile.objects.get().name == "p1@example.org"
    mend(workspace, "f1", body)
    assert aside.retry(workspace, SetAside.objects.all(), None) == (2, 0, 0)
    pipeline.catch_up()
    assert Profile.objects.get().name == "P1"


def test_what_went_in_long_ago_and_what_left_the_log_is_forgotten(workspace: Workspace) -> None:
    log.append(source(workspace), [fact(n) for n in range(1, 5)], NOON)
    seqs = list(Row.objects.order_by("seq").values_list("seq", flat=True))
    aside.put("organise", [*seqs], ValueError("of Ana"))
    rows = SetAside.objects.order_by("seq")
    long_ago, lately = datetime.now(UTC) - timedelta(days=31), datetime.now(UTC) - timedelta(days=2)
    rows.filter(seq=seqs[0]).update(state=State.MENDED, last_at=long_ago)
    rows.filter(seq=seqs[1]).update(last_at=long_ago)
    rows.filter(seq__gte=seqs[2]).update(last_at=lately)
    Row.objects.filter(seq=seqs[3]).delete()
    assert aside.sweep() == 2
    assert set(rows.values_list("seq", flat=True)) == {seqs[1], seqs[2]}


def test_commands_say_that_a_step_stands_still(workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quarantine, "MOST_IN_A_ROW", 2)
    path = tmp_path / "people.csv"
    path.write_text("Email,First Name\n" + "".join(f"p{n}@example.org,P{n}\n" for n in range(9)))
    heal = poison(monkeypatch, following, "follow", bool)
    done = CliRunner().invoke(import_command, [str(path)])
    assert "The file is in the log, but a step stands still: 2 rows in a row failed" in done.output
    done = CliRunner().invoke(rebuild_command, ["--yes"])
    assert (done.exit_code, "once it is mended, rebuild again" in done.output) == (1, True)
    heal()
    pipeline.catch_up()
    assert Profile.objects.count() == 7
