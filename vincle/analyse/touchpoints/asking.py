"""What an address (or an API call) asks of touchpoints."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from vincle.accounts.models import Workspace
from vincle.analyse.choice import Choice, choose
from vincle.analyse.pulse import span
from vincle.organise.models import Segment

from . import rules
from .channels import LEVELS
from .reading import Wanted

LENGTHS: Final = {"28": 28, "90": 90, "365": 365}
ORDERS: Final = ("1", "2", "3")


@dataclass(frozen=True)
class Asked:
    """`days`: how many are looked at."""

    wanted: Wanted
    choice: Choice
    days: int
    segment: Segment | None


def asked(workspace: Workspace, given: Mapping[str, str]) -> Asked | None:
    """days (28, 90, 365) or from and to, segment (public id), product, order, by (kind, source, campaign); None: nothing was heard yet."""
    known = span(workspace)
    if known is None:
        return None
    given = {name: value.replace("\x00", "") for name, value in given.items()}
    length = LENGTHS.get(given.pop("days", ""), 90)
    choice = choose(given, workspace.timezone, known[1])
    first, last = choice.period.first, choice.period.last
    if not (given.get("from") or given.get("to")):
        first = max(date.fromordinal(last.toordinal() - length + 1), known[0].astimezone(ZoneInfo(workspace.timezone)).date())
    segment = Segment.objects.of(workspace).filter(public=given.get("segment", "")[:16], archived_at=None).first()
    order = int(given["order"]) if given.get("order") in ORDERS else 1
    level = given["by"] if given.get("by") in LEVELS else LEVELS[0]
    product = given.get("product", "")[:80]
    wanted = Wanted(first, last, rules.rules_of(workspace), segment.pk if segment else None, product, order, level)
    return Asked(wanted, choice, (last - first).days + 1, segment)
