"""What could not be worked on: rows a step set aside and deliveries a reader stumbled over. See, mend, try again, leave out."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.utils.translation import ngettext as _n
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.vocabulary import ObjectType

from . import actions, aside, mending
from .messages import sentence
from .models import Activity, Delivery, Handle, SetAside
from .pages import page
from .phrases import phrase
from .views_imports import kind_of

ROWS = 50
MOST = 1_000
State = SetAside.State
STEPS = {
    "understand": gettext_lazy("What texts say"),
    "identify": gettext_lazy("Who it was"),
    "organise": gettext_lazy("Profiles"),
    "journeys": gettext_lazy("Journeys"),
    "engage": gettext_lazy("Conversations"),
    "promotions": gettext_lazy("Codes in purchases"),
    "posts": gettext_lazy("Posts and short links"),
    "analyse": gettext_lazy("Loading for analysis"),
}
VIEWS = {"waiting": (State.WAITING,), "out": (State.LEFT_OUT,), "mended": (State.MENDED,)}


def step_name(step: str) -> Any:
    return STEPS.get(step, step)


@allow(May.MANAGE)
@never_cache
@require_safe
def rows(request: WorkspaceRequest) -> HttpResponse:
    """`?show=out` for those left out, `?show=mended` for those that went in later; else those that wait."""
    shown = request.GET.get("show") if request.GET.get("show") in VIEWS else "waiting"
    all_rows = SetAside.objects.of(request.workspace)
    found = page(all_rows.filter(state__in=VIEWS[str(shown)]), ["-last_at", "-id"], request.GET, ROWS)
    here = request.path
    context = {
        "page": found,
        "lines": _lines(request, found.rows),
        "shown": shown,
        "total": all_rows.filter(state__in=VIEWS[str(shown)]).count(),
        "tabs": [
            (_("Waiting"), here, shown == "waiting", None),
            (_("Left out"), f"{here}?show=out", shown == "out", None),
            (_("Went in later"), f"{here}?show=mended", shown == "mended", None),
        ],
        "failed": _failed(request) if shown == "waiting" else [],
    }
    return render(request, "listen/aside.html", context)


def _lines(request: WorkspaceRequest, found: Sequence[SetAside]) -> list[tuple[SetAside, Any, str, Any]]:
    """Each row with its row of the log, what that is about, and the name of the step."""
    acts = {act.seq: act for act in Activity.objects.of(request.workspace).filter(seq__in={row.seq for row in found})}
    names = dict(Handle.objects.of(request.workspace).filter(key__in={act.actor for act in acts.values()}).values_list("key", "name"))
    lines = []
    for row in found:
        act = acts.get(row.seq)
        lines.append((row, act, _about(act, names.get(act.actor, "") if act else ""), step_name(row.step)))
    return lines


def _about(act: Activity | None, name: str) -> str:
    if act is None:
        return _("A row that is no longer in the log")
    if act.object_type == ObjectType.PROFILE:
        return _("%(name)s, as a source tells") % {"name": name or _("someone")}
    return f"{name or _('someone')} {phrase(act.verb, act.object_type, bool(act.parent_key), act.event_name, act.reaction)}"


def _failed(request: WorkspaceRequest) -> list[tuple[Delivery, str, str]]:
    """Deliveries that failed, other than imports, which have a list of their own: with their kind and the reason."""
    found = Delivery.objects.of(request.workspace).filter(state=Delivery.State.FAILED, is_import=False).defer("body").order_by("-pk")[:ROWS]
    return [(row, kind_of(row.channel), sentence(row.error_code, row.error_detail)) for row in found]


class Mending(forms.Form):
    """What a row says; of an act its words and title too."""

    title = forms.CharField(label=gettext_lazy("Title"), required=False)
    text = forms.CharField(label=gettext_lazy("Text"), required=False, widget=forms.Textarea)
    body = forms.CharField(
        label=gettext_lazy("Content as JSON"),
        required=False,
        widget=forms.Textarea(attrs={"class": "code", "rows": 14, "spellcheck": "false"}),
    )

    def __init__(self, row: Activity, data: Any = None) -> None:
        stood = mending.content_of(row)
        super().__init__(data, initial=stood)
        for name in self.fields.keys() - stood.keys():
            del self.fields[name]
        self.fields["body"].required = "text" not in stood  # a fact is nothing without it


def _row(request: WorkspaceRequest, pk: int) -> SetAside:
    found: SetAside = get_object_or_404(SetAside.objects.of(request.workspace), pk=pk)
    return found


@allow(May.MANAGE)
@never_cache
@require_safe
def row(request: WorkspaceRequest, pk: int) -> HttpResponse:
    return _show(request, _row(request, pk))


def _show(request: WorkspaceRequest, found: SetAside, form: Mending | None = None, status: int = 200) -> HttpResponse:
    act = mending.row_of(found)
    if act is not None and form is None and found.state != State.MENDED and mending.is_mendable(act):
        form = Mending(act)
    handle = Handle.objects.of(request.workspace).filter(key=act.actor).first() if act and act.actor else None
    twins = SetAside.objects.of(request.workspace).filter(event_id=found.event_id).exclude(pk=found.pk)
    context = {
        "row": found,
        "act": act,
        "about": _about(act, handle.name if handle else ""),
        "handle": handle,
        "step": step_name(found.step),
        "form": form,
        "twins": [(twin, step_name(twin.step)) for twin in twins],
    }
    return render(request, "listen/aside_row.html", context, status=status)


@allow(May.MANAGE)
@require_POST
def again(request: WorkspaceRequest) -> HttpResponse:
    """Try the ticked rows again, or (`all`) all that wait."""
    tried = aside.retry(request.workspace, _ticked(request), request.user)
    if tried.mended:
        messages.success(request, _n("%(n)d row went in.", "%(n)d rows went in.", tried.mended) % {"n": tried.mended})
    if tried.failed:
        said = _n("%(n)d row failed again; see its error.", "%(n)d rows failed again; see their errors.", tried.failed)
        messages.warning(request, said % {"n": tried.failed})
    if tried.busy:
        said = _n(
            "%(n)d row waits: its step is at work. Try again in a moment.",
            "%(n)d rows wait: their step is at work. Try again in a moment.",
            tried.busy,
        )
        messages.warning(request, said % {"n": tried.busy})
    return _back(request)


@allow(May.MANAGE)
@require_POST
def leave_out(request: WorkspaceRequest) -> HttpResponse:
    left = aside.leave_out(request.workspace, _ticked(request), request.user)
    said = _n(
        "%(n)d row is left out. Trying it again takes that back.", "%(n)d rows are left out. Trying them again takes that back.", left
    )
    (messages.success if left else messages.warning)(request, said % {"n": left} if left else _("None of these rows is waiting any more."))
    return _back(request)


def _ticked(request: WorkspaceRequest) -> list[SetAside]:
    rows = SetAside.objects.of(request.workspace).exclude(state=State.MENDED).order_by("seq")
    if request.POST.get("all"):
        return list(rows.filter(state=State.WAITING)[:MOST])
    ids = [int(text) for text in request.POST.getlist("ids") if text.isdecimal() and len(text) < 19]
    return list(rows.filter(pk__in=ids[:MOST]))


def _back(request: WorkspaceRequest) -> HttpResponse:
    one = request.POST.get("row", "")
    if one.isdecimal():
        return redirect("listen:aside_row", workspace=request.workspace.slug, pk=int(one))
    return redirect("listen:aside", workspace=request.workspace.slug)


@sensitive_post_parameters("text", "title", "body")
@allow(May.MANAGE)
@require_POST
def mend(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Say the row anew, as a correction in the log."""
    found = _row(request, pk)
    act = mending.row_of(found)
    if act is None:
        messages.warning(request, _("This row is no longer in the log."))
        return redirect("listen:aside", workspace=request.workspace.slug)
    form = Mending(act, request.POST)
    if not form.is_valid():
        return _show(request, found, form, status=422)
    try:
        mending.mend(request.workspace, found, request.user, form.cleaned_data)
    except mending.CannotMend as error:
        form.add_error("body", str(error))
        return _show(request, found, form, status=422)
    messages.success(request, _("The correction is in the log; every step follows it within seconds."))
    return redirect("listen:aside_row", workspace=request.workspace.slug, pk=pk)


@allow(May.IMPORT)
@require_POST
def delivery_again(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Let a delivery that failed be worked on again."""
    delivery = get_object_or_404(Delivery.objects.of(request.workspace).defer("body"), pk=pk)
    if actions.try_again(delivery, request.user):
        messages.success(request, _("It is being tried again, from where it stopped."))
    else:
        messages.warning(request, _("There is nothing to try again: this delivery has not failed."))
    if delivery.is_import:
        return redirect("listen:import", workspace=request.workspace.slug, pk=pk)
    place = "listen:aside" if request.may(May.MANAGE) else "listen:stream"
    return redirect(reverse(place, kwargs={"workspace": request.workspace.slug}))
