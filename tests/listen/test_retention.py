"""What has had its days goes, and nothing brings it back."""

import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from vincle.accounts.models import AuditEntry, Role, User, Workspace
from vincle.identify.models import Person
from vincle.listen import actions, expiry, log, partitions
from vincle.listen.models import Activity as Row
from vincle.listen.models import Connection, Content, Delivery, Handle, RetentionRule
from vincle.listen.retention import Kind
from vincle.organise import warehouse
from vincle.organise.models import Profile
from vincle.project import pipeline, rebuild
from vincle.store.models import Cursor
from vincle.vocabulary import Activity, ConsentFact, Fact, HandleRef, ObjectType, Op, Permit, Verb

TODAY = datetime.now(UTC).date()
NOW = datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=UTC)
OLD, FRESH = NOW - timedelta(days=40), NOW - timedelta(days=20)
ANA, VISITOR = HandleRef("email", "ana@example.org", "Ana"), HandleRef("cookie", "c0ffee")
pytestmark = pytest.mark.django_db


def act(native_id: str, verb: Verb, kind: ObjectType, who: HandleRef = ANA, **more: Any) -> Activity:
    return Activity(verb=verb, object_type=kind, native_id=native_id, happened_at=OLD, actor=who, **more)


def view(native_id: str, who: HandleRef = VISITOR) -> Activity:
    return act(native_id, Verb.VIEW, ObjectType.PAGE, who, title="Prices")


def note(native_id: str, text: str = "bon dia", **more: Any) -> Activity:
    return act(native_id, Verb.CREATE, ObjectType.NOTE, text=text, **more)


def order(native_id: str) -> Activity:
    return act(native_id, Verb.PURCHASE, ObjectType.ORDER, amount=Decimal("12.50"), currency="EUR")


@pytest.fixture
def source(workspace: Workspace) -> Connection:
    return actions.connection_for(workspace, "web", "site")


def keep(workspace: Workspace, **days: int | None) -> None:
    expiry.set_rules(workspace, None, {Kind(kind): each for kind, each in days.items()})


def carry_out(today: date = TODAY) -> None:
    """All of a day's work, with the stages that follow the log."""
    for _ in range(20_000):  # PostgreSQL counts on where other tests stopped: many windows may be empty
        if not (expiry.step(today) + pipeline.follow()):
            return
    raise AssertionError("it never ends")


def said(kind: str = "let go") -> dict[str, Any]:
    return dict(AuditEntry.objects.filter(verb=kind, object_type="retention").latest("pk").details)


def test_looks_go_and_orders_and_words_stay(workspace: Workspace, source: Connection) -> None:
    log.append(source, [view("v1"), view("v2"), note("n1"), order("o1")], OLD)
    log.append(source, [view("v3", ANA)], FRESH)
    pipeline.catch_up()
    assert Person.objects.count() == 2
    keep(workspace, behaviour=30)
    assert expiry.due(workspace)[Kind.BEHAVIOUR] == 2
    carry_out()
    assert sorted(Row.objects.values_list("native_id", flat=True)) == ["n1", "o1", "v3"]
    assert Content.objects.count() == 2
    assert Profile.objects.get().name == "Ana"  # the visitor of whom nothing else was known is gone
    table = warehouse.tables()["activity"].read()
    assert sorted(table["verb"].to_pylist()) == ["Create", "Purchase", "View"]
    assert said() == {"behaviour": 2}
    assert list(Handle.objects.values_list("value", flat=True)) == ["ana@example.org"]
    assert expiry.due(workspace)[Kind.BEHAVIOUR] == 0


def test_facts_go_with_the_addresses_they_told(workspace: Workspace, source: Connection) -> None:
    phone = HandleRef("phone", "+34600111222")
    told = {"observed_at": OLD, "handles": (HandleRef("email", "biel@example.org"), phone)}
    refused = (ConsentFact(permit=Permit.WITHDRAWN, at=OLD),)
    log.append(source, [Fact(native_id="f1", **told), note("n1")], OLD)
    log.append(source, [Fact(native_id="f2", observed_at=OLD, handles=(HandleRef("email", "carla@example.org"),), consents=refused)], OLD)
    pipeline.catch_up()
    keep(workspace, facts=30)
    carry_out()
    assert sorted(Handle.objects.values_list("value", flat=True)) == ["ana@example.org", "carla@example.org"]  # a refusal is kept
    assert [person.pk for person in Person.objects.all()] == [Handle.objects.get(value="ana@example.org").key]


