"""Until when a conversation is put off: moments people mean, in the workspace's time."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from vincle.accounts.models import Workspace

from .actions import Refused

MORNING = time(9)


def moments(workspace: Workspace, now: datetime | None = None) -> list[tuple[str, str, datetime]]:
    """(value, words, moment) to choose from, nearest first."""
    zone = ZoneInfo(workspace.timezone)
    here = (now or timezone.now()).astimezone(zone)
    tomorrow = datetime.combine(here.date() + timedelta(days=1), MORNING, zone)
    monday = datetime.combine(here.date() + timedelta(days=7 - here.weekday()), MORNING, zone)
    return [
        ("1h", _("In an hour"), here + timedelta(hours=1)),
        ("4h", _("In four hours"), here + timedelta(hours=4)),
        ("tomorrow", _("Tomorrow morning"), tomorrow),
        ("3d", _("In three days"), tomorrow + timedelta(days=2)),
        ("monday", _("On Monday"), monday),
    ]


def moment(workspace: Workspace, value: str) -> datetime:
    """The moment of a choice, or of a date typed as 2026-11-21T09:00. Raises Refused."""
    for name, _words, at in moments(workspace):
        if name == value:
            return at
    try:
        typed = datetime.fromisoformat(value[:25])
    except ValueError as error:
        raise Refused(_("“%(value)s” is no moment; choose one of the list.") % {"value": value[:25]}) from error
    return typed if typed.tzinfo else typed.replace(tzinfo=ZoneInfo(workspace.timezone))
