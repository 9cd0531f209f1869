"""Why in, why out: one person and one segment, clause by clause; and what sets the members of a segment apart."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.listen.query_words import language_name
from vincle.vocabulary.fields import TRAITS
from vincle.web.tags.formats import number
from vincle.web.tags.people import channel_name, stage_name

from . import lifts, members, segment_reasons
from .models import Membership, Profile, Segment
from .segment_offers import OWN
from .segment_words import Names, because, told, wrong
from .segments.reading import BadPredicate
from .views_person import Moved, find
from .views_segments import one, url
from .wording import label, shown

MOST = 8


@allow(May.SEE)
@never_cache
@require_safe
def why(request: WorkspaceRequest, segment: str, pid: str) -> HttpResponseBase:
    row = one(request, segment)
    try:
        profile = find(request, pid)
    except Moved as moved:
        return redirect("organise:segment_why", workspace=request.workspace.slug, segment=segment, pid=str(moved))
    names = Names.of(request.workspace)
    try:
        found = members.why(request.workspace, row, profile.person)
    except BadPredicate as bad:
        messages.error(request, wrong(bad, names))
        return redirect("organise:segment", workspace=request.workspace.slug, segment=segment)
    if found is None:
        raise Http404
    past = list(Membership.objects.of(request.workspace).filter(segment=row, person=profile.person).order_by("-entered_at")[:20])
    is_in = any(stay.left_at is None for stay in past)
    context = {
        "segment": row, "root": segment_reasons.tree(request.workspace, found, names),
        "next_words": segment_reasons.turns(told(found, names).until), "past": past,
        "is_stale": row.archived_at is None and is_in != found.holds,
        **_verdict(profile, row, found.holds), "verdict": because(found, names), **_around(request, row, profile),
    }  # fmt: skip
    return render(request, "organise/segments/why.html", context)


def _verdict(profile: Profile, row: Segment, holds: bool) -> dict[str, Any]:
    values = {"name": profile.name or _("Someone unknown"), "segment": row.name}
    title = _("Why %(name)s is in “%(segment)s”") if holds else _("Why %(name)s is not in “%(segment)s”")
    return {"title": title % values}


def _around(request: WorkspaceRequest, row: Segment, profile: Profile) -> dict[str, Any]:
    return {
        "sentence": _("Each part of what the segment asks, as it stands at this moment."),
        "back_url": url(request, "segment", segment=row.public), "person_url": url(request, "person", pid=profile.public),
    }  # fmt: skip


@allow(May.SEE)
@never_cache
@require_safe
def apart(request: WorkspaceRequest, segment: str) -> HttpResponse:
    """What is more, or less, frequent among its members than among everybody."""
    row = one(request, segment)
    found = lifts.lift(request.workspace, row)
    rows = [_lifted(each) for each in _telling(found.found)]
    told = _("The share of them beside the share of everybody.")
    if found.is_sample:
        told += " " + _("Counted on a random sample.")
    return render(request, "organise/segments/_apart.html", {"segment": row, "rows": rows, "title": _apart_title(rows), "told": told})


def _telling(found: Sequence[lifts.Lift]) -> list[lifts.Lift]:
    """What is more frequent here before what is rarer; of one trait three values at most."""
    kept: list[lifts.Lift] = []
    for each in sorted(found, key=lambda each: (each.lift < 1, -abs(each.sure))):
        if sum((other.kind, other.name) == (each.kind, each.name) for other in kept) < 3:
            kept.append(each)
    return kept[:MOST]


def _lifted(each: lifts.Lift) -> dict[str, Any]:
    tenths = round(each.lift * 10) / 10
    more = _("%(n)s× as frequent") % {"n": number(tenths, 0 if tenths.is_integer() else 1)}
    times = more if each.lift >= 1.1 else _("rarer") if each.lift < 0.95 else _("about as frequent")
    return {"label": _lift_label(each), "times": times, "here": each.share, "there": each.usual, "is_more": each.lift >= 1}


def _lift_label(each: lifts.Lift) -> str:
    if each.kind == "stage":
        return stage_name(each.value)
    if each.kind == "channel":
        return _("Met on %(channel)s") % {"channel": channel_name(each.value)}
    if each.kind == "tag":
        return _("Tagged “%(tag)s”") % {"tag": each.value}
    if each.name == "language":
        return f"{label(each.name)}: {language_name(each.value)}"
    value = {"yes": _("yes"), "no": _("no")}.get(each.value, shown(each.value, TRAITS.get(each.name, "text")))
    return f"{OWN[each.name][1] if each.name in OWN else label(each.name)}: {value}"


def _apart_title(rows: Sequence[dict[str, Any]]) -> str:
    more = [row["label"] for row in rows if row["is_more"]]
    if not more:
        return _("What sets them apart")
    return _("What sets them apart: %(first)s") % {"first": ", ".join(more[:2])}
