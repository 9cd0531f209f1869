"""The definitions that are asked, read once a process; and whether a survey takes answers now."""

from collections import OrderedDict
from datetime import datetime
from threading import Lock
from typing import Final

from .definition import model
from .models import Collector, Survey, SurveyVersion

_MOST: Final = 200
_read: OrderedDict[int, model.Survey] = OrderedDict()
_lock = Lock()


def definition(version: SurveyVersion | int | None) -> model.Survey:
    """Of a frozen version, which never changes. The caller has seen that there is one."""
    if version is None:
        raise ValueError("nothing is asked yet")
    key = version if isinstance(version, int) else version.pk
    with _lock:
        if key in _read:
            _read.move_to_end(key)
            return _read[key]
    row = SurveyVersion.objects.get(pk=key) if isinstance(version, int) else version
    made = model.load(row.definition)
    with _lock:
        _read[key] = made
        while len(_read) > _MOST:
            _read.popitem(last=False)
    return made


def forget() -> None:
    """For tests, in which keys are given out again."""
    with _lock:
        _read.clear()


def closed(survey: Survey, collector: Collector | None, now: datetime, *, is_begun: bool = False) -> str:
    """Why it takes no answers, as a code; "" when it does. Who has begun may finish while it is not over."""
    if survey.deleted_at is not None or survey.state == Survey.State.DRAFT or survey.version_id is None:
        return "gone"
    if survey.state == Survey.State.CLOSED or (survey.closes_at is not None and now >= survey.closes_at):
        return "closed"
    if survey.opens_at is not None and now < survey.opens_at:
        return "not_yet"
    if survey.cap is not None and survey.completed >= survey.cap:
        return "full"
    if is_begun:
        return ""
    if survey.state == Survey.State.PAUSED:
        return "paused"
    return "off" if collector is not None and not collector.is_on else ""
