"""The six questions about what is said: what, when, how, why, where, who; with Social Mention's four and their denominators.

Figures of one choice: everything said, or what one listening query matches; of these days, on one channel or on all.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from math import sqrt
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from vincle.accounts.models import Workspace
from vincle.science.moves import Mover, movers
from vincle.science.proportions import wilson

from . import wording
from .choice import Choice
from .expected import WEEKS, Band, Outlier, bands, outliers
from .measure import Rows, measure
from .metrics.base import EPOCH, Period

NEWS: Final = 2.5
"""Standard deviations a count has to differ by from that of the period before to be called rising or falling."""
FEWEST: Final = 5
DRAWN = 28
AGAIN_DAYS = 56
_ORDER = ("negative", "neutral", "positive")


class Mood(NamedTuple):
    """How many mentions, and how many of them are negative and positive."""

    n: int
    negative: int
    positive: int

    @property
    def neutral(self) -> int:
        return self.n - self.negative - self.positive

    @property
    def ratio(self) -> float | None:
        """Positive to negative; None where nobody is negative."""
        return self.positive / self.negative if self.negative else None

    @property
    def bad_share(self) -> float:
        return self.negative / self.n if self.n else 0.0

    @property
    def bad_range(self) -> tuple[float, float]:
        """Interval of the share of negative ones (Wilson, 95 %)."""
        return wilson(self.negative, self.n)


@dataclass(frozen=True)
class Subject:
    """A topic, aspect, intent, hashtag or key word: mentions now and before (None: the data do not reach so far), and how they feel."""

    kind: str
    label: str
    mood: Mood
    before: int | None
    score: float

    @property
    def mean(self) -> float:
        """Mean score, -1 to 1."""
        return self.score / self.mood.n if self.mood.n else 0.0

    def change(self, total: int, total_before: int) -> float:
        """By how many standard deviations it differs from its share of the period before; 0 where that is unknown."""
        if self.before is None or not total_before or self.mood.n + self.before < FEWEST:
            return 0.0
        wanted = (self.mood.n + self.before) * total / (total + total_before)
        return (self.mood.n - wanted) / sqrt(max(wanted * total_before / (total + total_before), 0.5))


@dataclass(frozen=True)
class Author:
    """Someone who spoke: mentions and mood, and how often others shared, reacted to and answered their words in these days."""

    person: int
    mood: Mood
    score: float
    shared: int = 0
    liked: int = 0
    answered: int = 0

    @property
    def echo(self) -> int:
        return self.shared + self.liked + self.answered


@dataclass(frozen=True)
class Four:
    """Social Mention's four, as counts: each share is shown with what it was divided by.

    strength: `recent` mentions of the last 24 hours of the period, of `possible` texts heard then. sentiment: `mood`. passion: of
    `people`, `again` spoke more than once; of `early`, `back` spoke again within 28 days. reach: `people` to `mood.n` mentions.
    """

    recent: int
    possible: int
    mood: Mood
    people: int
    again: int
    early: int
    back: int


def _mood_of(counts: Iterable[Counter[str]]) -> Mood:
    """Counts by sentiment, together."""
    total: Counter[str] = Counter()
    for each in counts:
        total.update(each)
    return Mood(total.total(), total["negative"], total["positive"])


class Board:
    """`listening`: number of the query, 0 for all that is said. `oldest`: the first activity of the workspace."""

    def __init__(self, workspace: Workspace, choice: Choice, oldest: datetime, listening: int = 0) -> None:
        self.workspace, self.choice, self.listening = workspace, choice, listening
        self.period = replace(choice.period, listening=listening)
        self.began = oldest.astimezone(ZoneInfo(self.period.zone)).date()
        self.first, self.length = (self.period.first - EPOCH).days, self.period.days

    def beside(self, listening: int) -> "Board":
        """The same days of another query."""
        return Board(self.workspace, self.choice, datetime.combine(self.began, datetime.min.time(), ZoneInfo(self.period.zone)), listening)

    def reaches(self, periods: int) -> bool:
        return self.began <= self.period.first - timedelta(days=periods * self.length)

    # when

    @cached_property
    def _days(self) -> dict[int, Counter[str]]:
        """Mentions by sentiment of each day (a number) of the period, and of the weeks before that it is judged by."""
        counts: dict[int, Counter[str]] = defaultdict(Counter)
        reaching = self.period.reaching(max(7 * WEEKS + max(0, DRAWN - self.length), self.length))
        for day, sentiment, n in measure(self.workspace, "said_days", reaching):
            counts[day][sentiment] += n
        return counts

    def _mood(self, first: int, length: int) -> Mood:
        return _mood_of(found for day, found in self._days.items() if first <= day < first + length)

    @cached_property
    def mood(self) -> Mood:
        return self._mood(self.first, self.length)

    @cached_property
    def mood_before(self) -> Mood | None:
        return self._mood(self.first - self.length, self.length) if self.reaches(1) else None

    @cached_property
    def by_day(self) -> Counter[int]:
        return Counter({day: found.total() for day, found in self._days.items()})

    @cached_property
    def drawn(self) -> list[date]:
        """Days of the chart: the period, and before a short one what makes up four weeks, as far as the data reach."""
        more = min(max(0, DRAWN - self.length), max(0, (self.period.first - self.began).days))
        return wording.days_of(self.period.first - timedelta(days=more), self.length + more)

    @cached_property
    def drawn_daily(self) -> list[int]:
        return [self.by_day[(day - EPOCH).days] for day in self.drawn]

    @cached_property
    def drawn_bands(self) -> list[Band | None]:
        return bands(self.by_day, [(day - EPOCH).days for day in self.drawn], (self.began - EPOCH).days)

    @cached_property
    def outliers(self) -> list[Outlier]:
        return outliers(self.drawn_daily, self.drawn_bands, len(self.drawn) - (1 if self.choice.ends_today else 0))

    @cached_property
    def daily_moods(self) -> list[Mood]:
        """Of each day drawn."""
        return [_mood_of([self._days.get((day - EPOCH).days, Counter())]) for day in self.drawn]

    @cached_property
    def hours(self) -> dict[tuple[int, int], int]:
        return {(weekday, hour): n for weekday, hour, n in measure(self.workspace, "said_hours", self.period)}

    # how

    @cached_property
    def by_channel(self) -> list[tuple[str, Mood]]:
        return self._by(0)

    @cached_property
    def by_kind(self) -> list[tuple[str, Mood]]:
        return self._by(1)

    @cached_property
    def _said(self) -> Rows:
        return measure(self.workspace, "said", self.period)

    def _by(self, place: int) -> list[tuple[str, Mood]]:
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for row in self._said:
            counts[row[place]][row[2]] += row[3]
        found = [(name, _mood_of([each])) for name, each in counts.items()]
        return sorted(found, key=lambda pair: (-pair[1].n, pair[0]))

    @cached_property
    def reactions(self) -> Counter[str]:
        """By kind. Reactions are to posts, not words: a query has none of its own."""
        counts: Counter[str] = Counter()
        for _day, _channel, reaction, n in measure(self.workspace, "reactions", replace(self.period, listening=0)):
            counts[reaction or "like"] += n
        return counts

    # what

    @cached_property
    def _labelled(self) -> dict[str, list[Subject]]:
        return self._with_before("said_labels")

    @cached_property
    def _worded(self) -> dict[str, list[Subject]]:
        return self._with_before("said_words")

    def _with_before(self, metric: str) -> dict[str, list[Subject]]:
        """Labels of each kind, most frequent first, with how often they were named in the period before."""
        now = self._labels(metric, self.period)
        then = {key: mood.n for key, (mood, _s) in self._labels(metric, self.period.back(self.length)).items()} if self.reaches(1) else None
        found: dict[str, list[Subject]] = defaultdict(list)
        for (kind, label), (mood, score) in now.items():
            found[kind].append(Subject(kind, label, mood, then.get((kind, label), 0) if then is not None else None, score))
        for (kind, label), n in (then or {}).items():
            if (kind, label) not in now:
                found[kind].append(Subject(kind, label, Mood(0, 0, 0), n, 0.0))
        return {kind: sorted(each, key=lambda subject: (-subject.mood.n, subject.label)) for kind, each in found.items()}

    def _labels(self, metric: str, period: Period) -> dict[tuple[str, str], tuple[Mood, float]]:
        rows = measure(self.workspace, metric, period)
        return {(kind, label): (Mood(n, negative, positive), float(score)) for kind, label, n, negative, positive, score in rows}

    @cached_property
    def aspects(self) -> list[Subject]:
        """What is judged: most named first; the score is that of the aspect, not of the whole text."""
        rows = measure(self.workspace, "said_aspects", self.period)
        found = [Subject("aspects", name, Mood(n, bad, good), None, float(score)) for name, n, bad, good, score in rows]
        return sorted(found, key=lambda subject: (-subject.mood.n, subject.label))

    def _of(self, kind: str) -> list[Subject]:
        return (self._worded if kind in ("hashtags", "terms") else self._labelled).get(kind, [])

    def subjects(self, kind: str, most: int = 12) -> list[Subject]:
        """The most frequent of a kind: topics, intents, emotions, hashtags, terms."""
        return [subject for subject in self._of(kind) if subject.mood.n][:most]

    def moving(self, kinds: Iterable[str] = ("topics", "hashtags", "terms"), most: int = 5) -> tuple[list[Subject], list[Subject]]:
        """(rising, falling): those whose share of all that is said changed by more than chance explains."""
        total, before = self.mood.n, self.mood_before.n if self.mood_before else 0
        every = [(subject.change(total, before), subject) for kind in kinds for subject in self._of(kind)]
        rising = sorted((pair for pair in every if pair[0] > NEWS), key=lambda pair: (-pair[0], pair[1].label))
        falling = sorted((pair for pair in every if pair[0] < -NEWS), key=lambda pair: (pair[0], pair[1].label))
        return [subject for _z, subject in rising[:most]], [subject for _z, subject in falling[:most]]

    # why

    @cached_property
    def movers(self) -> list[Mover]:
        """Aspects whose naming goes with better or worse words, others being equal; the strongest pull first."""
        rows = measure(self.workspace, "said_groups", self.period)
        sets = [named.split("|") if named else [] for named, *_sums in rows]
        names = sorted({name for each in sets for name in each})
        table = [[float(name in each) for name in names] for each in map(set, sets)]
        if not names:
            return []
        return movers(table, [row[1] for row in rows], [row[2] for row in rows], [row[3] for row in rows], names)

    # where

    @cached_property
    def _where(self) -> Rows:
        return measure(self.workspace, "said_where", self.period)

    def where(self, place: int) -> list[tuple[str, Mood]]:
        """Mentions by country (0), place (1, with its country: "Girona|ES") or language (2); "" where nothing is known."""
        counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
        for row in self._where:
            name = f"{row[1]}|{row[0]}" if place == 1 and row[1] else row[place]
            for at in range(3):
                counts[name][at] += row[3 + at]
        return sorted(((name, Mood(*found)) for name, found in counts.items()), key=lambda pair: (-pair[1].n, pair[0]))

    @cached_property
    def sites(self) -> list[Subject]:
        """Sites that mentions stand on or lead to, most frequent first."""
        found = self._labels("said_sites", self.period)
        every = [Subject("sites", name, mood, None, score) for (_kind, name), (mood, score) in found.items()]
        return sorted(every, key=lambda subject: (-subject.mood.n, subject.label))

    # who

    @cached_property
    def authors(self) -> list[Author]:
        """Those who speak most, or whose words are most taken up."""
        heard = {person: counts for person, *counts in measure(self.workspace, "heard", replace(self.period, listening=0))}
        spoke = measure(self.workspace, "said_by", self.period)
        found = [
            Author(person, Mood(n, negative, positive), score, *heard.get(person, ())) for person, n, negative, positive, score in spoke
        ]
        return sorted(found, key=lambda author: (-(author.echo + author.mood.n), author.person))

    @cached_property
    def four(self) -> Four:
        last = replace(self.period, first=self.period.last)
        recent = self._mood((last.last - EPOCH).days, 1).n
        possible = Board(self.workspace, replace(self.choice, period=replace(last, channel="")), self._start(), 0).said_on_last_day
        people, again, _n, early, back = self._again(self.period)
        if self.length < AGAIN_DAYS:
            early, back = self._again(replace(self.period, first=self.period.last - timedelta(days=AGAIN_DAYS - 1)))[3:]
        return Four(recent, possible, self.mood, people, again, early, back)

    @cached_property
    def said_on_last_day(self) -> int:
        rows = measure(self.workspace, "said_days", replace(self.period, first=self.period.last))
        return sum(row[2] for row in rows)

    def _start(self) -> datetime:
        return datetime.combine(self.began, datetime.min.time(), ZoneInfo(self.period.zone))

    def _again(self, period: Period) -> tuple[int, ...]:
        (row,) = measure(self.workspace, "said_again", period)
        return tuple(int(each) for each in row)

    @cached_property
    def people_before(self) -> int | None:
        return self._again(self.period.back(self.length))[0] if self.reaches(1) else None

    # beside others

    @cached_property
    def voices(self) -> dict[int, Mood]:
        """Of each query that is listened for: its mentions in these days."""
        counts: dict[int, Counter[str]] = defaultdict(Counter)
        for listening, _day, sentiment, n in measure(self.workspace, "voice", replace(self.period, listening=0)):
            counts[listening][sentiment] += n
        return {each: _mood_of([found]) for each, found in counts.items()}

    @cached_property
    def ladder(self) -> dict[str, int]:
        """People who took part in these days, by the highest rung they reached."""
        rows = measure(self.workspace, "ladder", self.period)
        return {stage: people for stage, people in rows if stage != "inactive"}
