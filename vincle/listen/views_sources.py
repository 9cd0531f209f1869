"""Sources: web sites, servers and apps that send events; their keys, what they may do, and what came just now."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.db.models import F, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow

from . import sources
from .live import last
from .messages import sentence
from .models import Refusal, Source
from .views_imports import tabs

DAYS = 30
SHOWN_REFUSALS = 50
LATELY = timedelta(days=1)


def _url(request: WorkspaceRequest, name: str, **more: Any) -> str:
    return reverse(f"listen:{name}", kwargs={"workspace": request.workspace.slug, **more})


def _source(request: WorkspaceRequest, pk: int) -> Source:
    found: Source = get_object_or_404(Source.objects.of(request.workspace), pk=pk)
    return found


def _state(source: Source) -> tuple[str, str, str]:
    """(label, tone, icon)."""
    if not source.is_enabled:
        return _("Paused"), "plain", "player-pause"
    if source.last_seen_at is None:
        return _("Nothing has come yet"), "plain", "hourglass"
    if timezone.now() - source.last_seen_at > LATELY:
        return _("Silent for more than a day"), "warn", "alert-triangle"
    return _("On"), "pos", "circle-check"


@allow(May.SEE)
@never_cache
@require_safe
def listing(request: WorkspaceRequest) -> HttpResponse:
    since = timezone.now().date() - timedelta(days=DAYS - 1)
    sums = Source.objects.of(request.workspace).filter(days__day__gte=since).values("pk").annotate(
        came=Sum("days__accepted"), refused=Sum(F("days__refused") + F("days__turned_away"))
    )  # fmt: skip
    counts = {row["pk"]: row for row in sums}
    rows = [
        {"row": source, "state": _state(source), "kind": source.get_kind_display(), **counts.get(source.pk, {"came": 0, "refused": 0})}
        for source in Source.objects.of(request.workspace).order_by("name")
    ]
    context = {"tabs": tabs(request, "sources"), "rows": rows, "may_manage": request.may(May.MANAGE), "days": DAYS}
    return render(request, "listen/sources.html", context)


@allow(May.MANAGE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: WorkspaceRequest) -> HttpResponse:
    name, kind = request.POST.get("name", ""), request.POST.get("kind", Source.Kind.WEB)
    given, wrong = request.POST.get("origins", ""), {}
    if request.method == "POST":
        origins, strange = _origins(given)
        if strange:
            wrong["origins"] = _not_an_origin(strange)
        elif kind not in Source.Kind.values:
            wrong["name"] = _("Choose what sends.")
        else:
            try:
                source = sources.add(request.workspace, name, request.user, kind, origins)
                return redirect(_url(request, "source", pk=source.pk))
            except sources.NameTaken:
                wrong["name"] = _("There is a source of this name already.")
            except ValueError:
                wrong["name"] = _("Give it a name, for example the address of the web site.")
    context = {"kinds": Source.Kind.choices, "kind": kind, "name": name, "origins": given, "wrong": wrong}
    return render(request, "listen/source_new.html", context)


def _origins(text: str) -> tuple[list[str], str]:
    """Origins, one a line or separated by commas; and the first that is none."""
    found = []
    for word in text.replace(",", " ").split():
        parts = urlsplit(word if "://" in word else f"https://{word}")
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or "*" in word:
            return [], word[:80]
        found.append(f"{parts.scheme}://{parts.netloc.lower()}")
    return list(dict.fromkeys(found)), ""


def _not_an_origin(word: str) -> str:
    return _("“%(word)s” is not the address of a site. Write it like https://shop.example.") % {"word": word}


@allow(May.MANAGE)
@never_cache
@require_safe
def show(request: WorkspaceRequest, pk: int) -> HttpResponse:
    return _page(request, _source(request, pk))


def _page(request: WorkspaceRequest, source: Source, wrong: str = "", given: str | None = None) -> HttpResponse:
    since = timezone.now().date() - timedelta(days=DAYS - 1)
    by_day = {row.day: row for row in source.days.filter(day__gte=since)}
    days = [by_day.get(since + timedelta(days=n)) for n in range(DAYS)]
    refusals = [(row, _reason(row)) for row in source.refusals.order_by("-at", "-pk")[:SHOWN_REFUSALS]]
    host = settings.PUBLIC_URL
    context = {
        "row": source, "state": _state(source), "lines": last(source), "refusals": refusals, "days": DAYS, "host": host,
        "came": sum(day.accepted for day in days if day), "twice": sum(day.duplicates for day in days if day),
        "refused": sum(day.refused + day.turned_away for day in days if day), "points": [day.accepted if day else 0 for day in days],
        "snippet": f'<script async src="{host}/vincle.js" data-key="{source.write_key}"></script>', "kinds": Source.Kind.choices,
        "origins": "\n".join(source.allowed_origins) if given is None else given, "wrong": wrong,
        "stream": _url(request, "stream") + "?channel=web",
    }  # fmt: skip
    return render(request, "listen/source.html", context)


def _reason(refusal: Refusal) -> str:
    return sentence(refusal.code, "" if refusal.is_door else refusal.detail)  # what the door says is for programs, in English


@allow(May.MANAGE)
@never_cache
@require_safe
def live(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """The list of last events alone; the page asks for it every few seconds."""
    source = _source(request, pk)
    return render(request, "listen/source_live.html", {"row": source, "lines": last(source)})


@allow(May.MANAGE)
@require_POST
def change(request: WorkspaceRequest, pk: int) -> HttpResponse:
    source, given = _source(request, pk), request.POST.get("origins", "")
    origins, strange = _origins(given)
    rate = request.POST.get("rate_limit", "0").strip() or "0"
    if strange:
        return _page(request, source, _not_an_origin(strange), given)
    if not (rate.isascii() and rate.isdecimal() and len(rate) < 8):
        return _page(request, source, _("The limit is a whole number of events a second; 0 means no limit."), given)
    sources.change(source, request.user, allowed_origins=origins, rate_limit=int(rate))
    messages.success(request, _("Saved. It holds within two seconds."))
    return redirect(_url(request, "source", pk=pk))


@allow(May.MANAGE)
@require_POST
def turn(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """`on` = 1 to go on, else pause."""
    source, on = _source(request, pk), request.POST.get("on") == "1"
    sources.change(source, request.user, is_enabled=on)
    said = _("%(name)s may send again.") if on else _("%(name)s is paused. What it sends now is refused and not kept.")
    messages.success(request, said % {"name": source.name})
    return redirect(_url(request, "source", pk=pk))


@allow(May.MANAGE)
@require_POST
def renew(request: WorkspaceRequest, pk: int) -> HttpResponse:
    source = _source(request, pk)
    sources.renew_key(source, request.user)
    messages.success(request, _("%(name)s has a new key. The one before is refused from now on.") % {"name": source.name})
    return redirect(_url(request, "source", pk=pk))


@allow(May.MANAGE)
@require_POST
def remove(request: WorkspaceRequest, pk: int) -> HttpResponse:
    source = _source(request, pk)
    sources.remove(source, request.user)
    messages.success(request, _("%(name)s is removed. Everything it brought stays.") % {"name": source.name})
    return redirect(_url(request, "sources"))
