"""Alerts on the screen: the bell, the list, the rules with what they would have said; and by mail, once, until they are stopped."""

import re
import smtplib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.listen.test_alerts import GOOD, NOW, bring, history, look, note
from vincle.accounts.models import Membership, Role, User, Workspace
from vincle.listen import alerts, digests, listenings
from vincle.listen.models import Alert, Digest, Notice, NoticeFor, Posting

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent(client_for: Callable[..., Client]) -> Client:
    return client_for(Role.AGENT)


@pytest.fixture
def page(workspace: Workspace) -> Callable[..., str]:
    return lambda name, **keys: reverse(f"listen:{name}", kwargs={"workspace": workspace.slug, **keys})


@pytest.fixture
def noticed(workspace: Workspace, agent: Client) -> Notice:
    """Someone said a thing of which everyone of the team is told."""
    row = alerts.save(workspace, None, {"name": "<i>Tea</i>", "kind": "every_match", "settings": {}, "mail": "daily"}).alert
    Alert.objects.filter(pk=row.pk).update(since=NOW - timedelta(days=2))
    bring(workspace, note("1", "Tea, <script>alert(1)</script> please"))
    look()
    found: Notice = Notice.objects.get()
    return found


def bell(text: str) -> int:
    found = re.search(r'class="bell"[^>]*aria-label="What is new(?:: (\d+))?"', text)
    assert found
    return int(found[1] or 0)


def test_the_bell_rings_until_it_is_looked_at(agent: Client, page: Callable[..., str], noticed: Notice) -> None:
    text = agent.get(page("alerts")).content.decode()
    assert bell(text) == 1
    assert "1 thing is new" in text
    assert "&lt;i&gt;Tea&lt;/i&gt;" in text
    text = agent.get(page("notice", pk=noticed.pk)).content.decode()
    assert "Tea, &lt;script&gt;alert(1)&lt;/script&gt; please" in text
    assert bell(text) == 0
    agent.post(page("alerts_unread"), {"notice": noticed.pk})
    alone = agent.get(page("alerts"), {"bell": "1"}, headers={"HX-Request": "true"}).content.decode()
    assert bell(alone) == 1
    assert "<html" not in alone
    assert bell(agent.get(page("alerts")).content.decode()) == 1


def test_all_read_can_be_taken_back(agent: Client, page: Callable[..., str], noticed: Notice) -> None:
    text = agent.post(page("alerts_read"), follow=True).content.decode()
    assert "Nothing new" in text
    undo = re.search(r'action="([^"]*unread[^"]*)"|data-undo="([^"]*)"', text)
    assert undo
    agent.post((undo[1] or undo[2]).replace("&amp;", "&"))
    assert NoticeFor.objects.filter(seen_at=None).count() == 1
    assert agent.post(f"{page('alerts_unread')}?token=x", follow=True).status_code == 200


def test_the_list_is_filtered_and_says_what_to_do(agent: Client, page: Callable[..., str], noticed: Notice) -> None:
    assert "1 new text" in agent.get(page("alerts"), {"show": "new", "kind": "every_match"}).content.decode()
    assert "Nothing of this kind" in agent.get(page("alerts"), {"kind": "spike"}).content.decode()
    assert "1 new text" in agent.get(page("alerts_latest")).content.decode()
    for hostile in ({"rule": "9" * 40}, {"page": "²"}, {"page": "-1"}, {"kind": "<b>"}, {"rule": str(2**62)}):
        assert agent.get(page("alerts"), hostile).status_code == 200


def test_nothing_yet(agent: Client, page: Callable[..., str]) -> None:
    assert "Make an alert" in agent.get(page("alerts")).content.decode()
    assert "There is no rule yet" in agent.get(page("rules")).content.decode()


def test_notices_of_others_are_not_mine(
    client_for: Callable[..., Client], member: Callable[..., User], other_workspace: Workspace, noticed: Notice
) -> None:
    stranger = Client()
    stranger.force_login(member(Role.OWNER, other_workspace))
    there = reverse("listen:notice", kwargs={"workspace": other_workspace.slug, "pk": noticed.pk})
    assert stranger.get(there).status_code == 404
    late = client_for(Role.ANALYST)  # came into the team afterwards
    assert late.get(reverse("listen:notice", kwargs={"workspace": noticed.workspace.slug, "pk": noticed.pk})).status_code == 404