def test_a_retry_or_a_replay_does_not_bring_it_back(workspace: Workspace, source: Connection) -> None:
    log.append(source, [view("v1"), note("n1")], OLD)
    keep(workspace, behaviour=30, words=30)
    carry_out()
    keep(workspace, behaviour=None, words=None)
    again = log.append(source, [view("v1"), view("v2"), note("n2")], OLD)
    assert (again.new, again.duplicates) == (1, 2)
    assert list(Row.objects.order_by("seq").values_list("native_id", flat=True)) == ["n1", "n2"]
    assert Content.objects.count() == 0
    assert log.append(source, [view("v4")], NOW).new == 1


def test_words_go_and_the_act_stays(workspace: Workspace, source: Connection) -> None:
    log.append(source, [note("n1", "typo")], OLD)
    log.append(source, [note("n1", "mended", op=Op.CORRECT, version="2"), note("n2")], FRESH)
    keep(workspace, words=30)
    carry_out()
    assert sorted(row[0] for row in log.contents(bytes(row.event_id) for row in Row.objects.all()).values()) == ["bon dia", "mended"]
    assert Row.objects.count() == 3
    assert said() == {"words": 1}


def test_a_thing_stays_as_long_as_its_last_word(workspace: Workspace, source: Connection) -> None:
    log.append(source, [note("n1", "typo"), note("n2", "typo")], OLD)
    log.append(source, [note("n2", "mended", op=Op.CORRECT, version="2")], OLD + timedelta(hours=1))
    log.append(source, [note("n1", "mended", op=Op.CORRECT, version="2")], FRESH)
    keep(workspace, acts=30)
    carry_out()
    assert sorted(Row.objects.values_list("native_id", "op")) == [("n1", "assert"), ("n1", "correct")]
    carry_out(TODAY + timedelta(days=30))
    assert not Row.objects.exists()


def test_what_may_only_be_displayed_goes_whatever_is_set(workspace: Workspace) -> None:
    linkedin = actions.connection_for(workspace, "linkedin")
    log.append(linkedin, [note("n1")], NOW - timedelta(hours=1))
    row = Row.objects.get()
    assert (row.retention_class, row.expires_on) == ("display only", (NOW - timedelta(hours=1) + timedelta(days=2)).date())
    keep(workspace, **{"display only": None})
    carry_out()
    assert Row.objects.count() == 1
    carry_out(TODAY + timedelta(days=2))
    assert not Row.objects.exists()


def test_workspaces_keep_their_own_days(workspace: Workspace, other_workspace: Workspace, source: Connection) -> None:
    other = actions.connection_for(other_workspace, "web", "site")
    for each in (source, other):
        log.append(each, [view("v1")], OLD)
    keep(workspace, behaviour=30)
    carry_out()
    assert [row.workspace_id for row in Row.objects.all()] == [other_workspace.pk]


def test_killed_at_any_point_it_goes_on(workspace: Workspace, source: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expiry, "PIECE", 7)
    monkeypatch.setattr(expiry, "WINDOW", 20)
    log.append(source, [view(f"v{n}") if n % 3 else note(f"n{n}") for n in range(60)], OLD)
    first = Row.objects.earliest("seq").seq
    for name in (expiry.WALK, expiry.PURGE):  # numbers that other tests were given are not walked through
        Cursor.objects.update_or_create(name=name, defaults={"position": first - 1})
    keep(workspace, behaviour=30)

    class Killed(Exception):
        pass

    for place in ("_count", "_delete", "_raw", "_finish"):
        whole = getattr(expiry, place)

        def stop(*_: Any) -> None:
            raise Killed

        monkeypatch.setattr(expiry, place, stop)
        with pytest.raises(Killed):
            carry_out()
        monkeypatch.setattr(expiry, place, whole)
    carry_out()
    assert Row.objects.count() == 20
    assert said() == {"behaviour": 40}
    assert AuditEntry.objects.filter(verb="let go").count() == 1


