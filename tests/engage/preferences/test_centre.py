"""The preference centre: what someone chooses holds at once, by the link alone, and nothing is chosen by looking."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.engage.preferences.people import mailbox, someone, state
from vincle.accounts.models import AuditEntry, User, Workspace
from vincle.channels.preferences import channel
from vincle.engage.outbox import jobs, may
from vincle.engage.outbox.models import Outcome, Send
from vincle.engage.preferences import links, optin, signals
from vincle.engage.preferences.models import Optin
from vincle.identify import consent, consent_actions
from vincle.identify.models import Belonging, Consent, Suppression, Wish
from vincle.listen.models import Activity, Delivery, Handle
from vincle.organise.models import Profile
from vincle.project import pipeline
from vincle.vocabulary import HandleRef

pytestmark = pytest.mark.django_db


@pytest.fixture
def outside() -> Client:
    """Someone who signed in nowhere, and whose browser sends no token against forged requests."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def topics(workspace: Workspace, owner: User) -> None:
    for name in ("News", "Offers"):
        consent_actions.save_topic(workspace, owner, {"en": name, "ca": f"{name} (ca)"}, {"en": f"{name}, once a week"})


def allowed(handle: Handle, topic: str = "marketing") -> bool:
    return may.decide_one(handle.workspace_id, purpose="marketing", channel="mail", handle=handle.key, topic=topic).is_allowed


def path(url: str) -> str:
    return url.removeprefix("http://127.0.0.1:8000").removeprefix("http://localhost:8000")


def sent(workspace: Workspace, handle: Handle, topic: str) -> Send:
    job = jobs.create(
        workspace, None, kind="campaign", source="campaign:1", name="May", connection=mailbox(workspace), purpose="marketing", topic=topic,
        medium="email", writer="plain", content={"subject": "s", "text": "t"},
    )  # fmt: skip
    jobs.add(job, [jobs.Wanted(key=f"c:{handle.key}", person=handle.key, handle=handle.key)])
    row: Send = Send.objects.get(job=job)
    return row


