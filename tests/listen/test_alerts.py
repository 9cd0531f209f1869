"""Rules that tell: each thing once, whatever comes late, twice or while two look; quiet where too little is known."""

import hashlib
import hmac
import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from vincle.accounts.models import AuditEntry, Role, User, Workspace
from vincle.listen import actions, alerts, alerts_outside, listenings, log, notices, understanding
from vincle.listen.alerts_settings import DEFAULTS, Refused
from vincle.listen.models import Alert, Listening, Notice, NoticeFor, NoticeText, Posting
from vincle.listen.notices_words import title
from vincle.project import pipeline
from vincle.store import deliveries, lease
from vincle.vocabulary import Activity, Direction, Fact, HandleRef, ObjectType, Verb

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC).replace(minute=30, second=0, microsecond=0)
GOOD, BAD = "I love the coffee here, wonderful!", "Terrible coffee, the worst service ever, awful!"


def note(native_id: str, text: str = "About coffee", hours: float = 1, who: str = "ana", **more: Any) -> Activity:
    told = {
        "verb": Verb.CREATE,
        "object_type": ObjectType.NOTE,
        "actor": HandleRef("mastodon", f"{who}@example.social", who.title()),
        **more,
    }
    return Activity(native_id=native_id, text=text, happened_at=NOW - timedelta(hours=hours), **told)


def bring(workspace: Workspace, *items: Any) -> None:
    log.append(actions.connection_for(workspace, "mastodon"), items, timezone.now())
    pipeline.catch_up()


def history(workspace: Workspace, weeks: int = 9, bad: int = 10) -> None:
    """A text each other hour; each `bad`th of them bad."""
    count = weeks * 7 * 12
    bring(workspace, *[note(f"h{n}", BAD if n % bad == 0 else GOOD, 26 + 2 * n, f"p{n % 40}") for n in range(count)])


@pytest.fixture
def rule(workspace: Workspace, owner: User) -> Callable[..., Alert]:
    def make(kind: str, listening: Listening | None = None, **more: Any) -> Alert:
        given = {"name": kind, "kind": kind, "listening": listening, "settings": DEFAULTS[kind], "mail": "", **more}
        row = alerts.save(workspace, owner, given).alert
        Alert.objects.filter(pk=row.pk).update(since=NOW - timedelta(days=3))
        return row

    return make


def look() -> None:
    Alert.objects.update(next_at=timezone.now())
    while Alert.objects.filter(next_at__lte=timezone.now(), is_on=True, archived_at=None).exists():
        assert alerts.turn()


def told(kind: str) -> list[str]:
    return [title(notice) for notice in Notice.objects.filter(alert__kind=kind).order_by("happened_at")]


def test_a_spike_is_told_once_with_its_texts(workspace: Workspace, rule: Callable[..., Alert], owner: User) -> None:
    history(workspace)
    row = rule("spike")
    look()
    assert told("spike") == []
    bring(workspace, *[note(f"s{n}", GOOD, 2 + n / 100, f"q{n}") for n in range(30)])
    look()
    (notice,) = Notice.objects.all()
    assert notice.values["count"] == 30
    assert notice.values["expected"] < 3
    assert NoticeText.objects.filter(notice=notice).count() >= 30
    assert NoticeFor.objects.get(notice=notice).user == owner
    bring(workspace, *[note(f"late{n}", GOOD, 3.2, f"q{n}") for n in range(20)])  # what comes late moves where it began
    look()
    assert Notice.objects.count() == 1
    row.refresh_from_db()
    assert (row.learning_until, row.trouble) == (None, "")


def test_too_little_history_is_learning(workspace: Workspace, rule: Callable[..., Alert]) -> None:
    bring(workspace, *[note(f"n{n}", GOOD, 3 + n) for n in range(72)], *[note(f"s{n}", BAD, 2, f"q{n}") for n in range(60)])
    rows = [rule(kind) for kind in ("spike", "sentiment_drop")]
    look()
    assert not Notice.objects.exists()
    for row in rows:
        row.refresh_from_db()
        assert row.learning_until is not None
        assert timedelta(days=10) < row.learning_until - NOW < timedelta(days=13)


def test_opinions_that_turn_are_told(workspace: Workspace, rule: Callable[..., Alert]) -> None:
    history(workspace)
    rule("sentiment_drop")
    look()
    assert told("sentiment_drop") == []
    bring(workspace, *[note(f"b{n}", BAD, 1 + n, f"q{n}") for n in range(20)])
    look()
    (said,) = told("sentiment_drop")
    assert "opinions of a day are negative; in the four weeks before it were 10" in said
    notice = Notice.objects.get()
    assert notice.severity == "warning"
    assert NoticeText.objects.filter(notice=notice).exists()


