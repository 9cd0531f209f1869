"""Whether this installation can serve: checks by name. What stands above this layer registers its own."""

from collections.abc import Callable
from typing import NamedTuple

import structlog
from django.db import DatabaseError, connection

logger = structlog.get_logger(__name__)


class Check(NamedTuple):
    """What a check found; `said` is a short sentence in English without anybody's data, for machines and their keepers."""

    good: bool
    said: str


class _Registered(NamedTuple):
    check: Callable[[], Check]
    essential: bool


_checks: dict[str, _Registered] = {}


def register(name: str, check: Callable[[], Check], essential: bool = False) -> None:
    """`essential`: without it pages cannot be served. Others are told, and change nothing."""
    _checks[name] = _Registered(check, essential)


def examine() -> tuple[bool, dict[str, Check]]:
    """(whether pages can be served, each check by name). Without the database the others are not asked."""
    found = {"database": _database()}
    serves = found["database"].good
    for name, (check, essential) in _checks.items() if serves else ():
        found[name] = _ask(name, check)
        serves = serves and (found[name].good or not essential)
    return serves, found


def _database() -> Check:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return Check(False, "does not answer")
    return Check(True, "answers")


def _ask(name: str, check: Callable[[], Check]) -> Check:
    try:
        return check()
    except Exception as error:
        logger.warning("a check failed by itself", check=name, error=type(error).__name__)
        return Check(False, f"the check itself failed ({type(error).__name__})")
