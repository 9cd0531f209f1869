"""What stands in the form of a campaign, and what it says."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.utils.translation import gettext as _

from vincle.accounts.models import Workspace
from vincle.engage.letters import choosing, testing
from vincle.identify.models import Topic
from vincle.organise import members

from . import checking, promotions
from .checking import Refused
from .models import Campaign

NUMBERS = ("window_days", "held_out", "test_share", "winner_hours")


def typed(post: QueryDict, workspace: Workspace) -> dict[str, Any]:
    """The fields as `actions` takes them. Raises Refused for what is no number and no moment."""
    found: dict[str, Any] = {name: post.get(name, "") for name in ("name", "note", "goal", "timing", "winner")}
    for name in NUMBERS:
        found[name] = _whole(post.get(name, ""))
    found["rate"] = _whole(post.get("rate", "")) if post.get("rate", "").strip() else None
    found["topic"] = _topic(workspace, post.get("topic", ""))
    found["inside"], found["outside"] = post.getlist("inside"), post.getlist("outside")
    for name in ("connection", "promotion"):
        found[f"{name}_id"] = _whole(post.get(name, "")) if post.get(name) else None
    found["arms"] = arms(post)
    found["starts_at"] = _moment(post, workspace)
    return found


def arms(post: Mapping[str, str]) -> list[dict[str, Any]]:
    """The letters that were chosen, each with its share."""
    rows = []
    for at in range(checking.MOST_ARMS):
        if letter := post.get(f"letter-{at}", ""):
            rows.append({"letter": _whole(letter), "share": _whole(post.get(f"share-{at}", "") or "50")})
    return rows


def _whole(text: str) -> int:
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Refused(_("“%(value)s” is not a whole number.") % {"value": text[:40]})
    return int(text)


def _topic(workspace: Workspace, key: str) -> str:
    return key if key and Topic.objects.of(workspace).filter(key=key[:40]).exists() else "marketing"


def _moment(post: Mapping[str, str], workspace: Workspace) -> datetime | None:
    """In the workspace's own zone; of a day alone, ten o'clock."""
    day, clock = post.get("on", "").strip(), post.get("clock", "").strip() or "10:00"
    if not day:
        return None
    try:
        found = datetime.fromisoformat(f"{day}T{clock}")
    except ValueError:
        raise Refused(_("“%(value)s” is not a moment.") % {"value": f"{day} {clock}"[:40]}) from None
    return found.replace(tzinfo=ZoneInfo(workspace.timezone))


def offered(workspace: Workspace, campaign: Campaign) -> dict[str, Any]:
    """What the form lets one choose from."""
    segments = [(row.public, row.name, row.members) for row in members.listed(workspace)]
    at = campaign.starts_at.astimezone(ZoneInfo(workspace.timezone)) if campaign.starts_at else None
    return {
        "segments": segments,
        "connections": testing.connections(workspace),
        "goals": Campaign.Goal.choices,
        "topics": [
            ("marketing", _("Anything of ours")),
            *((row.key, row.name) for row in Topic.objects.of(workspace).filter(archived_at=None)),
        ],
        "promotions": promotions.choices(workspace),
        "timings": Campaign.Timing.choices,
        "winners": Campaign.Winner.choices,
        "on": at.strftime("%Y-%m-%d") if at else "",
        "clock": at.strftime("%H:%M") if at else "",
        "zone": workspace.timezone,
        **rows_of(workspace, campaign.arms),
    }


def rows_of(workspace: Workspace, chosen: list[dict[str, Any]]) -> dict[str, Any]:
    """The letters' rows: those chosen and an empty one behind them."""
    rows = [{"at": at, "name": chr(65 + at), "letter": arm["letter"], "share": arm["share"]} for at, arm in enumerate(chosen)]
    if len(rows) < checking.MOST_ARMS:
        rows.append({"at": len(rows), "name": chr(65 + len(rows)), "letter": None, "share": 50})
    return {"arm_rows": rows, "letters": choosing.choices(workspace), "several": len(chosen) > 1}