def test_a_rule_is_tried_and_kept(agent: Client, page: Callable[..., str], workspace: Workspace) -> None:
    history(workspace)
    bring(workspace, *[note(f"s{n}", GOOD, 24 * 20, f"q{n}") for n in range(30)])
    assert "What do you want to be told" in agent.get(page("rule_new")).content.decode()
    form = agent.get(f"{page('rule_new')}?kind=spike")
    assert "False alarms a month" in form.content.decode()
    tried = agent.get(page("rule_trial"), {"kind": "spike", "alarms_a_month": "1"})
    assert "It would have told you once in the last 90 days" in tried.content.decode()
    assert len(tried.context["data"]["events"]) == 1
    assert not Alert.objects.exists()
    kept = agent.post(
        f"{page('rule_new')}?kind=spike", {"name": "Much", "alarms_a_month": "0.5", "mail": "daily", "bell": "on", "is_on": "on"}
    )
    assert kept.status_code == 302
    row = Alert.objects.get()
    assert (row.name, row.kind, row.settings, row.bell) == ("Much", "spike", {"alarms_a_month": 0.5}, True)
    look()
    assert not Notice.objects.exists(), "what happened before it was kept is not told"
    assert "Much" in agent.get(page("rules")).content.decode()


@pytest.mark.parametrize("kind", Alert.Kind.values)
def test_every_kind_has_its_form_and_its_trial(agent: Client, page: Callable[..., str], workspace: Workspace, kind: str) -> None:
    assert agent.get(f"{page('rule_new')}?kind={kind}").status_code == 200
    assert "nothing" in agent.get(page("rule_trial"), {"kind": kind, "owned": "on"}).content.decode()
    bring(workspace, note("1", "When do you open? Terrible!", 50), note("2", GOOD, 3))
    assert agent.get(page("rule_trial"), {"kind": kind, "owned": "on"}).status_code == 200


def test_what_is_wrong_stands_at_its_field(agent: Client, page: Callable[..., str]) -> None:
    wrong = agent.post(f"{page('rule_new')}?kind=unanswered", {"name": "x", "hours": "1000", "mail": ""})
    assert wrong.status_code == 422
    assert "Write a number from 1 to 336." in wrong.content.decode()
    assert "Write a number" in agent.get(page("rule_trial"), {"kind": "unanswered", "hours": "x"}).content.decode()


def test_viewers_look_and_admins_say_where_it_goes(
    client_for: Callable[..., Client], page: Callable[..., str], workspace: Workspace
) -> None:
    given = {"name": "x", "mail": "", "webhook_url": "https://example.org/hook", "is_on": "on"}
    new = f"{page('rule_new')}?kind=every_match"
    told = client_for(Role.VIEWER).post(new, given, follow=True).content.decode()
    assert "you may look at them" in told
    assert not Alert.objects.exists()
    client_for(Role.AGENT).post(new, given)
    assert Alert.objects.get().webhook_url == ""
    shown = client_for(Role.ADMIN).post(new, given)
    row = Alert.objects.exclude(webhook_url="").get()
    assert b"shown this once" in shown.content
    text = client_for(Role.ADMIN).get(page("rule", pk=row.pk)).content.decode()
    assert shown.context["secret"] not in text
    Posting.objects.create(workspace=workspace, alert=row, state="failed", trouble="<b>answered with 500</b>", status=500)
    assert "&lt;b&gt;answered with 500" in client_for(Role.ADMIN).get(page("rule", pk=row.pk)).content.decode()
    client_for(Role.AGENT).post(page("rule", pk=row.pk), {"name": "y", "mail": "", "webhook_url": ""})
    row.refresh_from_db()
    assert (row.name, row.webhook_url) == ("y", given["webhook_url"]), "others change the rest"


def test_a_rule_is_muted_put_away_and_taken_back(agent: Client, page: Callable[..., str], noticed: Notice) -> None:
    row = noticed.alert
    assert "Let it speak again" in agent.post(page("rule_mute", pk=row.pk), {"hours": "24"}, follow=True).content.decode()
    assert "put away" in agent.post(page("rule_away", pk=row.pk), follow=True).content.decode()
    assert agent.get(page("rule", pk=row.pk)).status_code == 404
    assert agent.post(f"{page('rule_back')}?token=nonsense", follow=True).status_code == 200


