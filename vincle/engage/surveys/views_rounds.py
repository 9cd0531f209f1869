"""Rounds of asking: prepared, looked at as someone would get it, approved, followed; and who was asked and has answered."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBadRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.organise import members
from vincle.organise.models import Profile
from vincle.store.export import csv_response
from vincle.vocabulary import public_id
from vincle.web.middleware import CSP
from vincle.web.tags.formats import number

from . import invite_mail, limits, rounds, rounds_words
from .asking_pages import collector_of, framed, round_of, tried, url, whole
from .collectors import Refused
from .models import Collector, Invitation, Round

PAGE = 50
HEADINGS = ("person", "name", "state", "why", "asked", "reminders", "answered")
_DEEDS = {"pause": (May.SPEAK, rounds.pause), "resume": (May.APPROVE, rounds.resume), "stop": (May.SPEAK, rounds.stop)}


@allow(May.SPEAK)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: WorkspaceRequest, collector: str) -> HttpResponseBase:
    way = collector_of(request, collector)
    if way.kind not in ("mail", "message"):
        raise Http404("nobody is asked by this way")
    given = _typed(request, way) if request.method == "POST" else {}
    if given and (made := tried(request, lambda: rounds.create(request.workspace, request.user, way, given))):
        return redirect(url(request, "round", made=made.public_id))
    return render(request, "surveys/asking/round_form.html", _form(request, way, given or _usual(way)))


@allow(May.SPEAK)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: WorkspaceRequest, made: str) -> HttpResponseBase:
    row = round_of(request, made)
    back = redirect(url(request, "round", made=row.public_id))
    if row.state != Round.State.DRAFT:
        return back
    given = _typed(request, row.collector) if request.method == "POST" else {}
    if given and tried(request, lambda: rounds.change(request.workspace, request.user, row, given), _("Kept.")):
        return back
    standing = {
        "name": row.name,
        "segment": row.segment.public if row.segment else "",
        "connection": row.connection_id,
        "medium": row.medium,
        "texts": row.texts,
        "reminders": row.reminders,
        "every_days": row.every_days,
        "starts_at": row.starts_at,
    }
    return render(request, "surveys/asking/round_form.html", _form(request, row.collector, given or standing, row))


def _typed(request: WorkspaceRequest, way: Collector) -> dict[str, Any]:
    post = request.POST
    texts = {
        language: {name: post.get(f"{name}-{language}", "") for name in ("subject", "why", "button")}
        for language in invite_mail.languages(way.survey)
    }
    return {
        "name": post.get("name", ""),
        "segment": post.get("segment", ""),
        "connection": post.get("connection", ""),
        "medium": _medium(way, post.get("medium", "")),
        "texts": texts,
        "reminders": whole(post.get("reminders", ""), 0, 0, 99),
        "every_days": whole(post.get("every_days", ""), 5, 0, 999),
        "starts_at": _moment(post.get("starts_at", ""), limits.zone_of(way.survey)),
    }


def _medium(way: Collector, asked: str) -> str:
    return "email" if way.kind == "mail" else asked if asked in rounds.MEDIA and asked != "email" else "telegram"


def _moment(text: str, zone: ZoneInfo) -> datetime | None:
    try:
        return datetime.fromisoformat(text.strip()[:19]).replace(tzinfo=zone) if text.strip() else None
    except ValueError:
        return None


def _usual(way: Collector) -> dict[str, Any]:
    return {"medium": _medium(way, ""), "reminders": 1, "every_days": 5, "texts": {}}


def _form(request: WorkspaceRequest, way: Collector, given: Mapping[str, Any], row: Round | None = None) -> dict[str, Any]:
    media = ("email",) if way.kind == "mail" else ("telegram", "whatsapp")
    ways = [(medium, connection) for medium in media for connection in rounds.connections(request.workspace, medium)]
    at = given.get("starts_at")
    context = {
        "way": way,
        "given": given,
        "round": row,
        "segments": [(each.public, each.name, each.members) for each in members.listed(request.workspace)],
        "ways": ways,
        "media": media,
        "starts": at.astimezone(limits.zone_of(way.survey)).strftime("%Y-%m-%dT%H:%M") if at else "",
        "zone": limits.zone_of(way.survey).key,
        "most_reminders": rounds.MOST_REMINDERS,
        "texts": [
            {"language": language, "said": given.get("texts", {}).get(language, {}), "usual": invite_mail.usual(way.survey, language)}
            for language in invite_mail.languages(way.survey)
        ],
        "way_url": url(request, "collector", collector=way.public_id),
        "reach_url": url(request, "round_reach", collector=way.public_id),
    }
    return framed(request, way.survey, context)


@allow(May.SEE)
@never_cache
@require_safe
def reach(request: WorkspaceRequest, collector: str) -> HttpResponse:
    """How many of a segment would be asked now, and why others not; a part of the form."""
    way = collector_of(request, collector)
    medium = _medium(way, request.GET.get("medium", ""))
    total, found = rounds.outlook(request.workspace, way.survey, request.GET.get("segment", ""), medium)
    context = {
        "total": total,
        "asked": len(found.handles),
        "left": rounds_words.left_out(found.left_out),
        "segment": request.GET.get("segment"),
    }
    return render(request, "surveys/asking/_reach.html", context)


@allow(May.SEE)
@never_cache
@require_safe
def detail(request: WorkspaceRequest, made: str) -> HttpResponse:
    """One round: as it would look, or how far it has come."""
    row = round_of(request, made)
    counts = rounds.counts([row])[row.pk]
    reached = sum(counts.get(state, 0) for state in ("asked", "reminded", "opened", "answered", "declined"))
    context: dict[str, Any] = {
        "round": row,
        "title": _title(row, counts, reached),
        "counts": counts,
        "reached": reached,
        "opened": counts["seen"],
        "share": counts.get("answered", 0) / reached if reached else None,
        "left": rounds_words.left_out(row.left_out),
        "way_url": url(request, "collector", collector=row.collector.public_id),
        "languages": invite_mail.languages(row.survey),
        **{
            f"{name}_url": url(request, address, made=row.public_id)
            for name, address in (
                ("edit", "round_edit"),
                ("act", "round_act"),
                ("people", "round_people"),
                ("csv", "round_csv"),
                ("frame", "round_frame"),
            )
        },
    }
    if row.state == Round.State.DRAFT and row.segment is not None:
        total, found = rounds.outlook(request.workspace, row.survey, row.segment.public, row.medium)
        context |= {"total": total, "asked": len(found.handles), "left": rounds_words.left_out(found.left_out)}
    response = render(request, "surveys/asking/round.html", framed(request, row.survey, context))
    response["Content-Security-Policy"] = CSP + "; frame-src 'self'"
    return response


def _title(row: Round, counts: Mapping[str, int], reached: int) -> str:
    if not reached:
        return row.name
    answered = counts.get("answered", 0)
    words = ngettext("%(n)s of %(all)s has answered", "%(n)s of %(all)s have answered", answered)
    return words % {"n": number(answered), "all": number(reached)}


@allow(May.SEE)
@never_cache
@xframe_options_sameorigin
@require_safe
def frame(request: WorkspaceRequest, made: str) -> HttpResponse:
    """The mail as somebody of the segment would get it; its links lead nowhere."""
    row = round_of(request, made)
    language = request.GET.get("lang", "")
    html = invite_mail.preview(row, language if language in invite_mail.languages(row.survey) else "")
    answer = HttpResponse(html)
    answer["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; img-src https: data:; frame-ancestors 'self'"
    return answer


@allow(May.SPEAK)
@require_POST
def act(request: WorkspaceRequest, made: str) -> HttpResponseBase:
    row, what = round_of(request, made), request.POST.get("do", "")
    here = url(request, "round", made=row.public_id)
    if what == "approve":
        if not request.may(May.APPROVE):
            messages.error(request, _("Somebody who may approve has to send it."))
        else:
            tried(request, lambda: rounds.approve(request.workspace, request.user, row), _("People are being asked."))
        return redirect(here)
    if what == "discard":
        if tried(request, lambda: rounds.discard(request.workspace, request.user, row), _("Thrown away.")):
            return redirect(url(request, "collector", collector=row.collector.public_id))
        return redirect(here)
    if what not in _DEEDS:
        return HttpResponseBadRequest("no such deed")
    needed, deed = _DEEDS[what]
    if not request.may(needed):
        messages.error(request, _("Somebody who may approve has to do this."))
    elif not deed(request.workspace, request.user, row):
        messages.error(request, _("It stood otherwise already."))
    return redirect(here)


# Who was asked


def _asked(request: WorkspaceRequest, row: Round) -> Any:
    rows = Invitation.objects.of(request.workspace).filter(round=row).order_by("pk")
    state = request.GET.get("state", "")
    return rows.filter(state=state) if state in Invitation.State.values else rows


@allow(May.SEE)
@never_cache
@require_safe
def people(request: WorkspaceRequest, made: str) -> HttpResponse:
    row = round_of(request, made)
    fitting, after = _asked(request, row), whole(request.GET.get("after", ""), 0)
    found = list(fitting.filter(pk__gt=after)[: PAGE + 1])
    shown = found[:PAGE]
    context = {
        "round": row,
        "rows": list(_rows(request, shown)),
        "states": Invitation.State.choices,
        "total": fitting.count(),
        "after": shown[-1].pk if len(found) > PAGE else None,
        "back_url": url(request, "round", made=row.public_id),
        "csv_url": url(request, "round_csv", made=row.public_id),
    }
    return render(request, "surveys/asking/round_people.html", framed(request, row.survey, context))


def _rows(request: WorkspaceRequest, shown: list[Invitation]) -> Iterator[dict[str, Any]]:
    keys = {each.person for each in shown}
    profiles = {each.person: each for each in Profile.objects.of(request.workspace).filter(person__in=keys)}
    for each in shown:
        profile = profiles.get(each.person)
        yield {
            "asked": each,
            "name": profile.name if profile else "",
            "email": profile.email if profile else "",
            "public": public_id(profile.person) if profile else "",
            "why": rounds_words.why(each.why) if each.why else "",
        }


@allow(May.EXPORT)
@require_safe
def people_csv(request: WorkspaceRequest, made: str) -> HttpResponseBase:
    row = round_of(request, made)

    def lines() -> Iterator[tuple[Any, ...]]:
        after = 0
        while some := list(_asked(request, row).filter(pk__gt=after)[:500]):
            for each in _rows(request, some):
                asked = each["asked"]
                moments = [at.isoformat(timespec="seconds") if at else "" for at in (asked.asked_at, asked.answered_at)]
                yield each["public"], each["name"], asked.state, asked.why, moments[0], asked.reminders, moments[1]
            after = some[-1].pk

    return csv_response(f"{row.public_id}.csv", HEADINGS, lines())


__all__ = ["Refused", "act", "detail", "edit", "frame", "new", "people", "people_csv", "reach"]
