"""The list of people: search, filters, pages, columns, saved views, download."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST, require_safe

from vincle.accounts import audit
from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.accounts.choices import countries
from vincle.listen.models import Delivery
from vincle.store.export import csv_response
from vincle.vocabulary import Stage
from vincle.web.tags.formats import day, number
from vincle.web.tags.people import channel_name, stage_name

from . import companies, people, score_filter, score_words, team, worth_words
from .choices import Choices, choices
from .models import Profile, SavedView

COLUMNS = {
    "stage": gettext_lazy("Stage"), "channels": gettext_lazy("Channels"), "company": gettext_lazy("Company"), "city": gettext_lazy("City"),
    "email": gettext_lazy("E-mail"), "phone": gettext_lazy("Phone"), "tags": gettext_lazy("Tags"), "owner": gettext_lazy("Owner"),
    "activities": gettext_lazy("Activities"), "purchases": gettext_lazy("Purchases"), "known": gettext_lazy("Known since"),
    "last": gettext_lazy("Last seen"), **{name: worth_words.NAMES[name] for name in people.SCORES},
}  # fmt: skip
SHOWN = ("stage", "channels", "company", "city", "tags", "owner", "activities", "last")
YEAR = 365 * 24 * 3600


@allow(May.SEE)
@require_safe
def list_people(request: WorkspaceRequest) -> HttpResponse:
    filters = people.asked(request.GET)
    condition = people.where(request.workspace, filters, request.user.pk)
    sort = people.sort_of(request.GET.get("sort", ""))
    page = people.page(condition, sort, request.GET.get("after", ""), request.GET.get("before", ""))
    offered = choices(request.workspace, request.user)
    shown = shown_columns(request)
    context = {
        "page": page, "sort": sort.param, "shown": shown, "show": {name: str(COLUMNS[name]) for name in shown},
        "scores": [(name, COLUMNS[name]) for name in people.SCORES if name in shown],
        "figures": ("activities", "purchases", *people.SCORES), "columns": COLUMNS.items(), "problems": condition.problems,
        "filtered": bool(filters), "nobody": not page.total and not filters, "query": _query(request.GET), "summary": _summary(page),
        **_offered(request, filters, offered), "tabs": _tabs(request, offered), "view": _current(request, offered),
        "may_edit": request.may(May.EDIT_PEOPLE), "may_export": request.may(May.EXPORT),
    }  # fmt: skip
    template = "organise/_list.html" if request.headers.get("HX-Target") == "list" else "organise/people.html"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Target"])
    if "columns" in request.GET:
        response.set_cookie(
            "people_columns", ".".join(shown) or "none", max_age=YEAR, samesite="Lax", httponly=True, secure=request.is_secure()
        )
    return response


def shown_columns(request: HttpRequest) -> list[str]:
    """The columns asked for now, else those this browser asked for last, else the usual ones."""
    asked = request.GET.getlist("columns") or request.COOKIES.get("people_columns", "").split(".")
    known = [name for name in COLUMNS if name in asked]
    return known or ([] if asked == ["none"] else list(SHOWN))


def _query(params: QueryDict) -> str:
    """Filters and sort of an address, without the place in the list."""
    kept = [(name, value) for name, values in people.asked(params).items() for value in values]
    return urlencode([*kept, *(("sort", value) for value in params.getlist("sort")[:1])])


def _summary(page: people.Page) -> str:
    total = ngettext("%(total)s person", "%(total)s people", page.total) % {"total": number(page.total)}
    return _("%(shown)s of %(total)s") % {"shown": number(len(page.rows)), "total": total} if len(page.rows) < page.total else total


def _offered(request: WorkspaceRequest, filters: dict[str, list[str]], offered: Choices) -> dict[str, Any]:
    today = timezone.localdate()
    return {
        "stages": [(each.value, stage_name(each.value)) for each in reversed(Stage)],
        "channels": [(each, channel_name(each)) for each in dict.fromkeys([*offered.channels, *filters.get("channel", [])])],
        "tags": offered.tags, "segments": offered.segments,
        "owners": [("me", _("Me")), *offered.owners, ("none", _("Nobody"))],
        "team": offered.owners,
        "identified": [("yes", _("Known by e-mail, phone or account")), ("no", _("Known by a name on a network only"))],
        "countries": [(code, dict(countries()).get(code.upper(), code)) for code in filters.get("country", [])],
        "active_words": _period(filters, "active", _("Active")), "known_words": _period(filters, "known", _("Known")),
        "days": [(days, str(today - timedelta(days=days - 1))) for days in (7, 30, 90, 365)],
        "quiet_since": str(today - timedelta(days=90)),
        "delivery": _delivery_words(request, filters), "company": _company_words(request, filters), "level": _level_words(filters),
        "scored": [score_filter.words(value, request.workspace.currency) for value in filters.get("score", [])],
    }  # fmt: skip


def _period(filters: dict[str, list[str]], name: str, word: str) -> str:
    """ "Active 1 Mar 2026 – 31 Mar 2026", "Active since 1 Mar 2026", or nothing."""
    first, last = (filters.get(f"{name}_{side}", [""])[0] for side in ("from", "to"))
    if first and last:
        return f"{word} {_written(first)} – {_written(last)}"
    if first:
        return _("%(word)s since %(day)s") % {"word": word, "day": _written(first)}
    return _("%(word)s until %(day)s") % {"word": word, "day": _written(last)} if last else ""


def _written(text: str) -> str:
    found = people.day_of(text)
    return day(found) if found else text[:40]


def _delivery_words(request: WorkspaceRequest, filters: dict[str, list[str]]) -> str:
    value = filters.get("delivery", [""])[0]
    if not value:
        return ""
    found = (
        Delivery.objects.of(request.workspace).filter(pk=value).values_list("name", flat=True).first()
        if value.isdecimal() and len(value) < 18
        else None
    )
    return _("First known from %(name)s") % {"name": found or value[:40]}


def _company_words(request: WorkspaceRequest, filters: dict[str, list[str]]) -> str:
    key = filters.get("company", [""])[0]
    return _("Of %(company)s") % {"company": companies.name_of(request.workspace, key) or key[:40]} if key else ""


def _level_words(filters: dict[str, list[str]]) -> str:
    value = filters.get("level", [""])[0]
    return score_words.label("registration", value)[:40] if value else ""


def _tabs(request: WorkspaceRequest, offered: Choices) -> list[tuple[str, str, bool]]:
    here, now = reverse("organise:people", kwargs={"workspace": request.workspace.slug}), _query(request.GET)
    views = [(view.name, f"{here}?{view.query}", view.query == now) for view in offered.views]
    return [(_("Everyone"), here, not now), *views]


def _current(request: WorkspaceRequest, offered: Choices) -> Any:
    return next((view for view in offered.views if view.query == _query(request.GET) and view.is_own), None)


@allow(May.SEE)
@require_GET
def list_countries(request: WorkspaceRequest) -> HttpResponse:
    """The countries of a workspace's people, most frequent first: what the country filter opens."""
    names = dict(countries())
    chosen = {value.upper() for value in request.GET.getlist("country")}
    here = reverse("organise:people", kwargs={"workspace": request.workspace.slug})
    rows = []
    for code, count in people.countries_of(request.workspace):
        wanted = request.GET.copy()
        wanted.setlist("country", sorted(chosen ^ {code}))
        rows.append({"name": names.get(code, code), "count": count, "on": code in chosen, "url": f"{here}?{wanted.urlencode()}"})
    return render(request, "organise/_countries.html", {"rows": rows})