@pytest.mark.usefixtures("topics")
def test_one_click_unsubscribes_by_post_alone_and_holds_at_once(workspace: Workspace, outside: Client) -> None:
    ana = someone(workspace)
    state(ana)
    send = sent(workspace, ana, "news")
    url = path(links.one_click(workspace, ana.key, ana.key, send.pk))
    assert b"Unsubscribe" in outside.get(url).content
    assert outside.head(url).status_code == 200
    assert allowed(ana, "news")
    answer = outside.post(url, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded")
    assert (answer.status_code, answer.cookies) == (200, {})
    assert (allowed(ana, "news"), allowed(ana, "offers")) == (False, True)
    assert may.decide(workspace, [send])[send.pk].code == "withdrawn"
    assert Outcome.objects.get(send=send).unsubscribed_at
    assert outside.post(url).status_code == 200
    row = Consent.objects.filter(permit="withdrawn").earliest("pk")
    assert (row.source, row.purpose, row.channel) == ("person", "news", "email")
    assert AuditEntry.objects.of(workspace).filter(actor="preference centre", verb="chose").exists()


def test_without_a_topic_everything_commercial_is_refused(workspace: Workspace, outside: Client) -> None:
    ana = someone(workspace)
    state(ana)
    outside.post(path(links.one_click(workspace, ana.key, ana.key)))
    assert not allowed(ana)
    assert Suppression.objects.of(workspace).get().reason == "withdrawn"


@pytest.mark.usefixtures("topics")
def test_topics_frequency_and_pause_are_chosen_and_chosen_again(workspace: Workspace, outside: Client) -> None:
    ana = someone(workspace)
    state(ana)
    url = path(links.url(workspace, None, ana.key, None))
    page = outside.get(url).content.decode()
    assert page.count(" checked") == 2
    assert "a•••@example.org" in page
    assert "ana@example.org" not in page, "letters are handed on"
    answer = outside.post(url, {"topic": ["offers"], "every": "14", "pause": "30"})
    assert (answer.status_code, answer["Location"].endswith("?saved=1")) == (302, True)
    wish = Wish.objects.get(handle=ana.key)
    assert (wish.every_days, wish.paused_until is not None) == (14, True)
    verdict = may.decide_one(workspace, purpose="marketing", channel="mail", handle=ana.key, topic="offers")
    assert (verdict.code, verdict.not_before) == ("paused", wish.paused_until)
    outside.post(url, {"topic": ["offers", "news"], "every": "", "pause": ""})
    assert allowed(ana, "news")
    granted = Consent.objects.filter(permit="granted", source="person").get()
    assert (granted.purpose, granted.basis, granted.wording) == ("news", "consent", "News: News, once a week")


@pytest.mark.usefixtures("topics")
def test_who_left_everything_comes_back_for_one_topic(workspace: Workspace, outside: Client) -> None:
    ana = someone(workspace)
    state(ana)
    url = path(links.url(workspace, None, ana.key))
    outside.post(url, {"leave": "1", "topic": ["news", "offers"]})
    assert (allowed(ana, "news"), allowed(ana, "offers")) == (False, False)
    assert may.decide_one(workspace, purpose="marketing", channel="mail", handle=ana.key).code == "objected"
    state(ana, days_ago=-1)
    assert not allowed(ana, "news"), "no import brings them back"
    outside.post(url, {"topic": ["news"]})
    assert (allowed(ana, "news"), allowed(ana, "offers")) == (True, False)


def test_what_is_said_reaches_the_log_once_and_a_rebuild_keeps_it(
    workspace: Workspace, outside: Client, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    ana = someone(workspace)
    state(ana)
    with django_capture_on_commit_callbacks(execute=True):
        outside.post(path(links.one_click(workspace, ana.key, ana.key)))
    before = list(Consent.objects.order_by("pk").values("event_id", "permit", "source", "purpose"))
    pipeline.catch_up()
    assert list(Consent.objects.order_by("pk").values("event_id", "permit", "source", "purpose")) == before
    act = Activity.objects.of(workspace).get(verb="Revoke")
    assert (act.actor, act.object_type, act.object_key) == (ana.key, "Purpose", "marketing")
    raw = bytes(Delivery.objects.get(channel="preferences").body)
    assert [type(each).__name__ for each in channel.parse(raw, timezone.now())] == ["Fact", "Activity"]


def test_the_other_address_of_a_person_counts_and_only_their_own_word_from_here_lifts_it(workspace: Workspace, outside: Client) -> None:
    ana = someone(workspace)
    other = someone(workspace, "torres@example.org")
    state(ana)
    state(other, "withdrawn", 5)
    assert allowed(ana)
    Belonging.objects.filter(handle=other.key).update(person=ana.key)
    assert not allowed(ana), "they are one person: strictest wins"
    url = path(links.url(workspace, None, ana.key))
    outside.post(url, {"topic": ["marketing"]})
    assert (allowed(ana), allowed(other)) == (True, False)


@pytest.mark.parametrize("token", ["x", "é" * 40, "A" * 43, "", "../../etc", "a" * 2000])
def test_wrong_addresses_open_nothing(workspace: Workspace, outside: Client, token: str) -> None:
    for name in ("preferences", "unsubscribe", "confirm", "about-me"):
        for method in (outside.get, outside.post):
            assert method(f"/{name}/{token}/").status_code in (404, 429)


def test_a_token_is_of_one_workspace_one_person_and_one_kind(workspace: Workspace, other_workspace: Workspace) -> None:
    ana = someone(workspace)
    token = links.token(workspace, ana.key, 7)
    found = links.opened(token)
    assert found
    assert (found.workspace, found.handle, found.send) == (workspace, ana.key, 7)
    assert links.opened(token, "own") is None
    assert all(
        links.opened(token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]) is None for at in range(0, len(token) - 1, 3)
    )
    own = links.token(workspace, ana.key, 1_000, "own")
    assert links.opened(own, "own", now=999)
    assert links.opened(own, "own", now=1_001) is None


def test_strangers_are_slowed_down(workspace: Workspace, outside: Client) -> None:
    assert {outside.get("/preferences/nothing/").status_code for _try in range(40)} == {404, 429}


@pytest.mark.parametrize(
    ("language", "words"), [("en", "What you hear from us"), ("ca", 'lang="ca"'), ("es", 'lang="es"'), ("xx", 'lang="en"')]
)
def test_the_page_speaks_their_language(workspace: Workspace, outside: Client, language: str, words: str) -> None:
    ana = someone(workspace)
    assert words in outside.get(path(links.url(workspace, None, ana.key)) + f"?l={language}").content.decode()


# Double opt-in


def _token(workspace: Workspace) -> str:
    text = Send.objects.of(workspace).latest("pk").data["text"]
    found = re.search(r"/confirm/([^/]+)/", text)
    assert found
    return found[1]


def test_double_opt_in_is_confirmed_by_the_button_not_by_the_link(workspace: Workspace, outside: Client) -> None:
    mailbox(workspace)
    heard: list[Any] = []

    def hear(**told: Any) -> None:
        heard.append((told["optin"].source, told["person"]))

    signals.confirmed.connect(hear)
    row = optin.ask(
        workspace, HandleRef("email", "new@example.org"), "news", "Yes,\n<b>write</b> to me.", "form:7", ip="10.0.0.1", language="ca"
    )
    send = Send.objects.get(handle=row.handle)
    assert (send.purpose, send.topic, send.data["from_name"]) == ("service", "confirmation", "Cafè Lligam")
    assert "<b>write</b>" not in send.data["html"]
    assert may.decide(workspace, [send])[send.pk].is_allowed
    url = f"/confirm/{_token(workspace)}/"
    assert outside.get(url).status_code == 200
    assert not Consent.objects.exists()
    assert outside.post(url, REMOTE_ADDR="10.0.0.2").status_code == 200
    assert outside.post(url).status_code == 200
    kept = Consent.objects.get()
    assert (kept.permit, kept.source, kept.basis, kept.purpose) == ("granted", "person", "consent", "news")
    assert kept.wording == "Yes,\n<b>write</b> to me."
    assert "10.0.0.1" in kept.evidence
    assert "10.0.0.2" in kept.evidence
    assert heard == [("form:7", None)]
    signals.confirmed.disconnect(hear)


def test_asked_twice_one_mail_and_nobody_is_flooded(workspace: Workspace) -> None:
    mailbox(workspace)
    first = optin.ask(workspace, HandleRef("email", "new@example.org"), "news", "Yes", "form:7")
    assert optin.ask(workspace, HandleRef("email", "new@example.org"), "news", "Yes", "form:7") == first
    for number in range(9):
        optin.ask(workspace, HandleRef("email", "new@example.org"), "news", "Yes", f"form:{number + 10}")
    assert Send.objects.count() == optin.MOST_A_DAY


def test_without_a_mailbox_they_wait_and_are_sent_later(workspace: Workspace, client_for: Callable[..., Client]) -> None:
    row = optin.ask(workspace, HandleRef("email", "new@example.org"), "news", "Yes", "form:7")
    assert (row.mailed_at, Send.objects.count()) == (None, 0)
    mailbox(workspace)
    admin = client_for("admin")
    assert b"wait" in admin.get(reverse("preferences:overview", kwargs={"workspace": workspace.slug})).content
    admin.post(reverse("preferences:send_waiting", kwargs={"workspace": workspace.slug}))
    row.refresh_from_db()
    assert row.mailed_at
    optin.confirm(optin.found(_token(workspace)))
    assert Consent.objects.get().permit == "granted"


def test_a_late_link_confirms_nothing_and_leads_only_outside_by_http(workspace: Workspace, outside: Client) -> None:
    mailbox(workspace)
    row = optin.ask(workspace, HandleRef("email", "new@example.org"), "news", "Yes", "form:7", then="javascript:alert(1)")
    assert row.then == ""
    url = f"/confirm/{_token(workspace)}/"
    Optin.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert outside.post(url).status_code == 404
    Optin.objects.update(expires_at=timezone.now() + timedelta(days=1), then="https://shop.example/thanks")
    answer = outside.post(url)
    assert (answer.status_code, answer["Location"]) == (303, "https://shop.example/thanks")


# What is held


def test_what_is_held_is_shown_by_a_link_sent_to_them_alone(workspace: Workspace, outside: Client) -> None:
    mailbox(workspace)
    ana = someone(workspace, traits={"first_name": ["Ana", "2026-01-01", None], "city": ["Girona", "2026-01-02", None]})
    state(ana, wording="Yes")
    outside.post(path(links.url(workspace, None, ana.key)) + "link/")
    send = Send.objects.get()
    assert (send.handle, send.topic) == (ana.key, "confirmation")
    found = re.search(r"(/about-me/[^/]+/)", send.data["text"])
    assert found
    page = outside.get(found[1]).content.decode()
    assert "Girona" in page
    assert "ana@example.org" in page
    told = json.loads(b"".join(outside.get(found[1] + "download/").streaming_content))  # type: ignore[arg-type]
    assert told["traits"][0] == {"name": "city", "value": "Girona", "said": "2026-01-02"}
    assert [each["permit"] for each in told["consents"]] == ["granted"]
    assert told["activities"] == []
    again = [outside.get(found[1] + "download/") for _try in range(6)]
    assert [answer.status_code for answer in again].count(200) == 4, "it is read out of everything: not for ever"
    assert again[0]["X-Robots-Tag"].startswith("noindex")
    assert outside.post(found[1], {"forget": "1"}).status_code == 422
    for _try in range(3):
        answer = outside.post(path(links.url(workspace, None, ana.key)) + "link/")
    assert answer.status_code == 429


def test_people_correct_what_is_held(workspace: Workspace, outside: Client, django_capture_on_commit_callbacks: Callable[..., Any]) -> None:
    ana = someone(workspace, traits={"first_name": ["Anna", "2026-01-01", None]})
    url = path(links.own(workspace, ana.key))
    with django_capture_on_commit_callbacks(execute=True):
        outside.post(url, {"first_name": "Ana", "last_name": "", "city": "<b>Vic</b>"})
    pipeline.catch_up()
    traits = Profile.objects.get(person=ana.key).traits
    assert (traits["first_name"][0], traits["city"][0]) == ("Ana", "<b>Vic</b>")
    assert b"<b>Vic</b>" not in outside.get(url).content


def test_whoever_is_only_probably_the_same_sees_nothing_of_the_other(workspace: Workspace, outside: Client) -> None:
    ana = someone(workspace, traits={"city": ["Girona", "2026-01-01", None]})
    other = someone(workspace, "leo@example.org")
    Belonging.objects.filter(handle=other.key).update(person=ana.key, home=other.key)
    page = outside.get(path(links.own(workspace, other.key))).content.decode()
    assert "leo@example.org" in page
    assert "ana@example.org" not in page
    assert "Girona" not in page


# What is asked for many


def test_many_are_decided_in_as_many_queries_as_few(workspace: Workspace) -> None:
    people = [someone(workspace, f"p{number}@example.org") for number in range(60)]
    for handle in people[:40]:
        state(handle)
    for handle in people[:5]:
        consent_actions.wish(workspace, handle.key, paused_until=timezone.now() + timedelta(days=3), every_days=7)
    consent_actions.suppress(workspace, None, [("email", "p7@example.org")])
    counts = []
    for size in (2, 60):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            found = may.decide_people(workspace, [each.key for each in people[:size]], "email")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 14
    said = [found[each.key].verdict for each in people]
    assert [sum(verdict.is_allowed for verdict in said), sum(verdict.code == "paused" for verdict in said)] == [34, 5]
    assert sum(verdict.code == "never_agreed" for verdict in said) == 20
    assert found[people[7].key].verdict.code == "suppressed"
    assert all(reached.handle for reached in found.values())


def test_who_has_several_addresses_is_written_to_where_it_is_allowed(workspace: Workspace) -> None:
    ana = someone(workspace)
    second = someone(workspace, "b@example.org", person=ana.key)
    state(second)
    reached = may.decide_people(workspace, [ana.key, 12345], "email")
    assert (reached[ana.key].handle, reached[ana.key].verdict.is_allowed) == (second.key, True)
    assert (reached[12345].handle, reached[12345].verdict.code) == (None, "no_address")


def test_another_workspace_is_not_looked_at(workspace: Workspace, other_workspace: Workspace) -> None:
    ana = someone(workspace)
    state(ana)
    verdict = may.decide_one(other_workspace, purpose="marketing", channel="mail", handle=ana.key)
    assert verdict.code == "no_address"


def test_limits_count_all_channels_and_the_letters_of_the_same_batch(workspace: Workspace, owner: User) -> None:
    ana = someone(workspace)
    state(ana)
    consent_actions.save_policy(workspace, owner, quiet_from=None, quiet_until=None, quiet_days=(), caps=[(1, 7)], soft_opt_in=False)
    first, second = sent(workspace, ana, "marketing"), None
    second = Send.objects.create(workspace=workspace, key="k2", connection=first.connection, deed="message", command={}, person=ana.key,
                                 handle=ana.key, purpose="marketing", job=first.job, turn=1)  # fmt: skip
    verdicts = may.decide(workspace, [first, second])
    assert [verdicts[first.pk].is_allowed, verdicts[second.pk].code] == [True, "cap"]
    Send.objects.filter(pk=first.pk).update(state="sent", sent_at=timezone.now())
    assert may.decide(workspace, [second])[second.pk].code == "cap"


def test_an_import_says_import_whatever_it_claims(workspace: Workspace) -> None:
    assert consent.source_of("vincle_jsonl", True) == "import"
    assert consent.source_of("preferences", True) == "import"
    assert consent.source_of("forms", False) == "form"
