"""Bad answers: who is to be called back, by which team, and what came of it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBadRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.engage.inbox import teams
from vincle.organise.models import Profile
from vincle.vocabulary import public_id
from vincle.web.tags.formats import number

from . import loops
from .asking_pages import survey_of, tried, url, whole
from .models import FollowUp, Survey

PAGE = 30


@allow(May.SEE)
@never_cache
@require_safe
def follow_ups(request: WorkspaceRequest) -> HttpResponse:
    """Those that are open, newest first; of one survey where the address names it."""
    survey = _survey(request)
    done = request.GET.get("done") == "yes"
    rows = FollowUp.objects.of(request.workspace).filter(done_at__isnull=not done, survey__deleted_at=None)
    rows = rows.filter(survey=survey) if survey is not None else rows
    team = whole(request.GET.get("team", ""), 0)
    rows = rows.filter(team=team) if team else rows
    after = whole(request.GET.get("after", ""), 0)
    behind = (rows.filter(pk__lt=after) if after else rows).select_related("survey__version", "team", "to", "done_by")
    found = list(behind.order_by("-pk")[: PAGE + 1])
    total = rows.count()
    context = {
        "title": _title(total, done),
        "rows": _rows(request, found[:PAGE]),
        "survey": survey,
        "total": total,
        "after": found[PAGE - 1].pk if len(found) > PAGE else None,
        "teams": [(str(each.pk), each.name) for each in teams.teams_of(request.workspace)],
        "done_choices": [("yes", _("Settled"))],
        "may_speak": request.may(May.SPEAK),
        "may_answer": request.may(May.ANSWER),
        "loop": loops.values(survey) if survey is not None else None,
        "save_url": url(request, "loop", survey=survey.pk) if survey is not None else "",
        "back_url": url(request, "ask", survey=survey.pk) if survey is not None else url(request, "list"),
    }
    return render(request, "surveys/asking/follow_ups.html", context)


def _survey(request: WorkspaceRequest) -> Survey | None:
    key = whole(request.GET.get("survey", ""), 0)
    return survey_of(request, key) if key else None


def _title(total: int, done: bool) -> str:
    if done:
        return ngettext("%(n)s was called back", "%(n)s were called back", total) % {"n": number(total)}
    if not total:
        return _("Nobody waits to be called back")
    return ngettext("%(n)s person waits to be called back", "%(n)s people wait to be called back", total) % {"n": number(total)}


def _rows(request: WorkspaceRequest, found: list[FollowUp]) -> list[dict[str, Any]]:
    profiles = {each.person: each for each in Profile.objects.of(request.workspace).filter(person__in=[row.person for row in found])}
    rows = []
    for row in found:
        profile = profiles.get(row.person)
        rows.append(
            {
                "row": row,
                "why": loops.questions(row),
                "name": profile.name if profile else "",
                "public": public_id(profile.person) if profile else "",
                "thread_url": reverse("inbox:thread", kwargs={"workspace": request.workspace.slug, "pid": public_id(row.thread)})
                if row.thread
                else "",
                "act_url": url(request, "follow_up", follow_up=row.pk),
            }
        )
    return rows


@allow(May.ANSWER)
@require_POST
def act(request: WorkspaceRequest, follow_up: int) -> HttpResponseBase:
    """Take it, settle it with a word on what came of it, or open it again."""
    row = FollowUp.objects.of(request.workspace).filter(pk=follow_up, survey__deleted_at=None).select_related("survey").first()
    if row is None:
        raise Http404("no such answer")
    do = request.POST.get("do", "")
    if do == "take":
        loops.take(request.workspace, request.user, row)
    elif do == "done":
        if loops.close(request.workspace, request.user, row, request.POST.get("note", "")):
            messages.success(request, _("Settled."))
    elif do == "again":
        loops.close(request.workspace, request.user, row, "", back=True)
    else:
        return HttpResponseBadRequest("no such deed")
    return redirect(f"{url(request, 'follow_ups')}?survey={row.survey_id}")


@allow(May.SPEAK)
@require_POST
def save_loop(request: WorkspaceRequest, survey: int) -> HttpResponseBase:
    """Whether somebody is told of bad answers, of which, and whom."""
    row, post = survey_of(request, survey), request.POST
    told = (
        post.get("is_on") == "on",
        whole(post.get("nps", ""), -1),
        whole(post.get("percent", ""), -1),
        whole(post.get("team", ""), 0) or None,
    )
    tried(request, lambda: loops.save(request.workspace, request.user, row, *told), _("Kept."))
    return redirect(f"{url(request, 'follow_ups')}?survey={row.pk}")
