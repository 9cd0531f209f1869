"""The report of a survey as a page shows it: ours, the one that is shared, and the one on paper."""

from typing import Any, Final

import numpy as np
from django.utils.translation import gettext as _

from vincle.listen.labels import label as topic_name
from vincle.web.tags.formats import number, percent

from ..models import Survey
from . import comparing, figures, load, looks, understood
from .columns import Column
from .compare import by_time, compare
from .figures import Point, Score, Why
from .frame import Frame
from .load import Asked
from .words import opened

WIDE, HIGH, EDGE = 520, 300, 34
Counted = dict[tuple[int, str], int]
"""(collector, state) -> how many."""
TONES: Final = {"mend": "neg", "keep": "pos", "watch": "neu", "rest": "neu"}


def context(survey: Survey, language: str, asked: Asked) -> dict[str, Any]:
    """Everything a report says. A fixed number of queries, however many answers."""
    frame = load.frame(survey, language, asked)
    likeness = load.likeness(survey, frame)
    if asked.weighted and likeness.raked is not None:
        frame.weights = likeness.raked.weights
    careless = figures.carelessness(frame)
    if asked.careful and careless.either:
        frame = frame.part(~figures.careless(frame))
    score = figures.score(frame, frame.main) if frame.main else None
    may = frame.may_show(len(frame))
    why = figures.why(frame) if may else None
    ways, came, asked_by_name = load.collectors(survey), load.states(survey), load.invited(survey)
    return {
        "survey": survey, "asked": asked, "n": len(frame), "is_hidden": not may, "finding": looks.finding(frame, score, why),
        "sentence": looks.sentence(frame, score, why),
        "tiles": [*(_tile(frame, each) for each in figures.scored(frame)), *_counts(came, asked_by_name)],
        "groups": _points(why), "quadrant": _quadrant(why), "why": why, "why_nothing": "" if why else looks.why_nothing(frame),
        "left_out": [looks.of_column(each) for each in why.left_out] if why else [], "trend": _trend(survey, frame),
        "areas": figures.averages(frame, why, "area"), "subjects": figures.averages(frame, why, "subject"),
        "questions": [each for column in frame.columns if (each := _question(frame, column))] if may else [],
        "opens": _opens(survey, frame) if may else [], "ways": _ways(ways, came, asked_by_name), "by_segment": _segments(survey, frame),
        "careless": careless, "likeness": likeness, "margins": _margins(likeness), "frame": frame,
        "compared": comparing.shown(survey, frame, asked, {pk: each.name for pk, each in ways.items()}) if may else None,
        "choices": comparing.choices(survey, frame, ways),
    }  # fmt: skip


def _tile(frame: Frame, column: Column) -> dict[str, Any]:
    score = figures.score(frame, column)
    what = str(looks.MEASURES[column.measure])
    if score is None:
        return {"label": what, "value": "–", "note": looks.of_column(column), "range": "", "said": looks.of_column(column)}
    between = looks.between(score.low, score.high, score.measure)
    return {
        "label": what, "value": looks.shown(score.value, score.measure), "note": looks.named(column), "range": between,
        "said": f"{between} · {looks.named(column)}",
    }  # fmt: skip


def _counts(came: Counted, asked: Counted) -> list[dict[str, Any]]:
    """How many began and finished, and of those asked by name how many answered."""
    done = sum(n for (_way, state), n in came.items() if state == "complete")
    begun, invited = sum(came.values()), sum(n for (_way, state), n in asked.items() if state in load.ASKED)
    said = _("of %(n)s who began") % {"n": number(begun)}
    tiles = [{"label": _("Complete answers"), "value": number(done), "range": "", "note": said, "said": said}]
    if invited:
        answered = sum(n for (_way, state), n in asked.items() if state == "answered")
        said = _("%(answered)s of %(n)s asked by name") % {"answered": number(answered), "n": number(invited)}
        tiles.append({"label": _("Response rate"), "value": percent(answered / invited), "range": "", "note": said, "said": said})
    elif begun:
        said = _("who began came to the end")
        tiles.append({"label": _("Finished"), "value": percent(done / begun), "range": "", "note": said, "said": said})
    return tiles


