"""Scores as pages show them: each with its spread and its quality, and those of one person with why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection
from django.utils.translation import gettext as _

from vincle.accounts.models import Workspace
from vincle.store import bulk
from vincle.web.tags.formats import day, percent

from . import score_words, scoring
from .models import Score, ScoreRun
from .scores.registry import scores
from .segments.frame import label
from .segments.labels import products

MOST_ROWS = 5_000
"""So many of a person's acts are looked through for the names of what they like."""
ORDER = ("value", "alive", "next_purchase", "churn", "intent", "lead", "satisfaction", "loyalty", "affinity", "rfm", "completeness")
_NO_TENTHS = frozenset({"fifths", "money", "days"})
"""Units whose range says nothing in tenths."""
ELSEWHERE = frozenset({"registration", "engagement"})
"""Scores that have a page, and a place on the person's, of their own."""


class Part(NamedTuple):
    """A piece of the range, or a label: how many people have it, and what the list of people is filtered by."""

    words: str
    people: int
    filter: str


@dataclass(frozen=True)
class Overview:
    """A score of a workspace."""

    name: str
    run: ScoreRun | None
    currency: str = "EUR"

    @property
    def title(self) -> str:
        return score_words.name(self.name)

    @property
    def about(self) -> str:
        return score_words.about(self.name)

    @property
    def people(self) -> int:
        return self.run.people if self.run else 0

    @property
    def quality(self) -> Mapping[str, Any]:
        return self.run.quality if self.run else {}

    @property
    def parts(self) -> list[Part]:
        """Tenths of the range, lowest first; none where nobody has it, or where its range is its labels."""
        spec = scores()[self.name].SCORE if self.name in scores() else None
        counts = self.quality.get("spread") or []
        if spec is None or not sum(counts) or spec.unit in _NO_TENTHS or (spec.step >= 1 and spec.highest - spec.lowest < 10):
            return []
        width = (spec.highest - spec.lowest) / len(counts)
        edges = [round(spec.lowest + at * width, 6) for at in range(len(counts) + 1)]
        return [
            Part(f"{score_words.shown(self.name, low)} – {score_words.shown(self.name, high)}", count, f"{self.name}:{low:g}..{high:g}")
            for low, high, count in zip(edges, edges[1:], counts, strict=False)
        ]

    @property
    def labels(self) -> list[Part]:
        """By name, those that nobody has left out."""
        spec = scores()[self.name].SCORE if self.name in scores() else None
        counts: Mapping[str, int] = self.quality.get("labels") or {}
        known = spec.labels if spec else tuple(counts)
        return [Part(score_words.label(self.name, each), counts[each], f"{self.name}:{each}") for each in known if counts.get(each)]

    @property
    def quality_words(self) -> str:
        return score_words.quality(self.name, self.quality) if self.run else ""

    @property
    def is_learnt(self) -> bool:
        return self.quality.get("state") == "learnt"

    @property
    def reliability(self) -> dict[str, Any]:
        """What was told beside what came, of people who had been held out: for a chart; nothing where nothing was measured."""
        bins = self.quality.get("bins") or []
        rows = [[str(percent(told)), round(100 * told, 1), round(100 * came, 1)] for _people, told, came, _low, _high in bins]
        return {"columns": [_("Predicted"), _("Predicted"), _("Came true")], "rows": rows, "unit": "%"} if len(rows) > 1 else {}

    @property
    def everybody(self) -> str:
        """The filter that everybody who has it passes."""
        spec = scores()[self.name].SCORE if self.name in scores() else None
        return f"{self.name}:{spec.lowest:g}..{spec.highest:g}" if spec else f"{self.name}:-1e9.."

    @property
    def largest(self) -> int:
        return max((part.people for part in [*self.parts, *self.labels]), default=0)


def overviews(workspace: Workspace) -> list[Overview]:
    """All scores; one query."""
    runs = {run.name: run for run in ScoreRun.objects.of(workspace)}
    names = [name for name in ORDER if name in scores()]
    names += sorted((set(scores()) | {name for name in runs if name in score_words.NAMES}) - {*names, *ELSEWHERE})
    return [Overview(name, runs.get(name), workspace.currency) for name in names]


