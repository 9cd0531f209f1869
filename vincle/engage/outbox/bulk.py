"""The sender of jobs: a thread for each connection takes what is due, has it written, and hands it to carriers that send.

Little is taken ahead, half a second's worth: so pausing, stopping and leaving hold at once, and little is under way when we are killed.
"""

import queue
import time
from collections import deque
from collections.abc import Sequence
from threading import Condition, Event, Thread
from typing import Final

import structlog
from django.db import connection as database

from vincle.channels.live import Problem
from vincle.listen.models import Connection
from vincle.store import lease
from vincle.store.blame import said

from . import carrying, claiming, composing, jobs, lanes, settling
from .carriers import Item, Result, Road
from .journal import Journal
from .models import Job, Send
from .paces import Paces

LOOK, FLUSH = 0.25, 0.25
HEED = 0.03
"""Seconds after which someone's leaving holds also for what was written already."""
FEWEST, MOST = 8, 400
AHEAD = 0.5
"""Seconds' worth of sends that are taken ahead."""
LINGER = 3.0
REFUSED_IN_A_ROW: Final = 25
"""So many mails refused for what they are, one after the other: the next will be, too, and the job is paused."""
logger = structlog.get_logger(__name__)


class Runner(Thread):
    """Sends what is due by one connection until nothing is for some seconds."""

    def __init__(self, connection: Connection, journal: Journal, stopping: Event, linger: float = LINGER) -> None:
        super().__init__(daemon=True, name=f"lane-{connection.pk}")
        self.connection, self.journal, self.process_stops = connection, journal, stopping
        self.stopping, self.linger = Event(), linger
        self.ready: deque[Item] = deque()
        self.changed = Condition()
        self.results: queue.SimpleQueue[Result] = queue.SimpleQueue()
        self.under_way: dict[int, Send] = {}
        self.held_back: list[Result] = []
        self.troubles: queue.SimpleQueue[Problem] = queue.SimpleQueue()
        self.paces = Paces()
        self.jobs: list[Job] = []
        self.refused: dict[int, int] = {}
        self.sent = 0
        self.looked_at = self.flushed_at = self.heeded_at = 0.0
        self.heard: claiming.Heard | None = None
        self.carriers: list[Thread] = []

    def run(self) -> None:
        try:
            self.lane = lanes.Held(self.connection)
            if self.lane.take():
                try:
                    self._work()
                finally:
                    self._end()
        except Exception as error:
            logger.error("sending to many failed; trying again", connection=self.connection.pk, error=said(error))
        finally:
            database.close()

    def _work(self) -> None:
        taken = lanes.recover(self.connection, frozenset(self.under_way))
        settling.recovered(self.connection, taken)
        idle_since = time.monotonic()
        while not self.process_stops.is_set() and self.lane.keep():
            self._look()
            self._heed_refusals()
            moved = self._fill() + self._collect()
            if moved or self.under_way:
                idle_since = time.monotonic()
            elif time.monotonic() > idle_since + self.linger:
                if self.lane.waits or not claiming.is_due(self.connection):
                    return
                idle_since = time.monotonic()  # a rate holds what is due back, and is known here alone

    def _look(self) -> None:
        """See which jobs run; what was taken of one that no longer does is given back."""
        now = time.monotonic()
        if now < self.looked_at + LOOK:
            return
        self.looked_at = now
        self.connection.refresh_from_db()
        is_on = self.connection.is_enabled and self.connection.token is not None
        self.jobs = claiming.jobs_of(self.connection) if is_on else []
        running = {job.pk for job in self.jobs}
        with self.changed:
            gone = [item for item in self.ready if item.send.job_id not in running]
            for item in gone:
                self.ready.remove(item)
        self._back([item.send.pk for item in gone])
        self._heed()

    def _heed(self) -> None:
        """What the server said of the way itself closes it for a while."""
        problem = None
        while not self.troubles.empty():  # each of several carriers may have met the same one
            problem = self.troubles.get()
        if problem:
            self.lane.trouble(problem, self.paces.speed)
            self._empty()

    def _heed_refusals(self) -> None:
        """What is ready was decided a moment ago: when someone refuses it is given back, to be decided anew."""
        now = time.monotonic()
        if now < self.heeded_at + HEED:
            return
        self.heeded_at = now
        self.heard, has_refused = claiming.refused_since(self.heard)
        if has_refused:
            self._empty()

    def _back(self, pks: Sequence[int]) -> None:
        claiming.give_back(pks)
        for pk in pks:
            self.under_way.pop(pk, None)

    def _empty(self) -> None:
        with self.changed:
            pks = [item.send.pk for item in self.ready]
            self.ready.clear()
        self._back(pks)

    def _fill(self) -> int:
        """Take, decide and write as much as is sent in half a second; jobs go by turns."""
        room = self.paces.ahead(AHEAD, FEWEST, MOST) - len(self.ready)
        if self.lane.waits or room < self.paces.ahead(AHEAD, FEWEST, MOST) // 2:
            return 0
        room = self.paces.allowed("lane", self.lane.rate, room)
        room = self.lane.room(room, len(self.under_way), is_wanted=bool(self.jobs))
        found = 0
        for at, job in enumerate(self.jobs):
            most = max(1, (room - found) // (len(self.jobs) - at)) if room > found else 0
            most = self.paces.allowed(job.pk, job.rate / 60 if job.rate else None, most)
            if most:
                found += self._take(job, most)
        return found

    def _take(self, job: Job, most: int) -> int:
        try:
            sends, going = claiming.taken(job, most)
        except claiming.Undecided as error:
            return self._unwritten(job, [], error)
        if not sends:
            return 0
        self.under_way.update({send.pk: send for send in sends})
        self.paces.took(job.pk, len(sends))
        self.paces.took("lane", len(sends))
        try:
            items, left = composing.items(job, self.connection, going)
        except Exception as error:
            return self._unwritten(job, sends, error)
        claiming.skip(left)
        kept = {item.send.pk for item in items}
        for send in sends:
            if send.pk not in kept:
                self.under_way.pop(send.pk, None)
        with self.changed:
            self.ready.extend(items)
            self.changed.notify_all()
        self._carry(len(items))
        return len(sends)

    def _unwritten(self, job: Job, sends: Sequence[Send], error: Exception) -> int:
        logger.error("a job cannot be written", job=job.pk, error=said(error))
        self._back([send.pk for send in sends])
        jobs.pause(job, None, "writer_failed")
        return 0

    def _carry(self, items: int) -> None:
        """As many carriers as there is work for, each in a thread."""
        self.carriers = [each for each in self.carriers if each.is_alive()]
        road = Road(self.connection, self.journal, self._give, self.results.put, self.troubles.put, self.lane.may_begin, self.stopping)
        while len(self.carriers) < min(carrying.at_once(self.connection, self.lane.row.pace), items):
            carrier = carrying.carrier(self.connection)
            thread = Thread(target=self._carrier, args=(carrier, road), daemon=True, name=f"carrier-{self.connection.pk}")
            self.carriers.append(thread)
            thread.start()

    @staticmethod
    def _carrier(carrier: "carrying.Carrier", road: Road) -> None:
        try:
            carrier.run(road)
        finally:
            database.close()

    def _give(self, wait: float) -> Item | None:
        with self.changed:
            if not self.ready and wait:
                self.changed.wait(wait)
            return self.ready.popleft() if self.ready else None

    def _collect(self) -> int:
        """Enter results now and then; returns how many."""
        until = time.monotonic() + HEED
        while len(self.held_back) < MOST and (left := until - time.monotonic()) > 0:
            try:
                self.held_back.append(self.results.get(timeout=left))
            except queue.Empty:
                break
        is_late = time.monotonic() > self.flushed_at + FLUSH
        if not self.held_back or (len(self.held_back) < MOST // 2 and not is_late):
            return 0
        return self._flush()

    def _flush(self) -> int:
        results, self.held_back = self.held_back, []
        self.flushed_at = time.monotonic()
        settling.settle(self.connection, results)
        for each in results:
            self.under_way.pop(each.item.send.pk, None)
            self._note(each)
        self.paces.sent(sum(each.end == "sent" for each in results))
        self.lane.count(sum(each.end in ("sent", "untold") for each in results))
        if any(each.end == "sent" for each in results):
            self.lane.well()
        if not self.under_way:
            self.journal.empty()
        return len(results)

    def _note(self, result: Result) -> None:
        job, problem = result.item.job, result.problem
        if result.end == "sent":
            self.sent += 1
            self.refused[job.pk] = 0
        elif result.end == "refused" and problem:
            if problem.kind in ("auth", "quota") or problem.code == "sender_refused":
                self.troubles.put(problem)
            if problem.kind == "permanent" and problem.code != "recipient_refused":
                self.refused[job.pk] = self.refused.get(job.pk, 0) + 1
            if self.refused.get(job.pk, 0) >= REFUSED_IN_A_ROW and jobs.pause(job, None, "server_refuses"):
                self.refused[job.pk] = 0

    def _end(self) -> None:
        """Let what is under way arrive, give back the rest; the lane is let go of when nothing of ours can begin any more."""
        try:
            self._arrive()
        finally:
            self.stopping.set()
            for each in self.carriers:
                each.join(30)
            if any(each.is_alive() for each in self.carriers):
                self.lane.until = 0.0  # it begins nothing new; the lease ends by itself
            else:
                self.lane.release()

    def _arrive(self) -> None:
        self._empty()
        until = time.monotonic() + 20
        while self.under_way and time.monotonic() < until and self.lane.keep():
            if not self._collect() and not any(each.is_alive() for each in self.carriers) and self.results.empty():
                break
        self.stopping.set()
        for each in self.carriers:
            each.join(5)
        if self.held_back or not self.results.empty():
            self._collect()
            self._flush()
        self._heed()


def serve(stopping: Event, linger: float = 20.0) -> int:
    """Send what is due until nothing is for `linger` seconds, or we are asked to stop; returns how many left."""
    journal, runners, sent = Journal(lease.ME), dict[int, Runner](), 0
    last = time.monotonic()
    while not stopping.is_set():
        for key in [key for key, runner in runners.items() if not runner.is_alive()]:
            sent += runners.pop(key).sent
        for key in claiming.due_connections():
            if key not in runners:
                connection = Connection.objects.select_related("workspace").get(pk=key)
                runners[key] = Runner(connection, journal, stopping, min(linger, LINGER))
                runners[key].start()
        claiming.close()
        if runners:
            last = time.monotonic()
        elif time.monotonic() >= last + linger:
            break
        stopping.wait(0.3)
    for runner in runners.values():
        runner.join(30)
        sent += runner.sent
    claiming.close()
    if not Send.objects.filter(state=Send.State.SENDING, owner=lease.ME).exists():
        journal.close()
    return sent
