"""Health: does it keep up? Each stage with its lag and pace, what waits, the room there is, and what the doctor finds."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.conf import settings
from django.core.cache import cache as shared
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.listen.models import Delivery, SetAside
from vincle.store import pace

from . import health as doctor
from . import state
from .state import INTAKE, Stage

NAMES: dict[str, Promise | str] = {
    INTAKE: _l("Taking in"),
    "identify": _l("Who it was"),
    "understand": _l("What texts say"),
    "organise": _l("Profiles"),
    "journeys": _l("Journeys"),
    "engage": _l("Conversations"),
    "promotions": _l("Codes in purchases"),
    "outcomes": _l("What became of mail"),
    "posts": _l("Posts and short links"),
    "analyse": _l("Loading for analysis"),
}
PARTS = {
    "all": _l("everything"), "intake": _l("taking in"), "steps": _l("all steps but counting"), "analysis": _l("counting"),
    "people": _l("who it was and profiles"),
}  # fmt: skip
EVERY = 5
"""Seconds between two looks of the page."""


class Row(NamedTuple):
    """A stage as it is shown: rows a second over the last minute and in stretches of the last hour, and how long its oldest row waits."""

    stage: Stage
    name: Any
    lately: float
    rates: list[float]
    behind: list[int]
    waits: str


class Fact(NamedTuple):
    """One line of the doctor's, with its name in the reader's language."""

    label: Any
    finding: str
    state: str
    tone: str


@allow(May.MANAGE)
@never_cache
@require_safe
def health(request: WorkspaceRequest) -> HttpResponse:
    """The whole page; asked by htmx only its figures, which every look renews."""
    rows = _rows()
    findings, aside = _findings(), waiting(request.workspace)
    context = {
        "rows": rows,
        "verdict": _verdict(rows, findings, aside),
        "workers": [(PARTS.get(worker.part, worker.part), worker) for worker in state.workers()],
        "aside": aside,
        "failed": Delivery.objects.of(request.workspace).filter(state=Delivery.State.FAILED, is_import=False).count(),
        "room": [Fact(ROOM[found.check], found.finding, found.state, _TONES[found.state]) for found in findings if found.check in ROOM],
        "doctor": sorted(findings, key=lambda found: _ORDER[found.state]) if request.may(May.OWN) else [],
        "every": EVERY,
        "limit": settings.OPTIONS.ready_lag,
    }
    is_part = request.headers.get("HX-Request") == "true" and request.headers.get("HX-Target") == "figures"
    return render(request, "health/figures.html" if is_part else "health/health.html", context)


ROOM = {"disk": _l("Disk"), "database": _l("Database"), "open table": _l("Open table")}
_ORDER = {"bad": 0, "warning": 1, "good": 2}
_TONES = {"bad": "neg", "warning": "warn", "good": ""}


def waiting(workspace: Any) -> int:
    """Rows of this workspace that wait for someone."""
    return SetAside.objects.of(workspace).filter(state=SetAside.State.WAITING).count()


def badge(request: Any) -> int | None:
    """How much is set aside, beside the tab; counted only where the tabs are seen."""
    place = request.path.split("/")[3:4]
    return waiting(request.workspace) if place in (["settings"], ["health"]) else None


def _rows() -> list[Row]:
    stages = state.stages()
    paces = pace.history([stage.name for stage in stages])
    return [_row(stage, paces[stage.name]) for stage in stages]


def _row(stage: Stage, past: pace.History) -> Row:
    return Row(stage, NAMES.get(stage.name, stage.name), past.lately, past.rates, past.behind, lasting(stage.seconds))


def lasting(seconds: float) -> str:
    """A length of time in its largest unit.

    >>> lasting(4.2), lasting(150), lasting(7300)
    ('4 s', '2 min', '2 h')
    """
    if seconds < 60:
        return _("%(n)d s") % {"n": seconds}
    if seconds < 3600:
        return _("%(n)d min") % {"n": seconds // 60}
    return _("%(n)d h") % {"n": seconds // 3600}


def _verdict(rows: Sequence[Row], findings: Sequence[doctor.Finding], aside: int) -> tuple[str, str]:
    """(what is to be said above all, its tone)."""
    stopped = [row for row in rows if row.stage.trouble]
    if stopped:
        return _("%(step)s stands still.") % {"step": stopped[0].name}, "neg"
    if any(finding.state == "bad" for finding in findings):
        return _("Something is wrong; see what the doctor found."), "neg"
    slowest = max(rows, key=lambda row: row.stage.seconds)
    if slowest.stage.seconds > settings.OPTIONS.ready_lag:
        minutes = round(slowest.stage.seconds / 60)
        said = ngettext("%(step)s is %(n)d minute behind.", "%(step)s is %(n)d minutes behind.", minutes)
        return said % {"step": slowest.name, "n": minutes}, "warn"
    if not state.workers():
        return _("No worker runs: nothing new is worked on."), "neg"
    if aside:
        said = ngettext("Vincle keeps up; %(n)d row waits for you.", "Vincle keeps up; %(n)d rows wait for you.", aside)
        return said % {"n": aside}, "warn"
    if slowest.stage.rows:
        return _("Everything that came in is being worked on."), "pos"
    return _("Everything that came in is worked on."), "pos"


def _findings() -> list[doctor.Finding]:
    """What the doctor says; examined at most every half minute, for some checks read folders and the open table."""
    found: list[doctor.Finding] | None = shared.get("health-findings")
    if found is None:
        found = doctor.examine()
        shared.set("health-findings", found, 30)
    return found