def _points(why: Why | None) -> list[dict[str, Any]]:
    """Mend first, then keep, then the others; each with what to expect of it."""
    if why is None:
        return []
    said = {
        "mend": _("They matter, and are rated below the rest."), "keep": _("They matter, and are rated well. Do not lose them."),
        "watch": _("Rated low, but they hardly move the whole."), "rest": _("Rated well, and they hardly move the whole."),
    }  # fmt: skip
    numbers = {each.column.id: place for place, each in enumerate(why.points, 1)}
    return [
        {"kind": kind, "title": title, "sentence": said[kind], "tone": TONES[kind],
         "points": [_point(each, why, numbers[each.column.id]) for each in why.of(kind)]}
        for kind, title in looks.KINDS.items() if kind in ("mend", "keep") or why.of(kind)
    ]  # fmt: skip


def _point(each: Point, why: Why, place: int) -> dict[str, Any]:
    return {
        "number": place, "name": looks.of_column(each.column), "area": each.column.area, "share": each.driver.share, "low": each.driver.low,
        "high": each.driver.high, "performance": each.performance, "expected": looks.expected(each, why), "turned": looks.turned(each),
        "column": each.column.id, "range": f"{percent(each.driver.low)} – {percent(each.driver.high)}",
    }  # fmt: skip


def _quadrant(why: Why | None) -> dict[str, Any] | None:
    """Places of numbered points in a drawing: importance upwards, performance to the right, the lines where the groups part."""
    if why is None or len(why.points) < 2:
        return None
    most = max(each.driver.share for each in why.points) * 1.15
    does = [each.performance for each in why.points]
    low, high = max(min(does) - 8, 0), min(max(does) + 8, 100)

    def x(value: float) -> float:
        return round(EDGE + (WIDE - EDGE - 16) * (value - low) / ((high - low) or 1), 1)

    def y(value: float) -> float:
        return round(HIGH - EDGE - (HIGH - EDGE - 16) * value / most, 1)

    points = [
        {"number": place, "x": x(each.performance), "y": y(each.driver.share), "text": y(each.driver.share) + 4,
         "tone": TONES[each.kind], "name": looks.of_column(each.column)}
        for place, each in enumerate(why.points, 1)
    ]  # fmt: skip
    return {
        "points": points, "x": x(float(np.mean(does))), "y": y(1 / len(why.points)), "wide": WIDE, "high": HIGH, "edge": EDGE,
        "floor": HIGH - EDGE, "right": WIDE - 16, "middle": HIGH / 2, "low": number(low), "top": number(high),
        "rows": [[each.column.label, percent(each.driver.share), number(each.performance), looks.KINDS[each.kind]] for each in why.points],
    }  # fmt: skip


def _trend(survey: Survey, frame: Frame) -> dict[str, Any] | None:
    """The main rating over time with its interval; None with fewer than two moments."""
    if frame.main is None:
        return None
    labels, unit = by_time(frame, load.zone(survey))
    found = compare(frame, frame.main, labels)
    there = sorted((each for each in found.groups if each.score is not None), key=lambda each: each.name)
    if len(there) < 2:
        return None
    rows = [[each.name, round(each.score.value, 2)] for each in there if each.score]
    band = [[round(each.score.low, 2), round(each.score.high, 2)] for each in there if each.score]
    what = str(looks.MEASURES[frame.main.measure])
    return {"title": _moved(there[0].score, there[-1].score, what), "data": {"columns": [unit, what], "rows": rows, "band": band}}


def _moved(first: Score | None, last: Score | None, what: str) -> str:
    assert first is not None
    assert last is not None
    values = {"what": what, "first": looks.shown(first.value, first.measure), "last": looks.shown(last.value, last.measure)}
    if last.low > first.high:
        return _("%(what)s rose from %(first)s to %(last)s") % values
    if last.high < first.low:
        return _("%(what)s fell from %(first)s to %(last)s") % values
    return _("%(what)s was %(first)s and is %(last)s; chance could explain that") % values


