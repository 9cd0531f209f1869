"""Promises: the page on which the team says how soon whom is answered."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.listen import stream
from vincle.web.tags.people import channel_name

from . import conditions_words, promises, service_nav, teams, threads, wording
from .actions import Refused
from .models import Promise
from .views_service import Given, failed, key_of, number_of

UNITS = {"m": 1, "h": 60, "d": 1440}
_CHOSEN = ("kind", "channel", "team", "tag")


@allow(May.SEE)
@never_cache
@require_safe
def list_promises(request: WorkspaceRequest) -> HttpResponse:
    return _page(request)


def _page(request: WorkspaceRequest, given: Given | None = None) -> HttpResponse:
    """`given`: what could not be kept; it stands in its form again."""
    workspace = request.workspace
    names = conditions_words.names_of(workspace)
    rows = [_row(promise, names) for promise in promises.of(workspace)]
    for row in rows:
        if given and given["pk"] == row["form"]["pk"]:
            row["form"], row["is_open"] = given, True
    fresh: Given = {"first": 4, "first_unit": "h", "in_hours": True, "warn": 75, "is_on": True}
    context = {
        "rows": rows, "new": given if given and given["pk"] is None else fresh, "may_manage": request.may(May.MANAGE),
        "tabs": service_nav.pages(workspace, "promises"), "hours": promises.hours_of(workspace), "choices": _choices(request),
        "units": [("m", _("minutes")), ("h", _("hours")), ("d", _("days"))],
    }  # fmt: skip
    return render(request, "inbox/promises.html", context, status=422 if given else 200)


def _choices(request: WorkspaceRequest) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """What a promise may be narrowed by: (field, words, (value, words))."""
    workspace = request.workspace
    found = [
        ("kind", _("Only these kinds"), [(value, str(word)) for value, word in wording.KINDS.items()]),
        ("channel", _("Only these channels"), [(each, channel_name(each)) for each in stream.channels_of(workspace)]),
        ("team", _("Only these teams"), [(str(each.pk), each.name) for each in teams.teams_of(workspace)]),
        ("tag", _("Only with one of these tags"), [(str(each.pk), each.name) for each in threads.tags_of(workspace)]),
    ]
    return [each for each in found if each[2]]


def _row(promise: Promise, names: conditions_words.Names) -> Given:
    return {
        "promise": promise, "is_open": False, "sentence": _sentence(promise), "whom": conditions_words.sentence(promise.conditions, names),
        "form": _form(promise),
    }  # fmt: skip


def _sentence(promise: Promise) -> str:
    parts = []
    if promise.first_minutes:
        parts.append(_("answered within %(time)s") % {"time": _span(promise.first_minutes)})
    if promise.done_minutes:
        parts.append(_("closed within %(time)s") % {"time": _span(promise.done_minutes)})
    if promise.in_hours:
        parts.append(_("counted in the hours “%(name)s”") % {"name": promise.hours} if promise.hours else _("counted in opening hours"))
    sentence = conditions_words.together(parts)
    return f"{sentence[:1].upper()}{sentence[1:]}."


def _span(minutes: int) -> str:
    amount, unit = _amount(minutes)
    if unit == "d":
        return ngettext("%(n)d day", "%(n)d days", amount) % {"n": amount}
    if unit == "h":
        return _("%(hours)d h") % {"hours": amount}
    hours, rest = divmod(minutes, 60)
    return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": rest} if hours else _("%(minutes)d min") % {"minutes": rest}


def _amount(minutes: int) -> tuple[int, str]:
    """So many of the largest unit that fits.

    >>> _amount(90), _amount(120), _amount(2880)
    ((90, 'm'), (2, 'h'), (2, 'd'))
    """
    unit = next((name for name in ("d", "h") if minutes % UNITS[name] == 0), "m")
    return minutes // UNITS[unit], unit


def _form(promise: Promise) -> Given:
    chosen: dict[str, Any] = {each["field"]: each["is"] for each in promise.conditions if "is" in each}
    first, first_unit = _amount(promise.first_minutes) if promise.first_minutes else ("", "h")
    done, done_unit = _amount(promise.done_minutes) if promise.done_minutes else ("", "h")
    return {
        "pk": promise.pk, "name": promise.name, "first": first, "first_unit": first_unit, "done": done, "done_unit": done_unit,
        "in_hours": promise.in_hours, "hours": promise.hours_id, "warn": round(promise.warn_share * 100), "is_on": promise.is_on,
        "urgent": "urgent" in chosen, "negative": "sentiment" in chosen,
        "words": next((each["query"] for each in promise.conditions if "query" in each), ""),
        "picked": [f"{name}:{value}" for name in _CHOSEN for value in chosen.get(name, ())],
    }  # fmt: skip


def _given(post: QueryDict) -> Given:
    return {
        "pk": key_of(post.get("promise", "")), "name": post.get("name", "")[:200], "first": post.get("first", "")[:20],
        "first_unit": post.get("first_unit", ""), "done": post.get("done", "")[:20], "done_unit": post.get("done_unit", ""),
        "in_hours": bool(post.get("in_hours")), "hours": key_of(post.get("hours", "")), "warn": post.get("warn", "")[:20],
        "is_on": bool(post.get("is_on")), "urgent": bool(post.get("urgent")), "negative": bool(post.get("negative")),
        "words": " ".join(post.get("words", "").replace("\x00", "").split())[:500],
        "picked": [f"{name}:{value}" for name in _CHOSEN for value in post.getlist(name)[:50]],
    }  # fmt: skip


def _conditions(given: Given) -> list[dict[str, Any]]:
    """Clauses of what was ticked and written."""
    found: list[dict[str, Any]] = []
    for name in _CHOSEN:
        if values := [each.partition(":")[2][:80] for each in given["picked"] if each.startswith(f"{name}:")]:
            found.append({"field": name, "is": values})
    found += [{"field": "urgent", "is": ["1"]}] if given["urgent"] else []
    found += [{"field": "sentiment", "is": ["negative"]}] if given["negative"] else []
    return found + ([{"field": "words", "query": given["words"]}] if given["words"] else [])


def _minutes(amount: str, unit: str) -> int | None:
    number = number_of(amount)
    return number * UNITS.get(unit, 60) if number is not None else None


@allow(May.MANAGE)
@require_POST
def save_promise(request: WorkspaceRequest) -> HttpResponseBase:
    given = _given(request.POST)
    try:
        promises.save(
            request.workspace, request.user, given["name"], _conditions(given), _minutes(given["first"], given["first_unit"]),
            _minutes(given["done"], given["done_unit"]), given["in_hours"], given["hours"], (number_of(given["warn"]) or 75) / 100,
            given["is_on"], given["pk"],
        )  # fmt: skip
    except Refused as refused:
        failed(request, refused)
        return _page(request, given)
    messages.success(request, _("Kept. What is due is worked out anew."))
    return redirect("inbox:promises", workspace=request.workspace.slug)


@allow(May.MANAGE)
@require_POST
def delete_promise(request: WorkspaceRequest, promise: int) -> HttpResponseBase:
    promises.delete(request.workspace, request.user, _found(request, promise))
    messages.success(request, _("The promise is gone."))
    return redirect("inbox:promises", workspace=request.workspace.slug)


@allow(May.MANAGE)
@require_POST
def earlier(request: WorkspaceRequest, promise: int) -> HttpResponseBase:
    """One place forward: the first that fits counts."""
    promises.earlier(request.workspace, request.user, _found(request, promise))
    return redirect("inbox:promises", workspace=request.workspace.slug)


def _found(request: WorkspaceRequest, pk: int) -> Promise:
    found: Promise = get_object_or_404(Promise.objects.of(request.workspace), pk=pk, deleted_at=None)
    return found
