"""What the worker looks after every few seconds, beside sending: one thing that fails keeps no other from its turn."""

from collections.abc import Callable
from typing import Final

import structlog
from django.db import close_old_connections

from vincle.store.blame import said

from . import actions, automation, promising, satisfaction, teams

ROUND: Final[tuple[Callable[[], object], ...]] = (
    actions.wake, automation.turn, teams.turn, promising.sweep, promising.warn, satisfaction.turn,
)  # fmt: skip
logger = structlog.get_logger(__name__)


def look_around() -> None:
    """Each in turn."""
    for each in ROUND:
        try:
            each()
        except Exception as error:
            logger.error("a round of the inbox failed; trying again", what=f"{each.__module__}.{each.__name__}", error=said(error))
            close_old_connections()
