"""Tags and custom fields of a workspace: how many people have them, other names, and taking them away."""

from typing import Any

from django.contrib import messages
from django.db import connection
from django.db.models import Count, Q
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.vocabulary.fields import TRAITS

from . import team
from .models import CustomField, Tag
from .views_people import say


@allow(May.SEE)
@require_safe
def tags(request: WorkspaceRequest) -> HttpResponse:
    rows = Tag.objects.of(request.workspace).annotate(people=Count("taggings", filter=Q(taggings__removed_at=None)))
    rows = rows.filter(Q(removed_at=None) | Q(people__gt=0)).order_by("folded")
    return render(request, "organise/tags.html", {"tags": rows, "may_edit": request.may(May.EDIT_PEOPLE)})


@allow(May.EDIT_PEOPLE)
@require_POST
def create_tag(request: WorkspaceRequest) -> HttpResponseBase:
    try:
        team.add_tag(request.workspace, request.user, request.POST.get("name", ""))
    except team.Refused as refused:
        messages.error(request, str(refused))
    return redirect("organise:tags", workspace=request.workspace.slug)


@allow(May.EDIT_PEOPLE)
@require_POST
def rename_tag(request: WorkspaceRequest, tag: int) -> HttpResponseBase:
    found = get_object_or_404(Tag.objects.of(request.workspace), pk=tag)
    try:
        done = team.rename_tag(request.workspace, request.user, found, request.POST.get("name", ""))
        say(request, _("The two tags are one now.") if done.undo else _("Renamed."), done)
    except team.Refused as refused:
        messages.error(request, str(refused))
    return redirect("organise:tags", workspace=request.workspace.slug)


@allow(May.EDIT_PEOPLE)
@require_POST
def delete_tag(request: WorkspaceRequest, tag: int) -> HttpResponseBase:
    found = get_object_or_404(Tag.objects.of(request.workspace), pk=tag)
    done = team.delete_tag(request.workspace, request.user, found)
    say(request, _("The tag “%(tag)s” is gone.") % {"tag": found.name}, done)
    return redirect("organise:tags", workspace=request.workspace.slug)


@allow(May.SEE)
@require_safe
def fields(request: WorkspaceRequest) -> HttpResponse:
    known = {field.name: field for field in CustomField.objects.of(request.workspace)}
    rows: list[dict[str, Any]] = []
    counts = _names_in_use(request.workspace.pk)
    for name in sorted({*known, *counts} - {*TRAITS, "name"}, key=str.casefold):
        field = known.get(name)
        if field is None or not field.hidden_at:
            type = field.type if field else CustomField.Type.TEXT
            rows.append({"name": name, "label": (field and field.label) or "", "type": type, "people": counts.get(name, 0)})
    context = {"fields": rows, "types": CustomField.Type.choices, "may_edit": request.may(May.EDIT_PEOPLE)}
    return render(request, "organise/fields.html", context)


def _names_in_use(workspace: int) -> dict[str, int]:
    """Names of traits with how many people have them."""
    each = "json_each(traits)" if connection.vendor == "sqlite" else "jsonb_object_keys(traits) AS each(key)"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT key, COUNT(*) FROM organise_profile, {each} WHERE workspace_id = %s GROUP BY key", [workspace])
        return dict(cursor.fetchall())


@allow(May.EDIT_PEOPLE)
@require_POST
def create_field(request: WorkspaceRequest) -> HttpResponseBase:
    try:
        team.define_field(request.workspace, request.user, request.POST.get("name", ""), request.POST.get("type", ""))
    except team.Refused as refused:
        messages.error(request, str(refused))
    return redirect("organise:fields", workspace=request.workspace.slug)


@allow(May.EDIT_PEOPLE)
@require_POST
def change_field(request: WorkspaceRequest) -> HttpResponseBase:
    name = request.POST.get("name", "")[:120]
    try:
        if not name or name in TRAITS:
            raise team.Refused(_("There is no such field."))
        if request.POST.get("do") == "delete":
            say(request, _("The field “%(name)s” is hidden.") % {"name": name}, team.hide_field(request.workspace, request.user, name))
        else:
            team.change_field(request.workspace, request.user, name, request.POST.get("label", ""), request.POST.get("type", ""))
    except team.Refused as refused:
        messages.error(request, str(refused))
    return redirect("organise:fields", workspace=request.workspace.slug)
