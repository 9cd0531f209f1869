"""Lists of jobs and sends as their pages show them."""

from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count, Q
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from vincle.accounts.models import Workspace
from vincle.listen.models import Handle
from vincle.vocabulary import public_id

from . import jobs, outcomes, words_state
from .jobs import Counts
from .models import Job, Lane, Send

PAGE: Final = 50
MOST: Final = 10_000
"""Sends that a button for all of them takes at once."""

TROUBLE: Final = ("failed", "dead", "doubtful")


@dataclass(frozen=True, slots=True)
class JobRow:
    job: Job
    counts: Counts
    why: str

    @property
    def share(self) -> float:
        return self.counts.over / self.counts.total if self.counts.total else 0.0

    @property
    def trouble(self) -> int:
        return self.counts.failed + self.counts.dead + self.counts.doubtful


@dataclass(frozen=True, slots=True)
class SendRow:
    send: Send
    address: str
    name: str
    person: str
    why: str


def clean(text: str) -> str:
    return text.replace("\x00", "")[:100].strip()


def job_list(workspace: Workspace, asked: QueryDict) -> Any:
    """Jobs as filtered, newest first."""
    rows = Job.objects.of(workspace)
    if states := [each for each in asked.getlist("state") if each in Job.State.values]:
        rows = rows.filter(state__in=states)
    if found := clean(asked.get("q", "")):
        rows = rows.filter(Q(name__icontains=found) | Q(source=found))
    return rows.select_related("connection", "by").order_by("-created_at", "-pk")


def job_rows(some: list[Job]) -> list[JobRow]:
    counts = jobs.progress_of(some)
    return [JobRow(job, counts[job.pk], words_state.sentence(job.why)) for job in some]


def overview(workspace: Workspace) -> dict[str, int]:
    """How many sends wait, are on their way, and ended badly; jobs and single messages together."""
    states = (State.WAITING, State.HELD, State.SENDING, *TROUBLE)
    rows = Send.objects.of(workspace).filter(state__in=states).values_list("state").annotate(n=Count("pk")).order_by()
    found = dict.fromkeys(states, 0) | dict(rows)
    return {"waiting": found["waiting"] + found["held"], **{name: found[name] for name in ("sending", *TROUBLE)}}


State = Send.State


def sends_list(workspace: Workspace, asked: QueryDict) -> Any:
    """Sends as filtered, newest first."""
    rows = Send.objects.of(workspace)
    if states := [each for each in asked.getlist("state") if each in State.values]:
        rows = rows.filter(state__in=states)
    if job := clean(asked.get("job", "")):
        rows = rows.filter(job__public=job)
    if code := clean(asked.get("code", "")):
        rows = rows.filter(problem_code=code)
    if found := clean(asked.get("q", "")):
        keys = Handle.objects.of(workspace).filter(Q(value__istartswith=found) | Q(name__icontains=found)).values_list("key", flat=True)
        rows = rows.filter(handle__in=list(keys[:2000]))
    return rows.select_related("job", "connection").order_by("-created_at", "-pk")


def send_rows(some: list[Send]) -> list[SendRow]:
    handles = {row.key: row for row in Handle.objects.filter(key__in={send.handle for send in some if send.handle})}
    return [_send_row(send, handles.get(send.handle or 0)) for send in some]


def _send_row(send: Send, handle: Handle | None) -> SendRow:
    return SendRow(
        send, handle.value if handle else "", handle.name if handle else "", public_id(send.person) if send.person is not None else "",
        words_state.sentence(send.problem_code),
    )  # fmt: skip


def skips(counts: Counts) -> list[tuple[str, str, int]]:
    """(code, sentence, how many) of those that were left out, most first."""
    rows = [(code, words_state.sentence(code) or _("left out"), count) for code, count in counts.skips.items()]
    return sorted(rows, key=lambda row: -row[2])


def lanes(workspace: Workspace) -> list[tuple[Lane, str]]:
    """Connections whose server is away or wants us slower, and why."""
    held = Q(not_before__gt=timezone.now()) | Q(pace__isnull=False)
    rows = Lane.objects.of(workspace).filter(held).select_related("connection")
    return [(lane, words_state.sentence(lane.code)) for lane in rows]


def came(job: Job) -> outcomes.Came:
    return outcomes.of_job(job, by_arm=False)[0]
