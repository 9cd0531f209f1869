"""When a survey takes answers, how many, from whom and how often."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo, available_timezones

from django.db import transaction
from django.utils.translation import gettext as _

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace

from .collectors import Refused
from .models import Survey

LARGEST: Final = 10_000_000
LONGEST: Final = 730
ONE_PER: Final = ("", "person", "device", "code")


def zone_of(survey: Survey) -> ZoneInfo:
    return ZoneInfo(survey.timezone or survey.workspace.timezone)


def values(survey: Survey) -> dict[str, Any]:
    """As the form shows them."""
    zone = zone_of(survey)

    def local(at: datetime | None) -> str:
        return at.astimezone(zone).strftime("%Y-%m-%dT%H:%M") if at else ""

    return {
        "opens_at": local(survey.opens_at), "closes_at": local(survey.closes_at), "timezone": zone.key, "cap": survey.cap or "",
        "not_again_days": survey.not_again_days, "one_answer_per": survey.one_answer_per,
    }  # fmt: skip


def change(workspace: Workspace, user: User, survey: Survey, given: Mapping[str, str]) -> None:
    """What was typed: moments in the survey's own zone. Raises Refused."""
    name = given.get("timezone", "") or workspace.timezone
    if name not in available_timezones():
        raise Refused(_("“%(value)s” is no time zone.") % {"value": name[:40]})
    opens, closes = (_moment(given.get(each, ""), ZoneInfo(name)) for each in ("opens_at", "closes_at"))
    if opens and closes and closes <= opens:
        raise Refused(_("It has to close after it opens."))
    one_per = given.get("one_answer_per", "")
    if one_per not in ONE_PER:
        raise Refused(_("Choose how often somebody may answer."))
    told: dict[str, Any] = {
        "opens_at": opens, "closes_at": closes, "timezone": name, "cap": _number(given.get("cap", ""), LARGEST),
        "not_again_days": _number(given.get("not_again_days", ""), LONGEST) or 0, "one_answer_per": one_per,
    }  # fmt: skip
    with transaction.atomic():
        Survey.objects.of(workspace).filter(pk=survey.pk).update(**told)
        shown: dict[str, Any] = {key: each.isoformat() if isinstance(each, datetime) else each for key, each in told.items()}
        audit.record(workspace, user, "limited", "survey", survey.pk, survey.name, **shown)


def _moment(text: str, zone: ZoneInfo) -> datetime | None:
    if not text.strip():
        return None
    try:
        return datetime.fromisoformat(text.strip()[:19]).replace(tzinfo=zone)
    except ValueError:
        raise Refused(_("“%(value)s” is not a moment.") % {"value": text[:40]}) from None


def _number(text: str, most: int) -> int | None:
    text = text.strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 9 and int(text) <= most):
        raise Refused(_("“%(value)s” is not a whole number up to %(most)d.") % {"value": text[:40], "most": most})
    return int(text) or None
