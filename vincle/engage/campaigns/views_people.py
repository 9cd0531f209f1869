"""The people behind a number of a campaign: as a list, as CSV, as a segment of their own."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.organise import segmenting, team
from vincle.organise.filters import Where
from vincle.organise.models import Profile
from vincle.organise.segments.reading import BadPredicate
from vincle.store.export import csv_response
from vincle.vocabulary import public_id
from vincle.web.tags.formats import number

from . import who
from .models import Assignment, Campaign
from .views_list import one, url

PAGE = 50
HEADINGS = ("id", "name", "email", "phone", "letter", "held out", "counts from", "acted", "bought", "purchases", "money")
Asked = tuple[str, int | None, str, int | None]


def _asked(request: WorkspaceRequest, row: Campaign) -> Asked:
    """(figure, arm, code of why, link). Http404 for what there is not."""
    of = request.GET.get("of", "drawn")
    if of not in who.BY_KEY:
        raise Http404
    arm, link = request.GET.get("arm", ""), request.GET.get("link", "")
    if arm and not (arm.isascii() and arm.isdigit() and len(arm) < 3):
        raise Http404
    if link and not (link.isascii() and link.isdigit() and len(link) < 20 and int(link) < 2**63):
        raise Http404
    return of, int(arm) if arm else None, request.GET.get("code", "").replace("\x00", "")[:60], int(link) if link else None


def _title(row: Campaign, asked: Asked) -> str:
    of, arm, code, _link = asked
    parts = [str(who.BY_KEY[of].label)]
    parts += [_("letter %(name)s") % {"name": chr(65 + arm)}] if arm is not None and len(row.arms) > 1 else []
    return f"{row.name}: {', '.join(parts)}" + (f" ({code.replace('_', ' ')})" if code else "")


@allow(May.SEE)
@never_cache
@require_safe
def people(request: WorkspaceRequest, campaign: str) -> HttpResponse:
    row = one(request, campaign)
    asked = _asked(request, row)
    ids = who.people(row, *asked)
    rows = Profile.objects.of(request.workspace).filter(person__in=ids).order_by("person")
    after = request.GET.get("after", "")
    total = rows.count()
    place = int(after) if after.isascii() and after.isdigit() and len(after) < 8 else 0
    shown = list(rows[place : place + PAGE])
    told = {
        each.person: each
        for each in Assignment.objects.of(request.workspace).filter(campaign=row, person__in=[each.person for each in shown])
    }
    query = urlencode([(key, value) for key, value in request.GET.items() if key != "after"])
    context = {
        "campaign": row,
        "title": _title(row, asked),
        "note": who.BY_KEY[asked[0]].note,
        "total": total,
        "rows": [{"person": each, "public": public_id(each.person), "did": told.get(each.person)} for each in shown],
        "after": place + PAGE if place + PAGE < total else None,
        "before": max(place - PAGE, 0) if place else None,
        "summary": _("%(shown)s of %(total)s") % {"shown": number(len(shown)), "total": number(total)},
        "back_url": url(request, "one", campaign=row.public),
        "may_export": request.may(May.EXPORT),
        "may_edit": request.may(May.EDIT_PEOPLE),
        "csv_url": f"{url(request, 'people_csv', campaign=row.public)}?{query}",
        "segment_url": f"{url(request, 'people_segment', campaign=row.public)}?{query}",
        "several": len(row.arms) > 1,
    }
    return render(request, "campaigns/people.html", context)


@allow(May.EXPORT)
@never_cache
@require_safe
def people_csv(request: WorkspaceRequest, campaign: str) -> HttpResponseBase:
    row = one(request, campaign)
    asked = _asked(request, row)
    profiles = Profile.objects.of(request.workspace).filter(person__in=who.people(row, *asked)).order_by("person")
    told = {each.person: each for each in Assignment.objects.of(request.workspace).filter(campaign=row)}
    lines = (_line(each, told.get(each.person)) for each in profiles.iterator(chunk_size=2_000))
    return csv_response(f"campaign-{row.public}-{asked[0]}.csv", HEADINGS, lines)


def _line(person: Profile, did: Assignment | None) -> list[Any]:
    def told(at: Any) -> str:
        return at.isoformat() if at else ""

    known: list[Any] = [public_id(person.person), person.name, person.email, person.phone]
    if did is None:
        return [*known, *[""] * 7]
    letter = "" if did.arm is None else chr(65 + did.arm)
    return [
        *known,
        letter,
        "yes" if did.is_held else "",
        told(did.starts_at),
        told(did.acted_at),
        told(did.bought_at),
        did.purchases,
        did.money,
    ]


@allow(May.EDIT_PEOPLE)
@require_POST
def people_segment(request: WorkspaceRequest, campaign: str) -> HttpResponseBase:
    """These people under a tag, and a segment of whoever has it."""
    row = one(request, campaign)
    asked = _asked(request, row)
    statement, values = who.people(row, *asked).query.sql_with_params()
    those = Where(request.workspace)
    those.add(f"p.person IN ({statement})", *values)
    name = _title(row, asked)[:60]
    try:
        done = team.tag(request.workspace, request.user, those, name)
        made = segmenting.create(request.workspace, request.user, _free(request, name), {"tag": name})
    except (team.Refused, segmenting.Refused, BadPredicate) as refused:
        messages.error(request, str(refused))
        return redirect(f"{url(request, 'people', campaign=row.public)}?{request.GET.urlencode()}")
    told = ngettext("A segment of %(n)s person.", "A segment of %(n)s people.", done.people) % {"n": number(done.people)}
    messages.success(request, told)
    return redirect("organise:segment", workspace=request.workspace.slug, segment=made.public)


def _free(request: WorkspaceRequest, name: str) -> str:
    """A name no segment has."""
    from vincle.organise.models import Segment

    taken = {each.casefold() for each in Segment.objects.of(request.workspace).filter(archived_at=None).values_list("name", flat=True)}
    return next(called for n in range(1, 1_000) if (called := name if n == 1 else f"{name} {n}").casefold() not in taken)
