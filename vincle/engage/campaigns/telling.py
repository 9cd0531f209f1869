"""The bell: someone is told of a campaign to approve, and of one that was sent back."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from vincle.accounts.access import May, may
from vincle.accounts.models import Membership, User, Workspace
from vincle.listen import notices, notices_words
from vincle.listen.models import Alert, Notice, NoticeFor

from .models import Campaign

KIND = "campaign"


def register() -> None:
    """Give the bell its words and its way. Called when the app is ready."""
    for code, worded in {"campaign_waits": _waits, "campaign_back": _back}.items():
        notices_words.register(code, worded)
        notices.register_place(code, _place)


def waits(campaign: Campaign, by: User | None) -> None:
    """The others who may approve it. Inside the caller's transaction."""
    rows = Membership.objects.filter(workspace=campaign.workspace, user__is_active=True).select_related("user")
    _ring(campaign, "campaign_waits", [row.user for row in rows if row.user != by and may(row.role, May.APPROVE)], by)


def sent_back(campaign: Campaign, by: User) -> None:
    """Whoever asked for its approval. Inside the caller's transaction."""
    if campaign.asked_by is not None and campaign.asked_by_id != by.pk:
        _ring(campaign, "campaign_back", [campaign.asked_by], by)


def _ring(campaign: Campaign, code: str, users: Iterable[User], by: User | None) -> None:
    now = timezone.now()
    # The bell hangs notices on a rule: this one is the house's own, and stands in no list of rules.
    rule, _new = Alert.objects.get_or_create(
        workspace=campaign.workspace, kind=KIND, defaults={"name": _("Campaigns"), "is_on": False, "archived_at": now, "mail": ""}
    )
    key = f"{code}:{campaign.public}:{int(now.timestamp() * 1000)}"
    values = {"campaign": campaign.public, "name": campaign.name, "by": str(by or "")}
    told = {user.pk: user for user in users}.values()
    if told:
        notice = Notice.objects.create(
            workspace=campaign.workspace, alert=rule, key=key[:60], code=code, values=values, happened_at=now, at=now
        )  # fmt: skip
        NoticeFor.objects.bulk_create(NoticeFor(workspace=campaign.workspace, notice=notice, user=user) for user in told)


def _waits(values: Mapping[str, Any], name: str) -> str:
    if not values.get("by"):
        return _("“%(campaign)s” waits for your approval") % {"campaign": values.get("name", "")}
    return _("%(name)s asks you to approve “%(campaign)s”") % {"name": values.get("by", ""), "campaign": values.get("name", "")}


def _back(values: Mapping[str, Any], name: str) -> str:
    return _("%(name)s sent “%(campaign)s” back") % {"name": values.get("by", ""), "campaign": values.get("name", "")}


def _place(workspace: Workspace, values: Mapping[str, Any]) -> str:
    return reverse("campaigns:one", kwargs={"workspace": workspace.slug, "campaign": str(values.get("campaign", ""))})
