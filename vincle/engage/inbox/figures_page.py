"""What the parts of the page Service show, each from as few queries as it needs."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from vincle.accounts.access import WorkspaceRequest
from vincle.vocabulary import public_id
from vincle.web.tags.formats import number

from . import asking, figures_cost, figures_groups, figures_words
from . import figures_questions as waiting
from .figures import Figures, Timed
from .figures_cost import Served
from .figures_groups import Group
from .figures_numbers import Kept
from .threads import Face, faces

SPEED, TEAM, COST = gettext_lazy("How soon"), gettext_lazy("The team"), gettext_lazy("Cost")
QUESTIONS, SATISFACTION = gettext_lazy("Questions"), gettext_lazy("Satisfaction")
PEOPLE, SAID, ASKED = 20, 30, 20
_MOVED = 0.1


def _reasons(*names: str) -> list[tuple[str]]:
    return [(str(figures_words.DEFINITIONS[name]),) for name in names]


def _list(request: WorkspaceRequest, **query: Any) -> str:
    at = reverse("inbox:list", kwargs={"workspace": request.workspace.slug})
    channels = [("channel", name) for name in request.GET.getlist("channel")] if "channel" not in query else []
    return f"{at}?{urlencode([*query.items(), *channels])}"


# How soon


def speed(request: WorkspaceRequest, figures: Figures) -> dict[str, Any]:
    rows = [
        (_("First answer"), figures.first, figures.kept_first),
        (_("Every answer"), figures.answers, None),
        (_("Until closed"), figures.done, figures.kept_done),
    ]
    return {
        "title": figures_words.speed(figures),
        "sentence": _("How soon those who speak to you are answered, and when they speak."),
        "tiles": _tiles(request, figures),
        "rows": [_timed(name, timed, kept) for name, timed, kept in rows],
        "has_hours": figures.times is not None,
        "reasons": _reasons("first", "answers", "done", "median", "working", "kept", "kept_done"),
        "hours_title": figures_words.busiest(figures.by_hour), "hours": _hours(request, figures), "hours_reasons": _reasons("hours"),
    }  # fmt: skip


def _timed(name: str, timed: Timed, kept: Kept | None) -> dict[str, Any]:
    clock, working = timed
    return {
        "name": name, "n": clock.n, "median": figures_words.lasted(clock.median), "ninety": figures_words.lasted(clock.ninety),
        "open_median": figures_words.lasted(working.median) if working else "", "kept": figures_words.share(kept.share) if kept else "",
        "open_ninety": figures_words.lasted(working.ninety) if working else "", "judged": kept.judged if kept else 0,
    }  # fmt: skip


def _tiles(request: WorkspaceRequest, figures: Figures) -> list[dict[str, Any]]:
    first, before = figures.first.clock, figures.first_before
    done, again = figures.done.clock, sum(row.is_reopened for row in figures.closings)
    kept, closed, given = figures.kept_first, figures.kept_done, figures.scores
    ended = ngettext("%(n)s closed", "%(n)s closed", done.n) % {"n": number(done.n)}
    reopened = _("%(n)s opened again") % {"n": number(again)} if again else ""
    note, tone = "", ""
    if first.median is not None and before.median is not None:
        note = _("%(time)s in %(before)s") % {"time": figures_words.lasted(before.median), "before": figures_words.before(figures.choice)}
        moved = first.median - before.median
        tone = "" if abs(moved) <= _MOVED * before.median else "attn" if moved > 0 else "pos"
    return [
        {"label": _("First answer"), "value": figures_words.lasted(first.median), "unit": _("median"), "note": note, "tone": tone,
         "points": figures.first_by_day, "url": _list(request)},
        {"label": _("Until closed"), "value": figures_words.lasted(done.median), "unit": _("median"),
         "note": ", ".join(filter(None, (ended, reopened))), "url": _list(request, box="closed")},
        {"label": _("Answered in time"), "value": figures_words.share(kept.share),
         "unit": _("of %(n)s promised") % {"n": number(kept.judged)}, "url": _list(request, box="all", promise="late"),
         "note": _("%(share)s closed in time") % {"share": figures_words.share(closed.share)} if closed.judged else ""},
        {"label": _("Satisfied"), "value": figures_words.share(given.satisfied),
         "unit": ngettext("of %(n)s score", "of %(n)s scores", given.n) % {"n": number(given.n)}, "note": "",
         "url": f"?{_about(request, 'satisfaction')}"},
    ]  # fmt: skip


def _about(request: WorkspaceRequest, part: str) -> str:
    params = request.GET.copy()
    params["about"] = part
    return str(params.urlencode())


def _hours(request: WorkspaceRequest, figures: Figures) -> dict[str, Any]:
    hours, counts = range(24), figures.by_hour
    at = reverse("listen:stream", kwargs={"workspace": request.workspace.slug})
    fixed = {"from": figures.choice.first, "to": figures.choice.last, "direction": "in", "verb": "Create"}
    if len(figures.choice.channels) == 1:
        fixed["channel"] = figures.choice.channels[0]

    def behind(day: int, hour: int) -> str:
        return f"{at}?{urlencode({**fixed, 'weekday': day, 'hour': hour})}" if counts.get((day, hour)) else ""

    return {
        "columns": [_("Weekday"), *(f"{hour:02d}" for hour in hours)],
        "rows": [[str(WEEKDAYS[day - 1]), *(counts.get((day, hour), 0) for hour in hours)] for day in range(1, 8)] if counts else [],
        "hrefs": [[behind(day, hour) for hour in hours] for day in range(1, 8)] if counts else [],
        "unit": _("said"),
    }


# The team


def team(request: WorkspaceRequest, figures: Figures) -> dict[str, Any]:
    agents, teams = figures_groups.agents(figures), figures_groups.teams(figures)
    named = any(row.id > 0 for row in teams)
    return {
        "title": figures_words.team(agents), "sentence": _("Who of the team answers and closes, how soon, and what people thought of it."),
        "agents": [_group(request, row, "who") for row in agents],
        "teams": [_group(request, row, "team") for row in teams] if named else [],
        "has_hours": figures.times is not None,
        "agents_reasons": _reasons("agents", "answers", "median", "working"), "teams_reasons": _reasons("teams", "answers", "median"),
    }  # fmt: skip


def _group(request: WorkspaceRequest, row: Group, param: str) -> dict[str, Any]:
    clock, working = row.waited
    return {
        "name": row.name, "is_someone": row.id > 0 and param == "who", "answers": row.answers, "closed": row.closed,
        "median": figures_words.lasted(clock.median), "open_median": figures_words.lasted(working.median) if working else "",
        "mean": row.scores.mean, "scores": row.scores.n, "url": _list(request, box="all", **{param: row.id}) if row.id > 0 else "",
    }  # fmt: skip


# Cost


def cost(request: WorkspaceRequest, figures: Figures) -> dict[str, Any]:
    found = figures_cost.cost(figures.workspace, figures.choice)
    shown, currency = found.people[:PEOPLE], figures.workspace.currency
    who = figures_cost.names(shown)
    most = max((row.seconds for row in found.channels), default=1)

    def told(row: Served) -> dict[str, Any]:
        people = max(len(row.people), 1)
        amount = row.cost(found.hourly)
        return {
            "time": figures_words.lasted(row.seconds), "seconds": row.seconds, "threads": row.threads, "people": len(row.people),
            "cost": figures_words.cents(amount, currency), "channels": sorted(row.channels),
            "each": figures_words.cents(amount / people if amount is not None else None, currency),
        }  # fmt: skip

    return {
        "title": figures_words.cost(found, currency),
        "sentence": _("How much of the team's time people take on each channel, and what that costs."),
        "hourly": found.hourly, "hourly_said": figures_words.cents(found.hourly, currency), "total": told(found.total),
        "channels_title": figures_words.channels(found), "most": most, "people_total": len(found.people),
        "per_person": figures_words.lasted(found.total.seconds / max(len(found.total.people), 1)),
        "channel_rows": [
            {**told(row), "channel": row.key[1], "url": _list(request, box="all", channel=row.key[1])} for row in found.channels
        ],
        "person_rows": [{**told(row), **_face(request, who.get(row.handle or 0))} for row in shown],
        "period": [(name, value) for name in ("days", "from", "to", "channel") for value in request.GET.getlist(name)],
        "reasons": _reasons("cost"),
    }  # fmt: skip


def _face(request: WorkspaceRequest, face: Face | None) -> dict[str, Any]:
    """Whom a row is about, with the way to them where they are known."""
    if face is None:
        return {"name": "", "kind": "anon", "person": "", "url": "", "card": ""}
    there = {"workspace": request.workspace.slug, "pid": public_id(face.person)}
    url, card = ("", "") if face.is_unknown else (reverse("organise:person", kwargs=there), reverse("organise:card", kwargs=there))
    return {"name": face.name, "kind": face.kind, "person": face.person, "url": url, "card": card}


# Questions


def questions(request: WorkspaceRequest, figures: Figures) -> dict[str, Any]:
    found = waiting.questions(figures.workspace, figures.choice.channels)
    slug = figures.workspace.slug
    rows = [
        {**_face(request, row.face), "words": row.words, "channel": row.channel, "since": row.since, "is_urgent": row.is_urgent,
         "thread": reverse("inbox:thread", kwargs={"workspace": slug, "pid": row.pid})}
        for row in found.rows
    ]  # fmt: skip
    often = [row for row in asking.unanswered(figures.workspace, ASKED) if row.asked > 1]
    return {
        "title": figures_words.questions(found), "sentence": figures_words.oldest(found, figures.now), "questions": rows,
        "is_cut": found.total > len(rows), "total": figures_words.upto(found.total), "reasons": _reasons("questions"),
        "often": often, "is_timeless": True, "waiting_url": _list(request),
        "canned_url": reverse("inbox:canned", kwargs={"workspace": slug}),
    }  # fmt: skip


# Satisfaction


def satisfaction(request: WorkspaceRequest, figures: Figures) -> dict[str, Any]:
    given, replied = figures.scores, figures.replied
    shown = figures.said[:SAID]
    who = faces({row.handle for row in shown if row.handle is not None})
    slug = figures.workspace.slug
    rows = [
        {**_face(request, who.get(row.handle or 0)), "score": row.score, "words": row.comment, "channel": row.channel,
         "at": datetime.fromtimestamp(row.answered or 0, UTC),
         "thread": reverse("inbox:thread", kwargs={"workspace": slug, "pid": public_id(row.thread)})}
        for row in shown
    ]  # fmt: skip
    data = {
        "columns": [_("Score"), _("People")],
        "rows": [[str(score), given.counts[score - 1]] for score in range(5, 0, -1)] if given.n else [],
    }  # fmt: skip
    return {
        "title": figures_words.satisfaction(figures),
        "sentence": _("What people say of how they were served, once their matter is closed."),
        "satisfied": figures_words.share(given.satisfied), "mean": "–" if given.mean is None else number(given.mean, 1),
        "given": given.n, "replied": figures_words.share(replied.share), "asked": replied.judged, "said": rows, "data": data,
        "is_cut": len(figures.said) > SAID, "reasons": _reasons("satisfied", "replied"),
    }  # fmt: skip
