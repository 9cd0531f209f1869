"""The outbox on screen: followed, paused, decided, exported, within few queries."""

from collections.abc import Callable

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from vincle.accounts.models import AuditEntry, Role, Workspace
from vincle.engage.outbox import domains, jobs
from vincle.engage.outbox.models import Habits, Job, Send, SendingDomain

pytestmark = pytest.mark.django_db
AT = "/w/cafe-lligam/outbox/"


@pytest.fixture
def admin(client_for: Callable[..., Client]) -> Client:
    return client_for(Role.ADMIN)


def test_nothing_yet(admin: Client, workspace: Workspace) -> None:
    page = admin.get(AT).content.decode()
    assert "Nothing has gone to many yet" in page


def test_the_list_and_a_job_in_few_queries(admin: Client, job: Callable[..., Job]) -> None:
    made = job(["ana", "biel", "<b>carla"], name="<script>alert(1)</script>")
    Send.objects.filter(key="c:ana").update(state="skipped", problem_code="bounced")
    Send.objects.filter(key="c:biel").update(state="doubtful", problem_code="interrupted")
    with CaptureQueriesContext(
        database,
    ) as seen:
        page = admin.get(AT).content.decode()
    assert len(seen) < 25
    assert "<script>alert" not in page
    assert "1 message needs your decision" in page
    page = admin.get(f"{AT}jobs/{made.public}/").content.decode()
    assert "Mails to this address come back." in page or "mails come back" in page
    assert "hx-get" in page
    part = admin.get(f"{AT}jobs/{made.public}/?part=job", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert admin.get(f"{AT}?part=list", headers={"HX-Request": "true"}).status_code == 200
    assert admin.get(f"{AT}?q=%00nothing&state=bad&after=x").status_code == 200


def test_pause_go_on_and_stop(admin: Client, job: Callable[..., Job]) -> None:
    made = job(["ana"])
    for do, state in (("pause", "paused"), ("resume", "running"), ("stop", "stopped")):
        admin.post(f"{AT}jobs/{made.public}/act/", {"do": do})
        made.refresh_from_db()
        assert made.state == state
    assert admin.post(f"{AT}jobs/{made.public}/act/", {"do": "explode"}).status_code == 404


def test_an_agent_looks_and_does_not_touch(client_for: Callable[..., Client], job: Callable[..., Job]) -> None:
    made, agent = job(["ana"]), client_for(Role.AGENT)
    assert agent.get(f"{AT}jobs/{made.public}/").status_code == 200
    assert agent.post(f"{AT}jobs/{made.public}/act/", {"do": "pause"}).status_code == 403
    assert agent.get(f"{AT}sends/?format=csv").status_code == 403


def test_doubtful_ones_are_decided(admin: Client, job: Callable[..., Job]) -> None:
    made = job(["ana", "biel", "carla"])
    Send.objects.update(state="doubtful")
    Job.objects.update(state="done")
    keys = dict(made.sends.values_list("key", "pk"))
    admin.post(f"{AT}sends/act/", {"do": "left", "ids": [keys["c:ana"]]})
    admin.post(f"{AT}sends/act/", {"do": "again", "ids": [keys["c:biel"], "x", "9" * 30]})
    assert dict(made.sends.values_list("key", "state")) == {"c:ana": "sent", "c:biel": "waiting", "c:carla": "doubtful"}
    made.refresh_from_db()
    assert made.state == "running"
    assert AuditEntry.objects.filter(object_type="sends").count() == 2


def test_all_of_a_list_are_tried_again(admin: Client, job: Callable[..., Job]) -> None:
    made = job(["ana", "biel"])
    Send.objects.update(state="dead", problem_code="message_refused")
    assert "Try all again" in admin.get(f"{AT}sends/?state=dead").content.decode()
    admin.post(f"{AT}sends/act/?state=dead", {"do": "retry", "all": "1"})
    assert jobs.progress(made).waiting == 2


def test_another_workspace_is_out_of_reach(admin: Client, job: Callable[..., Job], other_workspace: Workspace) -> None:
    made = job(["ana"])
    Send.objects.update(state="dead", workspace=other_workspace)
    admin.post(f"{AT}sends/act/", {"do": "retry", "ids": [made.sends.get().pk]})
    assert Send.objects.get().state == "dead"


def test_the_export_is_safe(admin: Client, job: Callable[..., Job]) -> None:
    job(["ana"], name="=HYPERLINK(1)")
    text = b"".join(admin.get(f"{AT}sends/?format=csv")).decode()  # type: ignore[arg-type]
    assert "ana@roastery.example" in text
    assert "'=HYPERLINK" in text


def test_a_domain_is_looked_at(admin: Client, workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(domains, "ask", lambda name, kind: [])
    assert "No domain is watched yet" in admin.get(f"{AT}domains/").content.decode()
    admin.post(f"{AT}domains/add/", {"domain": "Lligam.example", "selectors": "k1 k2"})
    row = SendingDomain.objects.get()
    assert (row.domain, row.selectors) == ("lligam.example", ["k1", "k2"])
    page = admin.get(f"{AT}domains/").content.decode()
    assert "v=DMARC1; p=none" in page
    admin.post(f"{AT}domains/add/", {"domain": "not a domain"})
    admin.post(f"{AT}domains/add/", {"domain": "x.example", "selectors": "../../etc"})
    assert SendingDomain.objects.count() == 1
    admin.post(f"{AT}domains/{row.pk}/check/")
    admin.post(f"{AT}domains/{row.pk}/remove/")
    assert not SendingDomain.objects.exists()


def test_what_is_counted(admin: Client, workspace: Workspace, job: Callable[..., Job]) -> None:
    admin.post(f"{AT}domains/habits/", {"counts_opens": "agreed"})
    habits = Habits.objects.get()
    assert (habits.counts_clicks, habits.counts_opens) == (False, "agreed")
    made = job(["ana"])
    assert (made.counts_clicks, made.counts_opens) == (False, "agreed")
    assert admin.post(f"{AT}domains/habits/", {"counts_opens": "always"}).status_code == 404
