"""Which campaigns, plans that repeat and promotions lean on a segment."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from vincle.accounts.models import Workspace
from vincle.organise.segment_uses import Use

from .models import Campaign, PlanRun, Promotion

_OVER = (Campaign.State.STOPPED, Campaign.State.DONE)


def campaigns(workspace: Workspace, public: str) -> Iterator[Use]:
    """Those whose people are still to be drawn."""
    rows = Campaign.objects.of(workspace).filter(archived_at=None, drawn_at=None).exclude(state__in=_OVER)
    for key, name, inside, outside in rows.values_list("public", "name", "inside", "outside"):
        if public in inside or public in outside:
            yield Use(_("Campaign"), name, reverse("campaigns:one", kwargs={"workspace": workspace.slug, "campaign": key}))


def repeated(workspace: Workspace, public: str) -> Iterator[Use]:
    """Plans whose next campaign would be made of one that is for it."""
    from . import plans  # brings numpy, which what only starts has no time for

    keys = PlanRun.objects.of(workspace).filter(next_at__isnull=False).values_list("plan", flat=True)
    for key in keys:
        last = Campaign.objects.of(workspace).filter(plan=key, approved_at__isnull=False).order_by("-approved_at", "-pk").first()
        if last and key in plans.BY_KEY and public in (*last.inside, *last.outside):
            yield Use(_("Plan"), str(plans.BY_KEY[key].name), reverse("campaigns:plans", kwargs={"workspace": workspace.slug}))


def promotions(workspace: Workspace, public: str) -> Iterator[Use]:
    for pk, name in Promotion.objects.of(workspace).filter(archived_at=None, segment=public).values_list("pk", "name"):
        yield Use(_("Promotion"), name, reverse("campaigns:promotion", kwargs={"workspace": workspace.slug, "promotion": pk}))
