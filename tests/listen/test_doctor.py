"""How a connection is, and who is told of it in time."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from django.test import Client
from django.utils import timezone, translation

from tests.listen import a_platform
from tests.listen.a_platform import Platform, Scripted, item
from vincle.accounts.models import User, Workspace
from vincle.channels.live import Command, Context, Problem, Setting
from vincle.channels.registry import channels
from vincle.listen import actions, connections, credentials, doctor, outward, pulling
from vincle.listen.connect_values import Wrong, looked_at
from vincle.listen.models import Activity, Alert, Connection, Notice, NoticeFor, Posting, Pull
from vincle.listen.notices_words import title

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def scripted(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Scripted:
    settings.OPTIONS = replace(settings.OPTIONS, webhooks_private=True)
    found = Scripted()
    monkeypatch.setitem(channels(), "scripted", found)
    return found


@pytest.fixture
def platform() -> Iterator[Platform]:
    with a_platform.running() as found:
        found.says("/me", {"name": "The Café", "can": ["write"]})
        found.says("/items", {"items": []})
        found.says("/reviews", {"items": []})
        yield found


@pytest.fixture
def made(workspace: Workspace, platform: Platform) -> Connection:
    found = connections.connect(workspace, None, "scripted", "Our café", {"server": platform.url}, {"token": "tok-1"})
    connections.check(found)
    return found


def test_how_it_stands_is_kept(made: Connection, platform: Platform) -> None:
    made = Connection.objects.get(pk=made.pk)
    assert (made.account, made.own, made.abilities, made.state_code) == ("The Café", [["scripted", "us"]], ["write"], "")
    found = doctor.examine(made)
    assert (found.state, found.ailments, found.waiting) == ("well", (), 0)
    platform.says("/items", {"items": [item(1)]})
    pulling.turn()
    found = doctor.examine(made)
    assert found.waiting == 1
    assert found.item_at is not None
    assert found.lag is not None
    assert found.lag < 5
    assert doctor.lags()[made.pk][0] == "scripted"


def test_each_state_has_its_word(made: Connection, platform: Platform) -> None:
    platform.says("/items", (503, {}, b"down"))
    pulling.turn()
    found = doctor.examine(made)
    (ailment,) = found.ailments
    assert (found.state, ailment.kind, ailment.code, ailment.place) == ("behind", "transient", "server_trouble", "items")
    assert ailment.next_at is not None
    doctor.note(made, Problem("auth", "not_authorised", "revoked"))
    assert doctor.examine(made).state == "stopped"
    doctor.well(made)
    assert doctor.examine(Connection.objects.get(pk=made.pk)).state == "behind"
    connections.turn(made, None, False)
    assert doctor.examine(made).state == "paused"
    connections.disconnect(made, None)
    assert doctor.examine(made).state == "disconnected"


def test_someone_is_told_before_rights_end_and_again_the_day_before(made: Connection, platform: Platform, owner: User) -> None:
    platform.says("/me", {"name": "The Café", "ends_in": 5 * 86400 - 3600})
    for _ in range(3):
        doctor.look_after(made)
    assert doctor.examine(made).state == "ending"
    ends = Connection.objects.get(pk=made.pk).token_ends_at
    assert ends is not None
    doctor.warn(made, ends - timedelta(hours=20))
    doctor.warn(made, ends - timedelta(hours=10))
    found = list(Notice.objects.order_by("pk"))
    assert [(each.code, each.severity) for each in found] == [("connection", "note"), ("connection", "note")]
    assert title(found[0]) == "Our café: the consent ends in 4 days"
    assert NoticeFor.objects.filter(user=owner, bell=True).count() == 2
    with translation.override("es"):
        assert "Our café" in title(found[1])


def test_a_stream_that_falls_silent_for_hours_is_told_once(made: Connection, owner: User) -> None:
    long_ago = timezone.now() - timedelta(hours=3)
    Pull.objects.filter(stream="items").update(problem_kind="transient", problem_code="unreachable", failures=9, ok_at=long_ago)
    for _ in range(2):
        doctor.warn(made, timezone.now())
    assert title(Notice.objects.get()).startswith("Our café: ")


def test_the_team_decides_whom_it_tells(made: Connection, owner: User, member: Any) -> None:
    viewer = member("viewer")
    doctor.note(made, Problem("auth", "not_authorised"))
    rule = Alert.objects.get(kind="connection")
    assert set(NoticeFor.objects.values_list("user", flat=True)) == {owner.pk, viewer.pk}
    Alert.objects.update(recipients=[owner.pk], webhook_url="https://example.org/hook")
    doctor.well(made)
    doctor.note(made, Problem("auth", "other"))
    assert NoticeFor.objects.filter(user=viewer).count() == 1
    assert Posting.objects.get().alert == rule
    Alert.objects.update(archived_at=timezone.now())
    doctor.note(made, Problem("auth", "third"))
    assert Notice.objects.count() == 2


def test_the_bell_leads_to_what_to_do(made: Connection, client_for: Any) -> None:
    client = client_for("owner")
    doctor.note(made, Problem("auth", "not_authorised"))
    notice, base = Notice.objects.get(), f"/w/{made.workspace.slug}/listen"
    said = client.get(f"{base}/alerts/{notice.pk}/").content.decode()
    assert "Our café: The service no longer knows this consent or password" in said
    assert f'href="{base}/connections/"' in said
    rule = client.get(f"{base}/alerts/rules/{notice.alert_id}/").content.decode()
    assert 'id="trial"' not in rule
    assert "Our café" in client.get(f"{base}/alerts/").content.decode()


def test_one_that_never_stood_tells_nobody(workspace: Workspace, platform: Platform, owner: User) -> None:
    fresh = connections.connect(workspace, owner, "scripted", "New", {"server": platform.url}, {})
    assert doctor.turn() == 1
    assert Notice.objects.count() == 0
    assert doctor.examine(Connection.objects.get(pk=fresh.pk)).ailments[0].code == "no_token"
    assert not Pull.objects.filter(connection=fresh).exists()


def test_a_connection_is_looked_after_by_itself(workspace: Workspace, platform: Platform) -> None:
    fresh = connections.connect(workspace, None, "scripted", "New", {"server": platform.url}, {"token": "tok-1"})
    assert pulling.due(5) == []
    assert doctor.turn() == 1
    assert doctor.turn() == 0
    assert len(pulling.due(5)) == 2
    platform.says("/me", (503, {"Retry-After": "400"}, b""))
    Connection.objects.filter(pk=fresh.pk).update(check_next_at=timezone.now())
    doctor.turn()
    fresh.refresh_from_db()
    assert fresh.check_next_at is not None
    assert fresh.check_next_at > timezone.now() + timedelta(seconds=390)
    assert fresh.state_code == ""


def test_a_switch_that_is_usually_on_can_be_left_off() -> None:
    spec = channels()["mastodon"].spec
    switch = Setting(name="usual", label="Usual", kind="switch", is_required=False, default="1")
    spec = msgspec.structs.replace(spec, settings=(switch,), oauth=None)
    assert [looked_at(spec, given, {}).plain["usual"] for given in ({}, {"usual": ""}, {"usual": "1"})] == ["1", "", "1"]


@pytest.mark.parametrize(
    ("given", "field"),
    [({"server": ""}, "server"), ({"server": "not an address"}, "server"), ({"server": "ftp://x.example"}, "server"),
     ({"server": "https://x.example", "client_id": "a\x00b"}, "client_id"), ({"server": "https://x.example", "proof": "short"}, "proof")],
)  # fmt: skip
def test_what_is_given_is_looked_at(workspace: Workspace, given: dict[str, str], field: str) -> None:
    with pytest.raises(Wrong) as wrong:
        connections.connect(workspace, None, "scripted", "", given, {})
    assert wrong.value.field == field
    assert not Connection.objects.filter(channel="scripted").exists()


def test_settings_change_and_secrets_left_empty_stay(made: Connection, platform: Platform, owner: User) -> None:
    connections.set_settings(made, owner, {"server": f"{platform.url}/", "client_id": "a"}, {"token": ""})
    made.refresh_from_db()
    assert (made.settings["client_id"], credentials.given(made)["token"]) == ("a", "tok-1")
    assert "token" not in made.settings
    connections.set_settings(made, owner, {"server": "https://Other.example/", "client_id": "a"}, {"token": ""})
    assert "token" not in credentials.given(made)  # what was given for one server is not sent to another


class TestOutward:
    COMMAND = Command(deed="reply", about=Context(native_id="n1"), text="Thank you")

    def test_our_words_are_in_the_log_at_once(self, made: Connection, platform: Platform) -> None:
        platform.says("/say", item(7, "Thank you", who="us"))
        receipt = outward.perform(made, self.COMMAND, "key-1")
        said = Activity.objects.get(native_id=receipt.native_id)
        assert (said.direction, platform.asked[-1]["headers"]["idempotency-key"]) == ("out", "key-1")
        platform.says("/items", {"items": [item(7, "Thank you", who="us")]})
        pulling.turn()
        actions.work_off_waiting()
        assert Activity.objects.count() == 1

    def test_a_deed_is_done_even_if_it_cannot_be_kept(self, made: Connection, platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
        platform.says("/say", item(7, "Thank you", who="us"))
        monkeypatch.setattr(actions, "receive_all", lambda *_: 1 / 0)
        assert outward.perform(made, self.COMMAND, "key-1").native_id == "n7"

    def test_what_may_not_be_done_is_a_problem(self, made: Connection, platform: Platform) -> None:
        platform.says("/say", (403, {}, b'{"error": "tok-1 may not"}'))
        with pytest.raises(Problem) as caught:
            outward.perform(made, self.COMMAND, "k")
        assert (caught.value.kind, caught.value.detail) == ("auth", "••• may not")
        assert Connection.objects.get(pk=made.pk).state_code == "not_allowed"
        connections.turn(made, None, False)
        with pytest.raises(Problem) as caught:
            outward.perform(made, self.COMMAND, "k")
        assert (caught.value.kind, caught.value.code) == ("transient", "paused")
        connections.disconnect(made, None)
        with pytest.raises(Problem) as caught:
            outward.perform(made, self.COMMAND, "k")
        assert (caught.value.kind, outward.ways(made, Context())) == ("permanent", ())

    def test_whether_it_went_through_is_asked(self, made: Connection, platform: Platform) -> None:
        platform.says("/said", b"", item(7, "Thank you", who="us"))
        assert outward.found(made, self.COMMAND, "k", timezone.now()) is None
        found = outward.found(made, self.COMMAND, "k", timezone.now())
        assert found is not None
        assert Activity.objects.get().native_id == found.native_id

    def test_what_an_act_was_is_told_to_the_channel(self, made: Connection, platform: Platform) -> None:
        platform.says("/items", {"items": [item(1, "Tea?")]})
        pulling.turn()
        actions.work_off_waiting()
        about = outward.context_of(Activity.objects.get(), done=frozenset({"private_reply"}))
        assert (about.native_id, about.text, about.done) == ("n1", "Tea?", {"private_reply"})
        assert about.author is not None
        assert (about.author.value, about.last_in_at) == ("ana", about.happened_at)
        assert outward.ways(made, about)[0].is_open
        assert outward.length(made, "ten") == 3


def test_the_installation_knows_who_is_behind(made: Connection) -> None:
    from vincle.project import health

    text = Client().get("/metrics", headers={"host": "localhost"}).content.decode()
    assert f'vincle_connection_lag_seconds{{channel="scripted",connection="{made.pk}"}}' in text
    assert "vincle_connections_stopped 0.0" in text
    assert health.connections().state == "good"
    doctor.note(made, Problem("auth", "not_authorised"))
    found = health.connections()
    assert (found.state, found.finding) == ("warning", "Our café (not_authorised)")
