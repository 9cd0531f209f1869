"""One campaign: as a draft with whom it reaches and how it looks, on its way, and what became of it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.engage.letters import testing
from vincle.engage.letters.actions import Refused as LetterRefused
from vincle.engage.letters.views import framed
from vincle.engage.outbox import jobs
from vincle.organise import members
from vincle.organise.models import Profile
from vincle.vocabulary import public_id
from vincle.web.middleware import CSP

from . import actions, approving, checking, looks, reach, report, report_page, whence
from .checking import Refused
from .models import Campaign, CampaignVersion
from .views_form import foreseen
from .views_list import one, url

VERBS = {
    "ask": (May.SPEAK, actions.ask),
    "approve": (May.APPROVE, actions.approve),
    "draft": (May.SPEAK, actions.to_draft),
    "pause": (May.SPEAK, actions.pause),
    "resume": (May.APPROVE, actions.resume),
    "stop": (May.SPEAK, actions.stop),
    "archive": (May.SPEAK, actions.archive),
    "restore": (May.SPEAK, actions.restore),
    "copy": (May.SPEAK, actions.copy),
}


@allow(May.SEE)
@never_cache
@require_safe
def detail(request: WorkspaceRequest, campaign: str) -> HttpResponse:
    row = one(request, campaign)
    context: dict[str, Any] = {
        "campaign": row,
        "causes": whence.causes(row),
        "may_speak": request.may(May.SPEAK),
        "may_approve": actions.may_approve(row, request.user),
        "segments": _segments(row, row.inside),
        "outside": _segments(row, row.outside),
        "letters": looks.letters(row),
        "timing": row.get_timing_display(),
        "versions": _versions(row),
        **{f"{name}_url": url(request, name, campaign=row.public) for name in ("edit", "act", "test", "progress", "people", "people_csv")},
    }
    if row.has_begun:
        context |= report_page.context(request, row)
    else:
        context |= {
            "lacks": checking.lacks(row) if row.is_open else [],
            "eyes": _eyes(request, row),
            "colleagues": testing.team(request.workspace),
            "frames": _frames(request, row),
            "seen": approving.seen(row) if row.state == Campaign.State.ASKED else None,
        } | (foreseen(row) if row.inside else {})
    response = render(request, "campaigns/report.html" if row.has_begun else "campaigns/draft.html", context)
    response["Content-Security-Policy"] = CSP + "; frame-src 'self'"
    return response


def _segments(row: Campaign, publics: list[str]) -> list[Any]:
    return [found for public in publics if (found := members.found(row.workspace, public))]


def _versions(row: Campaign) -> list[CampaignVersion]:
    return list(CampaignVersion.objects.of(row.workspace_id).filter(campaign=row).select_related("by").order_by("-number")[:20])


def _eyes(request: WorkspaceRequest, row: Campaign) -> list[dict[str, Any]]:
    """Three people it would go to, unlike each other where they can be; or those who were asked for."""
    asked = [each for each in request.GET.getlist("as") if each][:3]
    if asked:
        people = list(Profile.objects.of(request.workspace).filter(person__in=looks.numbers(asked)))
    else:
        ids = reach.people(row.workspace, row.inside, row.outside)
        people = looks.unlike(request.workspace, ids)
    return [{"person": each, "public": public_id(each.person)} for each in people[:3]]


def _frames(request: WorkspaceRequest, row: Campaign) -> list[dict[str, Any]]:
    """Each letter as each of those people would get it."""
    eyes = _eyes(request, row)
    return [
        {
            "letter": each,
            "views": [
                {
                    **eye,
                    "url": url(request, "frame", campaign=row.public, arm=each["arm"]) + f"?as={eye['public']}",
                    "subject": looks.subject(row, each["arm"], eye["person"].person),
                }
                for eye in eyes
            ],
        }
        for each in looks.letters(row)
    ]


@allow(May.SEE)
@never_cache
@require_safe
@xframe_options_sameorigin
def frame(request: WorkspaceRequest, campaign: str, arm: int) -> HttpResponse:
    """A letter as `?as=` would get it; with `?clicks`, how often each link was followed stands on it."""
    row = one(request, campaign)
    person = next(iter(looks.numbers([request.GET.get("as", "")])), None)
    if person is not None and not Profile.objects.of(request.workspace).filter(person=person).exists():
        raise Http404
    page = looks.page(row, arm, person)
    if page is None:
        raise Http404
    return framed(looks.marked(page, report.links(row, arm)) if "clicks" in request.GET else page)


@allow(May.SPEAK)
@require_POST
def test(request: WorkspaceRequest, campaign: str) -> HttpResponseBase:
    """The letters to people of the team, as someone of the segment would get them."""
    row, sent = one(request, campaign), 0
    to = [int(each) for each in request.POST.getlist("to") if each.isascii() and each.isdecimal() and len(each) < 10]
    person = next(iter(looks.numbers([request.POST.get("as", "")])), None)
    try:
        for each in looks.letters(row):
            sent += testing.send(request.workspace, request.user, each["letter"], to, person=person, connection=row.connection_id or 0)
    except LetterRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("%(n)s test letters are on their way.") % {"n": sent})
    return redirect("campaigns:one", workspace=request.workspace.slug, campaign=row.public)


@allow(May.SEE)
@require_POST
def act(request: WorkspaceRequest, campaign: str) -> HttpResponseBase:
    """`do` says what; each asks for its own right."""
    row, do = one(request, campaign), request.POST.get("do", "")
    try:
        after = _done(request, row, do)
    except Refused as refused:
        messages.error(request, str(refused))
        after = row
    return redirect("campaigns:one", workspace=request.workspace.slug, campaign=after.public)


def _done(request: WorkspaceRequest, row: Campaign, do: str) -> Campaign:
    needed = May.APPROVE if do in ("back", "choose") else VERBS[do][0] if do in VERBS else May.SPEAK
    if not request.may(needed):
        raise Refused(_("You may not do that here."))
    if do == "back":
        return actions.send_back(request.workspace, request.user, row, request.POST.get("why", ""))
    if do == "choose":
        arm = request.POST.get("arm", "")
        actions.choose(request.workspace, request.user, row, int(arm) if arm.isdecimal() and len(arm) < 3 else -1)
        return row
    if do == "version":
        number = request.POST.get("number", "")
        return actions.back_to(request.workspace, request.user, row, int(number) if number.isdecimal() and len(number) < 9 else 0)
    if do not in VERBS:
        raise Refused(_("There is no such thing to do."))
    return VERBS[do][1](request.workspace, request.user, row)


@allow(May.SEE)
@never_cache
@require_safe
def progress(request: WorkspaceRequest, campaign: str) -> HttpResponse:
    """A part of the page: how far it has come, asked for again while it moves."""
    row = one(request, campaign)
    return render(
        request,
        "campaigns/_progress.html",
        {
            "campaign": row,
            **moved(row),
            "may_speak": request.may(May.SPEAK),
            "may_approve": request.may(May.APPROVE),
            "act_url": url(request, "act", campaign=row.public),
            "progress_url": url(request, "progress", campaign=row.public),
        },
    )


def moved(row: Campaign) -> dict[str, Any]:
    counts = jobs.progress(row.job) if row.job else jobs.Counts()
    return {"counts": counts, "moves": row.state in (Campaign.State.APPROVED, Campaign.State.SENDING)}
