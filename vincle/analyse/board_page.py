"""The panels of the board: figures with their words, and the address behind each."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.dates import WEEKDAYS
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from vincle.accounts.access import WorkspaceRequest
from vincle.accounts.choices import countries
from vincle.listen.labels import EMOTIONS, SENTIMENTS, label
from vincle.listen.models_listening import Listening
from vincle.organise.models import Profile
from vincle.vocabulary import public_id
from vincle.web.tags.formats import number, percent, signed
from vincle.web.tags.people import mark_of

from . import board_words, tile_map, wording
from .board import Author, Board, Mood, Subject
from .choice import Choice

TONES = ["neg", "neu", "pos"]
CLOUD, STEPS = 48, 6
MARKED = 3
SITES = 8


class Links:
    """Addresses behind the figures: the board narrowed down, or the words themselves in the search."""

    def __init__(self, request: WorkspaceRequest, choice: Choice, query: str) -> None:
        self.slug, self.choice, self.query, self.asked = request.workspace.slug, choice, query, request.GET.copy()
        self.words_at = reverse("listen:search", kwargs={"workspace": self.slug})

    def narrowed(self, name: str, value: str) -> str:
        """This board with one filter more."""
        asked = self.asked.copy()
        asked[name] = value
        return f"?{asked.urlencode()}"

    def words(self, *conditions: str, first: date | None = None, last: date | None = None) -> str:
        """The texts behind a figure: the query, the filters of the board and some conditions more, of these days."""
        period = self.choice.period
        kept = [f"{field}:{_quoted(str(self.asked[name]))}" for name, field in _FIELDS.items() if self.asked.get(name)]
        end = (last or first or period.last) + timedelta(days=1)
        query = f"({self.query})" if self.query else ""
        asked = [query, *kept, *conditions, f"after:{first or period.first}", f"before:{end}"]
        return f"{self.words_at}?{urlencode({'q': ' '.join(filter(None, asked))})}"

    def person(self, person: int) -> str:
        return reverse("organise:person", kwargs={"workspace": self.slug, "pid": public_id(person)})

    def card(self, person: int) -> str:
        return reverse("organise:card", kwargs={"workspace": self.slug, "pid": public_id(person)})


_FIELDS = {"channel": "channel", "sentiment": "sentiment", "topic": "topic", "language": "lang", "country": "country"}
_CONDITIONS = {"topics": "topic", "aspects": "topic", "intents": "intent", "emotions": "emotion"}


def _quoted(value: str) -> str:
    return value if value.replace("_", "").replace("-", "").isalnum() else '"' + value.replace('"', " ") + '"'


def country(code: str) -> str:
    return dict(countries()).get(code, code) if code else _("Not known")


def language(code: str) -> str:
    try:
        return str(get_language_info(code)["name_translated"]).capitalize() if code else _("Not known")
    except KeyError:
        return code


def tiles(figures: Board, links: Links) -> list[dict[str, Any]]:
    four, before = figures.four, figures.mood_before
    note = ""
    if before is not None:
        note = _("%(change)s on %(before)s") % {"change": signed(figures.mood.n - before.n), "before": wording.before(figures.choice)}
    bad = figures.mood.bad_share
    moved = _("%(share)s before") % {"share": percent(before.bad_share)} if before and before.n else ""
    passion = percent(four.back / four.early) if four.early else percent(four.again / four.people) if four.people else "–"
    spread = percent(four.people / figures.mood.n) if figures.mood.n else "–"
    shares = [_("%(share)s negative") % {"share": percent(bad)}, moved]
    return [
        {
            "label": _("Mentions"), "value": number(figures.mood.n), "unit": "", "note": note, "url": links.words(),
            "points": figures.drawn_daily,
        },
        {
            "label": _("Sentiment"), "value": board_words.ratio(figures.mood), "unit": _("positive : negative"),
            "note": " · ".join(filter(None, shares)), "url": links.words("sentiment:negative"),
        },
        _strength(figures, links),
        {"label": _("Passion"), "value": passion, "unit": _("speak again"), "note": board_words.passion(four), "url": ""},
        {"label": _("Reach"), "value": spread, "unit": _("people to mentions"), "note": board_words.reach(four), "url": ""},
    ]  # fmt: skip


def _strength(figures: Board, links: Links) -> dict[str, Any]:
    """Of all texts heard on the last day, those that are meant; where all are, how many there were."""
    four, url = figures.four, links.words(first=figures.period.last)
    if not figures.listening and four.recent == four.possible:
        return {
            "label": _("Strength"),
            "value": number(four.recent),
            "unit": _("on the last day"),
            "note": board_words.a_day(figures),
            "url": url,
        }
    share = percent(four.recent / four.possible) if four.possible else "–"
    return {"label": _("Strength"), "value": share, "unit": _("of what is heard"), "note": board_words.strength(four), "url": url}


def _subject(figures: Board, links: Links, subject: Subject) -> dict[str, Any]:
    """A line of the first panel: name, count, change, mood; narrows the board, or opens the words."""
    condition = f"#{subject.label.lstrip('#')}" if subject.kind == "hashtags" else _quoted(subject.label)
    if subject.kind in _CONDITIONS:
        condition = f"{_CONDITIONS[subject.kind]}:{_quoted(subject.label)}"
    is_topic = subject.kind in ("topics", "aspects")
    return {
        "name": label(subject.kind, subject.label),
        "n": subject.mood.n,
        "before": subject.before,
        "mood": subject.mood,
        "narrowed": links.narrowed("topic", subject.label) if is_topic else "",
        "words": links.words(condition),
        "bad": links.words(condition, "sentiment:negative"),
    }


def what(figures: Board, links: Links) -> dict[str, Any]:
    topics = figures.subjects("topics", 10)
    rising, falling = figures.moving()
    judged = {each.label: each.mood for each in figures.aspects}
    cloud = [*figures.subjects("terms", CLOUD // 3 * 2), *figures.subjects("hashtags", CLOUD // 3)]
    largest = max((each.mood.n for each in cloud), default=1)
    return {
        "title": board_words.what(topics, rising),
        "rows": [{**_subject(figures, links, each), "mood": judged.get(each.label, each.mood)} for each in topics],
        "most": max((each.mood.n for each in topics), default=1),
        "rising": [_subject(figures, links, each) for each in rising],
        "falling": [_subject(figures, links, each) for each in falling],
        "cloud": [
            {**_subject(figures, links, each), "step": max(1, round(STEPS * (each.mood.n / largest) ** 0.5))}
            for each in sorted(cloud, key=lambda subject: subject.label)
        ],
    }


def when(figures: Board, links: Links) -> dict[str, Any]:
    with_year = figures.period.first.year != figures.choice.today.year
    labels = [wording.short_day(day, with_year) for day in figures.drawn]
    line: dict[str, Any] = {
        "columns": [_("Day"), _("Mentions")],
        "rows": [[each, n] for each, n in zip(labels, figures.drawn_daily, strict=True)],
        "hrefs": [links.words(first=day) for day in figures.drawn],
        "unit": _("mentions"),
    }
    if any(figures.drawn_bands):
        line["band"] = [[band.low, band.high] if band else None for band in figures.drawn_bands]
    line["events"] = [
        {"at": each.place, "label": f"{labels[each.place]}: {number(each.count)}", "href": links.words(first=figures.drawn[each.place])}
        for each in figures.outliers[:MARKED]
    ]
    first = len(figures.drawn) - figures.length
    out = next((each for each in figures.outliers if each.place >= first), None)
    shifted = replace(out, place=out.place - first) if out else None
    days = wording.days_of(figures.period.first, figures.length)
    return {
        "title": wording.talk(days, figures.drawn_daily[first:], shifted, "band" in line),
        "data": line,
        "heat": {
            "columns": [_("Weekday"), *(f"{hour:02d}" for hour in range(24))],
            "rows": [[str(WEEKDAYS[day - 1]), *(figures.hours.get((day, hour), 0) for hour in range(24))] for day in range(1, 8)],
            "unit": _("mentions"),
        },
        "heat_title": wording.busiest(figures.hours),
        "moods": _moods(figures, with_year),
        "mood_title": board_words.mood_over_time(figures.daily_moods[first:]),
    }


def _moods(figures: Board, with_year: bool) -> dict[str, Any]:
    return {
        "columns": [_("Day"), *(str(name) for name in SENTIMENTS.values())],
        "rows": [
            [wording.short_day(day, with_year), mood.negative, mood.neutral, mood.positive]
            for day, mood in zip(figures.drawn, figures.daily_moods, strict=True)
        ],
        "tones": TONES,
        "unit": _("mentions"),
    }


def how(figures: Board, links: Links) -> dict[str, Any]:
    return {
        "title": board_words.how(figures.by_channel),
        "rows": [
            {
                "name": mark_of(name)[1],
                "id": name,
                "mood": mood,
                "narrowed": links.narrowed("channel", name),
                "words": links.words(f"channel:{name}"),
            }
            for name, mood in figures.by_channel[:10]
        ],
        "most": max((mood.n for _name, mood in figures.by_channel), default=1),
        "kinds": [{"name": wording.kind_name("Create", kind), "mood": mood} for kind, mood in figures.by_kind],
        "emotions": [_subject(figures, links, each) for each in figures.subjects("emotions", len(EMOTIONS))],
        "reactions": [(name, n) for name, n in figures.reactions.most_common(8)] if not figures.listening else [],
    }


def why(figures: Board, links: Links) -> dict[str, Any]:
    found = figures.movers[:10]
    reach = max((max(abs(each.low), abs(each.high)) for each in found), default=1.0)
    return {
        "title": board_words.why(figures.movers),
        "rows": [
            {
                "name": label("aspects", each.name),
                "mover": each,
                "points": signed(round(100 * each.effect)),
                "low": signed(round(100 * each.low)),
                "high": signed(round(100 * each.high)),
                "pull": signed(round(100 * each.pull, 1), 1),
                "tone": "" if not each.is_sure else "pos" if each.effect > 0 else "neg",
                "narrowed": links.narrowed("topic", each.name),
                "words": links.words(f"topic:{_quoted(each.name)}", f"sentiment:{'positive' if each.effect > 0 else 'negative'}"),
            }
            for each in found
        ],
        "low": -reach,
        "high": reach,
        "intents": [_subject(figures, links, each) for each in figures.subjects("intents", 9)],
    }


def where(figures: Board, links: Links) -> dict[str, Any]:
    nations = figures.where(0)
    known = {code: mood.n for code, mood in nations if code}
    places = [(name, mood) for name, mood in figures.where(1) if name]
    return {
        "title": board_words.where(nations, country(next(iter(known), ""))),
        "squares": [
            {"at": each, "name": country(each.code), "url": links.narrowed("country", each.code) if each.n else ""}
            for each in tile_map.squares(known)
        ],
        "size": (tile_map.WIDTH, tile_map.HEIGHT),
        "countries": [_row(country(code), mood, links.narrowed("country", code) if code else "") for code, mood in nations[:8]],
        "places": [_row(name.split("|")[0], mood, links.words(f"place:{_quoted(name.split('|')[0])}")) for name, mood in places[:8]],
        "languages": [_row(language(code), mood, links.narrowed("language", code) if code else "") for code, mood in figures.where(2)[:8]],
        "sites": [_row(each.label, each.mood, links.words(f"site:{each.label}")) for each in figures.sites[:SITES]],
        "most": max((mood.n for _name, mood in nations), default=1),
        "unknown": next((mood.n for code, mood in nations if not code), 0),
    }


def _row(name: str, mood: Mood, url: str) -> dict[str, Any]:
    return {"name": name, "mood": mood, "url": url}


def who(figures: Board, links: Links) -> dict[str, Any]:
    authors = figures.authors[:10]
    known = {each.person: each for each in Profile.objects.of(figures.workspace).filter(person__in=[author.person for author in authors])}
    rows = [_author(author, known.get(author.person), links) for author in authors]
    first = rows[0] if rows else None
    return {"title": board_words.who(first["name"], first["author"].echo) if first else _("Who speaks"), "rows": rows}


def _author(author: Author, profile: Profile | None, links: Links) -> dict[str, Any]:
    return {
        "author": author,
        "name": profile.name if profile else "",
        "kind": profile.kind if profile else "person",
        "stage": profile.stage if profile else "",
        "is_customer": bool(profile and profile.purchases),
        "followers": (profile.traits.get("followers") or [None])[0] if profile else None,
        "url": links.person(author.person),
        "card": links.card(author.person),
    }


def beside(figures: Board, queries: Sequence[Listening], asked: Listening | None, other: Listening | None) -> dict[str, Any]:
    """This board beside another query, and all brands and competitors by their share of voice."""
    brands = [each for each in queries if each.kind in (Listening.Kind.BRAND, Listening.Kind.COMPETITOR)]
    voices = [(each, figures.voices.get(each.pk, Mood(0, 0, 0))) for each in brands]
    total = sum(mood.n for _each, mood in voices)
    found: dict[str, Any] = {
        "voices": sorted(
            ({"name": each.name, "mood": mood, "share": mood.n / total if total else 0, "pk": each.pk} for each, mood in voices),
            key=lambda row: -row["mood"].n,
        ),
        "total": total,
        "columns": [],
    }
    if other:
        names = [asked.name if asked else _("Everything said"), other.name]
        found["columns"] = [_column(name, each) for name, each in zip(names, (figures, figures.beside(other.pk)), strict=True)]
    return found


def _column(name: str, figures: Board) -> dict[str, Any]:
    four, best = figures.four, figures.subjects("topics", 3)
    ladder = figures.ladder
    took_part = sum(ladder.values())
    spoke = ladder.get("critic", 0) + ladder.get("creator", 0)
    return {
        "name": name,
        "mood": figures.mood,
        "ratio": board_words.ratio(figures.mood),
        "people": four.people,
        "passion": board_words.passion(four),
        "strength": board_words.strength(four),
        "topics": ", ".join(label("topics", each.label) for each in best),
        "authority": spoke / took_part if took_part else None,
        "ladder": ladder,
    }
