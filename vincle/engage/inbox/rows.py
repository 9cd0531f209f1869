"""A conversation's line in the list as HTML, rendered once for what it shows: a team looks at the same lines again and again."""

from functools import lru_cache
from typing import Any, NamedTuple

from django.template.loader import get_template
from django.utils import timezone, translation
from django.utils.safestring import SafeString

from vincle.web.tags.formats import ago, when

from . import wording
from .threads import Line

KEPT = 8192


class Around(NamedTuple):
    """What the page around a line adds to it."""

    workspace: str
    query: str
    may_answer: bool
    open: int | None


class _Shown(NamedTuple):
    """All that a line shows; equal ones look the same."""

    around: Around
    language: str
    zone: str
    is_open: bool
    pid: str
    name: str
    person: int | None
    sort: str
    words: str
    is_ours: bool
    is_new: bool
    tags: tuple[str, ...]
    channel: str
    tongue: str
    kind: str
    sentiment: str
    peer_answers: int
    is_urgent: bool
    at: SafeString | str
    snoozed: SafeString | str
    due: wording.Due | None
    assignee: str
    team: str


def html(line: Line, around: Around) -> SafeString:
    """The line for this page; times are those of now."""
    thread = line.thread
    return _rendered(
        _Shown(
            around._replace(open=None), translation.get_language() or "", timezone.get_current_timezone_name(), thread.key == around.open,
            line.pid, line.name, line.person, line.kind, line.words, line.is_ours, line.is_new, tuple(line.tags), thread.channel,
            thread.language, thread.kind, thread.sentiment, thread.peer_answers, thread.is_urgent, ago(line.at),
            when(thread.snoozed_until) if thread.state == "snoozed" else "", line.due, str(thread.assignee or ""), str(thread.team or ""),
        )
    )  # fmt: skip


@lru_cache(maxsize=KEPT)
def _rendered(line: _Shown) -> SafeString:
    values: dict[str, Any] = {"line": line, "around": line.around}
    return SafeString(get_template("inbox/_line.html").render(values))
