"""Hearing beside the steps: a slow platform holds up neither the steps nor the other platforms."""

import threading
import time
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

import structlog
from django.db import connections

from vincle.store.blame import said

if TYPE_CHECKING:
    from collections.abc import Callable

PAUSE, AFTER_TROUBLE = 1.0, 5.0
AT_ONCE = 6
LOOK_EVERY, HOLD_EVERY = 30.0, 3.0
STOPS_WITHIN = 4.0
logger = structlog.get_logger(__name__)


class Hearing:
    """One thread of the worker that looks for what is due, some that ask, and one for each live stream."""

    def __init__(self, pause: float = PAUSE) -> None:
        self.pause, self.stopping = pause, threading.Event()
        self._thread = threading.Thread(target=self._run, name="hearing", daemon=True)
        self._busy: set[object] = set()
        self._lock = threading.Lock()
        self._next_look = self._next_hold = 0.0

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Pages on their way are kept, or asked for again later; nobody waits for a slow platform for long."""
        self.stopping.set()
        if self._thread.is_alive():
            self._thread.join(STOPS_WITHIN)
        until = monotonic() + STOPS_WITHIN
        while self._busy and monotonic() < until:
            time.sleep(0.05)

    def _run(self) -> None:
        pause = self.pause
        while not self.stopping.wait(pause):
            pause = self.pause if self._round() else AFTER_TROUBLE
        connections.close_all()

    def _round(self) -> bool:
        from vincle.listen import attachments, doctor, pulling  # at first use: a worker that is just starting has no time for it

        try:
            with self._lock:
                room = AT_ONCE - len(self._busy)
            for pk in pulling.due(room) if room > 0 else ():
                self._ask(pk, partial(pulling.one, pk, self.stopping))
            if monotonic() >= self._next_hold:
                self._next_hold = monotonic() + HOLD_EVERY
                pulling.hold(self.stopping)
            if monotonic() >= self._next_look:
                self._next_look = monotonic() + LOOK_EVERY
                self._ask("doctor", doctor.turn)
                self._ask("attachments", attachments.turn)
        except Exception as error:
            logger.error("hearing failed; trying again", error=said(error))
            connections.close_all()
            return False
        return True

    def _ask(self, name: object, work: "Callable[[], object]") -> None:
        """In a thread of its own, unless that very work is still being done."""
        with self._lock:
            if name in self._busy:
                return
            self._busy.add(name)
        threading.Thread(target=self._done, args=(name, work), name=f"asking-{name}", daemon=True).start()

    def _done(self, name: object, work: "Callable[[], object]") -> None:
        try:
            work()
        except Exception as error:
            logger.error("asking a platform failed; trying again", what=str(name), error=said(error))
        finally:
            connections.close_all()
            with self._lock:
                self._busy.discard(name)
