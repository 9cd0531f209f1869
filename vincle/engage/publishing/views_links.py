"""Short links: their list, one with what came of it, QR codes, and links that people hand on."""

import io
from collections import Counter
from datetime import timedelta
from typing import Any

import segno
from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.organise import members
from vincle.organise.models import Profile
from vincle.store.export import csv_response
from vincle.vocabulary import from_public_id, public_id
from vincle.web.tags.formats import axis_day, number

from . import linking, links, pages, sharing
from .ideas import Refused
from .models import LinkVisit, ShortLink

SIZE = 50
DAYS = 60
MOST_SHARED = 5_000


@allow(May.SEE)
@never_cache
@require_safe
def list_links(request: WorkspaceRequest) -> HttpResponse:
    rows, after = _listed(request), request.GET.get("after", "")
    rows = rows.filter(pk__lt=int(after)) if after.isascii() and after.isdigit() and len(after) < 18 else rows
    found = list(rows[: SIZE + 1])
    shown = found[:SIZE]
    return render(request, "publishing/links.html", pages.shell(
        request, "links",
        {"rows": _with_names(request, shown), "after": shown[-1].pk if len(found) > SIZE else None, "is_local": linking.is_local(),
         "filtered": any(request.GET.get(each) for each in ("q", "kind")), "first": linking.address(""),
         "kinds": [("own", _("Made here")), ("posts", _("In posts")), ("shared", _("Handed on by people")), ("retired", _("Retired"))],
         "segments": list(members.listed(request.workspace).values_list("public", "name")[:300])},
    ))  # fmt: skip


def _listed(request: WorkspaceRequest) -> Any:
    rows = ShortLink.objects.of(request.workspace).select_related("post__idea")
    words, kind = request.GET.get("q", "").replace("\0", ""), request.GET.get("kind", "")
    if words:
        rows = rows.filter(Q(code__icontains=words) | Q(name__icontains=words) | Q(target__icontains=words) | Q(campaign__icontains=words))
    if kind == "retired":
        return rows.exclude(retired_at=None).order_by("-pk")
    rows = rows.filter(retired_at=None)
    kinds = {"own": Q(post=None, handle=None), "posts": Q(post__isnull=False), "shared": Q(handle__isnull=False)}
    return (rows.filter(kinds[kind]) if kind in kinds else rows).order_by("-pk")


def _with_names(request: WorkspaceRequest, rows: list[ShortLink]) -> list[dict[str, Any]]:
    people = {row.person for row in rows if row.person is not None}
    names = dict(Profile.objects.of(request.workspace).filter(person__in=people).values_list("person", "name")) if people else {}
    return [
        {"link": row, "url": linking.address(row.code), "person": names.get(row.person or 0, ""),
         "pid": public_id(row.person) if row.person is not None else ""}
        for row in rows
    ]  # fmt: skip


@allow(May.EXPORT)
@require_safe
def download(request: WorkspaceRequest) -> HttpResponseBase:
    rows = (
        (linking.address(row.code), row.target, row.name, row.source, row.medium, row.campaign, row.humans, row.machines,
         public_id(row.person) if row.person is not None else "", row.created_at.isoformat())
        for row in _listed(request).iterator(500)
    )  # fmt: skip
    headings = ["link", "target", "name", "source", "medium", "campaign", "opened by people", "by machines", "person", "made"]
    return csv_response("links.csv", headings, rows)


@allow(May.SPEAK)
@require_POST
def create(request: WorkspaceRequest) -> HttpResponseBase:
    tags = {name: request.POST.get(name, "") for name in links.TAGS}
    try:
        made = links.create(
            request.workspace, request.user, request.POST.get("target", ""), code=request.POST.get("code", ""),
            name=request.POST.get("name", ""), **tags,
        )  # fmt: skip
    except Refused as no:
        messages.error(request, str(no))
        return redirect(pages.url(request, "links"))
    messages.success(request, _("%(link)s leads there now") % {"link": linking.address(made.code)})
    return redirect(pages.url(request, "link", code=made.code))


def _link_of(request: WorkspaceRequest, code: str) -> ShortLink:
    rows = ShortLink.objects.of(request.workspace).select_related("post__idea", "by")
    found: ShortLink = get_object_or_404(rows, code=code.replace("\0", ""))
    return found


