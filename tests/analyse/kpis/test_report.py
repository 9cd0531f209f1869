"""Key figures in reports: only where somebody chose them, frozen, on the page, in the mail and on paper."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from vincle.accounts.models import Role, Workspace
from vincle.analyse import reports, reports_mail
from vincle.analyse.kpis import actions
from vincle.analyse.models import Report
from vincle.project import pipeline
from vincle.vocabulary import Activity, HandleRef, ObjectType, Verb

Say = Callable[..., Activity]
Clients = Callable[..., Client]


def test_key_figures_go_out_where_they_were_chosen(workspace: Workspace, say: Say, client_for: Clients) -> None:
    for ago in range(2, 80, 3):
        buyer = HandleRef("email", f"p{ago % 2}@example.org")
        values = {"verb": Verb.PURCHASE, "object_type": ObjectType.ORDER, "currency": "EUR", "text": "", "channel": "shop"}
        say("x", timezone.now() - timedelta(days=ago), actor=buyer, amount=Decimal("12.34"), **values)
    pipeline.catch_up()
    actions.set_target(workspace, None, "revenue", "30", Decimal(50))
    usual = reports.save(workspace, None, {"name": "Talk"})
    assert "worth" not in usual.sections
    values = {"name": "Money", "sections": ["summary", "worth"], "days": "28", "schedule": "daily", "recipients": "boss@example.org"}
    row = reports.save(workspace, None, values)
    made = reports.run(row)
    figures = {each["id"]: each for each in made.figures["worth"]}
    assert figures["revenue"]["value"] == "€\u00a0111"
    assert figures["margin"]["lack"]
    assert "worth" not in reports.run(usual).figures
    page = client_for(Role.OWNER).get(reverse("analyse:report", kwargs={"workspace": workspace.slug, "pk": row.pk})).content.decode()
    assert figures["revenue"]["value"] in page
    Report.objects.filter(pk=row.pk).update(next_at=timezone.now())
    reports_mail.turn()
    (sent,) = mail.outbox
    assert f"Revenue: {figures['revenue']['value']}" in str(sent.body)
    assert sent.attachments
