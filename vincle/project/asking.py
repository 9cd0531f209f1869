"""Optional readers beside the steps: in a thread of their own, so that a slow model or a dead address keeps nobody waiting."""

import threading

import structlog
from django.db import close_old_connections, connection

from vincle.store.blame import said

PAUSE, AFTER_TROUBLE = 1.0, 5.0
logger = structlog.get_logger(__name__)


class Asking:
    """The thread of one worker."""

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self.thread: threading.Thread | None = None

    def start(self) -> None:
        self.thread = threading.Thread(target=self._run, name="asking", daemon=True)
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
        from vincle.listen import readers_turn  # at first use: it brings the readers, which a worker that is just starting has no time for

        try:
            return 0.0 if readers_turn.turn() else PAUSE
        except Exception as error:
            logger.error("asking failed; trying again", error=said(error))
            close_old_connections()
            return AFTER_TROUBLE
