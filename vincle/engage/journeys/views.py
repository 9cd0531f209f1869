"""Journeys: their list, one of them as it runs with who stands where, its versions, and what is done with it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.engage import speaking
from vincle.store.folding import fold
from vincle.web.tags.formats import number

from . import actions, checking, counting, listing, tasks, things
from .actions import Refused
from .canvas import comparing, tree
from .canvas.shaping import Json
from .counting import Live
from .definition.reading import read, write
from .definition.text.printing import show
from .models import Journey, Walk

PAGE = 50
State = Journey.State


def url(request: WorkspaceRequest, name: str, **more: Any) -> str:
    return reverse(f"journeys:{name}", kwargs={"workspace": request.workspace.slug, **more})


def found(request: WorkspaceRequest, public: str) -> Journey:
    """The journey of this workspace, put away or not. Http404."""
    row: Journey | None = Journey.objects.of(request.workspace).filter(public=public.replace("\0", "")).select_related("by").first()
    if row is None:
        raise Http404
    return row


def place(text: str) -> int:
    """A number of an address; 0 for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


# The list


@allow(May.SEE)
@never_cache
@require_safe
def list_journeys(request: WorkspaceRequest) -> HttpResponse:
    put_away = request.GET.get("put_away") == "yes"
    rows = list(Journey.objects.of(request.workspace).filter(archived_at__isnull=not put_away).order_by("-changed_at", "-pk"))
    asked, state = fold(request.GET.get("q", "").replace("\x00", "")[:100]).split(), request.GET.get("state", "")
    fitting = [row for row in rows if state in ("", row.state) and all(word in fold(f"{row.name} {row.description}") for word in asked)]
    start = min(place(request.GET.get("after", "")), len(fitting))
    shown = fitting[start : start + PAGE]
    context = {
        "rows": _rows(request, shown), "tabs": speaking.tabs(request.workspace, "journeys"), "nothing": not rows and not put_away,
        "may_speak": request.may(May.SPEAK), "new_url": url(request, "new"), "tasks_url": url(request, "tasks"),
        "open_tasks": tasks.open_count(request.workspace), "states": State.choices, "put_away_choices": [("yes", _("Put away"))],
        "after": start + PAGE if start + PAGE < len(fitting) else None, "before": max(start - PAGE, 0) if start else None,
        "summary": _("%(shown)s of %(total)s") % {"shown": number(len(shown)), "total": number(len(fitting))},
    }  # fmt: skip
    return render(request, "journeys/list.html", context)


def _rows(request: WorkspaceRequest, journeys: list[Journey]) -> list[dict[str, Any]]:
    """Three queries, however many they are."""
    ends = listing.ends_of(journeys)
    heads = _heads(request, journeys)
    return [
        {"journey": row, "url": url(request, "journey", journey=row.public), "starts": heads.get(row.pk, ""),
         **{state: ends.get(row.pk, {}).get(state, 0) for state in ("waiting", "done", "goal", "left")}}
        for row in journeys
    ]  # fmt: skip


def _heads(request: WorkspaceRequest, journeys: list[Journey]) -> dict[int, str]:
    """How each starts, in words."""
    words = things.words(request.workspace, {"steps": []}) if journeys else None
    told = {}
    for row, definition in listing.newest_of(journeys):
        starts = [said for each in definition.get("start", []) if words and (said := words.event(each))]
        told[row.pk] = _("When they %(what)s") % {"what": " / ".join(starts)} if starts else ""
    return told


# One journey


@allow(May.SEE)
@never_cache
@require_safe
def detail(request: WorkspaceRequest, journey: str) -> HttpResponse:
    row = found(request, journey)
    shown = place(request.GET.get("version", "")) or row.live or row.version
    try:
        definition = write(actions.definition_of(row, shown))
    except Refused:
        raise Http404 from None
    words = things.words(request.workspace, definition)
    missing = checking.problems(request.workspace, read(definition))
    live, ends = counting.live(row), counting.ends(row)
    context = {
        "journey": row, "head": tree.head(definition, words), "flow": _flow(request, row, definition, words, live),
        "text": show(read(definition), words.names), "shown": shown, "missing": missing, **figures(ends), "finding": finding(row, ends),
        "tabs": speaking.tabs(request.workspace, "journeys"), "may_speak": request.may(May.SPEAK), "may_start": request.may(May.APPROVE),
        "is_behind": row.live is not None and row.live != row.version and row.state in (State.RUNNING, State.PAUSED),
        "versions": actions.versions(row).select_related("by")[:4], "refreshes": row.state == State.RUNNING,
        **{f"{name}_url": url(request, name, journey=row.public) for name in ("edit", "act", "people", "versions", "live")},
        "try_url": url(request, "try_kept", journey=row.public), "back_url": url(request, "list"),
    }  # fmt: skip
    return render(request, "journeys/journey.html", context)


