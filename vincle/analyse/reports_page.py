"""A run of a report as a page: the board's parts, from frozen figures."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from vincle.listen.labels import SENTIMENTS
from vincle.web.tags.formats import number, percent, signed

from . import tile_map, wording
from .board import Mood
from .board_page import TONES, country
from .models import Run
from .reports_figures import Figures

FIELDS = {"channel": "channel", "sentiment": "sentiment", "topic": "topic", "language": "lang", "country": "country"}


def shown(made: Run, names: Mapping[int, str], *, is_ours: bool) -> dict[str, Any]:
    """What the template shows. `is_ours`: for the team, whose page leads on to the words behind."""
    figures = made.figures
    return {
        "run": made,
        "report": made.report,
        "figures": figures,
        "sections": made.report.sections.split("|"),
        "first": wording.full_day(date.fromisoformat(figures["first"])),
        "last": wording.full_day(date.fromisoformat(figures["last"])),
        "tiles": _tiles(figures),
        "parts": made.told["parts"],
        "terms": [_term(made, term, is_ours=is_ours) for term in made.told["decisions"]],
        "days": _days(figures),
        "moods": _moods(figures),
        "heat": _heat(figures),
        "topics": _rows(figures["topics"]),
        "movers": _movers(figures),
        "reach": _reach(figures),
        "reach_low": -_reach(figures),
        "channels": _rows(figures["channels"]),
        "wheres": [(title, _rows(figures[name])) for title, name in _places()],
        "map": _map(figures),
        "authors": [{**row, "name": names.get(row["place"], "")} for row in _rows(figures["authors"])],
        "voices": _rows(figures["voices"]),
        "columns": _columns(figures),
        "worth": figures.get("worth", []),
    }


def _mood(row: Figures) -> Mood:
    return Mood(row["n"], row["negative"], row["positive"])


def _rows(found: list[Figures]) -> list[Figures]:
    return [{**row, "mood": _mood(row)} for row in found]


def _places() -> list[tuple[str, str]]:
    return [(_("Countries"), "countries"), (_("Places"), "places"), (_("Languages"), "languages")]


def _tiles(figures: Figures) -> list[dict[str, Any]]:
    mood, four, change = figures["mood"], figures["four"], figures["change"]
    moved = _("%(change)s on %(before)s") % {"change": signed(change["n"]), "before": figures["before_words"]} if change else ""
    again = _("%(again)s of %(people)s people spoke more than once") % {"again": number(four["again"]), "people": number(four["people"])}
    interval = _("between %(low)s and %(high)s")
    points = [each["n"] for each in figures["daily"]]
    return [
        {"label": _("Mentions"), "value": number(mood["n"]), "note": moved, "points": points},
        {"label": _("Negative"), "value": percent(mood["bad"]), "note": interval % _range(mood, "bad")},
        {"label": _("Positive"), "value": percent(mood["good"]), "note": interval % _range(mood, "good")},
        {"label": _("People"), "value": number(four["people"]), "note": again},
    ]


def _range(mood: Figures, name: str) -> dict[str, str]:
    return {"low": percent(mood[f"{name}_low"]), "high": percent(mood[f"{name}_high"])}


def _term(made: Run, term: Figures, *, is_ours: bool) -> Figures:
    rows = [{**row, "url": words_behind(made, row) if is_ours and (row["conditions"] or row["day"]) else ""} for row in term["rows"]]
    return {**term, "rows": rows}


def words_behind(made: Run, row: Figures) -> str:
    """The search that shows the words a decision rests on."""
    report, figures = made.report, made.figures
    first, last = (row["day"], row["day"]) if row["day"] else (figures["first"], figures["last"])
    query = f"({report.listening.text})" if report.listening else ""
    kept = [f'{field}:"{report.filters[name]}"' for name, field in FIELDS.items() if report.filters.get(name)]
    end = date.fromisoformat(last) + timedelta(days=1)
    asked = " ".join(filter(None, [query, *kept, *row["conditions"], f"after:{first}", f"before:{end}"]))
    return reverse("listen:search", kwargs={"workspace": made.workspace.slug}) + "?" + urlencode({"q": asked})


def _days(figures: Figures) -> dict[str, Any]:
    rows = figures["daily"]
    found: dict[str, Any] = {
        "columns": [_("Day"), _("Mentions")],
        "rows": [[each["label"], each["n"]] for each in rows],
        "unit": _("mentions"),
        "events": [
            {"at": place, "label": f"{each['label']}: {number(each['n'])}"}
            for place, each in enumerate(rows)
            if each["day"] in {spike["day"] for spike in figures["spikes"]}
        ],
    }
    if any("low" in each for each in rows):
        found["band"] = [[each["low"], each["high"]] if "low" in each else None for each in rows]
    return found


def _moods(figures: Figures) -> dict[str, Any]:
    return {
        "columns": [_("Day"), *(str(name) for name in SENTIMENTS.values())],
        "rows": [[each["label"], each["negative"], each["neutral"], each["positive"]] for each in figures["daily"]],
        "tones": TONES,
        "unit": _("mentions"),
    }


def _heat(figures: Figures) -> dict[str, Any]:
    counts = {(weekday, hour): n for weekday, hour, n in figures["hours"]}
    return {
        "columns": [_("Weekday"), *(f"{hour:02d}" for hour in range(24))],
        "rows": [[str(WEEKDAYS[day - 1]), *(counts.get((day, hour), 0) for hour in range(24))] for day in range(1, 8)],
        "unit": _("mentions"),
    }


def _movers(figures: Figures) -> list[Figures]:
    return [{**each, "tone": "" if not each["sure"] else "pos" if each["points"] > 0 else "neg"} for each in figures["movers"]]


def _reach(figures: Figures) -> int:
    return max((max(abs(each["low"]), abs(each["high"])) for each in figures["movers"]), default=1) or 1


def _map(figures: Figures) -> dict[str, Any]:
    known = {each["id"]: each["n"] for each in figures["countries"] if each["id"]}
    squares = [{"at": each, "name": country(each.code)} for each in tile_map.squares(known)]
    return {"squares": squares, "size": (tile_map.WIDTH, tile_map.HEIGHT)}


def _columns(figures: Figures) -> list[Figures]:
    if not figures["beside"]:
        return []
    own = {**figures["mood"], "name": figures["name"] or _("Everything said"), "people": figures["four"]["people"]}
    return _rows([own, figures["beside"]])
