"""How a survey reaches people: its collectors, its limits, and each collector by itself."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpResponse, HttpResponseBadRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.organise import members
from vincle.web.tags.formats import number

from . import codes_kept, collector_kinds, collectors, limits, posting, quotas, raffles, rounds
from .asking_pages import collector_of, framed, survey_of, tried, url, whole
from .models import Collector, FollowUp, Response, Survey


@allow(May.SEE)
@never_cache
@require_safe
def ask(request: WorkspaceRequest, survey: int) -> HttpResponse:
    """All ways to a survey, with what came by each; its limits beside them."""
    row = survey_of(request, survey)
    ways = collectors.of_survey(row)
    came = _came(row)
    context = {
        "title": _finding(came),
        "rows": [_card(request, way, came) for way in ways],
        "kinds": list(collector_kinds.KINDS.values()),
        "rounds": _rounds(request, row),
        "limits": limits.values(row),
        "quotas": quotas.of_survey(row)[:6],
        "raffle": raffles.of_survey(row),
        "open_follow_ups": FollowUp.objects.of(request.workspace).filter(survey=row, done_at=None).count(),
        "create_url": url(request, "collector_new", survey=row.pk),
        "limits_url": url(request, "limits", survey=row.pk),
    }
    return render(request, "surveys/asking/ask.html", framed(request, row, context))


def _came(survey: Survey) -> dict[int, tuple[int, int]]:
    """Of each collector, (complete, begun and not finished). One query."""
    rows = Response.objects.of(survey.workspace_id).filter(survey=survey).values_list("collector").order_by()
    found = rows.annotate(done=Count("pk", filter=Q(state="complete")), begun=Count("pk", filter=Q(state="partial")))
    return {pk: (done, begun) for pk, done, begun in found}


def _finding(came: dict[int, tuple[int, int]]) -> str:
    total = sum(done for done, _begun in came.values())
    if not total:
        return _("Nobody has answered yet")
    return ngettext("%(n)s answer so far", "%(n)s answers so far", total) % {"n": number(total)}


def _card(request: WorkspaceRequest, way: Collector, came: dict[int, tuple[int, int]]) -> dict[str, Any]:
    done, begun = came.get(way.pk, (0, 0))
    return {
        "way": way,
        "kind": collector_kinds.KINDS[way.kind],
        "done": done,
        "begun": begun,
        "url": url(request, "collector", collector=way.public_id),
        "address": collectors.address(way),
        "act_url": url(request, "collector_act", collector=way.public_id),
    }


def _rounds(request: WorkspaceRequest, survey: Survey) -> list[dict[str, Any]]:
    found = rounds.of_survey(survey)[:20]
    counted = rounds.counts(found)
    return [{"round": row, "counts": counted[row.pk], "url": url(request, "round", made=row.public_id)} for row in found]


@allow(May.SPEAK)
@require_POST
def create(request: WorkspaceRequest, survey: int) -> HttpResponseBase:
    row = survey_of(request, survey)
    kind = request.POST.get("kind", "")
    made = tried(request, lambda: collectors.create(request.workspace, request.user, row, kind, request.POST.get("name", "")))
    return redirect(url(request, "collector", collector=made.public_id) if made else url(request, "ask", survey=row.pk))


@allow(May.SPEAK)
@require_POST
def change_limits(request: WorkspaceRequest, survey: int) -> HttpResponseBase:
    """Cap, dates, how often somebody may answer, and after how many days they may be asked again."""
    row = survey_of(request, survey)
    tried(request, lambda: limits.change(request.workspace, request.user, row, request.POST.dict()), _("Kept."))
    return redirect(url(request, "ask", survey=row.pk))


# One of them


@allow(May.SEE)
@never_cache
@require_safe
def collector(request: WorkspaceRequest, collector: str) -> HttpResponse:
    row = collector_of(request, collector)
    kind = collector_kinds.KINDS[row.kind]
    done, begun = _came(row.survey).get(row.pk, (0, 0))
    context = {
        "way": row,
        "kind": kind,
        "done": done,
        "begun": begun,
        "address": collectors.address(row),
        "set": collector_kinds.settings_of(row.kind, row.settings),
        **_addresses(request, row),
        **_more(request, row),
    }
    return render(request, "surveys/asking/collector.html", framed(request, row.survey, context))


def _addresses(request: WorkspaceRequest, row: Collector) -> dict[str, str]:
    named = {
        "save": "collector_save",
        "act": "collector_act",
        "codes": "codes_new",
        "codes_csv": "codes_csv",
        "ballots": "ballots",
        "typing": "typing",
        "calls": "calls",
        "round_new": "round_new",
    }
    return {f"{name}_url": url(request, address, collector=row.public_id) for name, address in named.items()} | {
        "svg_url": url(request, "collector_qr", collector=row.public_id, kind="svg"),
        "png_url": url(request, "collector_qr", collector=row.public_id, kind="png"),
    }


def _more(request: WorkspaceRequest, row: Collector) -> dict[str, Any]:
    """What only some kinds show."""
    if row.kind in ("mail", "message"):
        found = [each for each in rounds.of_survey(row.survey) if each.collector_id == row.pk]
        counted = rounds.counts(found)
        return {
            "rounds": [{"round": each, "counts": counted[each.pk], "url": url(request, "round", made=each.public_id)} for each in found]
        }
    if row.kind in ("paper", "unit"):
        made, used = codes_kept.counts(row)
        return {"made": made, "used": used, "most": codes_kept.MOST_AT_ONCE}
    if row.kind in ("web", "phone"):
        segments = [(each.public, each.name) for each in members.listed(request.workspace)]
        return {"segments": segments, "snippets": snippets(row) if row.kind == "web" else {}}
    if row.kind == "kiosk":
        return {"address": collectors.address(row, kiosk="1")}
    return {}


def snippets(row: Collector) -> dict[str, str]:
    """What to put into a site."""
    told = collector_kinds.settings_of("web", row.settings)
    script, targeted = f"{settings.PUBLIC_URL}/s/embed.js", ' data-targeted="yes"' if told["segment"] else ""
    title = escape(row.survey.name)
    popup = (
        f'<script async src="{script}" data-survey="{row.token}" data-mode="popup" data-when="{told["when"]}" data-after="{told["after"]}" '
        f'data-again="{told["again"]}" data-share="{told["share"]}" data-title="{title}"{targeted}></script>'
    )
    inline = (
        f'<div data-vincle-survey="{row.token}" data-title="{title}"{targeted}><a href="{collectors.address(row)}">{title}</a></div>\n'
        f'<script async src="{script}"></script>'
    )
    button = f'<button type="button" data-vincle-survey="{row.token}">{title}</button>\n<script async src="{script}"></script>'
    return {"popup": popup, "inline": inline, "button": button}


@allow(May.SPEAK)
@require_POST
def save(request: WorkspaceRequest, collector: str) -> HttpResponseBase:
    row = collector_of(request, collector)
    given: dict[str, Any] = request.POST.dict()
    given["origins"] = request.POST.get("origins", "").split()
    tried(request, lambda: collectors.change(request.workspace, request.user, row, request.POST.get("name", ""), given), _("Kept."))
    return redirect(url(request, "collector", collector=row.public_id))


@allow(May.SPEAK)
@require_POST
def act(request: WorkspaceRequest, collector: str) -> HttpResponseBase:
    """Switch it on or off; make a draft of a post."""
    row = collector_of(request, collector)
    what = request.POST.get("do", "")
    if what in ("on", "off"):
        if collectors.switch(request.workspace, request.user, row, what == "on"):
            messages.success(request, _("Switched on.") if what == "on" else _("Switched off: whoever has begun may finish."))
    elif what == "post" and row.kind == "post":
        idea = posting.draft(request.workspace, request.user, row)
        return redirect("publishing:idea", workspace=request.workspace.slug, idea=idea.public)
    else:
        return HttpResponseBadRequest("no such deed")
    back = request.POST.get("back", "")
    return redirect(url(request, "ask", survey=row.survey_id) if back == "ask" else url(request, "collector", collector=row.public_id))


@allow(May.SEE)
@require_safe
def qr(request: WorkspaceRequest, collector: str, kind: str) -> HttpResponse:
    row = collector_of(request, collector)
    if kind not in ("svg", "png"):
        raise Http404("no such kind of picture")
    answer = HttpResponse(collectors.qr(collectors.address(row), kind), content_type="image/svg+xml" if kind == "svg" else "image/png")
    if request.GET.get("download"):
        answer["Content-Disposition"] = f'attachment; filename="{row.public_id}.{kind}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@allow(May.SPEAK)
@require_POST
def codes_new(request: WorkspaceRequest, collector: str) -> HttpResponseBase:
    """More codes, named by lines of their own where there are any."""
    row = collector_of(request, collector)
    if not collector_kinds.KINDS[row.kind].coded:
        raise Http404("no codes here")
    labels = [line for line in request.POST.get("labels", "").splitlines() if line.strip()]
    count = len(labels) or whole(request.POST.get("count", ""), 0)
    made = tried(request, lambda: codes_kept.make(request.workspace, request.user, row, count, labels))
    if made:
        words = ngettext("%(n)s code made.", "%(n)s codes made.", len(made)) % {"n": number(len(made))}
        messages.success(request, words)
    return redirect(url(request, "collector", collector=row.public_id))