class Standing(NamedTuple):
    """A score of one person as it is shown."""

    name: str
    title: str
    shown: str
    label: str
    change: str
    confidence: float | None
    at: datetime
    reasons: list[tuple[Any, ...]]
    note: str


def of_person(workspace: Workspace, person: int, handles: Sequence[int]) -> list[Standing]:
    """The scores of a person, with why."""
    found = {row.name: row for row in Score.objects.of(workspace).filter(person=person)}
    names = [*(name for name in ORDER if name in found), *sorted(found.keys() - set(ORDER))]
    texts = _texts(workspace, handles) if _has_labels(found.get("affinity")) else {}
    return [_standing(found[name], texts, workspace.currency) for name in names if name in score_words.NAMES and name not in ELSEWHERE]


def _has_labels(row: Score | None) -> bool:
    return row is not None and any("label" in scoring.reason_of(each).values for each in row.reasons)


def _standing(row: Score, texts: Mapping[str, str], currency: str) -> Standing:
    def named(_field: str, values: Mapping[str, Any]) -> str:
        return texts.get(str(values.get("label", "")), "")

    reasons = [scoring.reason_of(each) for each in row.reasons]
    heaviest = max((abs(each.weight) for each in reasons), default=0.0)
    lines: list[tuple[Any, ...]] = []
    for each in reasons:
        words = score_words.reason(each.code, each.values, row.name, named)
        share = abs(each.weight) / heaviest if heaviest else 0.0
        # More or less of the score, which is good of one and bad of another: no colour of praise or blame.
        lines.append((words, "−" if each.weight < 0 else "+" if each.weight else "", share, "neu" if each.weight < 0 else ""))
    return Standing(
        row.name, score_words.name(row.name), score_words.shown(row.name, row.value, currency),
        score_words.label(row.name, row.label) if row.label else "", score_words.change(row.name, row.value, row.before, currency),
        row.confidence, row.at, lines, _note(row),
    )  # fmt: skip


def _note(row: Score) -> str:
    """How sure it is, and since when it is so."""
    said = {"sure": percent(row.confidence or 0.0), "day": day(row.at)}
    return _("%(about)s Sure to %(sure)s; changed: %(day)s.") % {"about": score_words.about(row.name), **said}


def _texts(workspace: Workspace, handles: Sequence[int]) -> dict[str, str]:
    """Texts behind the labels of what these handles did of late: channels, topics, products."""
    if not handles:
        return {}
    keys = ", ".join(str(int(key)) for key in handles)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.channel, COALESCE(u.topics, a.topics), a.props FROM listen_activity a LEFT JOIN listen_understanding u "
            f"ON u.seq = a.seq WHERE +a.workspace_id = %s AND a.actor IN ({keys}) AND a.direction = 'in' "
            f"ORDER BY a.happened_at DESC LIMIT {MOST_ROWS}",
            [workspace.pk],
        )
        rows = cursor.fetchall()
    pairs: set[tuple[str, str]] = set()
    for channel, topics, props in rows:
        pairs.add(("channel", channel))
        pairs.update(("topic", each) for each in (topics or "").split("|") if each)
        pairs.update(("product", each) for each in products(props or ""))
    return {f"{label(*pair):016x}": pair[1] for pair in pairs}


class Scored(NamedTuple):
    """Someone in the order of a score."""

    person: int
    who: str
    value: float
    label: str
    before: float | None
    confidence: float | None
    at: datetime
    reasons: list[Any]


def top(workspace: Workspace, name: str, most: int) -> list[Scored]:
    """The people who have most of a score; of equals the smaller id first."""
    rows = list(Score.objects.of(workspace).filter(name=name).order_by("-value", "person")[:most])
    names = dict(bulk.select("SELECT person, name FROM organise_profile WHERE person IN ({})", [row.person for row in rows]))
    return [
        Scored(row.person, names.get(row.person, ""), row.value, row.label, row.before, row.confidence, row.at, row.reasons)
        for row in rows
    ]  # fmt: skip