HEADINGS = (
    "Name", "E-mail", "Phone", "Stage", "Channels", "Company", "City", "Country", "Tags", "Owner", "Activities", "Purchases", "Known since",
    "Last seen", "Customer value", "Engagement value", "Currency", "Still a customer", "Id",
)  # fmt: skip


@allow(May.EXPORT)
def export(request: WorkspaceRequest) -> HttpResponseBase:
    """The people of the filter (GET), or those ticked (POST), as CSV."""
    if request.method not in ("GET", "POST"):
        return HttpResponse(status=405)
    condition = (
        selection(request) if request.method == "POST" else people.where(request.workspace, people.asked(request.GET), request.user.pk)
    )
    sort = people.sort_of((QueryDict(request.POST.get("query", "")) if request.method == "POST" else request.GET).get("sort", ""))
    with transaction.atomic():
        audit.record(
            request.workspace, request.user, "exported", "people", people=people.count(condition), filter=_query(request.GET)[:200]
        )
    rows = (_cells(row, request.workspace.currency) for row in people.every(condition, sort))
    return csv_response(f"people-{request.workspace.slug}.csv", HEADINGS, rows)


def _cells(row: people.Row, currency: str) -> tuple[Any, ...]:
    times = (each.isoformat() if each else "" for each in (row.known_since, row.last_at))
    place = (row.company, row.city, row.country, ", ".join(row.tags), row.owner)
    worth = (_digits(row.value, 2), _digits(row.engagement, 2), currency, _digits(row.alive, 4))
    return (row.name, row.email, row.phone, row.stage, " ".join(row.met), *place, row.activities, row.purchases, *times, *worth, row.public)


