"""The queries a team keeps: their list with what they brought, one of them to change, its feed."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.db.models import OuterRef, Subquery
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.channels.registry import channels
from vincle.language import query as queries
from vincle.language.query import QueryError

from . import followed, fulltext, listenings
from .models import Listening, Match
from .query_words import describe, sentence
from .views_imports import tabs
from .views_search import ICONS, beginnings, wrong_of

DAYS = 7


def _row(request: WorkspaceRequest, pk: int) -> Listening:
    found: Listening = get_object_or_404(listenings.visible(request.workspace, request.user).select_related("workspace"), pk=pk)
    return found


def _changing(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view that is handed the query it changes. Others than its maker change the team's by their work with people or figures only."""

    @wraps(view)
    def changing(request: WorkspaceRequest, pk: int) -> HttpResponse:
        row = _row(request, pk)
        if _may_change(request, row):
            return view(request, row)
        return _refused(request, row)

    return changing


def _refused(request: WorkspaceRequest, row: Listening) -> HttpResponse:
    messages.error(request, _("“%(name)s” is the team's: you may look at it, and keep one of your own.") % {"name": row.name})
    return redirect("listen:query", workspace=request.workspace.slug, pk=row.pk)


def _may_change(request: WorkspaceRequest, row: Listening) -> bool:
    return row.created_by_id == request.user.pk or (row.is_shared and (request.may(May.EDIT_PEOPLE) or request.may(May.EXPORT)))


@allow(May.SEE)
@never_cache
@require_safe
def listing(request: WorkspaceRequest) -> HttpResponse:
    newest = Match.objects.filter(listening=OuterRef("pk")).order_by("-point").values("point")[:1]
    kept = list(listenings.visible(request.workspace, request.user).annotate(last=Subquery(newest)))
    days = followed.by_day(request.workspace, [row.pk for row in kept], DAYS)
    rows = [
        {
            "row": row, "icon": ICONS[row.kind], "said": _described(row), "points": days[row.pk], "count": sum(days[row.pk]),
            "last": fulltext.moment_of(row.last) if row.last else None, "may_change": _may_change(request, row),
            "is_filling": row.back_to > 0, "is_first": place == 0, "is_last": place == len(kept) - 1,
        }
        for place, row in enumerate(kept)
    ]  # fmt: skip
    context = {
        "tabs": tabs(request, "queries"), "rows": rows, "days": DAYS,
        "templates": beginnings(request),
    }  # fmt: skip
    return render(request, "listen/queries.html", context)


def _described(row: Listening) -> str:
    try:
        return describe(queries.parse(row.text))
    except QueryError as error:
        return sentence(error)


@allow(May.SEE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """A query with what it found last; posted to, it is changed."""
    row = _row(request, pk)
    given: dict[str, Any] = {"name": row.name, "q": row.text, "kind": row.kind, "is_shared": row.is_shared, "mail": row.mail}
    wrong: dict[str, Any] = {}
    if request.method == "POST":
        if not _may_change(request, row):
            return _refused(request, row)
        given = {name: request.POST.get(name, "") for name in ("name", "q", "kind", "mail")}
        given["is_shared"] = request.POST.get("is_shared") == "on"
        try:
            queries.parse(given["q"], set(channels()))
            done = listenings.change(
                row, request.user, name=given["name"], text=given["q"], kind=given["kind"], is_shared=given["is_shared"], mail=given["mail"]
            )
        except QueryError as error:
            wrong["q"] = wrong_of(given["q"], error)
        except listenings.Refused as error:
            wrong[error.field] = str(error)
        else:
            messages.success(request, _("“%(name)s” is changed.") % {"name": row.name}, extra_tags=_undo(request, done))
            return redirect("listen:query", workspace=request.workspace.slug, pk=pk)
    return render(request, "listen/query.html", _shown(request, row, given, wrong), status=422 if wrong else 200)


def _shown(request: WorkspaceRequest, row: Listening, given: dict[str, Any], wrong: dict[str, Any]) -> dict[str, Any]:
    slug = request.workspace.slug
    feed = request.build_absolute_uri(reverse("feeds:atom", kwargs={"token": row.feed_token})) if row.feed_token else ""
    return {
        "tabs": tabs(request, "queries"), "row": row, "given": given, "wrong": wrong, "kinds": Listening.Kind.choices,
        "mails": Listening.Mail.choices, "may_change": _may_change(request, row), "feed": feed, "said": _described(row),
        "count": Match.objects.filter(listening=row).count(), "is_filling": row.back_to > 0,
        "preview_url": f"{reverse('listen:search_preview', kwargs={'workspace': slug})}?{urlencode({'q': given['q']})}",
        "search_url": f"{reverse('listen:search', kwargs={'workspace': slug})}?{urlencode({'q': row.text})}",
    }  # fmt: skip


def _undo(request: WorkspaceRequest, done: listenings.Done) -> str:
    return f"undo:{reverse('listen:query_back', kwargs={'workspace': request.workspace.slug})}?{urlencode({'token': done.undo})}"


@allow(May.SEE)
@require_POST
@_changing
def put_away(request: WorkspaceRequest, row: Listening) -> HttpResponse:
    done = listenings.archive(row, request.user)
    messages.success(request, _("“%(name)s” is put away.") % {"name": row.name}, extra_tags=_undo(request, done))
    return redirect("listen:queries", workspace=request.workspace.slug)


@allow(May.SEE)
@require_POST
def back(request: WorkspaceRequest) -> HttpResponse:
    """Take a change back."""
    try:
        row = listenings.take_back(request.workspace, request.user, request.GET.get("token", ""))
    except listenings.Refused as error:
        messages.error(request, str(error))
        return redirect("listen:queries", workspace=request.workspace.slug)
    messages.success(request, _("“%(name)s” is as it was.") % {"name": row.name})
    return redirect("listen:query", workspace=request.workspace.slug, pk=row.pk)


@allow(May.SEE)
@require_POST
@_changing
def move(request: WorkspaceRequest, row: Listening) -> HttpResponse:
    """One place up or down in the list."""
    listenings.arrange(request.workspace, request.user, row, -1 if request.POST.get("to") == "up" else 1)
    return redirect("listen:queries", workspace=request.workspace.slug)


@allow(May.SEE)
@require_POST
@_changing
def feed(request: WorkspaceRequest, row: Listening) -> HttpResponse:
    """Give the query a feed, give the feed a new address, or end it."""
    if request.POST.get("do") == "end":
        listenings.end_feed(row, request.user)
        messages.success(request, _("The feed has ended: its address leads nowhere."))
    else:
        had = row.feed_token
        listenings.give_feed(row, request.user)
        messages.success(request, _("The feed has a new address; the one before leads nowhere.") if had else _("The feed is on."))
    return redirect("listen:query", workspace=request.workspace.slug, pk=row.pk)
