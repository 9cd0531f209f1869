"""What the team decides: which touchpoints count and for what, and experiments. Each leaves its line in the audit log."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace
from vincle.engage.campaigns import actions as campaigns
from vincle.engage.campaigns.models import Campaign
from vincle.science.attribution import experiment

from . import words
from .models import TouchExperiment, TouchRules

WINDOWS: Final = (7, 14, 30, 60, 90, 180)
MOST_PEOPLE: Final = 1_000_000
"""In each group of an experiment: what came out is worked out person by person whenever the page is opened."""
LONGEST: Final = 36_500
SENT: Final = ("mail_click", "mail_open", "link", "message")
"""Touchpoints that a campaign brings about, so that it can hold people out of them."""


class Refused(ValueError):
    """What cannot be done, as a sentence."""


@dataclass(frozen=True)
class Rules:
    """`stages`: by kind its stage, "" where it does not count."""

    stages: Mapping[str, str]
    window: int
    first_only: bool

    @property
    def counted(self) -> tuple[str, ...]:
        return tuple(kind for kind in words.KINDS if self.stages.get(kind))


def rules_of(workspace: Workspace) -> Rules:
    row = TouchRules.objects.of(workspace).first()
    return Rules({**words.USUAL, **row.stages}, row.window, row.first_only) if row else Rules(words.USUAL, 30, False)


def set_rules(workspace: Workspace, user: User, stages: Mapping[str, str], window: int, first_only: bool) -> None:
    """Refused."""
    if window not in WINDOWS:
        raise Refused(_("Choose one of the windows."))
    kept = {kind: stage for kind, stage in stages.items() if kind in words.KINDS and stage in ("", *words.STAGES)}
    if not any({**words.USUAL, **kept}.values()):
        raise Refused(_("At least one touchpoint has to count."))
    with transaction.atomic():
        TouchRules.objects.update_or_create(workspace=workspace, defaults={"stages": kept, "window": window, "first_only": first_only})
        audit.record(workspace, user, "changed", "touchpoints", "", "", window=window, first_only=first_only, stages=kept)


def plan(workspace: Workspace, user: User, kind: str, base: float, lift: float, held_share: float, a_day: float) -> TouchExperiment:
    """Keep the design of an experiment. `base`: share that buys; `lift`: least that is worth knowing (.1: a tenth more). Refused."""
    if kind not in words.KINDS or not 0.05 <= held_share <= 0.95:
        raise Refused(_("Choose a touchpoint, and how many go without it."))
    try:
        found = experiment.design(base, lift, held_share=held_share, a_day=a_day or None)
    except ValueError as error:
        raise Refused(_("With these numbers there is nothing to find out: nobody buys, or everybody would.")) from error
    except OverflowError as error:
        raise Refused(_too_many()) from error
    if max(found.treated, found.held) > MOST_PEOPLE or (found.days or 0) > LONGEST:
        raise Refused(_too_many())
    with transaction.atomic():
        made: TouchExperiment = TouchExperiment.objects.create(
            workspace=workspace, kind=kind, base=base, lift=lift, held_share=held_share, treated=found.treated, held=found.held,
            days=found.days, by=user,
        )  # fmt: skip
        audit.record(workspace, user, "created", "experiment", made.pk, words.name(kind), people=found.people)
    return made


def _too_many() -> str:
    return str(_("That takes more people than anybody reaches: choose a larger rise, or a touchpoint that more people meet."))


def settle(workspace: Workspace, user: User, made: TouchExperiment, values: Mapping[str, Any]) -> None:
    """What came out: counts of people, or a campaign whose hold-out tells. Refused."""
    try:
        counts = {name: int(values.get(name) or 0) for name in ("treated", "converted", "held", "converted_held")}
    except ValueError as error:
        raise Refused(_("Write whole numbers.")) from error
    campaign = _campaign(workspace, str(values.get("campaign", "")))
    if max(counts.values()) > MOST_PEOPLE:
        raise Refused(_("Write up to %(n)s people a group.") % {"n": f"{MOST_PEOPLE:,}"})
    if campaign is None and not (0 <= counts["converted"] <= counts["treated"] > 0 and 0 <= counts["converted_held"] <= counts["held"] > 0):
        raise Refused(_("Of each group no more can have bought than there were, and there have to be some."))
    with transaction.atomic():
        TouchExperiment.objects.of(workspace).filter(pk=made.pk).update(counts={} if campaign else counts, campaign=campaign)
        audit.record(workspace, user, "changed", "experiment", made.pk, words.name(made.kind), campaign=campaign, counts=counts)


def make_campaign(workspace: Workspace, user: User, made: TouchExperiment) -> Campaign:
    """A draft that carries the experiment out: so many are held out as it says, and purchases are what counts. Refused."""
    if made.kind not in SENT:
        raise Refused(_("A campaign brings only what we send."))
    with transaction.atomic():
        row = TouchExperiment.objects.of(workspace).select_for_update().filter(pk=made.pk).first()
        if row is None or (row.campaign and Campaign.objects.of(workspace).filter(pk=row.campaign).exists()):
            raise Refused(_("The experiment has its campaign already."))
        values = {"name": _("Experiment: %(name)s") % {"name": words.name(row.kind)}, "held_out": min(90, round(100 * row.held_share)),
                  "goal": Campaign.Goal.PURCHASE}  # fmt: skip
        try:
            campaign = campaigns.create(workspace, user, values)
        except campaigns.Refused as refused:
            raise Refused(str(refused)) from refused
        TouchExperiment.objects.of(workspace).filter(pk=row.pk).update(campaign=campaign.pk, counts={})
        audit.record(workspace, user, "changed", "experiment", row.pk, words.name(row.kind), campaign=campaign.pk)
    return campaign


def _campaign(workspace: Workspace, text: str) -> int | None:
    """One of the workspace's own; None: none is named. Refused."""
    if not text:
        return None
    known = text.isascii() and text.isdecimal() and len(text) < 19 and Campaign.objects.of(workspace).filter(pk=int(text)).exists()
    if not known:
        raise Refused(_("There is no such campaign."))
    return int(text)


def drop(workspace: Workspace, user: User, made: TouchExperiment) -> None:
    with transaction.atomic():
        TouchExperiment.objects.of(workspace).filter(pk=made.pk).delete()
        audit.record(workspace, user, "deleted", "experiment", made.pk, words.name(made.kind))
