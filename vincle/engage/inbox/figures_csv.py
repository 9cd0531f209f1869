"""The tables of the figures of service as rows of a file: durations in seconds, shares of 1, moments as ISO 8601."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from vincle.vocabulary import public_id
from vincle.web.tags.people import channel_name

from . import figures_cost, figures_groups, figures_questions
from .figures import Figures, Timed
from .figures_groups import Group


class Sheet(NamedTuple):
    headings: Sequence[str]
    rows: Iterable[Sequence[Any]]


def _round(value: float | None, places: int = 0) -> Any:
    return "" if value is None else round(value, places) if places else round(value)


def speed(figures: Figures) -> Sheet:
    headings = [_("What"), _("Number"), _("Median (s)"), _("Nine of ten within (s)"), _("Median in working hours (s)"),
                _("Nine of ten within, in working hours (s)"), _("In time"), _("Promised")]  # fmt: skip
    first, done = figures.kept_first, figures.kept_done
    rows = [
        (_("First answer"), *_timed(figures.first), first.kept, first.judged),
        (_("Every answer"), *_timed(figures.answers), "", ""),
        (_("Until closed"), *_timed(figures.done), done.kept, done.judged),
    ]
    return Sheet(headings, rows)


def _timed(timed: Timed) -> tuple[Any, ...]:
    clock, working = timed
    hours = (_round(working.median), _round(working.ninety)) if working else ("", "")
    return (clock.n, _round(clock.median), _round(clock.ninety), *hours)


def hours(figures: Figures) -> Sheet:
    counts = figures.by_hour
    rows = [(str(WEEKDAYS[day - 1]), *(counts.get((day, hour), 0) for hour in range(24))) for day in range(1, 8)]
    return Sheet([_("Weekday"), *(f"{hour:02d}" for hour in range(24))], rows)


def _groups(what: str, groups: Sequence[Group]) -> Sheet:
    headings = [what, _("Answers"), _("Median wait (s)"), _("Closed"), _("Mean score"), _("Scores")]
    rows = [
        (row.name, row.answers, _round(row.waited.clock.median), row.closed, _round(row.scores.mean, 2), row.scores.n) for row in groups
    ]
    return Sheet(headings, rows)


def channels(figures: Figures) -> Sheet:
    found = figures_cost.cost(figures.workspace, figures.choice)
    headings = [_("Channel"), _("People"), _("Conversations"), _("Time (s)"), _("Cost"), _("Currency")]
    rows = [
        (
            channel_name(str(row.key[1])),
            len(row.people),
            row.threads,
            row.seconds,
            _amount(row.cost(found.hourly)),
            figures.workspace.currency,
        )
        for row in found.channels
    ]
    return Sheet(headings, rows)


def people(figures: Figures) -> Sheet:
    found = figures_cost.cost(figures.workspace, figures.choice)
    faces = figures_cost.names(found.people)
    headings = [_("Person"), _("Channels"), _("Conversations"), _("Time (s)"), _("Cost"), _("Currency"), _("Id")]
    rows = []
    for row in found.people:
        face = faces.get(row.handle or 0)
        met = " ".join(sorted(row.channels))
        cost = _amount(row.cost(found.hourly))
        pid = public_id(face.person) if face else ""
        rows.append((face.name if face else "", met, row.threads, row.seconds, cost, figures.workspace.currency, pid))
    return Sheet(headings, rows)


def _amount(amount: Any) -> Any:
    return "" if amount is None else f"{amount:.2f}"


def questions(figures: Figures) -> Sheet:
    found = figures_questions.questions(figures.workspace, figures.choice.channels, figures_questions.MOST)
    rows = [(row.since.isoformat(), row.face.name if row.face else "", row.words, row.channel, row.pid) for row in found.rows]
    return Sheet([_("Waits since"), _("Name"), _("Words"), _("Channel"), _("Id")], rows)


def satisfaction(figures: Figures) -> Sheet:
    rows = [
        (datetime.fromtimestamp(row.answered or 0, UTC).isoformat(), row.score, row.comment, row.channel, public_id(row.thread))
        for row in figures.said
    ]
    return Sheet([_("When"), _("Score"), _("Words"), _("Channel"), _("Conversation")], rows)


SHEETS: dict[str, Callable[[Figures], Sheet]] = {
    "speed": speed, "hours": hours, "channels": channels, "people": people, "questions": questions, "satisfaction": satisfaction,
    "agents": lambda figures: _groups(_("Agent"), figures_groups.agents(figures)),
    "teams": lambda figures: _groups(_("Team"), figures_groups.teams(figures)),
}  # fmt: skip
