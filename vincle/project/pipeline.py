"""The five steps, in order. Each goes on from its own cursor; each may be killed at any point and run again.

    listen -> identify -> organise -> (engage) -> analyse
"""

from collections.abc import Callable

import structlog

from vincle.identify import actions as identify
from vincle.listen import actions as listen
from vincle.listen import log
from vincle.organise import actions as organise
from vincle.store.lease import LostLease, held, positions
from vincle.store.models import Cursor

logger = structlog.get_logger(__name__)
Step = Callable[[Cursor], int]
IsBehind = Callable[[dict[str, int]], bool]

def _analysis_is_behind(reached: dict[str, int]) -> bool:
    from vincle.analyse import actions  # at first use: it brings the columnar libraries, which not every process needs

    return actions.is_behind(reached)


def _analyse(cursor: Cursor) -> int:
    from vincle.analyse import actions

    return actions.step(cursor)


STEPS: dict[str, tuple[IsBehind, Step]] = {
    "identify": (identify.is_behind, identify.step),
    "organise": (organise.is_behind, organise.step),
    "analyse": (_analysis_is_behind, _analyse),
}


def intake() -> int:
    """Read what was delivered into the log; returns how many deliveries were worked on."""
    return listen.work_off_waiting()


def follow(names: tuple[str, ...] = tuple(STEPS)) -> int:
    """One round of each step behind the log; returns how many rows moved. 0: all is up to date, or held by another worker."""
    return sum(_follow(name) for name in names)


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
    """For each step: how many places of the log it is behind."""
    newest = log.last_seq()
    reached = dict(Cursor.objects.filter(name__in=STEPS).values_list("name", "position"))
    return {name: max(newest - reached.get(name, 0), 0) for name in STEPS}


def _follow(name: str) -> int:
    is_behind, step = STEPS[name]
    if not is_behind(positions()):
        return 0  # looking is a read: an idle worker writes nothing
    try:
        with held(name) as cursor:
            return step(cursor) if cursor else 0
    except LostLease:
        logger.warning("another worker took over", step=name)
        return 0
