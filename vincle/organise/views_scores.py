"""What is worked out about people: how each score spreads, how good it is, and working it out anew."""

from typing import Any

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.web.tags.formats import number

from . import score_pages, scoring_rounds
from .models import ScoreRun


@allow(May.SEE)
@require_safe
def scores(request: WorkspaceRequest) -> HttpResponseBase:
    found = score_pages.overviews(request.workspace)
    runs = [each.run for each in found if each.run]
    context = {
        "found": found, "runs": runs, "sentence": _sentence(runs), "may_manage": request.may(May.MANAGE),
        "last": max((run.at for run in runs), default=None),
    }  # fmt: skip
    return render(request, "organise/scores.html", context)


def _sentence(runs: list[Any]) -> str:
    people = max((run.people for run in runs), default=0)
    learnt = sum(run.quality.get("state") == "learnt" for run in runs)
    if not runs:
        return _("What can be told of people from what they do: whether they will stay, buy, are content.")
    said = ngettext("Of %(people)s person it is told", "Of %(people)s people it is told", people) % {"people": number(people)}
    if not learnt:
        return _("%(said)s what they like, whether they will stay, buy, are content. By rules as yet: the past holds too little.") % {
            "said": said
        }
    taught = ngettext("%(n)s score is learnt from your own past", "%(n)s scores are learnt from your own past", learnt) % {"n": learnt}
    return _("%(said)s what they like, whether they will stay, buy, are content. %(taught)s; the others follow rules.") % {
        "said": said, "taught": taught,
    }  # fmt: skip


@allow(May.MANAGE)
@require_POST
def again(request: WorkspaceRequest) -> HttpResponseBase:
    if ScoreRun.objects.of(request.workspace).exists():
        scoring_rounds.ask_again(request.workspace, request.user)
    messages.success(request, _("Everybody is worked out anew within minutes."))
    return redirect("organise:scores", workspace=request.workspace.slug)
