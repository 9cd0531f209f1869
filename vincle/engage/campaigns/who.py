"""Behind each figure of a campaign: the people it counts, as a query that lists, downloads and segments are made of."""

from dataclasses import dataclass
from typing import Any, Final

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from vincle.engage.outbox.models import Outcome, Send

from .models import Assignment, Campaign


@dataclass(frozen=True)
class Figure:
    """One thing that is counted. `of`: "drawn", "send" or "outcome", where it is found; `column`: the moment of an outcome."""

    key: str
    label: Any
    of: str
    column: str = ""
    note: Any = ""


FIGURES: Final = (
    Figure("drawn", _("Drawn"), "drawn"),
    Figure("sent", _("Sent"), "send"),
    Figure(
        "skipped",
        _("Left out at the moment of sending"),
        "send",
        note=_("They took their agreement back, had enough that week, or have no address."),
    ),
    Figure("failed", _("Failed"), "send"),
    Figure("delivered", _("Delivered"), "outcome", "delivered_at"),
    Figure("bounced", _("Came back"), "outcome", "bounced_at"),
    Figure("opened", _("Opened by people"), "outcome", "opened_at"),
    Figure(
        "machine_opened",
        _("Opened by machines"),
        "outcome",
        "machine_opened_at",
        _("Programs of mail providers fetch pictures by themselves."),
    ),
    Figure("clicked", _("Followed a link"), "outcome", "clicked_at"),
    Figure(
        "machine_clicked",
        _("Links followed by machines"),
        "outcome",
        "machine_clicked_at",
        _("Scanners try every link before the reader does."),
    ),
    Figure("replied", _("Answered"), "outcome", "replied_at"),
    Figure("unsubscribed", _("Unsubscribed"), "outcome", "unsubscribed_at"),
    Figure("complained", _("Complained of spam"), "outcome", "complained_at"),
    Figure("acted", _("Did what was wanted"), "drawn"),
    Figure("bought", _("Bought"), "drawn"),
    Figure("held", _("Held out"), "drawn"),
)
BY_KEY: Final = {figure.key: figure for figure in FIGURES}
OUTCOMES: Final = tuple(figure for figure in FIGURES if figure.of == "outcome")
FAILED: Final = ("failed", "dead", "doubtful")


def people(campaign: Campaign, key: str, arm: int | None = None, code: str = "", link: int | None = None) -> "QuerySet[Any, int]":
    """Ids of the people behind a figure (a key of FIGURES); KeyError for another. `code`: why skipped; `link`: who followed it."""
    figure = BY_KEY[key]
    if figure.of == "drawn":
        return _drawn(campaign, key, arm)
    if figure.of == "send":
        rows = Send.objects.of(campaign.workspace_id).filter(job=campaign.job_id, person__isnull=False)
        rows = rows.filter(state__in=FAILED) if key == "failed" else rows.filter(state=key)
        rows = rows.filter(problem_code=code) if code else rows
        return _of_arm(rows, arm).values_list("person", flat=True).order_by()
    rows = Outcome.objects.of(campaign.workspace_id).filter(job=campaign.job_id, send__person__isnull=False)
    rows = rows.exclude(**{figure.column: None})
    if link is not None:
        rows = rows.filter(send__in=_followed(campaign, link))
    return _of_arm(rows, arm).annotate(person=F("send__person")).values_list("person", flat=True).order_by()


def _followed(campaign: Campaign, link: int) -> Any:
    from vincle.engage.outbox.models import LinkHit

    return LinkHit.objects.of(campaign.workspace_id).filter(job=campaign.job_id, link=link, humans__gt=0).values("send")


def _of_arm(rows: Any, arm: int | None) -> Any:
    return rows if arm is None else rows.filter(arm=arm)


def _drawn(campaign: Campaign, key: str, arm: int | None) -> "QuerySet[Any, int]":
    rows = _of_arm(Assignment.objects.of(campaign.workspace_id).filter(campaign=campaign), arm)
    asks = {"held": Q(is_held=True), "drawn": Q(is_held=False), "acted": Q(acted_at__isnull=False), "bought": Q(bought_at__isnull=False)}
    rows = rows.filter(asks[key])
    if key in ("acted", "bought") and arm is None:
        rows = rows.filter(is_held=False)
    return rows.values_list("person", flat=True).order_by()
