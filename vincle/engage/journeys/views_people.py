"""Who stands where in a journey, who went by, how it ended for them; one person's way with why; tasks; the past, tried."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.engage import speaking
from vincle.organise.models import Profile
from vincle.store.export import csv_response
from vincle.web.tags.formats import number

from . import actions, simulating, story, tasks, things
from .canvas import shaping, taking, troubles
from .canvas.shaping import Json
from .definition.checks import BadDefinition
from .definition.reading import read, write
from .models import Journey, Task, Walk, WalkStep
from .views import PAGE, found, place, url

DAYS = (7, 30, 90, 365)
HEADINGS = ("person", "name", "email", "state", "step", "since", "began", "goes on", "ended", "version")


def _walks(row: Journey, node: str, state: str) -> Any:
    """Newest first. At a step: who waits there, or (state "passed") whoever came by it."""
    rows = Walk.objects.of(row.workspace_id).filter(journey=row)
    if node and state == "passed":
        rows = rows.filter(pk__in=_by(row, node))
    elif node:
        rows = rows.filter(node=node, state=Walk.State.WAITING)
    elif state in Walk.State.values:
        rows = rows.filter(state=state)
    return rows.order_by("-pk")


def _by(row: Journey, node: str) -> Any:
    return WalkStep.objects.of(row.workspace_id).filter(walk__journey=row, node=node).values("walk")


@allow(May.SEE)
@never_cache
@require_safe
def people(request: WorkspaceRequest, journey: str) -> HttpResponse:
    row = found(request, journey)
    node, state = request.GET.get("at", "").replace("\x00", "")[:24], request.GET.get("state", "")
    definition = write(actions.definition_of(row, row.live or row.version))
    words = things.words(request.workspace, definition)
    steps = [(str(step["id"]), words.step(step).title) for _way, _at, step in shaping.walk(definition)]
    rows = _walks(row, node, state)
    after, before = place(request.GET.get("after", "")), place(request.GET.get("before", ""))
    shown = list((rows.filter(pk__lt=after) if after else rows)[: PAGE + 1])
    total = rows.count()
    states = [("passed", _("Came by"))] if node else Walk.State.choices
    context = {
        "journey": row, "rows": _told(request, shown[:PAGE], dict(steps)), "title": dict(steps).get(node) or _("Everybody in it"),
        "steps": steps, "states": states, "after": shown[PAGE - 1].pk if len(shown) > PAGE else None, "before": before or None,
        "summary": ngettext("%(n)s person", "%(n)s people", total) % {"n": number(total)}, "may_export": request.may(May.EXPORT),
        "csv_url": f"{url(request, 'people_csv', journey=row.public)}?{request.GET.urlencode()}",
        "back_url": url(request, "journey", journey=row.public), "node": node,
    }  # fmt: skip
    return render(request, "journeys/people.html", context)


def _told(request: WorkspaceRequest, walks: Iterable[Walk], steps: dict[str, str]) -> list[dict[str, Any]]:
    walks = list(walks)
    known: dict[int, Profile] = Profile.objects.of(request.workspace).in_bulk({walk.person for walk in walks})
    return [
        {"walk": walk, "person": known.get(walk.person), "at": steps.get(walk.node, walk.node), "url": url(request, "way", walk=walk.pk)}
        for walk in walks
    ]  # fmt: skip


@allow(May.SEE, May.EXPORT)
@require_safe
def people_csv(request: WorkspaceRequest, journey: str) -> HttpResponseBase:
    row = found(request, journey)
    node, state = request.GET.get("at", "").replace("\x00", "")[:24], request.GET.get("state", "")
    return csv_response(f"journey-{row.public}.csv", HEADINGS, _csv(row, node, state))


def _csv(row: Journey, node: str, state: str) -> Iterable[list[Any]]:
    rows, last = _walks(row, node, state), None
    while piece := list((rows.filter(pk__lt=last) if last else rows)[:1_000]):
        last = piece[-1].pk
        known = Profile.objects.of(row.workspace_id).in_bulk({walk.person for walk in piece})
        for walk in piece:
            who = known.get(walk.person)
            moments = (walk.since, walk.started_at, walk.wakes_at, walk.ended_at)
            since, began, wakes, ended = (moment.isoformat(timespec="seconds") if moment else "" for moment in moments)
            names = (who.public, who.name, who.email) if who else ("", "", "")
            yield [*names, walk.state, walk.node, since, began, wakes, ended, walk.version]


@allow(May.SEE)
@never_cache
@require_safe
def way(request: WorkspaceRequest, walk: int) -> HttpResponse:
    """One person's way through a journey, line by line, with why."""
    row: Walk | None = Walk.objects.of(request.workspace).filter(pk=walk).select_related("journey", "workspace").first()
    if row is None:
        raise Http404
    person = Profile.objects.of(request.workspace).filter(person=row.person).first()
    others = Walk.objects.of(request.workspace).filter(journey=row.journey, person=row.person).exclude(pk=row.pk).order_by("-pk")[:20]
    definition = write(actions.definition_of(row.journey, row.version))
    words = things.words(request.workspace, definition)
    now = shaping.find(definition, row.node) if row.state == Walk.State.WAITING else None
    context = {
        "walk": row, "journey": row.journey, "lines": story.of(row), "person": person,
        "now": words.step(now[2]) if now else None, "back_url": url(request, "people", journey=row.journey.public),
        "others": [(each, url(request, "way", walk=each.pk)) for each in others],
        "tasks": tasks.listed(request.workspace).filter(walk=row), "journey_url": url(request, "journey", journey=row.journey.public),
    }  # fmt: skip
    return render(request, "journeys/way.html", context)


