"""Pulse: what is going on, in one look."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

import structlog
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.engines.base import EngineError
from vincle.listen import log
from vincle.organise.models import Profile
from vincle.store.export import csv_response
from vincle.vocabulary import public_id
from vincle.web.tags.formats import money, number, percent, signed
from vincle.web.tags.people import STAGES, mark_of

from . import now, wording
from .choice import LENGTHS, Choice, choose
from .pulse import Figures, span

logger = structlog.get_logger(__name__)
MARKED = 3


class Links:
    """Addresses behind the figures of one choice."""

    def __init__(self, slug: str, choice: Choice) -> None:
        self.slug, self.period, self.choice = slug, choice.period, choice
        # A page has hundreds of links to these two.
        self._bases = {name: reverse(name, kwargs={"workspace": slug}) for name in ("listen:stream", "organise:people")}

    def _to(self, name: str, **query: Any) -> str:
        kept = {key.rstrip("_"): value for key, value in query.items() if value not in (None, "")}
        return f"{self._bases[name]}?{urlencode(kept)}"

    def stream(self, first: date | None = None, last: date | None = None, **query: Any) -> str:
        query.setdefault("channel", self.period.channel)
        return self._to("listen:stream", from_=first or self.period.first, to=last or first or self.period.last, direction="in", **query)

    def active(self) -> str:
        last = None if self.choice.ends_today else self.period.last
        return self._to("organise:people", active_from=self.period.first, active_to=last, channel=self.period.channel)

    def known(self, first: date | None = None) -> str:
        return self._to("organise:people", known_from=first or self.period.first, known_to=first or self.period.last)

    def stage(self, stage: str) -> str:
        return self._to("organise:people", stage=stage)

    def person(self, person: int) -> str:
        return reverse("organise:person", kwargs={"workspace": self.slug, "pid": public_id(person)})

    def card(self, person: int) -> str:
        return reverse("organise:card", kwargs={"workspace": self.slug, "pid": public_id(person)})


@allow(May.SEE)
@never_cache
@require_safe
def pulse(request: WorkspaceRequest) -> HttpResponse:
    """The home of a workspace. GET days (7, 28, 90) or from and to, and channel."""
    try:
        return _pulse(request)
    except EngineError as error:
        logger.error("the engine does not answer", error=str(error))
        return render(request, "analyse/unanswered.html", {"why": str(error) if request.may(May.MANAGE) else ""}, status=503)


def _pulse(request: WorkspaceRequest) -> HttpResponse:
    workspace = request.workspace
    known = span(workspace)
    choice = choose(request.GET.dict(), workspace.timezone, known[1] if known else None)
    if known is None:
        return render(request, "analyse/nothing.html", {"is_loading": log.last_seq() > 0, "may_import": request.may(May.IMPORT)})
    figures, links = Figures(workspace, choice, known[0]), Links(workspace.slug, choice)
    context = {
        "choice": choice,
        "figures": figures,
        "title": wording.headline(choice, figures.people, figures.people_earlier),
        "sentence": wording.what_changed(choice, figures.change, figures.activities_before is not None),
        "newest": wording.full_day(choice.period.last),
        "compared": wording.before(choice) if figures.reaches(1) else "",
        "tiles": _tiles(figures, links),
        "charts": _charts(figures, links),
        "authors": _authors(figures, links),
        "ladder": _ladder(figures, links),
        "now": now.latest(workspace),
        "downloads": _downloads(request) if request.may(May.EXPORT) else {},
        **_chips(choice, figures),
    }
    return render(request, "analyse/pulse.html", context)


@allow(May.SEE)
@never_cache
@require_safe
def latest(request: WorkspaceRequest) -> HttpResponse:
    """What was said last: the part of the page that renews itself."""
    return render(request, "analyse/now.html", {"now": now.latest(request.workspace)})


@allow(May.EXPORT)
@never_cache
@require_safe
def ladder_csv(request: WorkspaceRequest) -> HttpResponseBase:
    """The rungs of the page with the same address, as CSV."""
    figures = _figures(request)
    rows = [(str(STAGES[stage][0]), figures.ladder.get(stage, 0)) for stage in STAGES] if figures else []
    return csv_response("ladder.csv", [_("Stage"), _("People")], rows)


@allow(May.EXPORT)
@never_cache
@require_safe
def authors_csv(request: WorkspaceRequest) -> HttpResponseBase:
    """Who speaks most on the page with the same address, as CSV."""
    figures = _figures(request)
    rows = [(row["name"], row["n"]) for row in _authors(figures, Links(request.workspace.slug, figures.choice))] if figures else []
    return csv_response("authors.csv", [_("Name"), _("Activities")], rows)


def _downloads(request: WorkspaceRequest) -> dict[str, str]:
    """Addresses of the CSV files, for the choice of this page."""
    asked = f"?{request.GET.urlencode()}" if request.GET else ""
    return {name: reverse(f"analyse:{name}_csv", kwargs={"workspace": request.workspace.slug}) + asked for name in ("ladder", "authors")}


def _figures(request: WorkspaceRequest) -> Figures | None:
    known = span(request.workspace)
    if known is None:
        return None
    return Figures(request.workspace, choose(request.GET.dict(), request.workspace.timezone, known[1]), known[0])


def _chips(choice: Choice, figures: Figures) -> dict[str, Any]:
    words = _("Last %(days)s days of your data") if choice.is_past else _("Last %(days)s days")
    lengths = [(days, words % {"days": days}) for days in LENGTHS]
    names = sorted({*figures.by_channel, *([choice.period.channel] if choice.period.channel else [])})
    return {
        "lengths": lengths,
        "dates": f"{wording.plain_day(choice.period.first)} – {wording.plain_day(choice.period.last)}",
        "length": next((label for days, label in lengths if days == choice.days), ""),
        "channels": [(name, mark_of(name)[1]) for name in names],
        "kept": [("channel", choice.period.channel)] if choice.period.channel else [],
    }


def _tiles(figures: Figures, links: Links) -> list[dict[str, Any]]:
    new = sum(figures.new_people)
    known = _("people, %(count)s new") % {"count": number(new)} if new and not figures.period.channel else _("people")
    listen = {"label": _("Listen"), "value": number(figures.activities), "unit": _("activities"), "points": figures.daily}
    identify = {"label": _("Identify"), "value": number(figures.people), "unit": known, "points": figures.people_by_day}
    return [
        {**listen, "url": links.stream(), **_change(figures, figures.activities, figures.activities_before)},
        {**identify, "url": links.active(), **_change(figures, figures.people, figures.people_before)},
        _critics(figures, links),
        _revenue(figures, links),
    ]


def _change(figures: Figures, count: Any, earlier: Any) -> dict[str, str]:
    """The note of a tile: the change in per cent where there is enough to divide by, else the number before."""
    if earlier is None:
        return {"note": ""}
    words = {"before": wording.before(figures.choice), "count": number(earlier)}
    if earlier < 20:
        return {"note": _("%(count)s in %(before)s") % words}
    share = (count - earlier) / earlier
    sign = "+" if round(float(share), 2) > 0 else ""
    return {
        "note": _("%(change)s on %(before)s") % {**words, "change": sign + percent(share)},
        "tone": "" if abs(share) < 0.1 else "pos" if share > 0 else "attn",
    }


def _critics(figures: Figures, links: Links) -> dict[str, Any]:
    critics, before = figures.ladder.get("critic", 0), figures.ladder_before
    tile = {"label": _("Organise"), "value": number(critics), "unit": _("critics"), "url": _rung_url(figures, links, "critic")}
    if before is None:
        return {**tile, "note": _("in 90 days")}
    change = critics - before.get("critic", 0)
    note = _("%(change)s on %(before)s") % {"change": signed(change), "before": wording.before(figures.choice)}
    return {**tile, "note": note, "tone": "attn" if change > 0 else ""}


def _revenue(figures: Figures, links: Links) -> dict[str, Any]:
    """Money of the main currency; others are named, never added."""
    url = links.stream(verb="Purchase")
    if not figures.revenue:
        return {"label": _("Analyse"), "value": "0", "unit": _("purchases"), "note": "", "url": url}
    main, *others = figures.revenue
    tile: dict[str, Any] = {
        "label": _("Analyse"),
        "value": money(round(main.known), main.currency),
        "unit": _("from known people"),
        "url": url,
    }
    tile |= {"points": main.by_day} | (_change(figures, main.known, main.known_before) if figures.reaches(1) else {})
    if others:
        tile["note"] = _("and %(sums)s") % {"sums": ", ".join(money(round(each.known), each.currency) for each in others[:2])}
    elif main.known_before < 20:
        tile["note"] = wording.purchases(main.purchases)
    return tile


def _charts(figures: Figures, links: Links) -> dict[str, Any]:
    with_year = figures.period.first.year != figures.choice.today.year
    labels = [wording.short_day(day, with_year) for day in figures.days]
    talk = _talk(figures, links, with_year)
    new = [[label, n] for label, n in zip(labels, figures.new_people, strict=True)]
    return {
        "talk": {"title": wording.talk(figures.days, figures.daily, figures.outlier, "band" in talk), "data": talk},
        "parts": _kinds(figures, links) if figures.period.channel else _channels(figures, links),
        "rhythm": {"title": wording.busiest(figures.rhythm), "data": _rhythm(figures, links)},
        "new": {
            "title": wording.newcomers(sum(figures.new_people)),
            "data": {
                "columns": [_("Day"), _("New people")],
                "rows": new,
                "hrefs": [links.known(day) for day in figures.days],
                "upright": True,
            },
        },
    }


def _channels(figures: Figures, links: Links) -> dict[str, Any]:
    rows = figures.by_channel.most_common()
    first, last = figures.period.first, figures.period.last
    data = {
        "columns": [_("Channel"), _("Activities")],
        "rows": [[mark_of(name)[1], n] for name, n in rows],
        "hrefs": [links.stream(first, last, channel=name) for name, _n in rows],
    }
    return {"title": wording.largest_channel(figures.by_channel), "sentence": _("Activities by channel"), "data": data}


def _kinds(figures: Figures, links: Links) -> dict[str, Any]:
    """What is done on the one channel that was chosen."""
    first, last = figures.period.first, figures.period.last
    data = {
        "columns": [_("Kind"), _("Activities")],
        "rows": [[wording.kind_name(verb, kind), n] for verb, kind, n in figures.by_kind],
        "hrefs": [links.stream(first, last, verb=verb, kind=kind) for verb, kind, _n in figures.by_kind],
    }
    return {"title": wording.largest_kind(figures.by_kind), "sentence": _("Activities by kind"), "data": data}


def _talk(figures: Figures, links: Links, with_year: bool) -> dict[str, Any]:
    labels = [wording.short_day(day, with_year) for day in figures.drawn]
    data: dict[str, Any] = {
        "columns": [_("Day"), _("Activities")],
        "rows": [[label, n] for label, n in zip(labels, figures.drawn_daily, strict=True)],
        "hrefs": [links.stream(day) for day in figures.drawn],
        "unit": _("activities"),
    }
    if any(figures.drawn_bands):
        data["band"] = [[band.low, band.high] if band else None for band in figures.drawn_bands]
    data["events"] = [
        {"at": each.place, "label": f"{labels[each.place]}: {number(each.count)}", "href": links.stream(figures.drawn[each.place])}
        for each in figures.outliers[:MARKED]
    ]
    return data


def _rhythm(figures: Figures, links: Links) -> dict[str, Any]:
    hours = range(24)
    counts = figures.rhythm
    return {
        "columns": [_("Weekday"), *(f"{hour:02d}" for hour in hours)],
        "rows": [[str(WEEKDAYS[day - 1]), *(counts.get((day, hour), 0) for hour in hours)] for day in range(1, 8)],
        "hrefs": [[_hour(figures, links, day, hour) for hour in hours] for day in range(1, 8)],
        "unit": _("activities"),
    }


def _hour(figures: Figures, links: Links, weekday: int, hour: int) -> str:
    if not figures.rhythm.get((weekday, hour)):
        return ""
    return links.stream(figures.period.first, figures.period.last, weekday=weekday, hour=hour)


def _authors(figures: Figures, links: Links) -> list[dict[str, Any]]:
    names = {
        profile.person: profile
        for profile in Profile.objects.of(figures.workspace).filter(person__in=[person for person, _n in figures.top])
    }
    return [
        {
            "name": names[person].name if person in names else "",
            "kind": names[person].kind if person in names else "person",
            "key": person,
            "n": n,
            "url": links.person(person),
            "card": links.card(person),
            "words": links.stream(figures.period.first, figures.period.last, person=public_id(person)),
        }
        for person, n in sorted(figures.top, key=lambda row: (-row[1], row[0]))
    ]


def _rung_url(figures: Figures, links: Links, stage: str) -> str:
    """Stages of people are those of today; of another day there is only who was active then."""
    return links.stage(stage) if figures.choice.ends_today else links.active()


def _ladder(figures: Figures, links: Links) -> dict[str, Any]:
    before = figures.ladder_before
    return {
        "title": wording.critics(figures.ladder.get("critic", 0), before.get("critic", 0) if before is not None else None),
        "counts": figures.ladder,
        "total": sum(figures.ladder.values()),
        "urls": {stage: _rung_url(figures, links, stage) for stage in STAGES},
    }
