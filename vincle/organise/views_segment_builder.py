"""Putting a segment together: the form, its parts as they are pressed, and the count beside it."""

from time import monotonic
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import npgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.accounts.models import Workspace
from vincle.engines.base import EngineError
from vincle.vocabulary import public_id
from vincle.web.tags.formats import number

from . import people, preview, ready_made, segment_builder, segment_form_page, segmenting
from .models import Segment
from .segment_builder import Checked, State
from .segment_offers import Offers
from .segment_words import Names, clause, sentence, wrong
from .segments.reading import BadPredicate, read

SHOWN = 8
_totals: dict[int, tuple[float, int]] = {}


@allow(May.EDIT_PEOPLE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def segment_new(request: WorkspaceRequest) -> HttpResponseBase:
    return _form(request, None)


@allow(May.EDIT_PEOPLE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def segment_edit(request: WorkspaceRequest, segment: str) -> HttpResponseBase:
    return _form(request, living(request, segment))


def living(request: WorkspaceRequest, public: str) -> Segment:
    """The segment of this workspace that is not put away. Http404."""
    found: Segment | None = Segment.objects.of(request.workspace).filter(public=public.replace("\0", ""), archived_at=None).first()
    if found is None:
        raise Http404
    return found


def _form(request: WorkspaceRequest, row: Segment | None) -> HttpResponseBase:
    offers = Offers(request.workspace)
    problem = ""
    if request.method == "POST":
        state = segment_builder.of_post(request.POST, offers.type_of)
        press = request.POST.get("press", "save")
        if press != "save":
            state = segment_builder.pressed(state, press)
        else:
            saved, problem = _save(request, row, state)
            if saved is not None:
                return redirect("organise:segment", workspace=request.workspace.slug, segment=saved.public)
    else:
        state = _began(request, row)
    found = segment_builder.checked(state.tree)
    counted = _counted(request, found) if request.method == "POST" else {}
    context = {**_shown(request, state, found, offers), **counted, "segment": row, "problem": problem}
    return render(request, "organise/segments/build.html", context, status=422 if problem else 200)


def _began(request: WorkspaceRequest, row: Segment | None) -> State:
    """What the form holds when it is opened: the segment's own, a ready-made one, or nothing yet."""
    if row is not None:
        return segment_builder.start(row.predicate, name=row.name, description=row.description, template=row.template)
    ready = ready_made.one(request.workspace, request.GET.get("template", ""))
    if ready is not None and ready.predicate is not None:
        return segment_builder.start(ready.predicate, name=str(ready.name), description=str(ready.why), template=ready.key)
    return segment_builder.start({"all": []})


def _save(request: WorkspaceRequest, row: Segment | None, state: State) -> tuple[Segment | None, str]:
    """(what was kept, "") or (None, why not)."""
    found = segment_builder.checked(state.tree)
    if state.wrong or found.wrong:
        return None, _("Something is not complete yet; it is marked below.")
    if not segment_builder.parts(found.value):
        return None, _("Add at least one clause: a segment of everybody tells nobody apart.")
    workspace, user = request.workspace, request.user
    try:
        if row is None:
            made = segmenting.create(workspace, user, state.name, found.value, state.description, state.template)
            messages.success(request, _("“%(name)s” is kept. Its members are being gathered.") % {"name": made.name})
        else:
            made = segmenting.change(workspace, user, row, name=state.name, description=state.description, predicate=found.value)
            undo = f"undo:{act_url(request, made.public)}?do=undo&version={made.version}" if made.version != row.version else ""
            messages.success(request, _("“%(name)s” is kept.") % {"name": made.name}, extra_tags=undo)
    except segmenting.Refused as refused:
        return None, str(refused)
    except BadPredicate as bad:
        return None, wrong(bad, Names.of(workspace))
    return made, ""


def act_url(request: WorkspaceRequest, public: str) -> str:
    return reverse("organise:segment_act", kwargs={"workspace": request.workspace.slug, "segment": public})


@allow(May.EDIT_PEOPLE)
@never_cache
@require_POST
def segment_shape(request: WorkspaceRequest) -> HttpResponse:
    """The clauses anew after one of the builder's buttons."""
    offers = Offers(request.workspace)
    state = segment_builder.pressed(segment_builder.of_post(request.POST, offers.type_of), request.POST.get("press", ""))
    context = _shown(request, state, segment_builder.checked(state.tree), offers)
    return HttpResponse(
        render_to_string("organise/segments/_builder.html", context, request), headers={"HX-Trigger-After-Settle": "segment-shaped"}
    )


@allow(May.EDIT_PEOPLE)
@never_cache
@require_POST
def segment_try(request: WorkspaceRequest) -> HttpResponse:
    """What it says as it stands, how many it finds and some of them. Nothing is written."""
    offers = Offers(request.workspace)
    state = segment_builder.of_post(request.POST, offers.type_of)
    found = segment_builder.checked(state.tree)
    context = {**_shown(request, state, found, offers, is_open=False), **_counted(request, found), "oob": True}
    context["node"] = context["open_node"]
    return render(request, "organise/segments/_tried.html", context)


def _shown(request: WorkspaceRequest, state: State, found: Checked, offers: Offers, is_open: bool = True) -> dict[str, Any]:
    names = Names.of(request.workspace)
    page = segment_form_page.shown(
        state,
        found,
        offers,
        lambda node: _capital(clause(read(node), names)),
        lambda bad: wrong(BadPredicate("", bad.code, bad.detail), names),
        fields=is_open,
    )
    slug = {"workspace": request.workspace.slug}
    return page | {
        "sentence": sentence(read(found.value), names), "shape_url": reverse("organise:segment_shape", kwargs=slug),
        "try_url": reverse("organise:segment_try", kwargs=slug),
    }  # fmt: skip


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _counted(request: WorkspaceRequest, found: Checked) -> dict[str, Any]:
    if () in found.wrong:
        return {"problem_found": wrong(found.wrong[()], Names.of(request.workspace))}
    try:
        counted = preview.count(request.workspace, read(found.value))
    except BadPredicate as bad:
        return {"problem_found": wrong(bad, Names.of(request.workspace))}
    except EngineError:
        return {"problem_found": _("It cannot be counted now. It can be kept all the same.")}
    return {"found": _told(request, counted), "sample": sample(request, counted.sample[:SHOWN])}


def _told(request: WorkspaceRequest, counted: preview.Preview) -> dict[str, Any]:
    total = everybody(request.workspace)
    between = _("between %(low)s and %(high)s, counted on a random sample") % {"low": number(counted.low), "high": number(counted.high)}
    words = npgettext("count", "person", "people", counted.about)
    return {"count": counted.about, "exact": counted.is_exact, "of": total, "share": counted.about / total if total else 0, "words": words,
            "told": "" if counted.is_exact else between, "milliseconds": counted.milliseconds}  # fmt: skip


def everybody(workspace: Workspace) -> int:
    """How many people there are, counted anew once a minute."""
    at, total = _totals.get(workspace.pk, (0.0, 0))
    if monotonic() - at > 60 or not total:
        total = people.count(people.where(workspace, {}))
        _totals[workspace.pk] = (monotonic(), total)
    return total


def sample(request: WorkspaceRequest, ids: list[int]) -> list[dict[str, Any]]:
    """People by id as the component `person` shows them."""
    sort = people.sort_of(people.DEFAULT_SORT)
    rows = people.first(people.chosen(request.workspace, [public_id(each) for each in ids]), sort, len(ids)) if ids else []
    here = reverse("organise:people", kwargs={"workspace": request.workspace.slug})
    return [
        {"name": row.name, "url": f"{here}{row.public}/", "card": f"{here}{row.public}/card/", "kind": row.kind, "person": row.person,
         "note": ", ".join(each for each in (row.company, row.city) if each) or (row.email if row.email != row.name else "")}
        for row in rows
    ]  # fmt: skip