def test_a_crisis_is_much_and_bad(workspace: Workspace, rule: Callable[..., Alert]) -> None:
    history(workspace)
    rule("crisis", settings={"people": 50})
    bring(workspace, *[note(f"g{n}", GOOD, 5, f"q{n}") for n in range(30)])
    look()
    assert told("crisis") == [], "much, but glad"
    bring(workspace, *[note(f"b{n}", BAD, 1, f"q{n}") for n in range(40)])
    look()
    (notice,) = Notice.objects.all()
    assert (notice.code, notice.severity) == ("crisis", "crisis")
    assert notice.values["share"] > 0.9


def test_several_people_who_speak_of_harm(workspace: Workspace, rule: Callable[..., Alert]) -> None:
    harm = "URGENT!! My child was injured, it caught fire, call an ambulance, this is dangerous! Answer me right now!"
    rule("crisis")
    bring(workspace, *[note(f"u{n}", harm, 2 + n / 10, "ana") for n in range(5)])
    look()
    assert not Notice.objects.exists(), "one person alone"
    bring(workspace, *[note(f"v{n}", harm, 2 + n / 10, f"q{n}") for n in range(3)])
    look()
    (notice,) = Notice.objects.all()
    assert (notice.code, notice.values["people"] >= 3) == ("urgent", True)


def test_who_matters_by_followers_tag_and_owner(workspace: Workspace, rule: Callable[..., Alert]) -> None:
    ana = HandleRef("mastodon", "ana@example.social", "Ana <b>")
    bring(workspace, Fact(native_id="f", observed_at=NOW - timedelta(days=9), handles=(ana,), traits={"followers": 25_000}))
    bring(workspace, note("1", "Hello", 2, "luca"), note("2", "I was here", 3), note("old", "Long ago", 24 * 30))
    rule("vip", settings={"followers": 20_000, "stages": [], "owned": False})
    look()
    (notice,) = Notice.objects.all()
    known = notices.names([notice])
    assert notice.actor is not None
    assert title(notice, known[notice.actor]).endswith("said something (25,000 followers)")
    bring(workspace, note("3", "And again", 1))
    look()
    assert [each.values["count"] for each in Notice.objects.order_by("pk")] == [1, 1]


def test_questions_wait_and_are_told_once(workspace: Workspace, rule: Callable[..., Alert]) -> None:
    ask = "When do you open on Sunday?"
    answer = note("a", "At nine!", 10, "us", direction=Direction.OUT, parent_key="q1")
    bring(workspace, note("q1", ask, 30), note("q2", ask, 31, "luca"), note("q3", ask, 3), note("p", "Nice place", 40), answer)
    rule("unanswered")
    look()
    look()
    (notice,) = Notice.objects.all()
    assert title(notice) == "A question or complaint has waited for more than 24 hours"
    bring(workspace, note("q4", ask, 26, "late"))
    look()
    assert [each.values["count"] for each in Notice.objects.order_by("pk")] == [1, 1]


def test_a_question_answered_in_its_thread_waits_no_more(workspace: Workspace, rule: Callable[..., Alert]) -> None:
    kind = ObjectType.MESSAGE
    bring(
        workspace,
        note("q", "Can you call me about my order?", 30, object_type=kind, thread_key="t"),
        note("a", "Of course", 28, "us", object_type=kind, thread_key="t", direction=Direction.OUT),
    )
    rule("unanswered")
    look()
    assert not Notice.objects.exists()


def test_every_text_of_a_query(workspace: Workspace, owner: User, rule: Callable[..., Alert]) -> None:
    query = listenings.save(workspace, owner, "Tea", "tea", is_shared=False)
    assert not Alert.objects.exists(), "a topic has no rules by itself"
    rule("every_match", query)
    bring(workspace, note("1", "Tea please"), note("2", "Coffee please"), note("3", "My tea is cold", 2))
    look()
    look()
    (notice,) = Notice.objects.all()
    assert title(notice) == "2 new texts"
    bring(workspace, note("4", "Their tea", 5), note("5", "Tea of last year", 24 * 300))
    look()
    assert [each.values["count"] for each in Notice.objects.order_by("pk")] == [2, 1]


def test_a_private_query_tells_its_keeper_only(
    workspace: Workspace, owner: User, member: Callable[..., User], rule: Callable[..., Alert]
) -> None:
    agent = member(Role.AGENT)
    query = listenings.save(workspace, agent, "Mine", "tea", is_shared=False)
    rule("every_match", query)
    bring(workspace, note("1", "Tea please"))
    look()
    assert [each.user for each in NoticeFor.objects.all()] == [agent]
    assert not alerts.visible(workspace, owner).exists()


