"""What leaves by mail at its time, beside the steps: a slow mail server holds up nothing but mail."""

import threading

import structlog
from django.db import close_old_connections, connections

PAUSE = 10.0
STOPS_WITHIN = 15.0
logger = structlog.get_logger(__name__)


class Post:
    """One thread of the worker; it looks for what is due every few seconds."""

    def __init__(self, pause: float = PAUSE) -> None:
        self.pause, self._stopping = pause, threading.Event()
        self._thread = threading.Thread(target=self._run, name="post", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Waits for the mail that is being sent, but not for ever: what did not leave leaves later."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(STOPS_WITHIN)

    def _run(self) -> None:
        while not self._stopping.wait(self.pause):
            self._turn()
        connections.close_all()

    @staticmethod
    def _turn() -> None:
        from vincle.analyse import reports_mail  # at first use: it brings the columnar libraries

        close_old_connections()
        try:
            if moved := reports_mail.turn():
                logger.info("reports made or sent", reports=moved)
        except Exception as error:
            logger.warning("reports wait", error=f"{type(error).__name__}: {error}")