def _digits(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}f}"


def selection(request: WorkspaceRequest) -> people.Where:
    """Whom a bulk verb is about: those ticked, or all that match the list's filters."""
    if request.POST.get("all"):
        return people.where(request.workspace, people.asked(QueryDict(request.POST.get("query", ""))), request.user.pk)
    return people.chosen(request.workspace, request.POST.getlist("ids"))


@allow(May.SEE)
@require_POST
def save_view(request: WorkspaceRequest) -> HttpResponse:
    query = _query(QueryDict(request.POST.get("query", "")))
    shared = bool(request.POST.get("shared")) and request.may(May.EDIT_PEOPLE)
    try:
        team.save_view(request.workspace, request.user, request.POST.get("name", ""), query, shared)
    except team.Refused as refused:
        messages.error(request, str(refused))
    return redirect(f"{reverse('organise:people', kwargs={'workspace': request.workspace.slug})}?{query}")


def _own_view(request: WorkspaceRequest, pk: int) -> SavedView:
    view: SavedView = get_object_or_404(SavedView.objects.of(request.workspace), pk=pk)
    if view.by_id != request.user.pk and not (view.is_shared and request.may(May.MANAGE)):
        raise Http404
    return view


@allow(May.SEE)
@require_POST
def delete_view(request: WorkspaceRequest, view: int) -> HttpResponse:
    done = team.delete_view(request.workspace, request.user, _own_view(request, view))
    say(request, _("The view is gone."), done)
    return redirect("organise:people", workspace=request.workspace.slug)


@allow(May.EDIT_PEOPLE)
@require_POST
def share_view(request: WorkspaceRequest, view: int) -> HttpResponse:
    found = _own_view(request, view)
    team.share_view(request.workspace, request.user, found, not found.is_shared)
    messages.success(request, _("Only you see this view now.") if found.is_shared else _("The whole team sees this view now."))
    return redirect(f"{reverse('organise:people', kwargs={'workspace': request.workspace.slug})}?{found.query}")


def say(request: WorkspaceRequest, text: str, done: team.Done) -> None:
    """A message, with the way back where there is one."""
    undo = reverse("organise:undo", kwargs={"workspace": request.workspace.slug, "token": done.undo}) if done.undo else ""
    messages.success(request, text, extra_tags=f"undo:{undo}" if undo else "")


def profile_of(request: WorkspaceRequest, pid: str) -> Profile:
    """The profile behind a public id; 404 when this workspace has none."""
    person = people.person_id(pid)
    found: Profile | None = (
        Profile.objects.of(request.workspace).filter(person=person).select_related("owner").first() if person is not None else None
    )
    if found is None:
        raise Http404
    return found
