"""Forms as the team sees them: the list, the builder, how they are put on a site, what they brought."""

import io
from typing import Any

import segno
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.engage import speaking

from . import actions, definition, previewing, ready_made, reporting, showing, uploading, views_builder
from .actions import Refused
from .models import Form, State


def form_of(request: WorkspaceRequest, pk: int) -> Form:
    found: Form = get_object_or_404(Form.objects.of(request.workspace).select_related("workspace"), pk=pk)
    return found


def places(request: WorkspaceRequest, now: str) -> list[tuple[Any, str, bool]]:
    """The pages about forms, for the second row of tabs."""
    from django.urls import reverse

    names = (("list", _("Forms")), ("pages", _("Landing pages")), ("submissions", _("Leads")), ("cards", _("Business cards")),
             ("facebook", _("Facebook lead forms")))  # fmt: skip
    return [(label, reverse(f"leads:{name}", kwargs={"workspace": request.workspace.slug}), name == now) for name, label in names]


def framed(request: WorkspaceRequest, now: str, context: dict[str, Any]) -> dict[str, Any]:
    return {**context, "tabs": speaking.tabs(request.workspace, "forms"), "places": places(request, now),
        "may_speak": request.may(May.SPEAK),
            "may_approve": request.may(May.APPROVE), "may_manage": request.may(May.MANAGE)}  # fmt: skip


@allow(May.SEE)
@never_cache
@require_safe
def list_forms(request: WorkspaceRequest) -> HttpResponse:
    """Every form with what it brought in the last thirty days."""
    state, words = request.GET.get("state", ""), request.GET.get("q", "").strip()[:100]
    rows = Form.objects.of(request.workspace).filter(archived_at__isnull=state != "archived")
    if state in State.values:
        rows = rows.filter(state=state)
    if words:
        rows = rows.filter(name__icontains=words)
    found = list(rows.order_by("-changed_at")[:500])
    numbers = reporting.of_forms(request.workspace, [row.pk for row in found], 30)
    context = {
        "rows": [(row, numbers.get(row.pk, reporting.NONE)) for row in found], "state": state, "words": words,
        "choices": [("", _("All")), *State.choices, ("archived", _("Put away"))], "ready_made": _ready_made(),
    }  # fmt: skip
    return render(request, "leads/list.html", framed(request, "list", context))


def _ready_made() -> list[tuple[str, Any, Any, str]]:
    return [(key, name, sentence, icon) for key, (name, sentence, icon, _make) in ready_made.FORMS.items()]


@allow(May.SPEAK)
@require_POST
def new(request: WorkspaceRequest) -> HttpResponseBase:
    """A form that begins as one of the ready-made ones."""
    kind = request.POST.get("kind", "empty")
    if kind not in ready_made.FORMS:
        raise Http404("no such form")
    named, _sentence, _icon, make = ready_made.FORMS[kind]
    language = get_language() or "en"
    try:
        row = actions.create(request.workspace, request.user, Form, request.POST.get("name", "").strip() or str(named), make(language[:2]))
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("leads:list", workspace=request.workspace.slug)
    return redirect("leads:form", workspace=request.workspace.slug, form=row.pk)


@allow(May.SEE)
@never_cache
@require_safe
def builder(request: WorkspaceRequest, form: int) -> HttpResponse:
    return views_builder.page(request, form_of(request, form), request.GET.get("open", "")[:20])


@allow(May.SPEAK)
@require_POST
def edit(request: WorkspaceRequest, form: int) -> HttpResponseBase:
    return views_builder.edit(request, form_of(request, form))


@allow(May.SEE)
@never_cache
@require_safe
def preview(request: WorkspaceRequest, form: int) -> HttpResponseBase:
    return views_builder.preview(request, form_of(request, form))


@allow(May.SEE)
@never_cache
@require_safe
def theme(request: WorkspaceRequest, form: int) -> HttpResponse:
    row = form_of(request, form)
    colours = showing.colours(request.workspace, definition.load(row.draft).colour)
    return HttpResponse(showing.sheet(colours), content_type="text/css; charset=utf-8")


@allow(May.SPEAK)
@require_POST
def act(request: WorkspaceRequest, form: int) -> HttpResponseBase:
    return acted(request, form_of(request, form))


def acted(request: WorkspaceRequest, row: Any) -> HttpResponseBase:
    """A deed on a whole form or page. What the public sees is decided by those who may approve."""
    deed, slug = request.POST.get("do", ""), request.workspace.slug
    kind = "form" if isinstance(row, Form) else "page"
    if (
        deed in ("publish", "close", "reopen", "archive", "unarchive")
        and not request.may(May.APPROVE)
        and row.version + (deed == "publish")
    ):
        messages.error(request, _("Only those who may approve decide what the public sees."))
        return redirect(f"leads:{kind}", workspace=slug, **{kind: row.pk})
    try:
        return _acted(request, row, deed, kind)
    except Refused as refused:
        if refused.faults:
            return views_builder.page(request, row, "", refused.faults, 422)
        messages.error(request, str(refused))
        return redirect(f"leads:{kind}", workspace=slug, **{kind: row.pk})


