"""Another program is told of who enters and leaves: once, signed, tried again, given up visibly; and of nothing else."""

import hashlib
import hmac
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.listen.test_alerts import Receiver
from tests.organise.community import NOW, bring, fact
from tests.organise.segments_world import World
from tests.organise.test_segments_path import BUYERS, bought, made
from vincle.accounts.models import AuditEntry, Role, User, Workspace
from vincle.organise import hooking, hooks, looking, membership, segmenting, telling
from vincle.organise.models import HookSend, Membership, Profile, Segment, SegmentHook
from vincle.project import pipeline
from vincle.project.telling import Telling
from vincle.store import lease
from vincle.store.deliveries import PAUSES, NotSent
from vincle.store.lease import held
from vincle.store.models import Cursor
from vincle.vocabulary import public_id

pytestmark = pytest.mark.django_db
AWAY = "https://program.example/told"


class Taker:
    """What stands where the network would be: keeps what is sent, or refuses it."""

    def __init__(self, *answers: int | NotSent) -> None:
        self.answers, self.taken = list(answers), list[tuple[str, dict[str, Any], dict[str, str]]]()

    def __call__(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        self.taken.append((url, json.loads(body), headers))
        answer = self.answers.pop(0) if self.answers else 200
        if isinstance(answer, NotSent):
            raise answer
        return answer


@pytest.fixture
def segment(workspace: Workspace) -> Segment:
    bring(workspace, [fact("ana@example.org", "Ana"), fact("bea@example.org", "Bea")])
    bring(workspace, [bought("ana@example.org", 5), bought("bea@example.org", 100)], "orders")
    return made(workspace, BUYERS)


@pytest.fixture
def kept(workspace: Workspace, owner: User, segment: Segment) -> hooking.Kept:
    return hooking.add(workspace, owner, segment, AWAY)


@pytest.fixture
def near(settings: Any) -> None:
    settings.OPTIONS = replace(settings.OPTIONS, webhooks_private=True)


def guide() -> dict[str, Any]:
    """What the guide gives the other side to check signatures with."""
    text = (Path(__file__).parents[2] / "docs" / "guides" / "segments.md").read_text()
    found: dict[str, Any] = {}
    exec(re.search(r"```python\n(.*?)```", text, re.DOTALL)[1], found)  # type: ignore[index]
    return found


def public(name: str) -> str:
    return public_id(Profile.objects.get(name=name).person)


def bea_enters(workspace: Workspace) -> HookSend:
    bring(workspace, [bought("bea@example.org", 0.5)], "orders")
    return HookSend.objects.get()


def take_out_of_rest() -> None:
    SegmentHook.objects.update(next_at=NOW)
    HookSend.objects.update(next_at=NOW)


def test_who_enters_is_told_once_and_signed(workspace: Workspace, owner: User, segment: Segment, near: None) -> None:
    there = Receiver()
    secret = hooking.add(workspace, owner, segment, there.url).secret
    assert secret.encode() not in bytes(SegmentHook.objects.get().secret)
    send = bea_enters(workspace)
    worker = Telling()
    assert worker._round() == 0.0
    assert worker._round() > 0
    ((headers, body),) = there.taken
    told = json.loads(body)
    stay = Membership.objects.get(entered_at__gt=segment.built_at)
    assert told == {
        "schema": "vincle.segment/1", "id": f"segment-{send.pk}", "test": False, "workspace": "cafe-lligam",
        "segment": {"id": segment.public, "name": "Some"}, "entered": [public("Bea")], "left": [],
        "at": stay.entered_at.isoformat(timespec="microseconds"),
        "url": f"http://127.0.0.1:8000{reverse('organise:segment', kwargs={'workspace': 'cafe-lligam', 'segment': segment.public})}",
    }  # fmt: skip
    assert headers["Vincle-Delivery"] == f"segment-{send.pk}"
    signed = hmac.new(secret.encode(), f"{headers['Vincle-Timestamp']}.".encode() + body, hashlib.sha256).hexdigest()
    assert headers["Vincle-Signature"] == f"v1={signed}"
    assert guide()["is_ours"](secret, headers["Vincle-Timestamp"], headers["Vincle-Signature"], body)
    assert not guide()["is_ours"](secret, headers["Vincle-Timestamp"], headers["Vincle-Signature"], body + b" ")
    send.refresh_from_db()
    assert (send.state, send.status, send.tries) == ("sent", 200, 1)


def test_who_leaves_is_told(workspace: Workspace, owner: User, segment: Segment, kept: hooking.Kept) -> None:
    world = World(workspace, owner, 1)
    world.now = NOW + timedelta(days=26)
    world.settle()
    body = HookSend.objects.get().body
    assert (body["entered"], body["left"]) == ([], [public("Ana")])


def test_only_what_is_asked_for(workspace: Workspace, owner: User, segment: Segment) -> None:
    leaving = hooking.add(workspace, owner, segment, AWAY, hooking.LEFT).hook
    entering = hooking.add(workspace, owner, segment, AWAY, hooking.ENTERED).hook
    off = hooking.add(workspace, owner, segment, AWAY).hook
    hooking.switch(owner, off, is_on=False)
    assert bea_enters(workspace).hook == entering
    world = World(workspace, owner, 1)
    world.now = NOW + timedelta(days=60)
    world.settle()
    assert list(HookSend.objects.order_by("pk").values_list("hook", flat=True)) == [entering.pk, leaving.pk]


def test_what_is_found_because_the_question_is_new_is_not_told(workspace: Workspace, owner: User, segment: Segment, kept: Any) -> None:
    segmenting.change(workspace, owner, segment, predicate={"all": []})
    pipeline.catch_up()
    assert Membership.objects.filter(segment=segment, left_at=None).count() == 2
    segmenting.change(workspace, owner, segment, predicate=BUYERS)
    pipeline.catch_up()
    segmenting.recompute(workspace, owner, segment)
    pipeline.catch_up()
    segmenting.archive(workspace, owner, segment)
    assert not HookSend.objects.exists()


def test_many_people_go_in_several_bodies(workspace: Workspace, segment: Segment, kept: Any) -> None:
    steps = [telling.Step(segment.public, n, NOW, NOW if n > 900 else None) for n in range(1, 1201)]
    assert hooks.write(workspace, {segment.public}, steps, NOW) == 3
    bodies = list(HookSend.objects.order_by("pk").values_list("body", flat=True))
    assert [(len(body["entered"]), len(body["left"])) for body in bodies] == [(500, 0), (400, 100), (0, 200)]
    assert {person for body in bodies for person in body["entered"] + body["left"]} == {public_id(n) for n in range(1, 1201)}


def test_tried_again_and_given_up(workspace: Workspace, segment: Segment, kept: Any) -> None:
    send = bea_enters(workspace)
    taker = Taker(*[NotSent("answered with 500", 500)] * (len(PAUSES) + 1))
    assert hooks.turn(taker) == 1
    send.refresh_from_db()
    assert (send.state, send.status, send.tries) == ("waiting", 500, 1)
    assert timedelta(seconds=20) < send.next_at - timezone.now() < timedelta(seconds=40)
    assert hooks.turn(taker) == 0, "it waits"
    while HookSend.objects.filter(state="waiting").exists():
        take_out_of_rest()
        hooks.turn(taker)
    send.refresh_from_db()
    assert (send.state, send.tries) == ("failed", len(PAUSES) + 1)
    assert {headers["Vincle-Delivery"] for _, _, headers in taker.taken} == {f"segment-{send.pk}"}
    take_out_of_rest()
    assert hooks.turn(taker) == 0
    hooks.again(send)
    assert hooks.turn(taker) == 1
    send.refresh_from_db()
    assert (send.state, SegmentHook.objects.get().failures) == ("sent", 0)


def test_a_dead_address_keeps_nobody_waiting(workspace: Workspace, owner: User, segment: Segment, kept: hooking.Kept) -> None:
    other = hooking.add(workspace, owner, segment, "https://alive.example/").hook
    for n in range(1, 4):
        hooks.write(workspace, {segment.public}, [telling.Step(segment.public, n, NOW)], NOW)
    asked = list[str]()

    def send(url: str, _body: bytes, _headers: dict[str, str]) -> int:
        asked.append(url)
        if url == AWAY:
            raise NotSent("the host was not found")
        return 200

    while hooks.turn(send):
        pass
    assert asked.count(AWAY) == 1, "it rests as a whole"
    assert HookSend.objects.filter(hook=other, state="sent").count() == 3
    HookSend.objects.filter(hook=kept.hook).update(created_at=timezone.now() - timedelta(days=2))
    take_out_of_rest()
    assert hooks.turn(send) == 1
    assert HookSend.objects.filter(hook=kept.hook, state="failed").count() == 3, "what waited too long is given up together"


def test_over_is_let_go_after_a_while(workspace: Workspace, kept: Any) -> None:
    send = bea_enters(workspace)
    HookSend.objects.create(workspace=workspace, hook=kept.hook, body={}, state="failed", created_at=timezone.now() - timedelta(days=31))
    assert hooks.turn(Taker()) == 1
    assert [row.pk for row in HookSend.objects.all()] == [send.pk]


def test_killed_between_the_row_stays_and_is_sent_once(
    workspace: Workspace, segment: Segment, kept: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fall(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:  # before the ledger is kept: neither of the two stands
        patch.setattr(looking, "announce", fall)
        with pytest.raises(KeyboardInterrupt):
            bring(workspace, [bought("bea@example.org", 0.5)], "orders")
    assert (HookSend.objects.count(), Membership.objects.count()) == (0, 1)
    Cursor.objects.update(owner="")
    pipeline.catch_up()
    send = HookSend.objects.get()
    with monkeypatch.context() as patch:  # while it is sent: the row stays, held
        with pytest.raises(KeyboardInterrupt):
            hooks.turn(fall)
        patch.setattr(lease, "ME", "elsewhere:1:x")
        assert hooks.turn(Taker()) == 0
    HookSend.objects.update(lease_until=NOW)
    taker = Taker()
    assert (hooks.turn(taker), hooks.turn(taker)) == (1, 0)
    assert [told["id"] for _, told, _ in taker.taken] == [f"segment-{send.pk}"]


def test_the_own_network_is_refused(workspace: Workspace, owner: User, segment: Segment, kept: hooking.Kept) -> None:
    for url in ("http://localhost/x", "http://10.0.0.8/", "http://crm.internal/", "ftp://example.org", "https://u:p@example.org/", ""):
        with pytest.raises(hooking.Refused):
            hooking.add(workspace, owner, segment, url)
    SegmentHook.objects.update(url="http://127.0.0.1:9/")
    send = bea_enters(workspace)
    assert hooks.turn() == 1
    send.refresh_from_db()
    assert (send.state, "own network" in send.trouble) == ("failed", True)


def test_a_step_costs_no_query_more_without_hooks(workspace: Workspace, owner: User, segment: Segment) -> None:
    world = World(workspace, owner, 1)

    def cost(number: int) -> list[str]:
        world.bring([fact(f"new{number}@example.org", "New"), bought(f"new{number}@example.org", 1)])
        world.follow()
        with held("segments") as cursor, CaptureQueriesContext(connection) as asked:
            assert cursor
            membership.step(cursor, at=NOW)
        return [query["sql"] for query in asked]

    cost(1)
    without = cost(2)
    assert not [sql for sql in without if "hooksend" in sql or sql.startswith('SELECT "organise_segmenthook"')]
    for _ in range(3):
        hooking.add(workspace, owner, segment, AWAY)
    assert len(cost(3)) == len(without) + 2, "the addresses, and what goes to them, in one query each"
    assert HookSend.objects.count() == 3


class TestScreen:
    def page(self, segment: Segment, **more: Any) -> str:
        name = {"": "segment", "new": "segment_hook_new", "hook": "segment_hook"}[more.pop("name", "")]
        return reverse(f"organise:{name}", kwargs={"workspace": segment.workspace.slug, "segment": segment.public, **more})

    def test_added_tried_and_switched(self, segment: Segment, client_for: Callable[..., Client], near: None) -> None:
        client, there = client_for(Role.ADMIN), Receiver()
        answer = client.post(self.page(segment, name="new"), {"url": "nonsense", "tells": "entered"})
        assert (answer.status_code, "Write an address" in answer.text, 'value="nonsense"' in answer.text) == (422, True, True)
        shown = client.post(self.page(segment, name="new"), {"url": there.url, "tells": "entered"}).text
        hook = SegmentHook.objects.get()
        assert (hook.tells_entered, hook.tells_left, shown.count("btn primary")) == (True, False, 1)
        at = self.page(segment, name="hook", hook=hook.pk)
        assert "took the test (200)" in client.post(at, {"do": "test"}, follow=True).text
        assert json.loads(there.taken[0][1])["test"] is True
        before = bytes(hook.secret)
        assert "Vincle-Signature" in client.post(at, {"do": "renew"}).text
        client.post(at, {"do": "off"})
        hook.refresh_from_db()
        assert (bytes(hook.secret) == before, hook.is_on) == (False, False)
        client.post(at, {"do": "remove"})
        assert not SegmentHook.objects.exists()
        trace = AuditEntry.objects.filter(object_type="webhook").order_by("pk").values_list("verb", flat=True)
        assert list(trace) == ["created", "replaced the secret of", "switched off", "removed"]

    def test_deliveries_are_shown_and_tried_again(self, segment: Segment, kept: Any, client_for: Callable[..., Client]) -> None:
        send = bea_enters(segment.workspace)
        hooks.turn(Taker(NotSent("answered with 410", 410, for_good=True)))
        client = client_for(Role.OWNER)
        page = client.get(self.page(segment)).text
        assert AWAY in page
        assert "Given up (410)" in page
        assert page.count("btn primary") == 1
        client.post(self.page(segment, name="hook", hook=kept.hook.pk), {"again": send.pk})
        send.refresh_from_db()
        assert (send.state, send.tries) == ("waiting", 0)

    def test_who_may_not_manage_sees_nothing_of_it(self, segment: Segment, kept: Any, client_for: Callable[..., Client]) -> None:
        client = client_for(Role.AGENT)
        assert AWAY not in client.get(self.page(segment)).text
        assert client.get(self.page(segment, name="new")).status_code == 403
        assert client.post(self.page(segment, name="hook", hook=kept.hook.pk), {"do": "off"}).status_code == 403
        assert SegmentHook.objects.get().is_on

    def test_ids_of_another_workspace_are_not_there(
        self, segment: Segment, kept: Any, other_workspace: Workspace, client_for: Callable[..., Client], owner: User
    ) -> None:
        theirs = segmenting.create(other_workspace, None, "Theirs", {"all": []})
        hook = hooking.add(other_workspace, None, theirs, AWAY).hook
        send = HookSend.objects.create(workspace=other_workspace, hook=hook, body={}, state="failed")
        client = client_for(Role.OWNER)
        assert client.post(self.page(segment, name="hook", hook=hook.pk), {"do": "off"}).status_code == 404
        assert client.post(self.page(segment, name="hook", hook=kept.hook.pk), {"again": send.pk}).status_code == 404
        other = segmenting.create(segment.workspace, owner, "Other", {"all": []})
        assert client.post(self.page(other, name="hook", hook=kept.hook.pk), {"do": "off"}).status_code == 404
        assert SegmentHook.objects.filter(is_on=True).count() == 2
        assert not hooks.write(other_workspace, {segment.public}, [telling.Step(segment.public, 1, NOW)], NOW)
