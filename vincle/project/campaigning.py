"""Campaigns beside the steps, in a thread of their own: people drawn, the better letter chosen, results measured."""

import threading

import structlog
from django.db import close_old_connections, connection

from vincle.store.blame import said

PAUSE, AFTER_TROUBLE = 1.0, 5.0
logger = structlog.get_logger(__name__)


class Campaigning:
    """The thread of one worker."""

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self.thread: threading.Thread | None = None

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

        try:
            return 0.0 if running.turn() or running.measure_turn() else PAUSE
        except Exception as error:
            logger.error("a campaign failed; trying again", error=said(error))
            close_old_connections()
            return AFTER_TROUBLE