def _question(frame: Frame, column: Column) -> dict[str, Any] | None:
    """One question's answers as bars; None of those that have none."""
    bars = figures.distribution(frame, column)
    values: dict[str, Any] = {"label": looks.of_column(column), "id": column.id, "area": column.area, "page": column.page}
    if column.kind == "number":
        score = figures.score(frame, column)
        return {**values, "bars": [], "average": number(score.value, 1), "n": score.n} if score and not column.is_personal else None
    if not bars:
        return None
    largest = max(each.share for each in bars)
    score = figures.score(frame, column) if column.kind == "rating" else None
    rows = [
        {"label": looks.label(each), "n": each.n, "share": each.share, "largest": largest, "key": each.key,
         "place": figures.mean_place(frame, column, each.key) if column.kind == "rank" else None}
        for each in bars
    ]  # fmt: skip
    if column.kind == "rank":
        rows.sort(key=lambda row: row["place"] or 99)
    n = sum(value not in (None, "", []) for value in frame.values(column))
    return {
        **values, "bars": rows, "n": n, "kind": column.kind, "measure": str(looks.MEASURES[score.measure]) if score else "",
        "score": looks.shown(score.value, score.measure) if score else "",
        "range": looks.between(score.low, score.high, score.measure) if score else "",
    }  # fmt: skip


def _opens(survey: Survey, frame: Frame) -> list[dict[str, Any]]:
    found = opened(frame, understood.of(survey))
    names = load.names(survey, [said.row for each in found for topic in each.topics[:7] for said in topic.quotes])
    return [
        {
            "label": looks.of_column(each.column), "id": each.column.id, "n": each.n, "is_hidden": each.is_hidden, "tone": each.tone,
            "topics": [
                {
                    "name": topic_name("topics", topic.key) if topic.key else _("Other things"), "n": topic.n, "negative": topic.negative,
                    "neutral": topic.neutral, "positive": topic.positive,
                    "quotes": [
                        {"text": said.text, "tone": {"negative": "neg", "positive": "pos"}.get(said.reading.sentiment, ""),
                         "person": said.row.person, "name": names.get(said.row.person, "") if said.row.person else ""}
                        for said in topic.quotes
                    ],
                }
                for topic in each.topics[:7] if frame.may_show(topic.n)
            ],
        }
        for each in found
    ]  # fmt: skip


def _ways(ways: dict[int, Any], came: Counted, asked: Counted) -> list[dict[str, Any]]:
    """Response rate by the way people were asked; where nobody was asked by name, of those who began."""
    rows = []
    for pk, way in ways.items():
        done, begun = came.get((pk, "complete"), 0), sum(n for (each, _state), n in came.items() if each == pk)
        invited = sum(asked.get((pk, state), 0) for state in load.ASKED)
        answered = asked.get((pk, "answered"), 0)
        base, of = (invited, answered) if invited else (begun, done)
        rows.append({
            "name": way.name, "id": way.public_id, "done": done, "begun": begun, "invited": invited,
            "rate": of / base if base else None, "left": came.get((pk, "partial"), 0),
            "other": came.get((pk, "screened"), 0) + came.get((pk, "over_quota"), 0),
        })  # fmt: skip
    return sorted(rows, key=lambda row: -row["done"])


def _segments(survey: Survey, frame: Frame) -> list[dict[str, Any]]:
    rows = load.rate_by_segment(survey)
    return [{"name": name, "asked": asked, "answered": done, "rate": done / asked} for name, asked, done in rows if frame.may_show(asked)]


def _margins(likeness: load.Likeness) -> list[dict[str, Any]]:
    said = {"stage": _("Stage"), "country": _("Country")}
    return [
        {"name": said[margin], "margin": margin, "rows": [{"name": name, "share": share, "meant": meant} for name, share, meant in rows]}
        for margin, rows in likeness.tables.items()
    ]


def told(context: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Figures of the page as rows."""
    rows = [(f"{each['label']}: {each['note']}", each["value"], each["range"]) for each in context["tiles"]]
    for group in context["groups"]:
        rows += [(f"{group['title']}: {each['name']}", f"{100 * each['share']:.1f}%", each["range"]) for each in group["points"]]
    if compared := context["compared"]:
        rows += [(f"{compared['label']}: {each['name']}", each["score"] or str(each["n"]), each["range"]) for each in compared["groups"]
            if not each["is_hidden"]]
    return [(_("Answers"), str(context["n"]), ""), *rows]
