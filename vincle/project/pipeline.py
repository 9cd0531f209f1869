"""The five steps, in order. Each goes on from its own cursor; each may be killed at any point and run again."""

from collections.abc import Callable

import structlog

from vincle.analyse import actions as analyse
from vincle.identify import actions as identify
from vincle.listen import actions as listen
from vincle.organise import actions as organise
from vincle.store.lease import Cursor, LostLease, held

logger = structlog.get_logger(__name__)
Step = Callable[[Cursor], int]

STEPS: tuple[tuple[str, Step], ...] = (
    ("identify", identify.step),
    ("organise", organise.step),
    ("analyse", analyse.step),
)


def advance() -> int:
    """Listen, identify, organise, analyse: one round of each; returns how many rows moved. 0: all is up to date."""
    moved = listen.work_off_waiting()
    for name, step in STEPS:
        moved += _advance_step(name, step)
    return moved


def catch_up() -> None:
    """Go round until nothing moves."""
    while advance():
        pass


def _advance_step(name: str, step: Step) -> int:
    try:
        with held(name) as cursor:
            return step(cursor) if cursor else 0
    except LostLease:
        logger.warning("another worker took over", step=name)
        return 0