def _flow(request: WorkspaceRequest, row: Journey, definition: Json, words: Any, live: dict[str, Live]) -> tree.Flow:
    drawn = tree.tree(definition, words, live, counting.ways(row))
    people = url(request, "people", journey=row.public)
    for card in _cards(drawn):
        card.url = f"{people}?at={card.key}"
    return drawn


def _cards(flow: tree.Flow) -> list[tree.Card]:
    return [each for card in flow.cards for each in (card, *(below for way in card.ways for below in _cards(way.flow)))]


def figures(ends: dict[str, int]) -> dict[str, int]:
    return {"began": sum(ends.values()), **{state: ends.get(state, 0) for state in Walk.State.values}}


def finding(row: Journey, ends: dict[str, int]) -> str:
    """What the page says first."""
    if row.state == State.DRAFT:
        return _("A draft: nobody is in it until it is started.")
    waiting, goal = ends.get(Walk.State.WAITING, 0), ends.get(Walk.State.GOAL, 0)
    told = ngettext("%(n)s person is on the way", "%(n)s people are on the way", waiting) % {"n": number(waiting)}
    reached = ngettext("%(n)s reached the goal", "%(n)s reached the goal", goal) % {"n": number(goal)}
    return f"{told}; {reached}." if goal else f"{told}."


@allow(May.SEE)
@never_cache
@require_safe
def live(request: WorkspaceRequest, journey: str) -> HttpResponse:
    """The counts as they are now, for the cards that stand on the page."""
    row = found(request, journey)
    ends = counting.ends(row)
    context = {"counts": counting.live(row), **figures(ends), "people_url": url(request, "people", journey=row.public), "oob": True}
    return render(request, "journeys/_live.html", context)


@allow(May.SEE)
@never_cache
@require_safe
def versions(request: WorkspaceRequest, journey: str) -> HttpResponse:
    """Every wording; two of them beside each other."""
    row = found(request, journey)
    rows = list(actions.versions(row).select_related("by")[:200])
    numbers = {each.number: each for each in rows}
    after = numbers.get(place(request.GET.get("after", "")), rows[0])
    before = numbers.get(place(request.GET.get("before", "")), numbers.get(after.number - 1, after))
    words = things.words(request.workspace, after.definition)
    texts = [show(read(each.definition), words.names) for each in (before, after)]
    signs = comparing.signs(before.definition, after.definition)
    context = {
        "journey": row, "rows": rows, "before": before, "after": after, "lines": comparing.lines(*texts) if before != after else [],
        "flow": tree.tree(after.definition, words, signs=signs), "head": tree.head(after.definition, words), "signs": signs,
        "may_speak": request.may(May.SPEAK), "act_url": url(request, "act", journey=row.public),
        "back_url": url(request, "journey", journey=row.public),
    }  # fmt: skip
    return render(request, "journeys/versions.html", context)


# What is done with it

_DONE = {
    "start": lambda row: _("“%(name)s” runs.") % {"name": row.name},
    "pause": lambda row: _("“%(name)s” pauses. Nobody goes on and nothing leaves.") % {"name": row.name},
    "stop": lambda row: _("“%(name)s” is stopped.") % {"name": row.name},
    "restore": lambda row: _("“%(name)s” is back.") % {"name": row.name},
}


@allow(May.SPEAK)
@require_POST
def act(request: WorkspaceRequest, journey: str) -> HttpResponseBase:
    """Copy, put away, bring back, go back to a version; with the right to approve also start, pause, stop: `do` says what."""
    row, do = found(request, journey), request.POST.get("do") or request.GET.get("do", "")
    workspace, user = request.workspace, request.user
    target: Journey | None = row
    try:
        if do in ("start", "pause", "stop"):
            if not request.may(May.APPROVE):
                raise Refused(_("Starting and stopping is for those who may approve what goes to many."))
            getattr(actions, do)(workspace, user, row)
        elif do == "copy":
            target = actions.copy(workspace, user, row)
            messages.success(request, _("“%(name)s” is made.") % {"name": target.name})
        elif do == "archive":
            actions.archive(workspace, user, row)
            messages.success(request, _("“%(name)s” is put away.") % {"name": row.name}, extra_tags=f"undo:{request.path}?do=restore")
            target = None
        elif do == "restore":
            actions.restore(workspace, user, row)
        elif do == "back":
            made = actions.back_to(workspace, user, row, place(request.POST.get("version", "")))
            messages.success(request, _("That wording is version %(n)s now.") % {"n": made.number})
        if do in _DONE:
            messages.success(request, _DONE[do](row))
    except Refused as refused:
        messages.error(request, str(refused))
    if target is None:
        return redirect("journeys:list", workspace=workspace.slug)
    return redirect("journeys:journey", workspace=workspace.slug, journey=target.public)