def _acted(request: WorkspaceRequest, row: Any, deed: str, kind: str) -> HttpResponseBase:
    user, post, slug = request.user, request.POST, request.workspace.slug
    here = redirect(f"leads:{kind}", workspace=slug, **{kind: row.pk})
    if deed == "publish":
        actions.publish(row, user)
        messages.success(request, _("It is live."))
        return redirect("leads:share", workspace=slug, form=row.pk) if kind == "form" and row.version == 0 else here
    if deed == "copy":
        made = actions.copy(row, user)
        messages.success(request, _("Copied. This is the copy."))
        return redirect(f"leads:{kind}", workspace=slug, **{kind: made.pk})
    if deed == "rename":
        actions.rename(row, user, post.get("name", ""), post.get("slug", ""))
    elif deed == "restore":
        number = post.get("version", "")
        actions.restore(row, user, int(number) if number.isascii() and number.isdigit() and len(number) < 9 else 0)
        messages.success(request, _("Version %(n)s stands in the draft. Publish it to show it.") % {"n": number})
    elif deed in ("close", "reopen", "archive", "unarchive"):
        {"close": actions.close, "reopen": actions.reopen, "archive": actions.archive, "unarchive": actions.unarchive}[deed](row, user)
        said = {"close": _("Closed."), "reopen": _("Open again."), "archive": _("Put away."), "unarchive": _("Back in the list.")}
        messages.success(request, said[deed])
        if deed == "archive":
            return redirect("leads:list" if kind == "form" else "leads:pages", workspace=slug)
    return here


@allow(May.SPEAK)
@require_POST
def upload(request: WorkspaceRequest, form: int) -> HttpResponseBase:
    """A file that the form offers in return."""
    row = form_of(request, form)
    try:
        kept = uploading.keep_offer(request.workspace, request.user, request.FILES.get("file"))
        actions.change(row, lambda draft: {**draft, "file": kept.pk})
        messages.success(request, _("%(name)s is offered now.") % {"name": kept.name})
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("leads:form", workspace=request.workspace.slug, form=row.pk)


# Out into the world


@allow(May.SEE)
@never_cache
@require_safe
def share(request: WorkspaceRequest, form: int) -> HttpResponse:
    """The address, what to put into a site, the code to print."""
    row = form_of(request, form)
    popup = definition.load(row.draft).popup
    address, script = views_builder.public_url(row), f"{settings.PUBLIC_URL}/forms.js"
    tried = {"when": popup.when, "after": popup.after, "again": popup.again_days}
    snippet = (
        f'<script async src="{script}" data-form="{row.slug}"></script>\n<noscript><a href="{address}">{_html(row.name)}</a></noscript>'
    )
    context = {
        "row": row, "address": address, "inline": snippet,
        "popup": f'<script async src="{script}" data-form="{row.slug}" data-popup="{tried["when"]}" data-after="{tried["after"]}" '
        f'data-again="{tried["again"]}"></script>',
        "button": f'<button data-vincle-form="{row.slug}">{_html(row.name)}</button>\n<script async src="{script}"></script>',
        "stand": f"{address}stand/",
    }  # fmt: skip
    return render(request, "leads/share.html", framed(request, "list", context))


def _html(text: str) -> str:
    from django.utils.html import escape

    return str(escape(text))


def qr_of(url: str) -> Any:
    """Medium error correction: still read when a tenth of it is dirty or torn."""
    return segno.make(url, error="m", micro=False)


@allow(May.SEE)
@require_safe
def qr(request: WorkspaceRequest, form: int, kind: str) -> HttpResponse:
    """The code that leads to the form; what comes by it is told apart."""
    row = form_of(request, form)
    if kind not in ("svg", "png"):
        raise Http404("no such kind of picture")
    out = io.BytesIO()
    qr_of(f"{views_builder.public_url(row)}?src=qr").save(out, kind=kind, scale=12 if kind == "png" else 8, border=3)
    answer = HttpResponse(out.getvalue(), content_type="image/svg+xml" if kind == "svg" else "image/png")
    if request.GET.get("download"):
        answer["Content-Disposition"] = f'attachment; filename="{row.slug}.{kind}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@allow(May.SEE)
@never_cache
@require_safe
def poster(request: WorkspaceRequest, form: int) -> HttpResponse:
    """A sheet to print and hang up."""
    row = form_of(request, form)
    draft = definition.load(row.draft)
    language = views_builder.language_of(request, row.draft)
    context = {"row": row, "own": showing.titled(draft, language), "address": views_builder.public_url(row).removeprefix("https://"),
        "language": language,
               "company": previewing.views_public.company(request.workspace)}  # fmt: skip
    return render(request, "leads/poster.html", context)


@allow(May.SEE)
@never_cache
@require_safe
def figures(request: WorkspaceRequest, form: int) -> HttpResponse:
    """Looked, began, sent, confirmed; by day, by page, by where they came from."""
    row = form_of(request, form)
    days = {"7": 7, "30": 30, "90": 90, "365": 365}.get(request.GET.get("days", ""), 30)
    context = {"row": row, "days": days, "report": reporting.of_form(row, days),
               "day_choices": [("7", _("7 days")), ("", _("30 days")), ("90", _("90 days")), ("365", _("A year"))]}  # fmt: skip
    return render(request, "leads/report.html", framed(request, "list", context))
