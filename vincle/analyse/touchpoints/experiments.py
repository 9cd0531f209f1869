"""Experiments as the page shows them: what was planned, and what came out."""

from functools import lru_cache
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from vincle.accounts.models import Workspace
from vincle.engage.campaigns import report
from vincle.engage.campaigns.models import Campaign
from vincle.science.attribution import experiment
from vincle.web.tags.formats import number, percent

from . import words
from .models import TouchExperiment


def campaigns(workspace: Workspace) -> list[Campaign]:
    """Those that hold somebody out, newest first."""
    rows = Campaign.objects.of(workspace).filter(begun_at__isnull=False).order_by("-begun_at")[:50]
    return [row for row in rows if row.held_out]


def shown(workspace: Workspace, row: TouchExperiment) -> dict[str, Any]:
    counts, url = row.counts, ""
    if row.campaign is not None:
        counts, url = _of_campaign(workspace, row.campaign)
    outcome = _outcome(*(counts[name] for name in ("treated", "converted", "held", "converted_held"))) if counts else None
    return {"row": row, "name": words.name(row.kind), "planned": planned(row), "outcome": outcome, "said": said(outcome), "url": url}


_outcome = lru_cache(maxsize=256)(experiment.of_counts)


def planned(row: TouchExperiment) -> str:
    values = {
        "treated": number(row.treated), "held": number(row.held), "lift": percent(row.lift), "base": percent(row.base, 1),
    }  # fmt: skip
    text = _("%(treated)s people with it and %(held)s without show a rise of %(lift)s over %(base)s who buy anyway.") % values
    days = _("That takes about %(n)s days.") % {"n": number(row.days)} if row.days else ""
    return f"{text} {days}".strip()


def said(outcome: experiment.Outcome | None) -> str:
    if outcome is None:
        return ""
    values = {"lift": percent(outcome.lift), "low": percent(outcome.low), "high": percent(outcome.high)}
    texts = {
        "works": _("It brings purchases: %(lift)s more than without it, between %(low)s and %(high)s."),
        "harms": _("It costs purchases: %(lift)s against without it, between %(low)s and %(high)s."),
        "open": _("Not settled: %(lift)s so far, and anything between %(low)s and %(high)s fits."),
    }  # fmt: skip
    return str(texts[outcome.verdict] % values)


def _of_campaign(workspace: Workspace, campaign: int) -> tuple[dict[str, int], str]:
    row = Campaign.objects.of(workspace).filter(pk=campaign).first()
    if row is None:
        return {}, ""
    found = report.figures(row)
    treated, held = found.count("sent"), found.held
    url = reverse("campaigns:one", kwargs={"workspace": workspace.slug, "campaign": row.public})
    if not treated or not held:
        return {}, url
    bought = min(found.count("bought"), treated)
    return {"treated": treated, "converted": bought, "held": held, "converted_held": min(found.held_bought, held)}, url
