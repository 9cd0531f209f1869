"""Alerts, letters and what other programs are told, beside the steps: in a thread of their own, so that a slow mail server or a dead
webhook keeps nobody waiting."""

import threading
from collections.abc import Callable

import structlog
from django.db import close_old_connections, connection

from vincle.store.blame import said

PAUSE, AFTER_TROUBLE = 1.0, 5.0
logger = structlog.get_logger(__name__)


class Telling:
    """The thread of one worker."""

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self.thread: threading.Thread | None = None

    def start(self) -> None:
        self.thread = threading.Thread(target=self._run, name="telling", daemon=True)
        self.thread.start()

    def stop(self) -> None:
        """Ask it to end; what it held is free for others when its lease runs out, or at once when this process is gone."""
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
        # At first use: they bring numpy and scipy, which a worker that is just starting has no time for.
        from vincle.engage.journeys import calls
        from vincle.engage.publishing import rounds
        from vincle.listen import alerts
        from vincle.organise import hooks

        return min(self._turn(alerts.turn), self._turn(hooks.turn), self._turn(rounds.turn), self._turn(calls.turn))

    def _turn(self, turn: Callable[[], int]) -> float:
        """Seconds to wait: trouble with one kind does not keep the other back."""
        try:
            return 0.0 if turn() else PAUSE
        except Exception as error:
            logger.error("telling failed; trying again", error=said(error))
            close_old_connections()
            return AFTER_TROUBLE
