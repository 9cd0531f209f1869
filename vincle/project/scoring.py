"""Scores beside the steps: a thread follows those of whom something changed; everybody is worked out in a process of its own."""

import threading

import structlog
from django.db import close_old_connections, connection

from vincle.project.beside import Child
from vincle.store.blame import said

PAUSE, AFTER_TROUBLE = 2.0, 10.0
FIRST_LOOK, LOOK = 20.0, 30.0
"""Seconds until it is first seen whether everybody is due, and between two such looks."""
logger = structlog.get_logger(__name__)


class Scoring:
    """The thread of one worker, and the child it starts when a workspace is due."""

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self.thread: threading.Thread | None = None
        self.everybody = Child("scores", _is_due, LOOK, FIRST_LOOK)

    def start(self) -> None:
        self.thread = threading.Thread(target=self._run, name="scoring", daemon=True)
        self.thread.start()

    def stop(self) -> None:
        """Ask both to end; what was written stays, the rest is done by the next ones."""
        self.stopping.set()
        if self.thread is not None:
            self.thread.join(2)
        self.everybody.stop()

    def _run(self) -> None:
        self.stopping.wait(PAUSE)
        try:
            while not self.stopping.is_set():
                self.stopping.wait(self._round())
        finally:
            connection.close()

    def _round(self) -> float:
        from vincle.organise import scoring_rounds  # at first use: it brings numpy, which a worker that is just starting has no time for

        try:
            self.everybody.turn()
            return 0.1 if scoring_rounds.follow() else PAUSE
        except Exception as error:
            logger.error("scoring failed; trying again", error=said(error))
            close_old_connections()
            return AFTER_TROUBLE


def _is_due() -> bool:
    from vincle.organise import scoring_rounds

    return bool(scoring_rounds.due())
