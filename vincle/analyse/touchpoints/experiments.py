"""Experiments as the page shows them: what was planned, and what came out."""

from functools import lru_cache
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from vincle.accounts.models import Workspace
from vincle.engage.campaigns import report, whence
from vincle.engage.campaigns.models import Campaign
from vincle.science.attribution import experiment
from vincle.web.tags.formats import number, percent

from . import words
from .models import TouchExperiment
from .rules import SENT


def campaigns(workspace: Workspace) -> list[Campaign]:
    """Those that hold somebody out, newest first."""
    rows = Campaign.objects.of(workspace).filter(begun_at__isnull=False).order_by("-begun_at")[:50]
    return [row for row in rows if row.held_out]


def shown(workspace: Workspace, row: TouchExperiment) -> dict[str, Any]:
    counts, campaign = row.counts, None
    if row.campaign is not None:
        campaign = Campaign.objects.of(workspace).filter(pk=row.campaign).first()
        counts = _counts(campaign) if campaign else {}
    outcome = _outcome(*(counts[name] for name in ("treated", "converted", "held", "converted_held"))) if counts else None
    return {
        "row": row, "name": words.name(row.kind), "planned": planned(row), "outcome": outcome, "said": said(outcome), "campaign": campaign,
        "url": _url(workspace, campaign) if campaign else "", "may_make": campaign is None and not row.counts and row.kind in SENT,
    }  # fmt: skip


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


def _url(workspace: Workspace, campaign: Campaign) -> str:
    return reverse("campaigns:one", kwargs={"workspace": workspace.slug, "campaign": campaign.public})


def _counts(campaign: Campaign) -> dict[str, int]:
    """All who were drawn are compared, whether it reached them or not: those held out hold as many whom it would not have reached."""
    found = report.figures(campaign)
    treated, held = found.count("drawn"), found.held
    if not campaign.has_begun or not treated or not held:
        return {}
    return {"treated": treated, "converted": found.count("bought"), "held": held, "converted_held": found.held_bought}


def of_campaign(campaign: Campaign) -> list[whence.Cause]:
    """The experiments that a campaign carries out."""
    rows = TouchExperiment.objects.of(campaign.workspace_id).filter(campaign=campaign.pk)
    url = reverse("touchpoints:touchpoints", kwargs={"workspace": campaign.workspace.slug}) if rows else ""
    said = _("It carries out an experiment: %(name)s")
    return [whence.Cause(str(said % {"name": words.name(row.kind)}), f"{url}#experiment-{row.pk}") for row in rows]
