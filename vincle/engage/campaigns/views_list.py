"""All campaigns, their download, and how tired the people are who get them."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.engage import speaking
from vincle.engage.outbox.models import Outcome
from vincle.organise.models import Segment
from vincle.store.export import csv_response
from vincle.store.folding import fold
from vincle.web.tags.formats import number

from . import fatigue, texts
from .models import Assignment, Campaign

PAGE = 50
MOST = 2_000
HEADINGS = (
    "id",
    "name",
    "state",
    "goal",
    "begun",
    "people",
    "held out",
    "delivered",
    "clicked",
    "unsubscribed",
    "acted",
    "revenue",
    "currency",
)


def url(request: WorkspaceRequest, name: str, **more: Any) -> str:
    return reverse(f"campaigns:{name}", kwargs={"workspace": request.workspace.slug, **more})


def one(request: WorkspaceRequest, public: str) -> Campaign:
    """The campaign of this workspace, put away or not. Http404."""
    rows = Campaign.objects.of(request.workspace).select_related(
        "workspace", "connection", "promotion", "job", "by", "asked_by", "approved_by"
    )
    found: Campaign | None = rows.filter(public=public.replace("\0", "")).first()
    if found is None:
        raise Http404
    return found


def _asked(request: WorkspaceRequest) -> list[Campaign]:
    put_away = request.GET.get("put_away") == "yes"
    rows = Campaign.objects.of(request.workspace).filter(archived_at__isnull=not put_away).order_by("-created_at", "-pk")
    state = request.GET.get("state", "")
    rows = rows.filter(state=state) if state in Campaign.State.values else rows
    words = fold(request.GET.get("q", "").replace("\x00", "")[:100]).split()
    return [row for row in rows[:MOST] if all(word in fold(f"{row.name} {row.note}") for word in words)]


@allow(May.SEE)
@never_cache
@require_safe
def list_campaigns(request: WorkspaceRequest) -> HttpResponse:
    fitting = _asked(request)
    start = min(_place(request.GET.get("after", "")), len(fitting))
    shown = fitting[start : start + PAGE]
    is_filtered = any(request.GET.get(name) for name in ("q", "state", "put_away"))
    context = {
        "title": _title(fitting),
        "rows": _rows(request, shown),
        "nothing": not fitting and not is_filtered,
        "tabs": speaking.tabs(request.workspace, "campaigns"),
        "may_speak": request.may(May.SPEAK),
        "may_export": request.may(May.EXPORT),
        "states": Campaign.State.choices,
        "put_away_choices": [("yes", _("Put away"))],
        "after": start + PAGE if start + PAGE < len(fitting) else None,
        "before": max(start - PAGE, 0) if start else None,
        "summary": _("%(shown)s of %(total)s") % {"shown": number(len(shown)), "total": number(len(fitting))},
        **{f"{name}_url": url(request, name) for name in ("new", "plans", "fatigue", "csv")},
    }
    response = render(request, "campaigns/list.html", context)
    patch_vary_headers(response, ["HX-Target"])
    return response


def _place(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0


def _title(rows: Sequence[Campaign]) -> str:
    at_work = sum(row.state in (Campaign.State.SENDING, Campaign.State.APPROVED) for row in rows)
    waiting = sum(row.state == Campaign.State.ASKED for row in rows)
    if waiting:
        return ngettext("%(n)s campaign waits for approval", "%(n)s campaigns wait for approval", waiting) % {"n": number(waiting)}
    if at_work:
        return ngettext("%(n)s campaign is under way", "%(n)s campaigns are under way", at_work) % {"n": number(at_work)}
    return _("Campaigns")


def _rows(request: WorkspaceRequest, campaigns: Sequence[Campaign]) -> list[dict[str, Any]]:
    """By three queries, for as many as there are."""
    pks, publics = [row.pk for row in campaigns], {public for row in campaigns for public in row.inside}
    names = dict(Segment.objects.of(request.workspace).filter(public__in=publics).values_list("public", "name"))
    drawn = {
        row["campaign"]: row
        for row in Assignment.objects.of(request.workspace)
        .filter(campaign__in=pks, is_held=False)
        .values("campaign")
        .annotate(people=Count("pk"), acted=Count("acted_at"))
        .order_by()
    }
    jobs = {row.job_id: row.pk for row in campaigns if row.job_id}
    outcomes = {
        jobs[row["job"]]: row
        for row in Outcome.objects.of(request.workspace)
        .filter(job__in=jobs)
        .values("job")
        .annotate(delivered=Count("delivered_at"), clicked=Count("clicked_at"), gone=Count("unsubscribed_at"))
        .order_by()
    }
    return [
        {
            "campaign": row,
            "url": url(request, "one", campaign=row.public),
            "state": texts.STATES[row.state],
            "segments": ", ".join(names.get(each, _("a segment that is gone")) for each in row.inside),
            "drawn": drawn.get(row.pk),
            "out": outcomes.get(row.pk),
            "goal": texts.GOALS[row.goal],
        }
        for row in campaigns
    ]


@allow(May.EXPORT)
@never_cache
@require_safe
def download(request: WorkspaceRequest) -> HttpResponseBase:
    rows = _asked(request)
    spent: dict[int, float] = {}
    for pk, amount in (
        Assignment.objects.of(request.workspace)
        .filter(campaign__in=[row.pk for row in rows], is_held=False)
        .values_list("campaign", "money")
    ):
        spent[pk] = spent.get(pk, 0.0) + float(amount)
    held = dict(
        Assignment.objects.of(request.workspace)
        .filter(campaign__in=[row.pk for row in rows], is_held=True)
        .values_list("campaign")
        .annotate(n=Count("pk"))
        .order_by()
    )
    lines = (_line(each, held, spent, request.workspace.currency) for each in _rows(request, rows))
    return csv_response("campaigns.csv", HEADINGS, lines)


def _line(each: dict[str, Any], held: dict[int, int], spent: dict[int, float], currency: str) -> list[Any]:
    row, drawn, out = each["campaign"], each["drawn"] or {}, each["out"] or {}
    begun = row.begun_at.isoformat() if row.begun_at else ""
    return [
        row.public,
        row.name,
        row.state,
        row.goal,
        begun,
        drawn.get("people", 0),
        held.get(row.pk, 0),
        out.get("delivered", 0),
        out.get("clicked", 0),
        out.get("gone", 0),
        drawn.get("acted", 0),
        round(spent.get(row.pk, 0.0), 2),
        currency,
    ]


@allow(May.SEE)
@never_cache
@require_safe
def tired(request: WorkspaceRequest) -> HttpResponse:
    """How often people are written to, and whether they follow less and leave more."""
    found = fatigue.look(request.workspace)
    drawn = [[week.name, round(week.clicked * 100, 2), round(week.left * 100, 2)] for week in found.weeks if week.delivered]
    context = {
        "found": found,
        "tabs": speaking.tabs(request.workspace, "campaigns"),
        "back_url": url(request, "list"),
        "often": {"columns": [_("Letters in 28 days"), _("People")], "rows": [[name, people] for name, people in found.often]},
        "weeks": {"columns": [_("Week"), _("Followed a link, %"), _("Left or complained, %")], "rows": drawn, "unit": "%"},
    }
    return render(request, "campaigns/fatigue.html", context)
