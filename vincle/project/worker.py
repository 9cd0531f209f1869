"""The process behind the pages: it works off what was delivered and keeps everything computed up to date."""

import os
import signal
import threading
import time
from types import FrameType

import structlog
from django.db import OperationalError, close_old_connections
from structlog.contextvars import bind_contextvars

from vincle.identify import forgetting
from vincle.listen import actions as listen
from vincle.listen import aside, expiry, sources
from vincle.project import memory, pipeline, quarantine, state, telemetry
from vincle.project.asking import Asking
from vincle.project.beside import children
from vincle.project.campaigning import Campaigning
from vincle.project.hearing import Hearing
from vincle.project.post import Post
from vincle.project.scoring import Scoring
from vincle.project.sending import Sending
from vincle.project.telling import Telling
from vincle.store import bulk
from vincle.store.blame import said

PAUSE, LONGEST_PAUSE, QUIET_AFTER = 0.2, 0.5, 20
"""Seconds between looks; the longer one after so many looks at which nothing had come: an idle worker costs little."""

ANALYSIS = ("analyse",)
SOON = tuple(name for name in pipeline.STEPS if name not in ANALYSIS)
LONGEST_BREAK = 2.0
MANY = 1000
"""Rows moved at once after which memory is looked through at once; else every `BEAT`: it takes a tenth of a second."""
POLITE = 5
"""Who writes to us is on screen before they are counted."""
BEAT = 10.0
SWEEP = 3600.0
logger = structlog.get_logger(__name__)


class Worker:
    """Runs until asked to stop.

    `part` is "intake" (read deliveries), "steps" (follow the log but for the analysis), "people" (of that, who is who), "analysis" (load
    the open table) or "" (all by turns).
    """

    def __init__(self, part: str = "") -> None:
        self.part = part
        self.stopping = threading.Event()
        self.children = children()
        self.post = Post()
        self.telling = Telling()
        self.sending = Sending()
        self.scoring = Scoring()
        self.asking = Asking()
        self.campaigning = Campaigning()
        self.hearing = Hearing()
        self.next_beat = self.next_sweep = self.next_collection = self.next_analysis = 0.0

    def stop_on_signals(self) -> None:
        def stop(number: int, frame: FrameType | None) -> None:
            self.stopping.set()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)

    def run(self) -> None:
        memory.quiet()
        if self.part == "analysis":
            os.nice(POLITE)
        telemetry.start()
        bind_contextvars(worker=self.part or "all")
        logger.info("worker started")
        if self.part in ("", "steps"):
            self.post.start()
            self.telling.start()
            self.sending.start()
            self.scoring.start()
            self.hearing.start()
            self.asking.start()
            self.campaigning.start()
        looks = 0
        while not self.stopping.is_set():
            moved = self._round()
            looks = 0 if moved else looks + 1
            if moved >= MANY or time.monotonic() >= self.next_collection:
                memory.sweep()
                self.next_collection = time.monotonic() + BEAT
            if not moved:
                self.stopping.wait(PAUSE if looks < QUIET_AFTER else LONGEST_PAUSE)
        for child in self.children:
            child.stop()
        self.hearing.stop()
        self.sending.stop()
        self.scoring.stop()
        self.telling.stop()
        self.asking.stop()
        self.campaigning.stop()
        self.post.stop()
        logger.info("worker stopped")

    def _round(self) -> int:
        try:
            self._beat()
            moved = 0
            if self.part in ("", "intake"):
                moved += pipeline.intake() + expiry.turn() + forgetting.turn()
                for child in self.children:
                    child.turn()
            if self.part == "analysis":
                return moved + pipeline.follow(ANALYSIS)
            if self.part == "people":
                return moved + pipeline.follow(pipeline.PEOPLE)
            if self.part in ("", "steps"):
                try:
                    moved += pipeline.follow(SOON)
                finally:  # a step that fails does not keep the analysis from its rows
                    moved += self._analyse() if self.part == "" else 0
            return moved
        except OperationalError as error:
            logger.warning("database not reachable; trying again", error=str(error).strip())
            close_old_connections()
            self.stopping.wait(2)
        except quarantine.Halted as error:
            logger.error("a step stands still; see the Health screen", error=str(error))
            self.stopping.wait(2)
        except Exception as error:
            logger.error("a step failed; trying again", error=said(error))
            self.stopping.wait(2)
        return 0

    def _analyse(self) -> int:
        """The analysis takes a third of the time at most: people who write to us are on screen before they are counted."""
        began = time.monotonic()
        if began < self.next_analysis:
            return 0
        moved = pipeline.follow(ANALYSIS)
        ended = time.monotonic()
        self.next_analysis = ended + min(2 * (ended - began), LONGEST_BREAK)
        return moved

    def _beat(self) -> None:
        now = time.monotonic()
        if now >= self.next_beat:
            self.next_beat = now + BEAT
            state.sign(self.part)
            state.note()
        if now >= self.next_sweep and self.part in ("", "intake"):
            self.next_sweep = now + SWEEP
            listen.sweep()
            sources.sweep()
            aside.sweep()
            bulk.refresh_statistics()
