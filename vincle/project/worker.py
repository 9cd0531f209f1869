"""The process behind the pages: it works off what was delivered and keeps everything computed up to date."""

import gc
import signal
import threading
import time
from types import FrameType

import structlog
from django.db import OperationalError, close_old_connections
from django.utils import timezone

from vincle.listen import actions as listen
from vincle.project import pipeline
from vincle.store.models import Cursor

PAUSE = 0.2
BEAT = 10.0
SWEEP = 3600.0
logger = structlog.get_logger(__name__)


class Worker:
    """Runs until asked to stop; `part` is "intake" (read deliveries), "steps" (follow the log) or "" (both by turns)."""

    def __init__(self, part: str = "") -> None:
        self.part = part
        self.stopping = threading.Event()
        self.next_beat = self.next_sweep = 0.0
        # Batches make and drop millions of small objects; collecting less often saves a tenth of the time.
        gc.set_threshold(100_000, 50, 50)

    def stop_on_signals(self) -> None:
        def stop(number: int, frame: FrameType | None) -> None:
            self.stopping.set()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)

    def run(self) -> None:
        logger.info("worker started", part=self.part or "all")
        while not self.stopping.is_set():
            if not self._round():
                self.stopping.wait(PAUSE)
        logger.info("worker stopped", part=self.part or "all")

    def _round(self) -> int:
        try:
            self._beat()
            moved = 0
            if self.part != "steps":
                moved += pipeline.intake()
            if self.part != "intake":
                moved += pipeline.follow()
            return moved
        except OperationalError as error:
            logger.warning("database not reachable; trying again", error=str(error))
            close_old_connections()
            self.stopping.wait(2)
        except Exception:
            logger.exception("a step failed; trying again")
            self.stopping.wait(2)
        return 0

    def _beat(self) -> None:
        now = time.monotonic()
        if now >= self.next_beat:
            self.next_beat = now + BEAT
            Cursor.objects.update_or_create(name=f"worker {self.part}".strip(), defaults={"updated_at": timezone.now()})
        if now >= self.next_sweep and self.part != "steps":
            self.next_sweep = now + SWEEP
            listen.sweep()
