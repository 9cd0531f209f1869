"""The team's side of consent: topics, limits, the suppression list, the ledger beside a person."""

from collections.abc import Callable
from datetime import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tests.engage.preferences.people import someone, state
from vincle.accounts.models import AuditEntry, Role, Workspace
from vincle.engage.outbox import may
from vincle.identify import consent_actions
from vincle.identify.models import Consent, ContactPolicy, Suppression, Topic
from vincle.vocabulary import handle_key, public_id

pytestmark = pytest.mark.django_db


def at(name: str, workspace: Workspace, **more: object) -> str:
    return reverse(f"preferences:{name}", kwargs={"workspace": workspace.slug, **more})


def test_topics_and_limits_are_kept_or_refused_in_words(workspace: Workspace, client_for: Callable[..., Client]) -> None:
    admin = client_for(Role.ADMIN)
    assert b"News and offers" in admin.get(at("overview", workspace)).content
    assert admin.post(at("new_topic", workspace), {"name_en": "", "name_ca": " "}).status_code == 422
    admin.post(at("new_topic", workspace), {"name_en": "<b>News</b>", "name_ca": "Novetats", "description_en": "Weekly"})
    topic = Topic.objects.of(workspace).get()
    assert topic.key == "bnewsb"
    assert b"<b>News</b>" not in admin.get(at("overview", workspace)).content
    admin.post(at("topic", workspace, pk=topic.pk), {"name_en": "News", "name_ca": "Novetats"})
    admin.post(at("archive", workspace, pk=topic.pk))
    assert consent_actions.topics(workspace) == []
    admin.post(at("archive", workspace, pk=topic.pk))
    assert [each.name for each in consent_actions.topics(workspace)] == ["News"]
    good = {
        "quiet_from": "21:00",
        "quiet_until": "08:00",
        "quiet_days": ["6"],
        "most_0": "2",
        "days_0": "7",
        "privacy_url": "https://x.example",
    }
    admin.post(at("limits", workspace), good)
    kept = ContactPolicy.objects.of(workspace).get()
    assert (kept.quiet_from, kept.quiet_days, kept.caps) == (time(21), [6], [[2, 7]])
    for wrong in (
        {"quiet_until": ""}, {"quiet_from": "25:00"}, {"most_0": "x"}, {"most_0": "0"}, {"most_0": "²"}, {"days_0": ""},
        {"quiet_days": list("0123456")}, {"privacy_url": "javascript:alert(1)"},
    ):  # fmt: skip
        assert admin.post(at("limits", workspace), {**good, **wrong}).status_code == 422, wrong
    assert ContactPolicy.objects.of(workspace).get().caps == [[2, 7]]


def test_addresses_are_suppressed_found_by_their_mark_and_taken_out(workspace: Workspace, client_for: Callable[..., Client]) -> None:
    admin = client_for(Role.ADMIN)
    ana = someone(workspace)
    state(ana)
    file = SimpleUploadedFile("old.csv", b'email;name\r\n"b@example.org";"B"\r\n=cmd|x@example.org;\xff\xfe', "text/csv")
    admin.post(at("suppress", workspace), {"addresses": "ANA@example.org, nobody; +34 600", "note": "=1+1", "file": file})
    assert Suppression.objects.of(workspace).count() == 3
    assert may.decide_one(workspace, purpose="service", channel="mail", handle=ana.key).code == "suppressed"
    admin.post(at("suppress", workspace), {"addresses": "ana@example.org"})
    assert Suppression.objects.of(workspace).count() == 3
    assert admin.post(at("suppress", workspace), {"addresses": "nothing here"}).status_code == 302
    page = admin.get(at("suppressed", workspace) + "?q=b@example.org").content.decode()
    mark = public_id(handle_key(bytes(workspace.secret), "email", "b@example.org"))
    assert mark in page
    assert "ana@example.org" not in page
    for hostile in ("%", "'; DROP TABLE x", "\x00", "é" * 500):
        assert admin.get(at("suppressed", workspace), {"q": hostile, "after": "9" * 30, "reason": "x"}).status_code == 200
    lines = b"".join(admin.get(at("export", workspace)).streaming_content).decode()  # type: ignore[arg-type]
    assert "'=1+1" in lines
    assert lines.count("\r\n") == 4


def test_only_with_reasons_and_never_against_their_own_word_is_one_taken_off(
    workspace: Workspace, client_for: Callable[..., Client]
) -> None:
    admin = client_for(Role.ADMIN)
    ana = someone(workspace)
    state(ana, days_ago=20)
    consent_actions.suppress(workspace, None, [("email", "ana@example.org")])
    row = Suppression.objects.of(workspace).get()
    admin.post(at("lift", workspace, pk=row.pk), {"why": " "})
    assert Suppression.objects.of(workspace).exists()
    admin.post(at("lift", workspace, pk=row.pk), {"why": "typed in by mistake"})
    assert not Suppression.objects.of(workspace).exists()
    assert AuditEntry.objects.of(workspace).filter(verb="lifted").exists()
    assert "typed in by mistake" in Consent.objects.filter(permit="lifted").first().evidence  # type: ignore[union-attr]
    theirs = Suppression.objects.create(
        workspace=workspace, handle=ana.key, channel="email", reason="withdrawn", since=row.since, source="person"
    )
    admin.post(at("lift", workspace, pk=theirs.pk), {"why": "we would so like to"})
    assert Suppression.objects.of(workspace).exists()


def test_the_ledger_says_why_topic_by_topic(workspace: Workspace, client_for: Callable[..., Client]) -> None:
    ana = someone(workspace)
    state(ana, wording="<script>alert(1)</script>", evidence="form 7")
    state(ana, "withdrawn", 1, source="person")
    page = client_for(Role.VIEWER).get(at("ledger", workspace, pid=public_id(ana.key))).content.decode()
    assert "They took their permission back." in page
    assert "form 7" in page
    assert "<script>" not in page
    assert "Forget this person" not in page
    assert client_for(Role.VIEWER).get(at("ledger", workspace, pid="0000000000000")).status_code == 404
    whole = client_for(Role.VIEWER).get(reverse("organise:person", kwargs={"workspace": workspace.slug, "pid": public_id(ana.key)}))
    assert at("ledger", workspace, pid=public_id(ana.key)).encode() in whole.content
