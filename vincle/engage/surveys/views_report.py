"""The report of a survey, live and on closing: the page, the people behind its numbers, its files, and the addresses that share it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from vincle.accounts import audit
from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.store.export import csv_response
from vincle.vocabulary import public_id

from . import builder_pages
from .asking_pages import whole
from .models import ReportLink, Response
from .report import files, links, load, looks, page, pdf
from .report.compare import buckets
from .report.figures import _key

NEW_LINK = "new_survey_link"
KEPT = ("collector", "language", "segment", "from", "to", "careful", "weighted", "by", "of")
PEOPLE = 200


def _language() -> str:
    return (get_language() or "en").partition("-")[0]


@allow(May.SEE)
@never_cache
@require_safe
def report(request: WorkspaceRequest, survey: int) -> HttpResponseBase:
    """The page. What the address narrows it to goes into every file as well."""
    row = builder_pages.one(request, survey)
    asked = load.asked_of(request.GET)
    context = page.context(row, _language(), asked)
    kept = urlencode({name: request.GET[name] for name in KEPT if request.GET.get(name)})
    shared = ReportLink.objects.of(request.workspace).filter(survey=row).order_by("-created_at")[:20]
    context |= {
        "is_ours": True, "may_export": request.may(May.EXPORT), "kept": kept, "url_of": _addresses(request, survey),
        "is_open": row.state == "open", "links": list(shared), "now": timezone.now(),
        "new_link": _new_link(request, survey), "days": links.DAYS, "people_url": _url(request, "report_people", survey),
    }  # fmt: skip
    return builder_pages.shown(request, "surveys/report/report.html", builder_pages.framed(request, row, "report", **context))


def _url(request: WorkspaceRequest, name: str, survey: int, **more: Any) -> str:
    return reverse(f"surveys:{name}", kwargs={"workspace": request.workspace.slug, "survey": survey, **more})


def _addresses(request: WorkspaceRequest, survey: int) -> dict[str, str]:
    found = {kind: _url(request, "report_file", survey, kind=kind) for kind in ("csv", "xlsx", "spss", "pdf")}
    return found | {"live": _url(request, "report_live", survey), "link": _url(request, "report_link", survey)}


def _new_link(request: WorkspaceRequest, survey: int) -> str:
    """The address that was just made: its secret is shown once."""
    kept = request.session.get(NEW_LINK)
    if not kept or kept[0] != survey:
        return ""
    del request.session[NEW_LINK]
    return str(kept[1])


@allow(May.SEE)
@never_cache
@require_safe
def live(request: WorkspaceRequest, survey: int) -> HttpResponseBase:
    """How many answers came since the page was drawn (`n` complete ones then); nothing while none did."""
    row = builder_pages.one(request, survey)
    text = request.GET.get("n", "")
    drawn = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    now = Response.objects.of(request.workspace).filter(survey=row, state=Response.State.COMPLETE).count()
    return render(request, "surveys/report/_live.html", {"more": max(now - drawn, 0)})


@allow(May.SEE)
@never_cache
@require_safe
def people(request: WorkspaceRequest, survey: int) -> HttpResponseBase:
    """Who gave an answer: `column` (else the main rating) and `key` (an answer or a bucket of ratings). Of anonymous surveys nobody."""
    row = builder_pages.one(request, survey)
    if row.is_anonymous:
        raise Http404("nobody is known of an anonymous survey")
    frame = load.frame(row, _language(), load.asked_of(request.GET))
    name = request.GET.get("column", "")
    column = frame.by_id.get(name) if name else frame.main
    if column is None:
        raise Http404("no such question")
    key = request.GET.get("key", "")
    keys = set(dict(buckets(column)).get(key, [key])) if key else set()
    found = []
    for each, value in zip(frame.rows, frame.values(column), strict=True):
        given = [str(one) for one in value] if isinstance(value, list) else [] if value in (None, "") else [_key(value)]
        if given and (not keys or not keys.isdisjoint(given)):
            found.append((each, ", ".join(dict(column.choices).get(one, looks.bucket(one)) for one in given)))
    shown = found[::-1][:PEOPLE]
    names = load.names(row, [each for each, _said in shown])
    rows = [{"row": each, "said": said, "name": names.get(each.person or 0, ""), "public": _public(each)} for each, said in shown]
    context = {"rows": rows, "n": len(found), "most": PEOPLE, "label": looks.of_column(column), "back": _url(request, "report", survey)}
    return builder_pages.shown(request, "surveys/report/people.html", builder_pages.framed(request, row, "report", **context))


def _public(each: Any) -> str:
    return public_id(each.person) if each.person is not None else ""


@allow(May.EXPORT)
@never_cache
@require_safe
def file(request: WorkspaceRequest, survey: int, kind: str) -> HttpResponseBase:
    """The answers (csv, xlsx, spss) or the report (pdf), as the page is narrowed."""
    row = builder_pages.one(request, survey)
    asked = load.asked_of(request.GET)
    if kind not in ("csv", "xlsx", "spss", "pdf"):
        raise Http404("no such file")
    name = slugify(row.name)[:60] or "survey"
    audit.record(request.workspace, request.user, "exported", "survey", row.pk, row.name, kind=kind)
    if kind == "pdf":
        return _download(pdf.written(page.context(row, _language(), asked)), f"{name}.pdf", "application/pdf")
    frame = load.frame(row, _language(), asked)
    if not frame.may_show(len(frame)):
        messages.error(request, _("Fewer than five answered: their answers stay together until more did."))
        return redirect(_url(request, "report", survey))
    sheet = files.Sheet(row, frame, with_people=True)
    if kind == "csv":
        return csv_response(f"{name}.csv", files.headings(sheet), sheet.rows(coded=False))
    if kind == "spss":
        return _download(files.spss(sheet), f"{name}-spss.zip", "application/zip")
    told = page.told(page.context(row, _language(), asked))
    return _download(files.workbook(sheet, told), f"{name}.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")


def _download(content: bytes, name: str, type: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=type)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@allow(May.EXPORT)
@require_POST
def make_link(request: WorkspaceRequest, survey: int) -> HttpResponseBase:
    row = builder_pages.one(request, survey)
    days = request.POST.get("days", "")
    try:
        _row, token = links.make(row, request.user, whole(days, 0), request.POST.get("name", ""))
    except ValueError:
        messages.error(request, _("Choose how long it may be read."))
    else:
        address = request.build_absolute_uri(reverse("surveys_public:report", kwargs={"token": token}))
        request.session[NEW_LINK] = [survey, address]
        messages.success(request, _("The address is made. It is shown once."))
    return redirect(_url(request, "report", survey) + "#share")


@allow(May.EXPORT)
@require_POST
def end_link(request: WorkspaceRequest, survey: int, link: int) -> HttpResponseBase:
    row = get_object_or_404(ReportLink.objects.of(request.workspace).select_related("workspace", "survey"), pk=link, survey=survey)
    links.revoke(row, request.user)
    messages.success(request, _("The address leads nowhere from now on."))
    return redirect(_url(request, "report", survey) + "#share")
