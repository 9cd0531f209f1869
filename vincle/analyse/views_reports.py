"""The reports of a team: their list, one of them with what it said, its settings, its shared addresses, its files."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import structlog
from django.conf import settings
from django.contrib import messages
from django.db.models import Max, Sum
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.dates import WEEKDAYS
from django.utils.http import urlencode
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vincle.accounts import audit
from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.accounts.mail import mail_leaves
from vincle.engines.base import EngineError
from vincle.listen.models_listening import Listening

from . import reports, reports_page
from .metrics.base import FILTERS
from .models import Report, Run, Share
from .pdf import written
from .reports_figures import SECTIONS, names
from .views_shared import file_of

RUNS = 12
NEW_LINK = "new_report_link"
logger = structlog.get_logger(__name__)


def _row(request: WorkspaceRequest, pk: int) -> Report:
    found: Report = get_object_or_404(reports.visible(request.workspace, request.user), pk=pk)
    return found


def _changing(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def changing(request: WorkspaceRequest, pk: int) -> HttpResponse:
        return view(request, _row(request, pk))

    return changing


@allow(May.SEE)
@never_cache
@require_safe
def listing(request: WorkspaceRequest) -> HttpResponse:
    rows = list(reports.visible(request.workspace, request.user).annotate(made=Max("runs__made_at")))
    opened = Share.objects.of(request.workspace).values("run__report").annotate(n=Sum("opened")).values_list("run__report", "n")
    counts = dict(opened.order_by())
    return render(
        request,
        "analyse/reports.html",
        {"rows": [(row, counts.get(row.pk, 0)) for row in rows], "may_change": request.may(May.EXPORT)},
    )


@allow(May.EXPORT)
@require_POST
def create(request: WorkspaceRequest) -> HttpResponse:
    """POST with the address of a board as its query: keeps what that board shows as a report, and runs it."""
    try:
        row = reports.save(request.workspace, request.user, _from_board(request))
    except reports.Refused as error:
        messages.error(request, str(error))
        return redirect("analyse:board", workspace=request.workspace.slug)
    _ran(request, row)
    return _to(row)


def _from_board(request: WorkspaceRequest) -> dict[str, Any]:
    given: dict[str, Any] = {name: request.GET.get(name, "") for name in (*FILTERS, "channel", "listening", "beside", "days")}
    given["said_in"] = given.pop("language")
    if request.GET.get("from") or request.GET.get("to"):
        given |= {"days": Report.Days.FIXED, "first": request.GET.get("from", ""), "last": request.GET.get("to", "")}
    asked = Listening.objects.of(request.workspace).filter(pk=given["listening"]) if given["listening"].isdecimal() else None
    query = asked.first() if asked is not None and len(given["listening"]) < 19 else None
    day = timezone.localdate().isoformat()
    given["name"] = request.POST.get("name") or f"{query.name if query and query.name else _('Everything said')}, {day}"
    return given


def _to(row: Report) -> HttpResponse:
    return redirect("analyse:report", workspace=row.workspace.slug, pk=row.pk)


def _ran(request: WorkspaceRequest, row: Report) -> bool:
    try:
        reports.run(row, request.user)
    except reports.Refused as error:
        messages.error(request, str(error))
    except EngineError as error:
        logger.error("the engine does not answer", error=str(error))
        messages.error(request, _("The analysis engine does not answer. Try again in a minute."))
    else:
        return True
    return False


@allow(May.SEE)
@never_cache
@require_safe
def one(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """A report with what it said last, or at `run`."""
    row = _row(request, pk)
    made = _run(request, row)
    runs = list(row.runs.defer("figures", "told").order_by("-made_at", "-pk")[:RUNS])
    context: dict[str, Any] = {"report": row, "runs": runs, "may_change": request.may(May.EXPORT), "run": made, "is_ours": True}
    context["troubled"] = next((each for each in runs[:1] if each.trouble), made if made is not None and made.trouble else None)
    if made is not None and made.figures:
        shared = list(made.shares.order_by("-created_at")[:50])
        with translation.override(row.language):
            context |= reports_page.shown(made, names(request.workspace, made.figures), is_ours=True)
        context |= {
            "shares": shared, "expiries": [(days, _("%(days)s days") % {"days": days}) for days in reports.EXPIRIES], "now": timezone.now(),
            "new_link": _new_link(request, made),
        }  # fmt: skip
    return render(request, "analyse/report.html", context)


def _run(request: WorkspaceRequest, row: Report) -> Run | None:
    asked = request.GET.get("run", "")
    if asked and not (asked.isdecimal() and len(asked) < 19):
        raise Http404("no such run")
    said = row.runs.exclude(state=Run.State.FAILED, tries=0).order_by("-made_at", "-pk")  # others said nothing
    found: Run | None = row.runs.filter(pk=int(asked)).first() if asked else said.first()
    if asked and found is None:
        raise Http404("no such run")
    if found is not None:
        found.report, found.workspace = row, row.workspace
    return found


def _new_link(request: WorkspaceRequest, made: Run) -> str:
    """The address that was just made: its secret is shown once."""
    kept = request.session.get(NEW_LINK)
    if not kept or kept[0] != made.pk:
        return ""
    del request.session[NEW_LINK]
    return str(kept[1])


@allow(May.EXPORT)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def settings_of(request: WorkspaceRequest, pk: int) -> HttpResponse:
    row = _row(request, pk)
    given: dict[str, Any] = {name: getattr(row, name) for name in ("name", "language", "with_names", "schedule", "recipients", "days")}
    given |= {
        "listening": str(row.listening_id or ""), "beside": str(row.beside_id or ""), "sections": row.sections.split("|"),
        "weekday": str(row.weekday), "hour": str(row.hour), "first": row.first.isoformat() if row.first else "",
        "last": row.last.isoformat() if row.last else "",
    }  # fmt: skip
    wrong: dict[str, str] = {}
    if request.method == "POST":
        names_of = ("name", "language", "schedule", "recipients", "days", "listening", "beside", "weekday", "hour", "first", "last")
        given = {name: request.POST.get(name, "") for name in names_of}
        given |= {"sections": request.POST.getlist("sections"), "with_names": request.POST.get("with_names") == "on"}
        kept = {name: value for name, value in row.filters.items() if name != "language"}
        try:
            done = reports.change(row, request.user, {**kept, "said_in": row.filters.get("language", ""), **given})
        except reports.Refused as error:
            wrong[error.field] = str(error)
        else:
            messages.success(request, _("“%(name)s” is changed.") % {"name": done.report.name}, extra_tags=_undo(request, done))
            return _to(row)
    return render(request, "analyse/report_settings.html", _form(request, row, given, wrong), status=422 if wrong else 200)


def _form(request: WorkspaceRequest, row: Report, given: dict[str, Any], wrong: dict[str, str]) -> dict[str, Any]:
    queries = Listening.objects.of(request.workspace).filter(archived_at=None, is_draft=False).order_by("place", "pk")
    seen = [(str(each.pk), each.name) for each in queries if each.is_shared or each.created_by_id == request.user.pk]
    return {
        "report": row, "given": given, "wrong": wrong, "queries": seen, "days": Report.Days.choices, "schedules": Report.Schedule.choices,
        "sections": [(name, title, name in given["sections"]) for name, title in SECTIONS.items()],
        "weekdays": [(str(day), WEEKDAYS[day - 1]) for day in range(1, 8)], "hours": [(str(hour), f"{hour:02d}:00") for hour in range(24)],
        "languages": [(code, get_language_info(code)["name_local"].capitalize()) for code, _name in settings.LANGUAGES],
        "mail_leaves": mail_leaves(), "narrowed": sorted(row.filters.items()),
    }  # fmt: skip


def _undo(request: WorkspaceRequest, done: reports.Done) -> str:
    return f"undo:{reverse('analyse:report_back', kwargs={'workspace': request.workspace.slug})}?{urlencode({'token': done.undo})}"


@allow(May.EXPORT)
@require_POST
@_changing
def run_now(request: WorkspaceRequest, row: Report) -> HttpResponse:
    if _ran(request, row):
        messages.success(request, _("The report is made anew."))
    return _to(row)


@allow(May.EXPORT)
@require_POST
@_changing
def remove(request: WorkspaceRequest, row: Report) -> HttpResponse:
    done = reports.remove(row, request.user)
    messages.success(request, _("“%(name)s” is deleted.") % {"name": row.name}, extra_tags=_undo(request, done))
    return redirect("analyse:reports", workspace=request.workspace.slug)


@allow(May.EXPORT)
@require_POST
def back(request: WorkspaceRequest) -> HttpResponse:
    try:
        row = reports.take_back(request.workspace, request.user, request.GET.get("token", ""))
    except reports.Refused as error:
        messages.error(request, str(error))
        return redirect("analyse:reports", workspace=request.workspace.slug)
    messages.success(request, _("“%(name)s” is as it was.") % {"name": row.name})
    return _to(row)


@allow(May.EXPORT)
@require_POST
@_changing
def share(request: WorkspaceRequest, row: Report) -> HttpResponse:
    """Make an address for a run; it is shown once, on the page that follows."""
    asked = request.POST.get("run", "")
    made = row.runs.filter(pk=int(asked)).first() if asked.isdecimal() and len(asked) < 19 else None
    if made is None or not made.figures:
        messages.error(request, _("Make the report first."))
        return _to(row)
    made.report, made.workspace = row, row.workspace
    days, password = request.POST.get("days", ""), request.POST.get("password", "")[:200]
    try:
        _share, token = reports.share(
            made, request.user, int(days) if days.isdecimal() else 0, password=password, with_names=request.POST.get("names") == "on"
        )
    except reports.Refused as error:
        messages.error(request, str(error))
        return _to(row)
    path = reverse("shared:report", kwargs={"token": token})
    request.session[NEW_LINK] = [made.pk, settings.PUBLIC_URL + path if settings.OPTIONS.public_url else request.build_absolute_uri(path)]
    return redirect(f"{reverse('analyse:report', kwargs={'workspace': request.workspace.slug, 'pk': row.pk})}?run={made.pk}#shares")


@allow(May.EXPORT)
@require_POST
def revoke(request: WorkspaceRequest, pk: int) -> HttpResponse:
    seen = reports.visible(request.workspace, request.user)
    row: Share = get_object_or_404(Share.objects.of(request.workspace).select_related("run__report"), pk=pk, run__report__in=seen)
    reports.revoke(row, request.user)
    messages.success(request, _("The address has ended: it leads nowhere."))
    where = reverse("analyse:report", kwargs={"workspace": request.workspace.slug, "pk": row.run.report_id})
    return redirect(f"{where}?run={row.run_id}#shares")


@allow(May.EXPORT)
@never_cache
@require_safe
@_changing
def pdf(request: WorkspaceRequest, row: Report) -> HttpResponse:
    return _file(request, row, "pdf")


@allow(May.EXPORT)
@never_cache
@require_safe
@_changing
def png(request: WorkspaceRequest, row: Report) -> HttpResponse:
    return _file(request, row, "png")


def _file(request: WorkspaceRequest, row: Report, kind: str) -> HttpResponse:
    made = _run(request, row)
    if made is None or not made.figures:
        raise Http404("it was not made yet")
    if request.method == "GET":
        audit.record(request.workspace, request.user, "exported", "report", row.pk, row.name, file=kind)
    with translation.override(row.language):
        return file_of(written(made, with_names=row.with_names), made.figures["last"], kind)
