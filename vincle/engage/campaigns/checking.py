"""What a campaign may say of itself, and what it still lacks before it can be approved."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from vincle.accounts.models import Workspace
from vincle.engage.letters.models import Letter
from vincle.engage.outbox.may import medium_of
from vincle.listen.models import Connection
from vincle.organise import members

from . import promo_giving
from .models import Campaign
from .models_promotions import Promotion

FIELDS: Final = (
    "name",
    "note",
    "goal",
    "window_days",
    "inside",
    "outside",
    "arms",
    "held_out",
    "test_share",
    "winner",
    "winner_hours",
    "topic",
    "connection_id",
    "promotion_id",
    "timing",
    "starts_at",
    "rate",
)
MOST_ARMS: Final = 6
MOST_SEGMENTS: Final = 20
LIMITS: Final = {"window_days": (1, 180), "held_out": (0, 90), "test_share": (1, 100), "winner_hours": (1, 24 * 60)}


class Refused(ValueError):
    """What was asked cannot be done; the sentence says why."""


def checked(workspace: Workspace, values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as they are kept. Raises Refused."""
    found = {name: value for name, value in values.items() if name in FIELDS}
    if "name" in found:
        found["name"] = " ".join(str(found["name"]).replace("\x00", "").split())[:120]
        if not found["name"]:
            raise Refused(_("A campaign needs a name."))
    if "note" in found:
        found["note"] = " ".join(str(found["note"]).replace("\x00", "").split())[:400]
    _check_numbers(found)
    for name, choices in (("goal", Campaign.Goal), ("timing", Campaign.Timing), ("winner", Campaign.Winner)):
        if name in found and found[name] not in choices.values:
            raise Refused(_("Choose one of the offered answers."))
    for name in ("inside", "outside"):
        if name in found:
            found[name] = _segments(workspace, found[name])
    if "arms" in found:
        found["arms"] = _arms(workspace, found["arms"])
    _check_rows(workspace, found)
    return found


def _check_numbers(found: Mapping[str, Any]) -> None:
    for name, (least, most) in LIMITS.items():
        if name in found and not (isinstance(found[name], int) and least <= found[name] <= most):
            raise Refused(
                _("“%(value)s”: a whole number from %(least)s to %(most)s.") % {"value": found[name], "least": least, "most": most}
            )
    if found.get("rate") is not None and not (isinstance(found["rate"], int) and 0 < found["rate"] < 1_000_000):
        raise Refused(_("Letters a minute: a whole number, or nothing."))


def _segments(workspace: Workspace, publics: Any) -> list[str]:
    kept = list(dict.fromkeys(str(each) for each in publics))[:MOST_SEGMENTS]
    for public in kept:
        if members.found(workspace, public) is None:
            raise Refused(_("There is no such segment any more."))
    return kept


def _arms(workspace: Workspace, arms: Any) -> list[dict[str, Any]]:
    if len(arms) > MOST_ARMS:
        raise Refused(_("%(most)d letters at most beside each other.") % {"most": MOST_ARMS})
    kept = []
    for arm in arms:
        share = arm.get("share", 1)
        if not (isinstance(share, int) and 1 <= share <= 100):
            raise Refused(_("A letter's share is a whole number from 1 to 100."))
        kept.append({"letter": int(arm["letter"]), "version": arm.get("version"), "share": share})
    there = set(Letter.objects.of(workspace).filter(pk__in=[arm["letter"] for arm in kept]).values_list("pk", flat=True))
    if any(arm["letter"] not in there for arm in kept):
        raise Refused(_("There is no such letter any more."))
    return kept


def _check_rows(workspace: Workspace, found: Mapping[str, Any]) -> None:
    for name, rows in (("connection_id", Connection.objects), ("promotion_id", Promotion.objects)):
        if found.get(name) is not None and not rows.of(workspace).filter(pk=found[name]).exists():
            raise Refused(_("What was chosen is gone. Choose again."))


def still_there(workspace: Workspace, values: dict[str, Any]) -> dict[str, Any]:
    """The same without what has gone since: for a copy."""
    letters = set(Letter.objects.of(workspace).filter(archived_at=None).values_list("pk", flat=True))
    kept = dict(values)
    kept["arms"] = [arm for arm in values["arms"] if arm["letter"] in letters]
    for name in ("inside", "outside"):
        kept[name] = [public for public in values[name] if members.found(workspace, public)]
    for name, rows in (("connection_id", Connection.objects), ("promotion_id", Promotion.objects)):
        if kept[name] is not None and not rows.of(workspace).filter(pk=kept[name]).exists():
            kept[name] = None
    return kept


def lacks(campaign: Campaign) -> list[str]:
    """What has to be said before it can leave, in the order of the form."""
    workspace, found = campaign.workspace, []
    inside = [members.found(workspace, public) for public in campaign.inside]
    if not inside:
        found.append(_("Say whom it is for: choose a segment."))
    elif any(each is None or each.archived_at for each in inside):
        found.append(_("A segment it is for was put away. Choose another one."))
    if not campaign.arms:
        found.append(_("Choose a letter."))
    elif Letter.objects.of(workspace).filter(pk__in={arm["letter"] for arm in campaign.arms}, archived_at=None).count() < len(
        {arm["letter"] for arm in campaign.arms}
    ):
        found.append(_("A letter of this campaign was put away. Choose another one."))
    if campaign.winner != Campaign.Winner.NONE and len(campaign.arms) < 2:
        found.append(_("To choose the better letter it takes two."))
    if campaign.connection is None:
        found.append(_("Choose from where it is sent."))
    elif medium_of(campaign.connection.channel) != "email":
        found.append(_("Letters are sent from a mailbox or a mail provider."))
    if campaign.timing != Campaign.Timing.NOW and campaign.starts_at is None:
        found.append(_("Say when it is sent."))
    elif (
        campaign.timing != Campaign.Timing.NOW
        and campaign.starts_at
        and campaign.state == Campaign.State.DRAFT
        and (campaign.starts_at < timezone.now() and campaign.timing == Campaign.Timing.AT)
    ):
        found.append(_("Its moment is past. Choose a later one."))
    if campaign.promotion:
        found += _lacks_of(campaign.promotion, campaign)
    return found


def _lacks_of(promotion: Promotion, campaign: Campaign) -> list[str]:
    """What keeps the campaign's promotion from being given out when the campaign leaves."""
    if promotion.archived_at:
        return [_("Its promotion was put away. Choose another one.")]
    now = timezone.now()
    leaves = max(campaign.starts_at, now) if campaign.starts_at and campaign.timing != Campaign.Timing.NOW else now
    if why := promo_giving.closed(promotion, leaves):
        return [why]
    if promo_giving.left(promotion) == 0:
        return [_("“%(name)s” is used up: raise its limit, or choose another one.") % {"name": promotion.name}]
    return []


def frozen(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as JSON keeps them."""
    return {name: value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value for name, value in values.items()}


def thawed(values: Mapping[str, Any]) -> dict[str, Any]:
    """The inverse of `frozen`."""
    kept = {name: value for name, value in values.items() if name in FIELDS}
    if kept.get("starts_at"):
        kept["starts_at"] = datetime.fromisoformat(kept["starts_at"])
    return kept
