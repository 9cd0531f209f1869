"""Searching what people said: results as someone types, what is wrong under its place, counts, a download, keeping a query."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from vincle.accounts import audit
from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.channels.registry import channels
from vincle.language import query as queries
from vincle.language.query import And, Compare, Field, Not, Part, Query, QueryError
from vincle.store.export import csv_response
from vincle.vocabulary import public_id
from vincle.web.tags.people import mark_of

from . import fulltext, listenings, search
from . import stream as streams
from .models import Handle, Listening
from .query_help import examples, templates
from .query_words import describe, sentence, value_name
from .streamed import marked
from .views_imports import tabs
from .views_stream import HEADINGS, cells, line_of, name_of

SIZE, PREVIEWED, MOST_PAGES, AUTHORS = 50, 6, 20, 8
AROUND = 28
"""Characters of a query that are shown on either side of what is wrong in it."""
ICONS = {"brand": "heart", "competitor": "users", "topic": "hash", "crisis": "flame", "other": "search"}


@dataclass
class Wrong:
    """What cannot be understood, cut so that a mark can stand under it."""

    before: str
    text: str
    after: str
    sentence: str

    @property
    def caret(self) -> str:
        return " " * len(self.before) + "^" * max(len(self.text), 1)


@dataclass
class Asked:
    """What an address asks for."""

    text: str
    sort: str
    query: Query | None = None
    found: search.Search | None = None
    wrong: Wrong | None = None
    conditions: list[tuple[str, str]] = field(default_factory=list)


def asked_of(request: WorkspaceRequest) -> Asked:
    """The query of the address, made ready; or what is wrong with it."""
    given = request.GET.get("q", "").replace("\r", "")
    asked = Asked(given, "reach" if request.GET.get("sort") == "reach" else "newest")
    if not given.strip():
        return asked
    try:
        asked.query = queries.parse(given, set(channels()))
        asked.found = search.prepare(request.workspace, asked.query)
    except QueryError as error:
        asked.wrong = wrong_of(given, error)
        return asked
    asked.conditions = [(label, _address(request, without)) for label, without in _conditions(asked.query)]
    return asked


def wrong_of(text: str, error: QueryError) -> Wrong:
    flat = text.replace("\n", " ").replace("\t", " ")
    start, end = error.at, min(error.at + error.length, error.at + 2 * AROUND)
    before = flat[max(0, start - AROUND) : start]
    if start > AROUND:
        before = f"…{before[1:]}"
    after = flat[end : end + AROUND] + ("…" if len(flat) > end + AROUND else "")
    return Wrong(before, flat[start:end], after, sentence(error))


def _address(request: WorkspaceRequest, query: Query | None, **more: str) -> str:
    kept = {"sort": request.GET["sort"]} if request.GET.get("sort") else {}
    values = {"q": str(query) if query else "", **kept, **more}
    said = urlencode({name: value for name, value in values.items() if value})
    return reverse("listen:search", kwargs={"workspace": request.workspace.slug}) + (f"?{said}" if said else "")


def _conditions(query: Query) -> Iterator[tuple[str, Query | None]]:
    """Conditions besides the words, each with the query without it."""
    parts = query.what.parts if isinstance(query.what, And) else (query.what,) if query.what else ()
    for part in parts:
        inner = part.part if isinstance(part, Not) else part
        if isinstance(inner, Field | Compare):
            left = queries.without(query, part)
            yield _label(part), left if left != Query() else None
    for name in ("after", "before"):
        if getattr(query, name):
            left = Query(query.what, **{other: getattr(query, other) for other in ("after", "before") if other != name})
            said = describe(Query(None, **{name: getattr(query, name)})).partition(", ")[2]
            yield said, left if left != Query() else None


def _label(part: Part) -> str:
    return describe(Query(part))


@allow(May.SEE)
@never_cache
@require_safe
def page(request: WorkspaceRequest) -> HttpResponse:
    asked = asked_of(request)
    context: dict[str, Any] = {
        "tabs": tabs(request, "search"), "asked": asked, "kinds": Listening.Kind.choices, "may_export": request.may(May.EXPORT),
        "examples": [(text, said, f"{_base(request)}?{urlencode({'q': text})}") for text, said in examples()],
        "csv_url": f"{reverse('listen:search_csv', kwargs={'workspace': request.workspace.slug})}?{urlencode({'q': asked.text})}",
    }  # fmt: skip
    if asked.found and asked.query:
        context |= _page(request, asked)
    else:
        context |= {
            "templates": beginnings(request),
            "kept": listenings.visible(request.workspace, request.user)[:8],
        }
    return render(request, "listen/search.html", context)


def beginnings(request: WorkspaceRequest) -> list[tuple[str, ...]]:
    """(kind, name, what for, query, icon, address) to begin with."""
    found = templates(request.workspace)
    return [(*each, ICONS[each[0]], f"{_base(request)}?{urlencode({'q': each[3]})}") for each in found]


def _base(request: WorkspaceRequest) -> str:
    return reverse("listen:search", kwargs={"workspace": request.workspace.slug})


def _page(request: WorkspaceRequest, asked: Asked) -> dict[str, Any]:
    assert asked.found
    assert asked.query
    found: dict[str, Any] = {"meant": describe(asked.query), "is_first": not (request.GET.get("after") or request.GET.get("before"))}
    if asked.sort == "reach":
        number = min(max(_number(request, "page") or 1, 1), MOST_PAGES)
        points = search.widest(asked.found, SIZE + 1, (number - 1) * SIZE)
        found |= {
            "newer": _address(request, asked.query, page=str(number - 1)) if number > 1 else "",
            "older": _address(request, asked.query, page=str(number + 1)) if len(points) > SIZE and number < MOST_PAGES else "",
        }
        return found | {"lines": lines_at(points[:SIZE], asked.query), "newest_url": _address(request, asked.query, sort="newest")}
    after, before = _number(request, "after"), _number(request, "before")
    points = search.points(asked.found, after, before, SIZE + 1)
    more = len(points) > SIZE
    points = (points[1:] if more else points) if before else points[:SIZE]
    return found | {
        "lines": lines_at(points, asked.query),
        "older": _address(request, asked.query, after=str(points[-1])) if points and (more or before) else "",
        "newer": _address(request, asked.query, before=str(points[0])) if points and (after or (before and more)) else "",
        "widest_url": _address(request, asked.query, sort="reach"),
    }


def _number(request: WorkspaceRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def lines_at(points: list[int], query: Query) -> list[dict[str, Any]]:
    """Rows of the stream at these points, with what was asked for marked."""
    return [marked(line_of(row), query) for row in streams.rows([fulltext.seq_of(point) for point in points])]


@allow(May.SEE)
@never_cache
@require_safe
def counts(request: WorkspaceRequest) -> HttpResponse:
    """How many, and of which kind: a part of the page, asked for after it, because counting takes longer than showing."""
    asked = asked_of(request)
    if not (asked.found and asked.query):
        return render(request, "listen/search_counts.html", {"counts": search.Counts(), "groups": []})
    found = search.counts(asked.found)
    return render(request, "listen/search_counts.html", {"counts": found, "groups": _groups(request, asked.query, found.by)})


def _groups(request: WorkspaceRequest, query: Query, by: Mapping[str, list[search.Counted]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Each kind with its values: how many, and the query narrowed to it."""
    headings = {"sentiment": _("Sentiment"), "channel": _("Channel"), "lang": _("Language")}
    found = []
    for name, heading in headings.items():
        rows = by.get(name, [])[:AUTHORS]
        most = max((number for _value, number in rows), default=0)
        shown = [
            {
                "label": mark_of(value)[1] if name == "channel" else value_name(name, value), "number": number, "most": most,
                "tone": {"positive": "pos", "negative": "neg", "neutral": "neu"}.get(value, ""),
                "url": _address(request, queries.narrowed(query, Field(name, (value,)))),
            }
            for value, number in rows
        ]  # fmt: skip
        found.append((heading, shown))
    return [*found, (_("Who"), _authors(request, query, by.get("author", [])[:AUTHORS]))]


