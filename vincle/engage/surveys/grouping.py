"""Group commit: what several requests want written at one moment goes into one transaction; each is answered when that is durable."""

from collections import deque
from collections.abc import Callable
from threading import Condition, Lock
from typing import Any, TypeVar

from django.db import connection, transaction

MOST = 64
_T = TypeVar("_T")


class _Wanted:
    def __init__(self, work: Callable[[], Any]) -> None:
        self.work, self.is_done = work, False
        self.result: Any = None
        self.error: Exception | None = None


_waiting: deque[_Wanted] = deque()
_leading = Lock()
_changed = Condition()


def together(work: Callable[[], _T]) -> _T:
    """Do this work in a transaction, durable when it returns; whatever it raises is raised here and undoes nobody else's.

    Whoever comes first leads: it takes those who came meanwhile along, each under a savepoint of its own.
    """
    if connection.in_atomic_block:
        with transaction.atomic():
            return work()
    mine = _Wanted(work)
    with _changed:
        _waiting.append(mine)
    while True:
        if _leading.acquire(blocking=False):
            try:
                if not mine.is_done:
                    _lead()
            finally:
                _leading.release()
                with _changed:
                    _changed.notify_all()
        if mine.is_done:
            break
        with _changed:
            if not mine.is_done and _leading.locked():
                _changed.wait(0.05)
    if mine.error is not None:
        raise mine.error
    return mine.result


def _lead() -> None:
    with _changed:
        group = [_waiting.popleft() for _ in range(min(len(_waiting), MOST))]
    try:
        with transaction.atomic():
            for each in group:
                _one(each)
    except BaseException as error:
        failed = error if isinstance(error, Exception) else RuntimeError("whoever led the group was stopped")
        for each in group:
            each.result, each.error = None, each.error or failed
        if failed is not error:
            raise
    finally:
        for each in group:
            each.is_done = True


def _one(wanted: _Wanted) -> None:
    try:
        with transaction.atomic():
            wanted.result = wanted.work()
    except Exception as error:
        wanted.error = error
