"""What the bell leads to: what was noticed, newest first, and the texts behind each."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.web import nav

from . import digests, notices, stream
from .models import Alert, Notice, NoticeFor, NoticeText
from .notices_words import title
from .views_imports import tabs
from .views_stream import line_of, name_of

SIZE = 40
SHOWN = 100
ICONS = {
    "spike": "trending-up",
    "sentiment_drop": "mood-sad",
    "crisis": "flame",
    "vip": "user-star",
    "unanswered": "message-question",
    "every_match": "ear",
    "connection": "plug",
    "conversation": "message-circle",
}


def _list(request: WorkspaceRequest) -> dict[str, Any]:
    """The page of notices that the address asks for."""
    found = notices.mine(request.workspace, request.user)
    if request.GET.get("show") == "new":
        found = found.filter(seen_at=None)
    if (kind := request.GET.get("kind")) in Alert.Kind.values:
        found = found.filter(notice__alert__kind=kind)
    if (rule := request.GET.get("rule", "")).isdecimal() and rule.isascii() and len(rule) < 19:
        found = found.filter(notice__alert=int(rule))
    asked = request.GET.get("page", "")
    page = int(asked) if asked.isascii() and asked.isdecimal() and 0 < int(asked[:5]) < 1000 and len(asked) < 5 else 1
    rows = list(found[(page - 1) * SIZE : page * SIZE + 1])
    known = notices.names([row.notice for row in rows])
    return {
        "rows": [_shown(request, row, known) for row in rows[:SIZE]],
        "page": page,
        "is_first": page == 1,
        "older": page + 1 if len(rows) > SIZE else None,
        "newer": page - 1 if page > 1 else None,
        "is_filtered": bool(request.GET),
    }


def _shown(request: WorkspaceRequest, row: NoticeFor, known: dict[int, str]) -> dict[str, Any]:
    notice, alert = row.notice, row.notice.alert
    return {
        "title": title(notice, known.get(notice.actor or 0, "")),
        "alert": alert.name,
        "at": notice.happened_at,
        "is_new": row.seen_at is None,
        "listening": alert.listening.name if alert.listening else "",
        "icon": ICONS.get(alert.kind, "bell"),
        "severity": notice.severity,
        "url": notices.place_of(request.workspace, notice)
        or reverse("listen:notice", kwargs={"workspace": request.workspace.slug, "pk": notice.pk}),
        "kind": alert.get_kind_display(),
    }


@allow(May.SEE)
@never_cache
@require_safe
def listing(request: WorkspaceRequest) -> HttpResponse:
    if "bell" in request.GET and request.headers.get("HX-Request") == "true":
        return render(request, "web/parts/bell.html", {"bell": nav.bell(request)})
    shown = _list(request)
    context = {
        **shown,
        "tabs": tabs(request, "alerts"),
        "kinds": Alert.Kind.choices,
        "new": notices.unseen(request),
        "has_rules": bool(shown["rows"]) or Alert.objects.of(request.workspace).filter(archived_at=None, is_on=True).exists(),
        "letters": digests.of_user(request.workspace, request.user),
        "asked": request.GET.urlencode(),
        "page_url": _page_url(request),
    }
    return render(request, "listen/alerts.html", context)


def _page_url(request: WorkspaceRequest) -> str:
    asked = request.GET.copy()
    asked.pop("page", None)
    return f"?{asked.urlencode()}&page=" if asked else "?page="


@allow(May.SEE)
@never_cache
@require_safe
def latest(request: WorkspaceRequest) -> HttpResponse:
    """The list alone: the part of the page that renews itself."""
    context = {**_list(request), "page_url": _page_url(request), "has_rules": True}
    return render(request, "listen/alerts_list.html", context)


@allow(May.SEE)
@never_cache
@require_safe
def one(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """A notice with the texts behind it. Looked at, it is read."""
    row = get_object_or_404(
        NoticeFor.objects.of(request.workspace).filter(user=request.user, notice=pk).select_related("notice__alert__listening")
    )
    notice = row.notice
    if row.seen_at is None:
        notices.see(request.workspace, request.user, [notice.pk])
    behind = NoticeText.objects.of(request.workspace).filter(notice=notice)
    lines = [line_of(each) for each in stream.rows(list(behind.order_by("-seq").values_list("seq", flat=True)[:SHOWN]))]
    known = notices.names([notice])
    context = {
        "tabs": tabs(request, "alerts"),
        "notice": notice,
        "alert": notice.alert,
        "title": title(notice, known.get(notice.actor or 0, "")),
        "lines": [line for line in lines if line["words"]],
        "count": behind.count(),
        "more_url": _more_url(request, notice),
        "icon": ICONS.get(notice.alert.kind, "bell"),
        "name_of": name_of,
    }
    return render(request, "listen/notice.html", context)


def _more_url(request: WorkspaceRequest, notice: Notice) -> str:
    """All that was said around it: in the search for its query, else in the stream. Of a connection: all of them, with what to do."""
    if notice.alert.kind == Alert.Kind.CONNECTION:
        return reverse("listen:connections", kwargs={"workspace": request.workspace.slug})
    slug, day = request.workspace.slug, notice.happened_at.astimezone(ZoneInfo(request.workspace.timezone)).date()
    listening = notice.alert.listening
    if listening is None:
        asked = {"from": str(day - timedelta(days=1)), "to": str(day), "direction": "in"}
        return f"{reverse('listen:stream', kwargs={'workspace': slug})}?{urlencode(asked)}"
    query = f"({listening.text}) after:{day - timedelta(days=2)} before:{day + timedelta(days=1)}"
    return f"{reverse('listen:search', kwargs={'workspace': slug})}?{urlencode({'q': query})}"


@allow(May.SEE)
@require_POST
def read(request: WorkspaceRequest) -> HttpResponse:
    """All is read; it can be taken back."""
    count, token = notices.see(request.workspace, request.user)
    if count:
        undo = f"undo:{reverse('listen:alerts_unread', kwargs={'workspace': request.workspace.slug})}?{urlencode({'token': token})}"
        said = ngettext("%(n)s notice is read.", "%(n)s notices are read.", count) % {"n": count}
        messages.success(request, said, extra_tags=undo)
    return redirect("listen:alerts", workspace=request.workspace.slug)


@allow(May.SEE)
@require_POST
def unread(request: WorkspaceRequest) -> HttpResponse:
    """Take a reading back (`token`), or have one notice (`notice`) new again."""
    given = request.POST.get("notice", "")
    if given.isascii() and given.isdecimal() and len(given) < 19:
        notices.unread(request.workspace, request.user, int(given))
    elif notices.unsee(request.workspace, request.user, request.GET.get("token", "")) is None:
        messages.error(request, _("This can no longer be taken back."))
    return redirect("listen:alerts", workspace=request.workspace.slug)


@allow(May.SEE)
@require_POST
def letters(request: WorkspaceRequest) -> HttpResponse:
    """Stop or begin one's own letters of a day or a week."""
    for row in digests.of_user(request.workspace, request.user):
        if row.every == request.POST.get("every"):
            digests.turn_off(row, is_off=request.POST.get("do") != "begin")
            messages.success(request, _("You get these letters.") if request.POST.get("do") == "begin" else _("You get no more of these."))
    return redirect("listen:alerts", workspace=request.workspace.slug)
