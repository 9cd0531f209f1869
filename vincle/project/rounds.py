"""A thread of a worker that goes round and round beside the steps, so that what is slow there keeps nobody waiting."""

import threading

import structlog
from django.db import close_old_connections, connection

from vincle.store.blame import said

logger = structlog.get_logger(__name__)


class Rounds:
    """Subclasses say what a round does (`turn`, returning how many seconds to wait) and what they are called."""

    name = "rounds"
    first = 0.0
    """Seconds before the first round."""
    after_trouble = 5.0

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self.thread: threading.Thread | None = None

    def start(self) -> None:
        self.thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        self.thread.start()

    def stop(self) -> None:
        """Ask it to end; what it held is free for others when its lease runs out, or at once when this process is gone."""
        self.stopping.set()
        if self.thread is not None:
            self.thread.join(2)

    def turn(self) -> float:
        raise NotImplementedError

    def _run(self) -> None:
        try:
            self.stopping.wait(self.first)
            while not self.stopping.is_set():
                self.stopping.wait(self._round())
        finally:
            connection.close()

    def _round(self) -> float:
        try:
            return self.turn()
        except Exception as error:
            self.stumbled(error)
            return self.after_trouble

    def stumbled(self, error: Exception) -> None:
        """Trouble is told and tried again."""
        logger.error("a round failed; trying again", thread=self.name, error=said(error))
        close_old_connections()