def test_rules_come_with_a_brand(workspace: Workspace, owner: User) -> None:
    listenings.save(workspace, owner, "Lligam", "lligam", "brand")
    listenings.save(workspace, owner, "Fire", "fire", "crisis")
    kinds = list(Alert.objects.order_by("pk").values_list("kind", "listening__name"))
    assert kinds == [("spike", "Lligam"), ("sentiment_drop", "Lligam"), ("crisis", "Lligam"), ("crisis", "Fire")]


def test_another_workspace_is_not_heard(workspace: Workspace, other_workspace: Workspace, rule: Callable[..., Alert]) -> None:
    bring(other_workspace, note("1", "Tea please"))
    rule("every_match")
    look()
    assert not Notice.objects.exists()
    theirs = listenings.save(other_workspace, None, "Tea", "tea")
    with pytest.raises(Refused, match="no such query"):
        rule("every_match", theirs)


def test_muted_is_quiet_also_afterwards(workspace: Workspace, owner: User, rule: Callable[..., Alert]) -> None:
    row = rule("every_match")
    done = alerts.mute(row, owner, 24)
    bring(workspace, note("1", "Tea please"))
    look_once()
    assert not Notice.objects.exists()
    back = alerts.take_back(workspace, owner, done.undo)
    assert back.muted_until is None
    look()
    assert not Notice.objects.exists(), "it was said while it was quiet"
    assert AuditEntry.objects.filter(object_type="alert", verb="take back").exists()


def look_once() -> None:
    Alert.objects.update(next_at=timezone.now())
    alerts.turn()


def test_put_away_tells_nothing_and_comes_back(workspace: Workspace, owner: User, rule: Callable[..., Alert]) -> None:
    row = rule("every_match")
    done = alerts.archive(row, owner)
    bring(workspace, note("1", "Tea please"))
    look_once()
    assert not Notice.objects.exists()
    alerts.take_back(workspace, owner, done.undo)
    assert alerts.visible(workspace, owner).get() == row


