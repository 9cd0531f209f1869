"""Groups that were found among people: what sets them apart, who is in them, and a segment of each."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.web.tags.formats import number, percent

from . import cluster_words, clusters, segmenting
from .models import Cluster, Clustering, ClusterMember, Profile

SHOWN = 6
PAGE = 50
HISTORY = 12
_ORDERS = {"near": "-nearness", "far": "nearness"}


@allow(May.SEE)
@require_safe
def groups(request: WorkspaceRequest) -> HttpResponse:
    look = Clustering.objects.of(request.workspace).filter(is_current=True).first()
    rows = list(look.clusters.order_by("-people", "number")) if look else []
    faces = _faces(rows)
    context = {
        "look": look, **_under_way(clusters.under_way(request.workspace)), "failed": _failed(request, look),
        "title": _title(look, rows), "quality": cluster_words.quality(look.quality) if look else "", "draw": _draw(look),
        "cards": [_card(row, faces.get(row.pk, []), request.workspace.currency) for row in rows],
        "history": _history(request, look), "may_edit": request.may(May.EDIT_PEOPLE),
    }  # fmt: skip
    return render(request, "organise/groups/groups.html", context)


@allow(May.SEE)
@require_safe
def progress(request: WorkspaceRequest) -> HttpResponse:
    """How far the look that is under way has come; when there is none any more the page is loaded again."""
    look = clusters.under_way(request.workspace)
    if look is None:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "organise/groups/_progress.html", {**_under_way(look), "may_edit": request.may(May.EDIT_PEOPLE)})


@allow(May.SEE)
@require_safe
def group(request: WorkspaceRequest, number: int) -> HttpResponse:
    """GET sort (near, far: from the middle of the group), page."""
    row = _current(request, number)
    sort = request.GET.get("sort", "near")
    members = ClusterMember.objects.of(request.workspace).filter(cluster=row).order_by(_ORDERS.get(sort, "-nearness"), "person")
    page = Paginator(members, PAGE).get_page(request.GET.get("page"))
    profiles = Profile.objects.of(request.workspace).in_bulk([each.person for each in page])
    people = [(profiles[each.person], each.nearness) for each in page if each.person in profiles]
    context = {
        "row": row, "card": _card(row, [], request.workspace.currency), "people": people, "page": page, "sort": sort,
        "may_edit": request.may(May.EDIT_PEOPLE), "past": _past(request, number),
    }  # fmt: skip
    return render(request, "organise/groups/group.html", context)


@allow(May.EDIT_PEOPLE)
@require_POST
def look(request: WorkspaceRequest) -> HttpResponseBase:
    clusters.ask(request.workspace, request.user)
    return redirect("organise:groups", workspace=request.workspace.slug)


@allow(May.EDIT_PEOPLE)
@require_POST
def end(request: WorkspaceRequest) -> HttpResponseBase:
    if clusters.end(request.workspace, request.user):
        messages.success(request, _("Ended. What was found before stands."))
    return redirect("organise:groups", workspace=request.workspace.slug)


@allow(May.EDIT_PEOPLE)
@require_POST
def rename(request: WorkspaceRequest, number: int) -> HttpResponseBase:
    """POST name; empty: by what sets it apart."""
    row = _current(request, number)
    try:
        clusters.rename(request.workspace, request.user, row, request.POST.get("name", ""))
        messages.success(request, _("Renamed."))
    except clusters.Refused as refused:
        messages.error(request, str(refused))
    return redirect("organise:group", workspace=request.workspace.slug, number=number)


@allow(May.EDIT_PEOPLE)
@require_POST
def make_segment(request: WorkspaceRequest, number: int) -> HttpResponseBase:
    row = _current(request, number)
    try:
        made = clusters.make_segment(request.workspace, request.user, row)
    except (clusters.Refused, segmenting.BadPredicate) as refused:
        messages.error(request, str(refused))
        return redirect("organise:groups", workspace=request.workspace.slug)
    messages.success(request, _("The segment “%(name)s” is being filled.") % {"name": made.name})
    return redirect("organise:segment", workspace=request.workspace.slug, segment=made.public)


def _under_way(found: Clustering | None) -> dict[str, Any]:
    return {"under_way": found, "done": percent(found.progress) if found else ""}


def _current(request: WorkspaceRequest, number: int) -> Cluster:
    return get_object_or_404(Cluster.objects.of(request.workspace).select_related("clustering"), clustering__is_current=True, number=number)


def _card(row: Cluster, faces: list[Profile], currency: str) -> dict[str, Any]:
    whole = row.clustering.people or 1
    return {
        "row": row, "name": cluster_words.name(row), "share": row.people / whole, "lines": cluster_words.lines(row, currency),
        "stability": cluster_words.stability(row), "faces": faces, "rule": cluster_words.rule_quality(row) if row.predicate else "",
    }  # fmt: skip


def _faces(rows: list[Cluster]) -> dict[int, list[Profile]]:
    """A few people of each group, those nearest to its middle: two queries for all groups."""
    nearest: dict[int, list[int]] = {}
    for row in rows:
        members = ClusterMember.objects.filter(cluster=row).order_by("-nearness", "person")
        nearest[row.pk] = list(members.values_list("person", flat=True)[:SHOWN])
    profiles = Profile.objects.in_bulk([person for people in nearest.values() for person in people])
    return {pk: [profiles[person] for person in people if person in profiles] for pk, people in nearest.items()}


def _title(found: Clustering | None, rows: list[Cluster]) -> str:
    if found is None:
        return _("Groups")
    if not rows:
        return _("No groups among your people")
    text = ngettext("%(count)s group among %(people)s people", "%(count)s groups among %(people)s people", len(rows))
    return text % {"count": number(len(rows)), "people": number(found.people)}


def _draw(found: Clustering | None) -> str:
    everybody = found.quality.get("everybody", 0) if found else 0
    if not found or everybody <= found.people:
        return ""
    told = {"some": number(found.people), "all": number(everybody)}
    return _("Looked at %(some)s people, drawn from the %(all)s who did something within a year.") % told


def _failed(request: WorkspaceRequest, current: Clustering | None) -> Clustering | None:
    """The last look, should it have gone wrong since the one that is shown."""
    last = Clustering.objects.of(request.workspace).order_by("-pk").first()
    if last is None or last.state != Clustering.State.FAILED:
        return None
    return last if current is None or last.pk > current.pk else None


def _history(request: WorkspaceRequest, current: Clustering | None) -> list[dict[str, Any]]:
    looks = Clustering.objects.of(request.workspace).filter(state=Clustering.State.DONE).order_by("-pk").prefetch_related("clusters")
    return [
        {
            "look": each, "is_current": bool(current and each.pk == current.pk), "said": cluster_words.quality(each.quality),
            "groups": [(cluster_words.name(row), row.people) for row in sorted(each.clusters.all(), key=_largest)],
        }
        for each in looks[:HISTORY]
    ]  # fmt: skip


def _largest(row: Cluster) -> tuple[int, int]:
    return -row.people, row.number


def _past(request: WorkspaceRequest, number: int) -> list[Cluster]:
    """The same group in the looks that are kept, newest first."""
    return list(Cluster.objects.of(request.workspace).filter(number=number).select_related("clustering").order_by("-clustering")[:HISTORY])
