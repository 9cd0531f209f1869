"""What forms brought: looked, began, sent, confirmed; by day, by page, by where people came from."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Count, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from vincle.accounts.models import Workspace
from vincle.web.tags.formats import axis_day

from . import counting
from .models import Form, FormDay, Page, Submission

STEPS = ("views", "starts", "submits", "confirmed")
NONE: Mapping[str, int] = dict.fromkeys((*STEPS, "spam"), 0)
_MOST = 10


def of_forms(workspace: Workspace, forms: Sequence[int], days: int) -> dict[int, dict[str, int]]:
    """Sums of the last days of many forms, in two queries."""
    since = counting.today(workspace) - timedelta(days=days - 1)
    rows = FormDay.objects.of(workspace).filter(form__in=forms, day__gte=since).order_by()
    found = {row.pop("form"): {**NONE, **row} for row in rows.values("form").annotate(**{name: Sum(name) for name in STEPS})}
    spam = Submission.objects.of(workspace).filter(form__in=forms, state="spam", at__gte=timezone.now() - timedelta(days=days)).order_by()
    for form, number in spam.values("form").annotate(number=Count("pk")).values_list("form", "number"):
        found.setdefault(form, dict(NONE))["spam"] = number
    return found


def of_form(form: Form, days: int) -> dict[str, Any]:
    """Everything the report of a form shows."""
    today = counting.today(form.workspace)
    since = today - timedelta(days=days - 1)
    rows = list(FormDay.objects.of(form.workspace_id).filter(form=form, day__gte=since).order_by("day"))
    total = {name: sum(getattr(row, name) for row in rows) for name in STEPS}
    by_day: dict[Any, list[int]] = {since + timedelta(days=n): [0] * 4 for n in range(days)}
    by_page: dict[int, list[int]] = {}
    for row in rows:
        for sums in (by_day.setdefault(row.day, [0] * 4), by_page.setdefault(row.page, [0] * 4)):
            for place, name in enumerate(STEPS):
                sums[place] += getattr(row, name)
    sent = Submission.objects.of(form.workspace_id).filter(form=form, at__gte=timezone.now() - timedelta(days=days))
    waiting = sent.aggregate(spam=Count("pk", filter=Q(state="spam")), open=Count("pk", filter=Q(state="unconfirmed")))
    return {
        **total, **waiting, "finding": _finding(total, waiting["open"]), "chart": _chart(by_day), "funnel": _funnel(total),
        "pages": _pages(form, by_page), "sources": _sources(sent.exclude(state="spam")),
    }  # fmt: skip


def _share(part: int, whole: int) -> int | None:
    """In per cent; None where there is nothing to compare with."""
    return round(100 * part / whole) if whole else None


def _finding(total: Mapping[str, int], is_open: int) -> str:
    if not total["views"] and not total["submits"]:
        return str(_("Nobody has seen this form yet."))
    share = _share(total["submits"], total["views"])
    if share is None or share > 100:
        return str(_("%(n)s sent it.") % {"n": total["submits"]})
    lost = total["starts"] - total["submits"]
    if total["starts"] >= 20 and lost > total["submits"]:
        return str(_("Most who begin give up before the end: ask for less."))
    if is_open > total["confirmed"] and is_open >= 10:
        return str(_("More wait for confirmation than have confirmed: look whether that mail arrives."))
    return str(_("Of a hundred who look at it, %(n)d send it.") % {"n": share})


def _funnel(total: Mapping[str, int]) -> list[tuple[Any, int, int | None]]:
    """(what, how many, share of those before in per cent)."""
    return [
        (_("Looked"), total["views"], None), (_("Began"), total["starts"], _share(total["starts"], total["views"])),
        (_("Sent"), total["submits"], _share(total["submits"], total["starts"] or total["views"])),
        (_("Confirmed"), total["confirmed"], _share(total["confirmed"], total["submits"])),
    ]  # fmt: skip


def _chart(by_day: Mapping[Any, list[int]]) -> dict[str, Any]:
    return {
        "columns": [str(_("Day")), str(_("Looked")), str(_("Sent"))],
        "rows": [[axis_day(day), sums[0], sums[2]] for day, sums in sorted(by_day.items())],
    }  # fmt: skip


def _pages(form: Form, by_page: Mapping[int, list[int]]) -> list[tuple[str, list[int]]]:
    names = dict(Page.objects.of(form.workspace_id).filter(pk__in=by_page).values_list("pk", "name"))
    named = [
        (names.get(pk, str(_("A page that is gone"))) if pk else str(_("Its own address, and sites it is on")), sums)
        for pk, sums in by_page.items()
    ]
    return sorted(named, key=lambda row: -row[1][2])


def _sources(sent: Any) -> list[tuple[str, int, int]]:
    """(where they came from, how many sent it, how many of them are confirmed): campaign, else referring site."""
    found: Counter[str] = Counter()
    confirmed: Counter[str] = Counter()
    for touch, state in sent.values_list("touch", "state")[:20_000]:
        name = source_of(touch)
        found[name] += 1
        confirmed[name] += state == "confirmed"
    return [(name, number, confirmed[name]) for name, number in found.most_common(_MOST)]


def source_of(touch: Mapping[str, Any]) -> str:
    """Where someone came from, in a few words."""
    named = " / ".join(str(touch[each]) for each in ("source", "campaign") if touch.get(each))
    if touch.get("way") == "qr" and not named:
        return str(_("QR code"))
    return named or str(touch.get("referrer") or "") or str(_("Directly"))
