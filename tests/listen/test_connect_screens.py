"""Connecting a service at the public door: forms, the way there and back, the first import, what ails it; never a secret in sight."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from urllib.request import urlopen

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.servers.mastodon import TOKEN
from tests.servers.mastodon_sign_in import Place, small_server
from vincle.accounts.models import AuditEntry, Role, Workspace
from vincle.channels.live import Answer, Problem
from vincle.channels.registry import channels
from vincle.listen import connections, credentials, doctor, oauth, pulling
from vincle.listen.line import OutLine
from vincle.listen.models import Connection, Notice, Pull

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]


@pytest.fixture
def casa(settings: Any) -> Iterator[Place]:
    settings.OPTIONS = replace(settings.OPTIONS, webhooks_private=True)
    with small_server(mentions=3) as place:
        yield place


def url(workspace: Workspace, name: str, connection: Connection | None = None, query: str = "") -> str:
    values: dict[str, Any] = {"workspace": workspace.slug} | ({"pk": connection.pk} if connection else {})
    return reverse(f"listen:{name}", kwargs=values) + query


def page(answer: Any) -> str:
    assert answer.status_code == 200
    return unescape(re.sub(r"\s+", " ", answer.content.decode()))


def token_connection(workspace: Workspace, place: Place, token: str = TOKEN) -> Connection:
    given = {"server": place.url}
    return connections.connect(workspace, None, "mastodon", "Casa", settings=given, secrets={"access_token": token})


def target_of(answer: Any) -> str:
    """Where a page leads on to by itself."""
    found = re.search(r'http-equiv="refresh" content="0;url=([^"]+)"', answer.content.decode())
    assert found
    return unescape(found[1])


def choices(target: str) -> dict[str, str]:
    """What the platform's page offers: word -> query to come back with."""
    with urlopen(target, timeout=10) as answer:
        html = answer.read().decode()
    return {word: urlsplit(unescape(href)).query for href, word in re.findall(r'<a href="([^"]+)">(\w+)</a>', html)}


def there(client: Client, workspace: Workspace, place: Place) -> dict[str, str]:
    answer = client.post(url(workspace, "new_connection", query="?service=mastodon"), {"name": "Casa", "set-server": place.url})
    assert "On to 127.0.0.1" in page(answer)
    return choices(target_of(answer))


def test_saying_yes_there(workspace: Workspace, client_for: ClientFor, casa: Place) -> None:
    client = client_for(Role.ADMIN)
    asked = there(client, workspace, casa)
    row = Connection.objects.get()
    assert (row.name, row.settings["server"], row.account) == ("Casa", casa.url, "")
    assert "Waits for your yes" in page(client.get(url(workspace, "connection", row)))
    answer = client.get(url(workspace, "connection_back", query="?" + asked["Authorise"]), follow=True)
    said = page(answer)
    assert answer.redirect_chain[-1][0].endswith("#past")
    row.refresh_from_db()
    assert row.account.startswith("@lligam")
    assert row.account in said
    assert credentials.given(row)["access_token"] == TOKEN
    assert "How far back?" in said
    secrets = [value for value in credentials.given(row).values() if len(value) > 8 and not value.startswith("http")]
    for place in (url(workspace, "connection", row), url(workspace, "connections")):
        html = client.get(place).content.decode()
        assert not [value for value in secrets if value in html]
    again = client.get(url(workspace, "connection_back", query="?" + asked["Authorise"]), follow=True)
    assert "does not belong to a question of this browser" in page(again), "an answer is good once"


def test_nobody_is_called_while_someone_is_at_the_platform(workspace: Workspace, client_for: ClientFor, casa: Place) -> None:
    there(client_for(Role.ADMIN), workspace, casa)
    doctor.turn()
    assert not Notice.objects.exists()


def test_saying_no_there(workspace: Workspace, client_for: ClientFor, casa: Place) -> None:
    client = client_for(Role.ADMIN)
    asked = there(client, workspace, casa)
    said = page(client.get(url(workspace, "connection_back", query="?" + asked["Deny"]), follow=True))
    assert "You, or the service, said no" in said
    assert "Say yes at Mastodon" in said
    assert "said no" not in page(client.get(url(workspace, "connection", Connection.objects.get()))), "it is told once"


