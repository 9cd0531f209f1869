"""The process behind the pages: it works off what was delivered and keeps everything computed up to date."""

import signal
import threading
import time
from types import FrameType

import structlog
from django.db import OperationalError, close_old_connections
from django.utils import timezone

from vincle.listen import actions as listen
from vincle.project import memory, pipeline
from vincle.store import bulk
from vincle.store.models import Cursor

PAUSE = 0.2
BEAT = 10.0
SWEEP = 3600.0
logger = structlog.get_logger(__name__)


class Worker:
    """Runs until asked to stop.

    `part` is "intake" (read deliveries), "steps" (follow the log), "people" (of that, who is who) or "" (all by turns).
    """

    def __init__(self, part: str = "") -> None:
        self.part = part
        self.stopping = threading.Event()
        self.next_beat = self.next_sweep = self.next_collection = 0.0

    def stop_on_signals(self) -> None:
        def stop(number: int, frame: FrameType | None) -> None:
            self.stopping.set()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)

    def run(self) -> None:
        memory.quiet()
        logger.info("worker started", part=self.part or "all")
        while not self.stopping.is_set():
            moved = self._round()
            if moved or time.monotonic() >= self.next_collection:
                memory.sweep()
                self.next_collection = time.monotonic() + BEAT
            if not moved:
                self.stopping.wait(PAUSE)
        logger.info("worker stopped", part=self.part or "all")

    def _round(self) -> int:
        try:
            self._beat()
            moved = 0
            if self.part in ("", "intake"):
                moved += pipeline.intake()
            if self.part != "intake":
                moved += pipeline.follow(pipeline.PEOPLE if self.part == "people" else tuple(pipeline.STEPS))
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
        if now >= self.next_sweep and self.part in ("", "intake"):
            self.next_sweep = now + SWEEP
            listen.sweep()
            bulk.refresh_statistics()