# Tried on the past


@allow(May.SPEAK)
@never_cache
@require_POST
def try_draft(request: WorkspaceRequest) -> HttpResponse:
    """What the definition under way would have done. Nothing is written."""
    return _tried(request, taking.taken(request.POST.get("definition", "")), request.POST.get("try_days", ""))


@allow(May.SEE)
@never_cache
@require_safe
def try_kept(request: WorkspaceRequest, journey: str) -> HttpResponse:
    """What the journey would have done."""
    return _tried(request, write(actions.definition_of(found(request, journey))), request.GET.get("try_days", ""))


def _tried(request: WorkspaceRequest, definition: Json, days: str) -> HttpResponse:
    span = place(days) if place(days) in DAYS else 30
    try:
        asked = read(definition)
    except BadDefinition as bad:
        return render(request, "journeys/_tried.html", {"problem": troubles.of(definition, bad)[1]})
    outcome = simulating.simulate(request.workspace, asked, span)
    words = things.words(request.workspace, definition)
    steps = [
        {"said": words.step(step), "key": key, "people": outcome.nodes.get(key, 0), "writable": outcome.writable.get(key)}
        for _way, _at, step in shaping.walk(definition) for key in (str(step["id"]),)
    ]  # fmt: skip
    reached = {"n": number(outcome.reached)}
    told = ngettext("It would have reached %(n)s person", "It would have reached %(n)s people", outcome.reached) % reached
    within = ngettext("in the last %(n)s day", "in the last %(n)s days", span) % {"n": span}
    context = {"outcome": outcome, "told": f"{told} {within}.", "steps": steps, "largest": max(outcome.reached, 1), "days": span}
    return render(request, "journeys/_tried.html", context)


# Tasks


@allow(May.SEE)
@never_cache
@require_safe
def list_tasks(request: WorkspaceRequest) -> HttpResponse:
    done, mine = request.GET.get("state") == "done", request.GET.get("whose") == "mine"
    now = timezone.now()
    late = now if request.GET.get("late") == "yes" and not done else None
    rows = tasks.listed(request.workspace, done=done, of=request.user if mine else None, late=late)
    start, total = place(request.GET.get("after", "")), rows.count()
    shown = list(rows[start : start + PAGE])
    known = Profile.objects.of(request.workspace).in_bulk({each.person for each in shown})
    context = {
        "rows": [{"task": each, "person": known.get(each.person), "is_late": bool(each.due_at and each.due_at < now and not each.done_at),
                  "act_url": url(request, "task_act", task=each.pk)} for each in shown],
        "states": [("done", _("Done"))], "whose": [("mine", _("Mine and nobody's"))], "late": [("yes", _("Late"))],
        "after": start + PAGE if start + PAGE < total else None, "before": max(start - PAGE, 0) if start else None,
        "summary": ngettext("%(n)s task", "%(n)s tasks", total) % {"n": number(total)}, "may_speak": request.may(May.SPEAK),
        "tabs": speaking.tabs(request.workspace, "journeys"), "back_url": url(request, "list"), "is_done": done,
    }  # fmt: skip
    return render(request, "journeys/tasks.html", context)


@allow(May.SPEAK)
@require_POST
def act_on_task(request: WorkspaceRequest, task: int) -> HttpResponseBase:
    """Done, taken, open again: `do` says what."""
    row: Task | None = Task.objects.of(request.workspace).filter(pk=task).first()
    if row is None:
        raise Http404
    do = request.POST.get("do") or request.GET.get("do", "")
    if do == "done" and tasks.finish(request.workspace, request.user, row):
        messages.success(request, _("Done."), extra_tags=f"undo:{request.path}?do=open")
    elif do == "open" and tasks.finish(request.workspace, request.user, row, back=True):
        messages.success(request, _("It is open again."))
    elif do == "take" and tasks.take(request.workspace, request.user, row):
        messages.success(request, _("It is yours."))
    return redirect("journeys:tasks", workspace=request.workspace.slug)
