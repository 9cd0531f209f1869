"""Campaigns and surveys beside the steps, in a thread of their own: people drawn and asked, the better letter chosen, results measured."""

import threading
import time

import structlog
from django.db import close_old_connections, connection

from vincle.store.blame import said

PAUSE, AFTER_TROUBLE, MEASURE = 1.0, 5.0, 30.0
"""Seconds between looks; after trouble; between looks at who did what."""

logger = structlog.get_logger(__name__)


class Campaigning:
    """The thread of one worker."""

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self.thread: threading.Thread | None = None
        self.next_measure = 0.0

    def start(self) -> None:
        self.thread = threading.Thread(target=self._run, name="campaigning", daemon=True)
        self.thread.start()

    def stop(self) -> None:
        """Ask it to end; a campaign it holds is free for others when its lease runs out, or at once when this process is gone."""
        self.stopping.set()
        if self.thread is not None:
            self.thread.join(2)

    def _run(self) -> None:
        try:
            while not self.stopping.is_set():
                self.stopping.wait(self._round())
        finally:
            connection.close()

    def _round(self) -> float:
        # At first use: it brings numpy and scipy, which a worker that is just starting has no time for.
        from vincle.engage.campaigns import running
        from vincle.engage.surveys import asking_work

        try:
            if running.turn() or asking_work.turn():
                return 0.0
            if time.monotonic() < self.next_measure:
                return PAUSE
            if not running.measure_turn():
                self.next_measure = time.monotonic() + MEASURE
            return 0.0
        except Exception as error:
            logger.error("a campaign failed; trying again", error=said(error))
            close_old_connections()
            return AFTER_TROUBLE