def test_pages_ask_little(
    agent: Client, page: Callable[..., str], workspace: Workspace, noticed: Notice, django_assert_max_num_queries: Any
) -> None:
    for n in range(60):
        more = Notice.objects.create(
            workspace=workspace, alert=noticed.alert, key=f"k{n}", code="every_match", values={"count": n}, happened_at=NOW
        )
        NoticeFor.objects.create(workspace=workspace, notice=more, user=User.objects.get(email__startswith="agent"))
    with django_assert_max_num_queries(14):
        assert agent.get(page("alerts")).status_code == 200
    with django_assert_max_num_queries(16):
        assert agent.get(page("notice", pk=noticed.pk)).status_code == 200
    with django_assert_max_num_queries(14):
        assert agent.get(page("rules")).status_code == 200


# ---- letters


@pytest.fixture
def letter(workspace: Workspace, noticed: Notice) -> Digest:
    """The agent's letter of the day, due now."""
    agent = User.objects.get(email__startswith="agent")
    digests.begin(workspace, [agent.pk], "daily")
    Digest.objects.filter(user=agent).update(told_until=timezone.now() - timedelta(days=1), next_at=timezone.now())
    found: Digest = Digest.objects.get(user=agent)
    return found


def test_a_letter_is_written_once_in_the_readers_language(workspace: Workspace, letter: Digest) -> None:
    User.objects.filter(pk=letter.user_id).update(language="en")
    query = listenings.save(workspace, letter.user, "Tea <b>\nBcc: all", "tea")
    listenings.change(query, letter.user, name=query.name, text="tea", kind="topic", is_shared=True, mail="daily")
    bring(workspace, note("2", "My <b>tea</b> was cold", 2))
    assert digests.turn() >= 1
    digests.turn()
    (sent,) = mail.outbox
    assert sent.to == [letter.user.email]
    assert sent.subject == f"{workspace.name}: 1 notice, 2 new texts"
    assert "1 new text" in sent.body
    assert "My <b>tea</b> was cold" in sent.body
    html = sent.alternatives[0][0]
    assert "My &lt;b&gt;tea&lt;/b&gt; was cold" in html
    assert "<b>tea" not in html
    assert sent.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    letter.refresh_from_db()
    assert letter.next_at > timezone.now()
    Digest.objects.update(next_at=timezone.now())
    digests.turn()
    assert len(mail.outbox) == 1, "nothing new, no letter"


def test_a_letter_that_cannot_leave_is_tried_again(letter: Digest, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> int:
        raise smtplib.SMTPServerDisconnected("gone")

    with monkeypatch.context() as broken:
        broken.setattr("django.core.mail.EmailMessage.send", refuse)
        assert digests.turn() >= 1
    letter.refresh_from_db()
    assert "gone" in letter.trouble
    assert digests.turn() == 0, "not at once"
    Digest.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert digests.turn() == 1
    letter.refresh_from_db()
    assert (len(mail.outbox), letter.trouble, letter.tries) == (1, "", 0)


def test_one_click_stops_them(letter: Digest, agent: Client) -> None:
    url = digests.off_url(letter)
    stranger = Client(enforce_csrf_checks=True)
    assert stranger.get(url).status_code == 200
    letter.refresh_from_db()
    assert not letter.is_off, "a look stops nothing: mail scanners follow links"
    assert stranger.post(url, {"List-Unsubscribe": "One-Click"}).status_code == 200
    letter.refresh_from_db()
    assert letter.is_off
    digests.turn()
    assert mail.outbox == []
    assert stranger.get(url[:-3] + "x/").status_code == 404
    agent.post(reverse("listen:alerts_letters", kwargs={"workspace": letter.workspace.slug}), {"every": "daily", "do": "begin"})
    letter.refresh_from_db()
    assert not letter.is_off


def test_who_left_gets_no_letter(letter: Digest) -> None:
    Membership.objects.filter(user=letter.user).delete()
    digests.turn()
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("zone", "every", "after", "due"),
    [
        ("Europe/Madrid", "daily", datetime(2026, 10, 24, 7, tzinfo=UTC), datetime(2026, 10, 25, 7, tzinfo=UTC)),
        ("Europe/Madrid", "daily", datetime(2026, 10, 24, 5, tzinfo=UTC), datetime(2026, 10, 24, 6, tzinfo=UTC)),
        ("America/New_York", "weekly", datetime(2026, 11, 2, 13, tzinfo=UTC), datetime(2026, 11, 9, 13, tzinfo=UTC)),
        ("Asia/Kolkata", "weekly", datetime(2026, 11, 1, 23, tzinfo=UTC), datetime(2026, 11, 2, 2, 30, tzinfo=UTC)),
    ],
)
def test_letters_leave_at_eight_where_the_workspace_is(zone: str, every: str, after: datetime, due: datetime) -> None:
    assert digests.next_moment(zone, every, after) == due