def _authors(request: WorkspaceRequest, query: Query, rows: list[search.Counted]) -> list[dict[str, Any]]:
    handles = Handle.objects.of(request.workspace).in_bulk([int(value) for value, _number in rows])
    most = max((number for _value, number in rows), default=0)
    shown = []
    for value, number in rows:
        who = handles.get(int(value))
        name = who.value.removeprefix("@") if who else ""
        shown.append({
            "label": name_of(who), "number": number, "most": most, "tone": "", "pid": public_id(int(value)),
            "url": _address(request, queries.narrowed(query, Field("from", (queries.value_of("from", name),)))) if name else "",
        })  # fmt: skip
    return shown


@allow(May.SEE)
@never_cache
@require_safe
def preview(request: WorkspaceRequest) -> HttpResponse:
    """What a query would find, in short: beside the form that changes one."""
    asked = asked_of(request)
    shown = lines_at(search.points(asked.found, size=PREVIEWED), asked.query) if asked.found and asked.query else []
    said = describe(asked.query) if asked.query else ""
    return render(request, "listen/search_preview.html", {"asked": asked, "lines": shown, "meant": said})


@allow(May.SEE, May.EXPORT)
@require_safe
def download(request: WorkspaceRequest) -> HttpResponseBase:
    """All a query finds, as CSV."""
    asked = asked_of(request)
    if asked.found is None or asked.query is None:
        return redirect(f"{_base(request)}?{urlencode({'q': asked.text})}")
    with transaction.atomic():
        audit.record(request.workspace, request.user, "exported", "activities", "", query=str(asked.query))
    return csv_response(f"search-{request.workspace.slug}.csv", HEADINGS, _cells(asked.found, ZoneInfo(request.workspace.timezone)))


def _cells(found: search.Search, zone: ZoneInfo) -> Iterator[tuple[Any, ...]]:
    for points in search.everything(found):
        yield from cells(streams.rows([fulltext.seq_of(point) for point in points]), zone)


@allow(May.SEE)
@require_POST
def keep(request: WorkspaceRequest) -> HttpResponse:
    """Keep what is typed under a name."""
    text = request.POST.get("q", "")
    back = f"{_base(request)}?{urlencode({'q': text})}"
    try:
        queries.parse(text, set(channels()))
        row = listenings.save(
            request.workspace, request.user, request.POST.get("name", ""), text, request.POST.get("kind", ""),
            is_shared=request.POST.get("is_shared") == "on",
        )  # fmt: skip
    except QueryError as error:
        messages.error(request, sentence(error))
        return redirect(back)
    except listenings.Refused as error:
        messages.error(request, str(error))
        return redirect(back)
    messages.success(request, _("“%(name)s” is listened for from now on.") % {"name": row.name})
    return redirect("listen:query", workspace=request.workspace.slug, pk=row.pk)