def test_coming_back_too_late_or_as_another(
    workspace: Workspace, client_for: ClientFor, casa: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_for(Role.ADMIN)
    back = there(client, workspace, casa)["Authorise"]
    stranger = client_for(Role.OWNER)
    for query in (back, "state=made-up&code=x", "", "error=access_denied"):
        said = page(stranger.get(url(workspace, "connection_back", query="?" + query), follow=True))
        assert "does not belong to a question of this browser" in said, "another browser's question is not answered"
    monkeypatch.setattr(oauth, "VALID", -1)
    assert "That took too long" in page(client.get(url(workspace, "connection_back", query="?" + back), follow=True))
    assert "access_token" not in credentials.given(Connection.objects.get())


def test_what_the_platform_refuses_is_told_in_words(workspace: Workspace, client_for: ClientFor, casa: Place) -> None:
    client = client_for(Role.ADMIN)
    back = dict(parse_qsl(there(client, workspace, casa)["Authorise"]))
    casa.codes.clear()
    said = page(client.get(url(workspace, "connection_back"), back, follow=True))
    assert "came too late or was used already" in said
    assert "The provided authorization grant is invalid" in said


def test_a_form_says_what_is_wrong_and_keeps_the_rest(workspace: Workspace, client_for: ClientFor, casa: Place) -> None:
    client, where = client_for(Role.ADMIN), url(workspace, "new_connection", query="?service=mastodon")
    said = page(client.post(where, {"name": "Casa", "set-hashtags": "coffee"}))
    assert "This is needed." in said
    assert 'value="coffee"' in said
    assert "is not an address" in page(client.post(where, {"set-server": "not an address"}))
    secret = "a-token-that-nobody-may-see"
    assert secret not in page(client.post(where, {"set-server": "", "set-access_token": secret}))
    assert not Connection.objects.exists()


def test_a_token_by_hand_is_tested_at_once(workspace: Workspace, client_for: ClientFor, casa: Place) -> None:
    client, where = client_for(Role.ADMIN), url(workspace, "new_connection", query="?service=mastodon")
    wrong = {"set-server": casa.url, "set-access_token": "wrong-token-4711"}
    said = page(client.post(where, wrong, follow=True))
    row = Connection.objects.get()
    assert "no longer knows this consent or password" in said
    assert "The access token is invalid" in said
    assert "Needs you" in page(client.get(url(workspace, "connections")))
    kept = {"set-server": casa.url, "set-access_token": TOKEN, "set-hashtags": "cafe"}
    said = page(client.post(url(workspace, "connection_settings", row), kept, follow=True))
    row.refresh_from_db()
    assert "It is kept." in said
    assert (row.settings["hashtags"], row.account[:7], row.state_code) == ("cafe", "@lligam", "")
    said = page(client.post(url(workspace, "connection_settings", row), kept | {"set-access_token": ""}, follow=True))
    assert credentials.given(row)["access_token"] == TOKEN, "left empty it stays"
    assert TOKEN not in said
    entry = AuditEntry.objects.filter(object_type="connection", verb="changed").first()
    assert entry
    assert TOKEN not in str(entry.details)


def test_the_first_import_from_choice_to_end(workspace: Workspace, client_for: ClientFor, casa: Place) -> None:
    client, row = client_for(Role.ADMIN), token_connection(workspace, casa)
    connections.check(row)
    assert "How far back?" in page(client.get(url(workspace, "connection", row)))
    said = page(client.post(url(workspace, "connection_past", row), {"reach": "for ever"}, follow=True))
    assert "Choose how far back" in said
    assert not Pull.objects.filter(is_past=True).exists()
    said = page(client.post(url(workspace, "connection_past", row), {"reach": "30"}, follow=True))
    assert "Being brought in, newest first" in said
    progress = url(workspace, "connection_past_progress", row)
    assert "Being brought in" in page(client.get(progress))
    while pulling.turn():
        pass
    assert client.get(progress).headers["HX-Refresh"] == "true"
    said = page(client.get(url(workspace, "connection", row)))
    assert "3 things were brought in" in said
    assert "Bring in more" in said


def test_stopping_a_first_import(workspace: Workspace, client_for: ClientFor, casa: Place) -> None:
    client, row = client_for(Role.ADMIN), token_connection(workspace, casa)
    connections.check(row)
    client.post(url(workspace, "connection_past", row), {"reach": "all"})
    assert "The import is stopped" in page(client.post(url(workspace, "connection_past_stop", row), follow=True))
    assert "There is nothing to stop" in page(client.post(url(workspace, "connection_past_stop", row), follow=True))
    assert not Pull.objects.filter(is_past=True, finished_at=None).exists()


def test_hearing_again(workspace: Workspace, client_for: ClientFor, casa: Place) -> None:
    client, row = client_for(Role.ADMIN), token_connection(workspace, casa)
    where = url(workspace, "connection_replay", row)
    assert "it cannot be asked again" in page(client.post(where, {"since": "2026-01-01"}, follow=True))
    connections.check(row)
    for since in ("", "yesterday", "2999-01-01", "0001-01-01"):
        assert "Choose a day that is not in the future" in page(client.post(where, {"since": since}, follow=True))
    said = page(client.post(where, {"since": "2026-01-01"}, follow=True))
    assert "is fetched again: Mentions and reactions" in said
    assert AuditEntry.objects.filter(verb="replayed").exists()


def test_what_ails_it_is_told_with_what_to_do(workspace: Workspace, client_for: ClientFor, casa: Place) -> None:
    client, row = client_for(Role.ADMIN), token_connection(workspace, casa)
    connections.check(row)
    casa.faults.extend([503] * 4)
    pulling.turn()
    said = page(client.get(url(workspace, "connection", row)))
    assert "The service has trouble of its own" in said
    assert "Vincle asks again by itself" in said
    assert "Tries again" in page(client.get(url(workspace, "connections")))
    doctor.note(row, Problem("auth", "token_ended", "expired <script>alert(1)</script> EAAB0123456789abcdefABCDEF0123"))
    html = client.get(url(workspace, "connection", row)).content.decode()
    assert "The consent has ended" in html
    assert "<script>alert" not in html
    assert "EAAB0123456789abcdefABCDEF0123" not in html, "what looks like a key is left out"


def test_missing_permissions_and_the_end_of_consent(workspace: Workspace, client_for: ClientFor, casa: Place) -> None:
    casa.scopes = "read:accounts read:notifications"
    client, row = client_for(Role.ADMIN), token_connection(workspace, casa)
    connections.check(row)
    said = page(client.get(url(workspace, "connection", row)))
    assert "Not granted:" in said
    assert "to answer, post and boost in your name" in said
    Connection.objects.update(token_ends_at=timezone.now() + timedelta(days=3, minutes=5), scopes_missing=[])
    said = page(client.get(url(workspace, "connection", row)))
    assert re.search(r"The consent ends in 3\sdays", said)
    assert "Consent ends soon" in page(client.get(url(workspace, "connections")))


def test_those_that_need_someone_come_first(workspace: Workspace, client_for: ClientFor, casa: Place) -> None:
    well = token_connection(workspace, casa)
    connections.check(well)
    pulling.turn()
    connections.connect(workspace, None, "stripe", "Zebra payments")
    paused = connections.connect(workspace, None, "shopify", "Alpha shop")
    connections.turn(paused, None, False)
    said = page(client_for(Role.VIEWER).get(url(workspace, "connections")))
    assert said.index("Zebra payments") < said.index("Alpha shop") < said.index("Casa")
    assert "1 of 3 needs you" in said


def test_a_service_of_meta_is_given_its_words_in_two_steps(workspace: Workspace, client_for: ClientFor) -> None:
    client = client_for(Role.ADMIN)
    answer = client.post(
        url(workspace, "new_connection", query="?service=facebook"), {"set-client_id": "123", "set-client_secret": "0f" * 16}
    )
    target = target_of(answer)
    assert target.startswith("https://www.facebook.com/")
    asked = dict(parse_qsl(urlsplit(target).query))
    assert asked["redirect_uri"].endswith(url(workspace, "connection_back"))
    assert "0f" * 16 not in answer.content.decode()
    row = Connection.objects.get()
    html = page(client.get(url(workspace, "connection", row)))
    assert "App secret" in html, "it can be replaced"
    assert "0f" * 16 not in html
    credentials.renew(row, {"access_token": "a token of the page"})
    html = page(client.get(url(workspace, "connection", row)))
    suggested = re.search(r'id="verify_token" name="verify_token" value="([^"]{20,})"', html)
    assert suggested
    client.post(url(workspace, "connection_secret", row), {"verify_token": suggested[1]})
    kept = credentials.given(row := Connection.objects.get())
    assert (kept["verify_token"], kept["client_secret"], kept["access_token"]) == (suggested[1], "0f" * 16, "a token of the page")
    assert suggested[1] not in page(client.get(url(workspace, "connection", row)))


def test_a_channel_that_is_gone_can_still_be_taken_off(
    workspace: Workspace, client_for: ClientFor, casa: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, row = client_for(Role.ADMIN), token_connection(workspace, casa)
    connections.check(row)
    monkeypatch.delitem(channels(), "mastodon")
    assert "Casa" in page(client.get(url(workspace, "connections")))
    assert "Disconnect" in page(client.get(url(workspace, "connection", row)))
    client.post(url(workspace, "disconnect", row))
    assert Connection.objects.get().token is None


def test_a_shop_may_deliver_be_asked_or_both(workspace: Workspace, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch) -> None:
    client = client_for(Role.ADMIN)
    form = page(client.get(url(workspace, "new_connection", query="?service=stripe")))
    assert 'name="set-api_key"' in form
    assert 'class="spare"' not in form, "what it can be asked with stands in sight"
    made = client.post(url(workspace, "new_connection", query="?service=stripe"), {"name": "Tills"}, follow=True)
    assert "Stripe answers" not in made.content.decode(), "nobody was asked"
    row = Connection.objects.get()
    assert (row.state_code, row.notes, Pull.objects.count()) == ("", ["only_delivered"], 0)
    html = page(client.get(url(workspace, "connection", row)))
    assert "Waits for its secret" in html
    assert "What was there before" not in html
    assert "needs a key" in html
    monkeypatch.setattr(OutLine, "send", lambda *_args, **_more: Answer(status=200, body=b'{"object": "list", "data": [], "id": "acct_1"}'))
    client.post(url(workspace, "connection_settings", row), {"set-api_key": "rk_live_0123456789"})
    row.refresh_from_db()
    assert row.account == "acct_1"
    assert {pull.stream for pull in Pull.objects.all()} == {"charges", "customers", "invoices"}
    html = page(client.get(url(workspace, "connection", row)))
    assert "What was there before" in html
    assert "Have it delivered at once" in html
    assert pulling.turn() == 3
    assert not Pull.objects.exclude(problem_kind="")
