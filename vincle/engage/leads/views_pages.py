"""Landing pages as the team sees them: the list and the builder."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Sum
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from vincle.accounts import audit
from vincle.accounts.access import May, WorkspaceRequest, allow

from . import actions, blocks, ready_made, reporting, showing, uploading, views_builder
from .actions import Refused
from .models import Form, FormDay, Page, State
from .views_forms import acted, framed


def page_of(request: WorkspaceRequest, pk: int) -> Page:
    found: Page = get_object_or_404(Page.objects.of(request.workspace).select_related("workspace", "form__workspace"), pk=pk)
    return found


@allow(May.SEE)
@never_cache
@require_safe
def list_pages(request: WorkspaceRequest) -> HttpResponse:
    is_aside = request.GET.get("state") == "archived"
    rows = list(
        Page.objects.of(request.workspace).filter(archived_at__isnull=not is_aside).select_related("form").order_by("-changed_at")[:500]
    )
    sums = FormDay.objects.of(request.workspace).filter(page__in=[row.pk for row in rows]).order_by().values("page")
    numbers = {each["page"]: each for each in sums.annotate(**{name: Sum(name) for name in reporting.STEPS})}
    context = {"rows": [(row, numbers.get(row.pk, reporting.NONE)) for row in rows], "is_aside": is_aside}
    return render(request, "leads/pages.html", framed(request, "pages", context))


@allow(May.SPEAK)
@require_POST
def new(request: WorkspaceRequest) -> HttpResponseBase:
    name = request.POST.get("name", "").strip() or str(_("Landing page"))
    form = Form.objects.of(request.workspace).filter(archived_at=None, state="live").order_by("-changed_at").first()
    try:
        row = actions.create(request.workspace, request.user, Page, name, ready_made.page((get_language() or "en")[:2], name), form=form)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("leads:pages", workspace=request.workspace.slug)
    return redirect("leads:page", workspace=request.workspace.slug, page=row.pk)


@allow(May.SEE)
@never_cache
@require_safe
def builder(request: WorkspaceRequest, page: int) -> HttpResponse:
    return views_builder.page(request, page_of(request, page), request.GET.get("open", "")[:20])


@allow(May.SPEAK)
@require_POST
def edit(request: WorkspaceRequest, page: int) -> HttpResponseBase:
    row = page_of(request, page)
    if request.POST.get("do") == "form":
        if row.state == State.LIVE and not request.may(May.APPROVE):
            raise PermissionDenied(May.APPROVE)  # the form of a page is seen at once
        pk = request.POST.get("form", "")
        chosen = Form.objects.of(request.workspace).filter(pk=int(pk)).first() if pk.isascii() and pk.isdigit() and len(pk) < 18 else None
        Page.objects.of(request.workspace).filter(pk=row.pk).update(form=chosen)
        audit.record(request.workspace, request.user, "changed", "landing page", row.pk, row.name, form=chosen.name if chosen else "")
        row.form = chosen
        answer = views_builder.page(request, row)
        answer["HX-Trigger"] = "vincle:built"
        return answer
    return views_builder.edit(request, row)


@allow(May.SEE)
@never_cache
@require_safe
def preview(request: WorkspaceRequest, page: int) -> HttpResponseBase:
    return views_builder.preview(request, page_of(request, page))


@allow(May.SEE)
@never_cache
@require_safe
def theme(request: WorkspaceRequest, page: int) -> HttpResponse:
    row = page_of(request, page)
    colours = showing.colours(request.workspace, blocks.load(row.draft).colour)
    return HttpResponse(showing.sheet(colours), content_type="text/css; charset=utf-8")


@allow(May.SPEAK)
@require_POST
def act(request: WorkspaceRequest, page: int) -> HttpResponseBase:
    return acted(request, page_of(request, page))


@allow(May.SPEAK)
@require_POST
def upload(request: WorkspaceRequest, page: int) -> HttpResponseBase:
    """A picture, to be chosen in the blocks of this and other pages."""
    row = page_of(request, page)
    try:
        kept = uploading.keep_picture(request.workspace, request.user, request.FILES.get("file"))
        messages.success(request, _("%(name)s can be chosen now.") % {"name": kept.name})
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("leads:page", workspace=request.workspace.slug, page=row.pk)
