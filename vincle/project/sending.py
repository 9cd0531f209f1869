"""What leaves by us, beside the steps: a slow platform keeps nobody's answer waiting but its own."""

import threading

import structlog
from django.db import close_old_connections, connection

from vincle.store.blame import said

PAUSE, AFTER_TROUBLE, WAKE = 0.3, 5.0, 30
SPARE = 3
"""The threads beside the first look so much more seldom while nothing waits."""
THREADS = 3
logger = structlog.get_logger(__name__)


class Sending:
    """Threads of one worker: while one waits for a platform that takes its time, the others go on."""

    def __init__(self, threads: int = THREADS) -> None:
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self._run, args=(at,), name=f"sending-{at}", daemon=True) for at in range(threads)]

    def start(self) -> None:
        for thread in self.threads:
            thread.start()

    def stop(self) -> None:
        """Ask them to end; what was on its way is asked for before it is sent again."""
        self.stopping.set()
        for thread in self.threads:
            if thread.is_alive():
                thread.join(2)

    def _run(self, at: int) -> None:
        rounds = 0
        try:
            while not self.stopping.wait(self._round(at, looks_around=at == 0 and rounds % WAKE == 0)):
                rounds += 1
        finally:
            connection.close()

    @staticmethod
    def _round(at: int, looks_around: bool) -> float:
        from vincle.engage.inbox import rounds  # at first use: a worker that is just starting has no time for it
        from vincle.engage.outbox import actions as outbox
        from vincle.engage.outbox import hits

        try:
            if looks_around:
                rounds.look_around()
            if at == 0:
                hits.settle()
            return 0.0 if outbox.turn(5) else PAUSE * (SPARE if at else 1)
        except Exception as error:
            logger.error("sending failed; trying again", error=said(error))
            close_old_connections()
            return AFTER_TROUBLE