@allow(May.SEE)
@never_cache
@require_safe
def link(request: WorkspaceRequest, code: str) -> HttpResponse:
    row = _link_of(request, code)
    first = timezone.now() - timedelta(days=DAYS)
    visits = list(
        LinkVisit.objects.of(request.workspace).filter(link=row, at__gte=first).values_list("at", "is_machine", "visitor", "source")
    )
    people = [each for each in visits if not each[1]]
    days = Counter(timezone.localtime(at).date() for at, *_rest in people)
    today = timezone.localdate()
    shown = [today - timedelta(days=each) for each in range(DAYS - 1, -1, -1)]
    sources = Counter(source or _("unknown or typed in") for *_rest, source in people).most_common(10)
    return render(request, "publishing/link.html", pages.shell(
        request, "",
        {"link": row, "url": linking.address(row.code), "destination": links.destination(row), "sources": sources,
         "largest": max((count for _name, count in sources), default=1), "visitors": len({each[2] for each in people}),
         "data": {"columns": [_("Day"), _("Opened by people")], "rows": [[axis_day(day), days.get(day, 0)] for day in shown]},
         "finding": ngettext("Opened %(n)s time in 60 days", "Opened %(n)s times in 60 days", len(people)) % {"n": number(len(people))},
         "person": _with_names(request, [row])[0]},
    ))  # fmt: skip


@allow(May.SPEAK)
@require_POST
def change(request: WorkspaceRequest, code: str) -> HttpResponseBase:
    row = _link_of(request, code)
    try:
        if request.POST.get("do") in ("retire", "bring_back"):
            links.retire(request.workspace, request.user, row, request.POST["do"] == "retire")
            messages.success(request, _("It leads nowhere now") if request.POST["do"] == "retire" else _("It leads there again"))
        else:
            tags = {name: request.POST.get(name, "") for name in links.TAGS}
            links.change(request.workspace, request.user, row, request.POST.get("target", ""), request.POST.get("name", ""), tags)
            messages.success(request, _("Kept"))
    except Refused as no:
        messages.error(request, str(no))
    return redirect(pages.url(request, "link", code=row.code))


@allow(May.SEE)
@require_safe
def qr(request: WorkspaceRequest, code: str, kind: str) -> HttpResponse:
    """The link as a QR code: `kind` svg or png. Level M survives a crease; the quiet zone is part of it."""
    row = _link_of(request, code)
    made, file = segno.make(linking.address(row.code), error="m", micro=False), io.BytesIO()
    if kind == "svg":
        made.save(file, kind="svg", scale=8, border=4, dark="#000", light="#fff", svgclass=None, lineclass=None)
    else:
        made.save(file, kind="png", scale=16, border=4)
    response = HttpResponse(file.getvalue(), content_type="image/svg+xml" if kind == "svg" else "image/png")
    if "download" in request.GET:
        response["Content-Disposition"] = f'attachment; filename="{row.code}.{kind}"'
    return response


# What people hand on


@allow(May.SPEAK, May.EXPORT)
@require_http_methods(["POST"])
def share(request: WorkspaceRequest) -> HttpResponseBase:
    """A link of their own for everybody of a segment, or for one person (`pid`), as a table to write to them with."""
    try:
        target = linking.checked(request.POST.get("target", ""))
        people = _sharers(request)
        if not people:
            raise Refused(_("There is nobody to give a link to."))
        if len(people) > MOST_SHARED:
            raise Refused(_("At most %(most)s people at once.") % {"most": number(MOST_SHARED)})
        found = sharing.urls(request.workspace, people, target, request.POST.get("campaign", ""))
    except linking.BadTarget as error:
        from . import wording

        messages.error(request, wording.of(wording.TARGET, str(error)))
        return redirect(pages.url(request, "links"))
    except Refused as no:
        messages.error(request, str(no))
        return redirect(pages.url(request, "links"))
    names = dict(Profile.objects.of(request.workspace).filter(person__in=people).values_list("person", "name"))
    rows = [(public_id(person), names.get(person, ""), url) for person, url in found.items()]
    return csv_response("links-to-hand-on.csv", ["person", "name", "share_url"], rows)


def _sharers(request: WorkspaceRequest) -> list[int]:
    if public := request.POST.get("segment", ""):
        segment = members.found(request.workspace, public)
        if segment is None:
            raise Refused(_("There is no such segment."))
        return members.members(segment)
    try:
        person = from_public_id(request.POST.get("pid", ""))
    except ValueError as error:
        raise Refused(_("Choose a segment or a person.")) from error
    return list(Profile.objects.of(request.workspace).filter(person=person).values_list("person", flat=True))
