"""Rows set aside and deliveries that failed, over HTTP: see, mend, try again, leave out."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.analyse.conftest import forget_lake
from vincle.accounts.models import AuditEntry, Role, User, Workspace
from vincle.channels.registry import channels
from vincle.identify.models import Consent
from vincle.listen import actions, aside, log
from vincle.listen.models import Activity as Row
from vincle.listen.models import Connection, Content, Delivery, Rejection, SetAside
from vincle.organise.models import Profile
from vincle.project import pipeline, rebuild
from vincle.vocabulary import Activity, Fact, HandleRef, ObjectType, Op, Reject, Verb

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
State = SetAside.State


@pytest.fixture(autouse=True)
def lake() -> Iterator[None]:
    forget_lake()
    yield
    forget_lake()


@pytest.fixture
def browser(client_for: Callable[..., Client]) -> Client:
    return client_for(Role.ADMIN)


def place(name: str, **values: Any) -> str:
    return reverse(f"listen:{name}", kwargs={"workspace": "cafe-lligam", **values})


def shown(client: Client, name: str, query: str = "", **values: Any) -> str:
    response = client.get(place(name, **values) + query)
    assert response.status_code == 200
    return response.content.decode()


def source(workspace: Workspace) -> Connection:
    return Connection.objects.get_or_create(workspace=workspace, channel="x", name="test")[0]


@pytest.fixture
def spoilt(workspace: Workspace) -> SetAside:
    """Ana is known by an act; what a source says of her cannot be read."""
    ana = HandleRef("email", "ana@example.org", "Ana")
    note = Activity(verb=Verb.CREATE, object_type=ObjectType.NOTE, native_id="a1", happened_at=NOON, actor=ana, text="hola")
    log.append(source(workspace), [note, Fact(native_id="f1", observed_at=NOON, handles=(ana,), name="Ana Torres")], NOON)
    Content.objects.filter(event_id=Row.objects.get(native_id="f1").event_id).update(body='{"name": "Ana Torres", "traits": {"city": "Gi')
    pipeline.catch_up()
    return SetAside.objects.get(step="organise")


def test_the_list_says_what_where_and_why(browser: Client, spoilt: SetAside) -> None:
    page = shown(browser, "aside")
    assert "Ana, as a source tells" in page
    assert "DecodeError" in page
    assert page.count("<tr>") == 3, "a head and one line for each step"
    assert "Who it was" in page
    assert "Profiles" in page
    assert "Nothing is set aside" not in page
    assert "No row was left out" in shown(browser, "aside", "?show=out")


def test_a_row_shows_its_error_its_place_in_the_code_and_its_content(browser: Client, spoilt: SetAside) -> None:
    page = shown(browser, "aside_row", pk=spoilt.pk)
    assert "msgspec" in page
    assert "organise/actions.py" in page
    assert "ana@example.org" in page
    assert "&quot;city&quot;: &quot;Gi" in page
    assert page.count("btn primary") == 1


def test_mending_appends_a_correction_and_every_step_follows_it(browser: Client, spoilt: SetAside, workspace: Workspace) -> None:
    stood = list(Row.objects.order_by("seq").values_list("seq", "event_id", "op"))
    body = {
        "handles": [{"kind": "email", "value": "ana@example.org"}, {"kind": "phone", "value": "+34600111222"}], "name": "Ana Torres",
        "traits": {"city": "Girona"}, "tags": ["wholesale"], "consents": [{"permit": "granted", "channel": "email"}],
    }  # fmt: skip
    response = browser.post(place("aside_mend", pk=spoilt.pk), {"body": json.dumps(body)})
    assert response.status_code == 302
    assert list(Row.objects.order_by("seq").values_list("seq", "event_id", "op"))[: len(stood)] == stood, "the log never changes"
    assert Row.objects.order_by("-seq")[0].op == "correct"
    pipeline.catch_up()
    ana = Profile.objects.get()
    assert (ana.name, ana.city, ana.phone, ana.activities) == ("Ana Torres", "Girona", "+34600111222", 1)
    assert Consent.objects.count() == 1
    assert set(SetAside.objects.values_list("state", flat=True)) == {State.MENDED}
    assert AuditEntry.objects.filter(verb="mended", user__isnull=False).count() == 2

    rebuild.rebuild()
    again = Profile.objects.get()
    assert (again.name, again.city, again.activities) == ("Ana Torres", "Girona", 0), "the note had no delivery to be read again from"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("{", "not valid JSON"),
        ("[1]", "not a record"),
        ('{"handles": [{"kind": "email"}]}', "value"),
        ('{"handles": [{"kind": "email", "value": "Ana@"}]}', "handles"),
        ('{"handles": [12]}', "nobody is known by 12"),
        ('{"colour": "red"}', "colour: there is no such field"),
        ('{"traits": 7}', "traits"),
        ('{"consents": [{"permit": "perhaps"}]}', "consents"),
    ],
)
def test_what_cannot_be_said_is_refused_with_its_place(browser: Client, spoilt: SetAside, body: str, said: str) -> None:
    before = Row.objects.count()
    response = browser.post(place("aside_mend", pk=spoilt.pk), {"body": body})
    assert response.status_code == 422
    assert said in response.content.decode()
    assert (Row.objects.count(), Delivery.objects.count()) == (before, 0)
    spoilt.refresh_from_db()
    assert spoilt.state == State.WAITING


def test_the_words_of_an_act_can_be_mended(browser: Client, workspace: Workspace, spoilt: SetAside) -> None:
    act = Row.objects.get(native_id="a1")
    aside.put("organise", [act.seq], ValueError("these words"))
    found = SetAside.objects.get(seq=act.seq)
    assert "hola" in shown(browser, "aside_row", pk=found.pk)
    browser.post(place("aside_mend", pk=found.pk), {"text": "adéu", "title": "", "body": ""})
    pipeline.catch_up()
    standing = Row.objects.get(native_id="a1", superseded=False)
    assert (standing.op, Content.objects.get(event_id=standing.event_id).text) == ("correct", "adéu")
    assert Profile.objects.get().activities == 1
    found.refresh_from_db()
    assert found.state == State.MENDED


def test_a_mended_row_can_be_mended_once_more_and_its_source_has_the_last_word(
    browser: Client, spoilt: SetAside, workspace: Workspace
) -> None:
    browser.post(place("aside_mend", pk=spoilt.pk), {"body": '{"name": "Ana T."}'})
    pipeline.catch_up()
    second = Row.objects.get(native_id="f1", superseded=False)
    aside.put("organise", [second.seq], ValueError("once more"))
    browser.post(place("aside_mend", pk=SetAside.objects.get(seq=second.seq).pk), {"body": '{"name": "Anna"}'})
    pipeline.catch_up()
    assert Profile.objects.get().name == "Anna"
    ana = HandleRef("email", "ana@example.org", "Ana")
    log.append(
        source(workspace),
        [Fact(native_id="f1", observed_at=NOON, handles=(ana,), name="Ana Torres i Puig", op=Op.CORRECT, version="2")],
        NOON,
    )
    pipeline.catch_up()
    assert Profile.objects.get().name == "Ana Torres i Puig"


def test_trying_again_and_leaving_out_in_bulk(browser: Client, spoilt: SetAside) -> None:
    ids = list(SetAside.objects.values_list("pk", flat=True))
    response = browser.post(place("aside_again"), {"ids": ids}, follow=True)
    assert "2 rows failed again" in response.content.decode()
    response = browser.post(place("aside_leave"), {"ids": ids}, follow=True)
    assert "2 rows are left out" in response.content.decode()
    assert "Nothing is set aside" in response.content.decode()
    event = Row.objects.get(seq=spoilt.seq).event_id
    Content.objects.filter(event_id=event).update(
        body=json.dumps({"handles": [Row.objects.get(seq=spoilt.seq).actor], "name": "Ana Torres"})
    )
    response = browser.post(place("aside_again"), {"ids": ids}, follow=True)
    assert "2 rows went in" in response.content.decode()
    pipeline.catch_up()
    assert Profile.objects.get().name == "Ana Torres"
    assert AuditEntry.objects.filter(verb="left out").count() == 2


def test_nothing_of_another_workspace_is_touched(client_for: Callable[..., Client], other_workspace: Workspace, spoilt: SetAside) -> None:
    SetAside.objects.update(workspace=other_workspace)
    browser = client_for(Role.OWNER)
    assert "Nothing is set aside" in shown(browser, "aside")
    browser.post(place("aside_leave"), {"ids": [spoilt.pk]})
    browser.post(place("aside_again"), {"all": "1"})
    assert set(SetAside.objects.values_list("state", "tries")) == {(State.WAITING, 1)}


# Deliveries


def receive(workspace: Workspace, owner: User, content: bytes) -> Delivery:
    return actions.receive_file(workspace, BytesIO(content), "people.csv", owner, kind="contacts")


def stumble(monkeypatch: pytest.MonkeyPatch, after: int) -> Callable[[], None]:
    """The reader of contacts raises something nobody expected after so many rows; returns how to heal it."""
    channel = channels()["contacts"]
    true = channel.read

    def read(file: Any, options: Any) -> Iterator[Any]:
        for place, outcome in enumerate(true(file, options)):
            if place == after and options.name == "people.csv":
                raise ZeroDivisionError("of Ana")
            yield outcome

    monkeypatch.setattr(channel, "read", read)
    return lambda: monkeypatch.setattr(channel, "read", true)


CONTACTS = b"Name,Email\n" + b"".join(f"P{n},p{n}@example.org\n".encode() for n in range(20))


def test_a_reader_that_stumbles_blocks_no_other_and_keeps_what_it_read(
    workspace: Workspace, owner: User, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    heal = stumble(monkeypatch, 7)
    bad = receive(workspace, owner, CONTACTS)
    good = actions.receive_file(workspace, BytesIO(b"Name,Email\nLeo,leo@example.org\n"), "other.csv", owner, kind="contacts")
    pipeline.catch_up()
    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.state, bad.error_code, bad.accepted) == (Delivery.State.FAILED, "reader_stumbled", 7)
    assert good.state == Delivery.State.DONE
    page = shown(browser, "import", pk=bad.pk)
    assert "stumbled over it" in page
    assert place("delivery_again", pk=bad.pk) in page
    heal()
    browser.post(place("delivery_again", pk=bad.pk))
    pipeline.catch_up()
    bad.refresh_from_db()
    assert (bad.state, bad.accepted, bad.duplicates, bad.error_code) == (Delivery.State.DONE, 20, 0, "")


def test_a_small_delivery_that_fails_can_be_tried_again_from_the_list(
    workspace: Workspace, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    team = channels()["team"]
    true = team.parse
    monkeypatch.setattr(team, "parse", lambda raw, at: 1 / 0)
    delivery = actions.receive(actions.connection_for(workspace, "team"), b"{}")
    pipeline.catch_up()
    page = shown(browser, "aside")
    assert "Deliveries that could not be read" in page
    assert "ZeroDivisionError" in page
    monkeypatch.setattr(team, "parse", true)
    response = browser.post(place("delivery_again", pk=delivery.pk), follow=True)
    assert "being tried again" in response.content.decode()
    pipeline.catch_up()
    delivery.refresh_from_db()
    assert delivery.state == Delivery.State.DONE


def test_bytes_that_are_gone_block_no_other(workspace: Workspace, owner: User) -> None:
    from vincle.listen import raw

    bad = receive(workspace, owner, CONTACTS)
    raw.path(bad.path).unlink()
    good = actions.receive(actions.connection_for(workspace, "team"), b"{}")
    pipeline.catch_up()
    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.state, bad.error_code, good.state) == (Delivery.State.FAILED, "raw_missing", Delivery.State.DONE)


def test_an_item_that_cannot_be_stored_is_refused_by_itself(workspace: Workspace, owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    true = log.prepare

    def prepare(source: Any, items: Any, *more: Any) -> Any:
        if any("p13@" in str(item) for item in items):
            raise ValueError("no room for thirteen")
        return true(source, items, *more)

    monkeypatch.setattr(log, "prepare", prepare)
    delivery = receive(workspace, owner, CONTACTS)
    pipeline.catch_up()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.accepted, delivery.rejected, delivery.position) == (Delivery.State.DONE, 19, 1, 20)
    refused = Rejection.objects.get()
    assert (refused.code, refused.detail) == ("not_stored", "ValueError: no room for thirteen")


def test_a_delivery_of_which_nothing_can_be_stored_fails(workspace: Workspace, owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "MOST_IN_A_ROW", 4)
    true = log.prepare

    def prepare(source: Any, items: Any, *more: Any) -> Any:
        if items and not isinstance(items[0], Reject):
            raise ValueError("no room at all")
        return true(source, items, *more)

    monkeypatch.setattr(log, "prepare", prepare)
    delivery = receive(workspace, owner, CONTACTS)
    pipeline.catch_up()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.error_code, delivery.rejected) == (Delivery.State.FAILED, "reader_stumbled", 4)


def test_an_import_that_cannot_be_taken_back_says_so_and_can_be_tried_again(
    workspace: Workspace, owner: User, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery = receive(workspace, owner, CONTACTS)
    pipeline.catch_up()
    actions.undo(delivery, owner)
    with monkeypatch.context() as patch:
        patch.setattr(log, "undo", lambda delivery, limit: 1 / 0)
        pipeline.catch_up()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.error_code) == (Delivery.State.FAILED, "undo_stumbled")
    browser.post(place("delivery_again", pk=delivery.pk))
    pipeline.catch_up()
    delivery.refresh_from_db()
    assert delivery.state == Delivery.State.UNDONE
