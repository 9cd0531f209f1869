"""How far the open table is behind what has been received, and waiting for it."""

import time
from collections.abc import Callable

from vincle.listen import log, shelf
from vincle.organise import warehouse
from vincle.store.models import Cursor

PAUSE = 0.1
PEOPLE = "analyse people"


def behind() -> int:
    """Rows of the log that are not in the open table yet."""
    return warehouse.status().lag


def wait(seconds: float, work: Callable[[], int] = lambda: 0) -> bool:
    """Until the tables hold everything that had been received when this began; False when they do not in time.

    `work` is done meanwhile (returns how much it moved), for where no worker runs.
    """
    began = time.monotonic()
    target: int | None = None
    while True:
        if target is None and shelf.backlog().oldest_seconds <= time.monotonic() - began:
            target = log.last_seq()  # what lay on the shelf at the beginning is in the log now
        if target is not None and _holds(target):
            return True
        if time.monotonic() - began > seconds:
            return False
        if not work():
            time.sleep(PAUSE)


def _holds(target: int) -> bool:
    if not target:
        return True
    loaded = warehouse.tables()["activity"].loaded(warehouse.writer()) or 0
    return loaded >= target and Cursor.objects.filter(name=PEOPLE, position__gte=target).exists()