@pytest.mark.parametrize(
    ("kind", "settings", "field"),
    [
        ("spike", {"alarms_a_month": "nan"}, "alarms_a_month"),
        ("spike", {"alarms_a_month": "0"}, "alarms_a_month"),
        ("unanswered", {"hours": "1.5"}, "hours"),
        ("vip", {"followers": 0, "stages": [], "tags": [], "owned": False}, "followers"),
        ("vip", {"stages": ["<b>"]}, "stages"),
        ("none", {}, "kind"),
    ],
)
def test_settings_are_bounded(workspace: Workspace, kind: str, settings: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as wrong:
        alerts.save(workspace, None, {"name": "x", "kind": kind, "settings": settings, "mail": ""})
    assert wrong.value.field == field


def test_a_rule_in_trouble_says_so_and_others_go_on(
    workspace: Workspace, rule: Callable[..., Alert], monkeypatch: pytest.MonkeyPatch
) -> None:
    ill, well = rule("spike"), rule("every_match")
    Alert.objects.filter(pk=ill.pk).update(settings={})
    bring(workspace, note("1", "Tea please"))
    look_once()
    ill.refresh_from_db()
    well.refresh_from_db()
    assert "alarms_a_month" in ill.trouble
    assert ill.next_at > timezone.now()
    assert (well.trouble, Notice.objects.count()) == ("", 1)


@pytest.mark.django_db(transaction=True)
def test_two_workers_tell_once(workspace: Workspace, rule: Callable[..., Alert], in_thread: Callable[..., Any]) -> None:
    row = rule("every_match")
    bring(workspace, note("1", "Tea please"))
    Alert.objects.update(next_at=timezone.now())
    start = threading.Barrier(2)

    def work() -> None:
        start.wait(10)
        held = Alert.objects.get(pk=row.pk)
        lease.claim(Alert.objects.filter(pk=row.pk))
        alerts.evaluate(held, timezone.now())

    for thread in [in_thread(work), in_thread(work)]:
        thread.join(20)
    assert (Notice.objects.count(), NoticeText.objects.count()) == (1, 1)


def test_a_worker_that_lost_its_lease_writes_nothing(workspace: Workspace, rule: Callable[..., Alert]) -> None:
    row = rule("every_match")
    bring(workspace, note("1", "Tea please"))
    Alert.objects.filter(pk=row.pk).update(owner="elsewhere:1:x", lease_until=timezone.now() + timedelta(minutes=1))
    assert alerts.evaluate(Alert.objects.get(pk=row.pk), timezone.now()) == 0
    assert not Notice.objects.exists()
    look_held = alerts.turn()
    assert (look_held, Notice.objects.count()) == (0, 0), "another holds it"


class Receiver:
    """A program on this machine that takes what is posted to it."""

    def __init__(self, status: int = 200) -> None:
        self.taken: list[tuple[dict[str, str], bytes]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer.taken.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(status)
                self.send_header("Location", "http://127.0.0.1:1/")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?a=1"


@pytest.fixture
def near(settings: Any) -> None:
    from dataclasses import replace

    settings.OPTIONS = replace(settings.OPTIONS, webhooks_private=True)


def test_a_webhook_is_signed_and_sent_once(workspace: Workspace, owner: User, near: None, rule: Callable[..., Alert]) -> None:
    there = Receiver()
    given = {"name": "Näme\r\n", "kind": "every_match", "settings": {}, "mail": "", "webhook_url": there.url}
    done = alerts.save(workspace, owner, given)
    Alert.objects.update(since=NOW - timedelta(days=1))
    bring(workspace, note("1", "Tea please"))
    look()
    look()
    ((headers, body),) = there.taken
    signed = hmac.new(done.secret.encode(), f"{headers['Vincle-Timestamp']}.".encode() + body, hashlib.sha256).hexdigest()
    assert headers["Vincle-Signature"] == f"v1={signed}"
    told = json.loads(body)
    assert (told["schema"], told["alert"]["name"], told["title"], told["values"]) == ("vincle.notice/1", "Näme", "1 new text", {"count": 1})
    assert "Tea" not in body.decode(), "no one's words leave"
    assert Posting.objects.get().state == "sent"
    assert done.secret.encode() not in bytes(Alert.objects.get().webhook_secret)


@pytest.mark.parametrize(("status", "state"), [(500, "waiting"), (302, "waiting"), (410, "failed")])
def test_a_webhook_that_fails(workspace: Workspace, owner: User, near: None, status: int, state: str) -> None:
    there = Receiver(status)
    given = {"name": "x", "kind": "every_match", "settings": {}, "mail": "", "webhook_url": there.url}
    row = alerts.save(workspace, owner, given).alert
    notice = Notice.objects.create(workspace=workspace, alert=row, key="k", code="every_match", values={"count": 1}, happened_at=NOW)
    posting = Posting.objects.create(workspace=workspace, alert=row, notice=notice)
    alerts_outside.turn()
    posting.refresh_from_db()
    assert (posting.state, posting.status, posting.tries) == (state, status, 1)
    if state == "waiting":
        assert posting.next_at > timezone.now() + timedelta(seconds=20)
        assert alerts_outside.turn() == 0
        Posting.objects.update(tries=len(deliveries.PAUSES), next_at=timezone.now())
        alerts_outside.turn()
        posting.refresh_from_db()
        assert posting.state == "failed"
    alerts_outside.again(posting)
    posting.refresh_from_db()
    assert (posting.state, posting.tries) == ("waiting", 0)


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost/x",
        "http://127.0.0.1/x",
        "http://[::1]/",
        "http://10.0.0.8/",
        "http://169.254.169.254/latest",
        "http://[::ffff:10.0.0.1]/",
        "http://0.0.0.0/",
        "ftp://example.org",
        "https://user:pass@example.org/",
        "https://",
        "javascript:alert(1)",
        "http://crm.internal/",
        "https://exa mple.org",
        "http://[64:ff9b::1",
    ],
)
def test_addresses_of_the_own_network_are_refused(workspace: Workspace, url: str) -> None:
    with pytest.raises(Refused) as wrong:
        alerts.save(workspace, None, {"name": "x", "kind": "every_match", "settings": {}, "mail": "", "webhook_url": url})
    assert wrong.value.field == "webhook_url"


def test_a_name_that_leads_to_the_own_network_is_not_written_to(monkeypatch: pytest.MonkeyPatch) -> None:
    there = Receiver()
    port = there.server.server_port
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: [(2, 1, 6, "", ("93.184.216.34", port)), (2, 1, 6, "", ("127.0.0.1", port))])
    with pytest.raises(deliveries.NotSent, match="own network") as error:
        deliveries.post(f"http://looks-fine.example:{port}/", b"{}", {})
    assert error.value.for_good
    assert there.taken == []


def test_hostile_names_are_inert(workspace: Workspace, owner: User, rule: Callable[..., Alert]) -> None:
    row = alerts.save(workspace, owner, {"name": "<script>\x00\r\nBcc: x", "kind": "spike", "settings": {}, "mail": ""}).alert
    assert row.name == "<script> Bcc: x"


def test_a_rebuild_tells_nothing_again(workspace: Workspace, rule: Callable[..., Alert]) -> None:
    rule("every_match")
    bring(workspace, note("1", "Tea please"))
    look()
    with transaction.atomic():
        understanding.empty()
        understanding.read_again()
    pipeline.catch_up()
    look()
    assert (Notice.objects.count(), NoticeText.objects.count()) == (1, 0)
