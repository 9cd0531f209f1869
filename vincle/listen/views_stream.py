"""The stream: what people said and did."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from vincle.accounts import audit
from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.store.export import csv_response
from vincle.vocabulary import ANONYMOUS, FLEETING, Direction, public_id
from vincle.web.tags.formats import day
from vincle.web.tags.lists import query
from vincle.web.tags.people import mark_of

from . import stream as streams
from . import views_understanding
from .models import Handle
from .phrases import KINDS, VERBS, phrase
from .views_imports import tabs

PARAMETERS = ("from", "to", "channel", "verb", "kind", "direction", "author", "person", "hour", "weekday", "delivery")
HEADINGS = (
    *("at", "channel", "verb", "object", "author", "author kind", "author id", "text", "title"),
    *("rating", "rating max", "amount", "currency", "language", "sentiment", "url"),
)


@allow(May.SEE)
@never_cache
@require_safe
def stream(request: WorkspaceRequest) -> HttpResponse:
    found = streams.filters(request.workspace, request.GET.dict())
    after, before = _key(request, "after"), _key(request, "before")
    seqs = streams.keys(found, after, before, streams.SIZE + 1)
    more = len(seqs) > streams.SIZE
    seqs = (seqs[1:] if more else seqs) if before else seqs[: streams.SIZE]
    asked = query(request, {}).partition("?")[2]
    context = {
        "tabs": tabs(request, "stream"),
        "filters": found,
        "lines": lines(request, seqs),
        "after": seqs[-1] if seqs and (more or before) else None,
        "before": seqs[0] if seqs and (after or (before and more)) else None,
        "asked": asked,
        "is_filtered": any(request.GET.get(name) for name in PARAMETERS),
        "is_first": not after and not before,
        "may_export": request.may(May.EXPORT),
        "may_import": request.may(May.IMPORT),
        **_chips(request, found),
    }
    return render(request, "listen/stream.html", context)


def _key(request: WorkspaceRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def _is_unknown(who: Handle | None) -> bool:
    return who is None or (who.kind in ANONYMOUS and not who.name)


def name_of(who: Handle | None) -> str:
    """How someone is called who is known by this handle only."""
    if who is None or _is_unknown(who):
        return _("Someone unknown")
    return who.name or who.value


def lines(request: WorkspaceRequest, seqs: Sequence[int]) -> list[dict[str, Any]]:
    """Rows of the log as the template of a line shows them, with what was read of their texts."""
    said = views_understanding.at_a_glance(request.workspace, seqs)
    return [line_of(row, said.get(row["seq"])) for row in streams.rows(seqs)]


def line_of(row: dict[str, Any], said: views_understanding.Said | None = None) -> dict[str, Any]:
    """A row as the template of a line shows it."""
    who = row["who"]
    words = row["text"] or row["title"]
    return {
        **row,
        "name": name_of(who),
        "is_unknown": _is_unknown(who),
        "pid": public_id(who.key) if who and who.kind not in FLEETING else "",
        "words": words,
        "headline": row["title"] if row["text"] else "",
        "did": phrase(row["verb"], row["object_type"], bool(row["parent_key"]), row["event_name"], row["reaction"]),
        "link": row["url"] if row["url"].startswith(("https://", "http://")) else "",
        "is_ours": row["direction"] == "out",
        "language": said.language if said and said.language else row["language"],
        "said": said,
        "tone": said.tone if said else views_understanding.TONES.get(row["sentiment"], ""),
    }


def _chips(request: WorkspaceRequest, found: streams.Filters) -> dict[str, Any]:
    """Choices of the filters, and the chips of those that come from elsewhere."""
    others = []
    if found.direction:
        others.append((_("By people") if found.direction == Direction.IN else _("By us"), query(request, {"direction": None})))
    for name in ("author", "person"):
        if request.GET.get(name):
            who = Handle.objects.of(request.workspace).filter(key__in=(found.actors or [])[:1]).first()
            others.append((name_of(who) if who else _("Someone unknown"), query(request, {name: None})))
    if found.delivery or request.GET.get("delivery"):
        label = found.delivery.name if found.delivery else request.GET["delivery"]
        others.append((_("Import: %(file)s") % {"file": label}, query(request, {"delivery": None})))
    return {
        "channel_choices": sorted(
            ((key, mark_of(key)[1]) for key in streams.channels_of(request.workspace)), key=lambda row: row[1].casefold()
        ),
        "verb_choices": [(key, label) for key, label in VERBS.items()],
        "kind_choices": [(key, label) for key, label in KINDS.items()],
        "hour_choices": [(hour, f"{hour:02d}:00") for hour in range(24)],
        "weekday_choices": [(number, WEEKDAYS[number - 1]) for number in range(1, 8)],
        "others": others,
        **_period(request, found),
    }


def _period(request: WorkspaceRequest, found: streams.Filters) -> dict[str, Any]:
    today = timezone.now().astimezone(found.zone).date()
    presets = [(_("Today"), 0), (_("Last 7 days"), 6), (_("Last 30 days"), 29), (_("Last 90 days"), 89), (_("Last 365 days"), 364)]
    choices = [
        (
            label,
            query(request, {"from": today - timedelta(days=days), "to": today}),
            found.start == today - timedelta(days=days) and found.end == today,
        )
        for label, days in presets
    ]
    chosen = next((label for label, _url, is_on in choices if is_on), "") or _span(found.start, found.end)
    kept = [(name, value) for name, value in request.GET.items() if name in PARAMETERS and name not in ("from", "to") and value]
    return {"periods": choices, "period": chosen, "period_off": query(request, {"from": None, "to": None}), "period_kept": kept}


def _span(start: date | None, end: date | None) -> str:
    first, last = (day(each) if each else "" for each in (start, end))
    if first and last:
        return first if first == last else _("%(first)s to %(last)s") % {"first": first, "last": last}
    return _("since %(day)s") % {"day": first} if first else _("until %(day)s") % {"day": last} if last else ""


@allow(May.SEE)
@never_cache
@require_safe
def total(request: WorkspaceRequest) -> HttpResponse:
    """How many there are: a part of the page, asked for after it, because counting takes longer than showing."""
    found = streams.filters(request.workspace, request.GET.dict())
    return render(request, "listen/total.html", {"count": streams.count(found)})


@allow(May.SEE, May.EXPORT)
@require_safe
def stream_csv(request: WorkspaceRequest) -> HttpResponseBase:
    found = streams.filters(request.workspace, request.GET.dict())
    with transaction.atomic():
        audit.record(request.workspace, request.user, "exported", "activities", "", filters=query(request, {}).partition("?")[2])
    return csv_response(f"stream-{request.workspace.slug}.csv", HEADINGS, cells(streams.everything(found), found.zone))


def cells(rows: Iterable[dict[str, Any]], zone: ZoneInfo) -> Iterator[tuple[Any, ...]]:
    """Rows under `HEADINGS`, for a download."""
    for row in rows:
        who = row["who"]
        yield (
            row["happened_at"].astimezone(zone).isoformat(), row["channel"], row["verb"], row["object_type"], who.name if who else "",
            who.kind if who else "", who.value if who else "", row["text"], row["title"], row["rating"], row["rating_max"], row["amount"],
            row["currency"], row["language"], row["sentiment"], row["url"],
        )  # fmt: skip
