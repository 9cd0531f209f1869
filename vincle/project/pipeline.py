"""The steps, in order. Each goes on from its own cursor; each may be killed at any point and run again.

listen (what is said; what it says) -> identify -> organise -> engage -> analyse
"""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import structlog
from django.db import DatabaseError, OperationalError
from structlog.contextvars import bound_contextvars

from vincle.listen import actions as listen
from vincle.listen import sources
from vincle.listen.lag import behind
from vincle.listen.models import Delivery
from vincle.project import quarantine, telemetry
from vincle.project.steps import STEPS
from vincle.store.lease import LostLease, held, positions
from vincle.store.models import Cursor

SLOW = 1.0
logger = structlog.get_logger(__name__)


def intake() -> int:
    """Read what was delivered, and what the collector was sent, into the log; returns how many deliveries and parcels were worked on."""
    return _each((("collector", sources.work_off), ("deliveries", _deliveries)))


def follow(names: tuple[str, ...] = tuple(STEPS)) -> int:
    """One round of each step behind the log; returns how many rows moved. 0: all is up to date, or held by another worker.

    A step that fails does not keep the others from theirs; what it raised is raised at the end.
    """
    return _each((name, _follower(name)) for name in names)


PEOPLE = ("identify", "organise")
"""The steps after which people stand in the list; the analysis follows at its own pace."""


def advance() -> int:
    """One round of everything."""
    return intake() + follow()


def catch_up() -> None:
    """Go round until nothing moves."""
    while advance():
        pass


def lag() -> dict[str, int]:
    """For each step: how many rows of the log it is behind."""
    return {name: found.rows for name, found in behind(STEPS).items()}


def _each(parts: Iterable[tuple[str, Callable[[], int]]]) -> int:
    moved, failed = 0, None
    for name, part in parts:
        with bound_contextvars(step=name):
            try:
                moved += part()
            except OperationalError:
                raise  # the database is away, for the others as well
            except Exception as error:
                _note_trouble(name, error)
                failed = failed or error
    if failed:
        raise failed
    return moved


def _deliveries() -> int:
    return listen.work_off_waiting(around=_measured)


@contextmanager
def _measured(delivery: Delivery) -> Iterator[None]:
    stood, position = delivery.state, delivery.position
    with telemetry.work("delivery", delivery=delivery.pk, workspace=delivery.workspace_id, channel=delivery.channel) as span:
        yield
        if delivery.state != stood:
            span.set(rows=delivery.position - position, state=delivery.state)


def _follower(name: str) -> Callable[[], int]:
    return lambda: _follow(name)


def _follow(name: str) -> int:
    step = STEPS[name]
    if not step.is_behind(positions()):
        return 0  # looking is a read: an idle worker writes nothing
    began = time.monotonic()
    try:
        with held(name) as cursor:
            if cursor is None:
                return 0
            with telemetry.work(f"step {name}", step=name) as span:
                moved = quarantine.go(step.run, cursor)
                span.set(rows=moved)
            if cursor.trouble:
                Cursor.objects.filter(name=name).update(trouble="")
    except LostLease:
        logger.warning("another worker took over")
        return 0
    seconds = time.monotonic() - began
    (logger.info if seconds > SLOW else logger.debug)("step moved", rows=moved, seconds=round(seconds, 3))
    return moved


def _note_trouble(name: str, error: Exception) -> None:
    """Why a step stands still, for the Health screen. A full disk may keep even this from being written."""
    try:
        Cursor.objects.filter(name=name).update(trouble=f"{type(error).__name__}: {error}".replace("\0", "")[:300])
    except DatabaseError:
        logger.warning("the trouble of a step could not be noted")