def test_rows_stay_until_every_stage_has_followed(workspace: Workspace, source: Connection) -> None:
    log.append(source, [view("v1")], OLD)
    keep(workspace, behaviour=30)
    while expiry.step(TODAY):
        pass
    assert sorted(Row.objects.values_list("op", flat=True)) == ["assert", "retract"]
    assert not Row.objects.filter(op="assert", superseded=False).exists()
    carry_out()
    assert not Row.objects.exists()


def test_raw_bytes_go_when_their_days_are_over(workspace: Workspace, source: Connection) -> None:
    old = actions.receive(source, b"[]", OLD)
    waiting, fresh = actions.receive(source, b"[]", OLD), actions.receive(source, b"[]", FRESH)
    Delivery.objects.filter(pk__in=(old.pk, fresh.pk)).update(state=Delivery.State.DONE)
    keep(workspace, raw=30)
    assert expiry.due(workspace)[Kind.RAW] == 1
    carry_out()
    kept = dict(Delivery.objects.values_list("pk", "body"))
    assert (kept[old.pk], bytes(kept[waiting.pk]), bytes(kept[fresh.pk])) == (None, b"[]", b"[]")
    actions.read_again()
    assert Delivery.objects.get(pk=old.pk).state == Delivery.State.DONE


def test_a_rebuild_keeps_what_cannot_be_read_again(workspace: Workspace, owner: User) -> None:
    def bring(who: str) -> Delivery:
        text = f"Email,First Name\n{who}@example.org,{who.title()}\n"
        return actions.receive_file(workspace, io.BytesIO(text.encode()), f"{who}.csv", owner)

    old, fresh = bring("ana"), bring("biel")
    pipeline.catch_up()
    Delivery.objects.filter(pk=old.pk).update(received_at=OLD)
    before = sorted(Profile.objects.values_list("person", "name", "email"))
    keep(workspace, raw=30)
    carry_out()
    assert not Delivery.objects.get(pk=old.pk).path
    rebuild.rebuild()
    assert sorted(Profile.objects.values_list("person", "name", "email")) == before
    assert len(before) == 2
    assert sorted(Row.objects.values_list("delivery_id", flat=True)) == [old.pk, fresh.pk]


def test_days_out_of_bounds_are_refused(workspace: Workspace) -> None:
    for days in (0, -3, 40_000):
        with pytest.raises(ValueError, match="days"):
            keep(workspace, behaviour=days)
    assert not RetentionRule.objects.exists()


@pytest.mark.skipif("not __import__('django.db').db.connection.vendor == 'postgresql'", reason="SQLite has no partitions")
def test_a_month_that_is_over_goes_whole(workspace: Workspace, source: Connection) -> None:
    long_ago = datetime(2024, 3, 5, tzinfo=UTC)
    log.append(source, [view("v1"), view("v2")], long_ago)
    log.append(source, [view("v3"), order("o1")], datetime(2024, 4, 5, tzinfo=UTC))
    partitions.ensure()
    keep(workspace, behaviour=30)
    for _ in range(50):
        moved = expiry.step(TODAY) + pipeline.follow()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a test is one long transaction
        if not moved:
            break
    assert date(2024, 3, 1) not in partitions.months()
    assert date(2024, 4, 1) in partitions.months()
    assert list(Row.objects.values_list("native_id", flat=True)) == ["o1"]


def test_the_screen_says_what_would_go_and_keeps_what_is_set(workspace: Workspace, source: Connection, client_for: Any) -> None:
    log.append(source, [view("v1"), view("v2")], OLD)
    client, place = client_for(Role.OWNER), reverse("listen:retention", kwargs={"workspace": workspace.slug})
    assert client.get(place).status_code == 200
    assert client.post(place, {"behaviour": "30", "words": ""}).status_code == 302
    assert expiry.rules(workspace)[Kind.BEHAVIOUR] == 30
    assert said("changed")["changes"] == {"behaviour": [760, 30]}
    assert "2" in client.get(f"{place}due/").content.decode()
    refused = client.post(place, {"behaviour": "never"})
    assert refused.status_code == 200
    assert "never" in refused.content.decode()
    assert expiry.rules(workspace)[Kind.BEHAVIOUR] == 30
