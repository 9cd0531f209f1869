"""By what a job's sends leave: items go in, and for each comes back what became of it. A carrier runs in a thread of its own.

It asks `give` for the next item (None: there is none just now) and tells `tell` each result; it ends when `stopping` is set. Nothing
begins once `may_begin` says no. What was begun and never answered is "untold": it may have left.
"""

import socket
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event
from typing import Literal, Protocol

import structlog

from vincle.channels.live import Command, Problem
from vincle.listen.models import Connection
from vincle.store.blame import said

from .journal import Journal
from .mailing import Mail
from .models import Job, Send

logger = structlog.get_logger(__name__)
End = Literal["sent", "refused", "given back", "untold"]


@dataclass(slots=True)
class Item:
    """One send, ready to leave: as bytes of mail, as a mail for a provider, or as a command for a channel."""

    send: Send
    job: Job
    sender: str = ""
    to: str = ""
    mail: Mail | None = None
    content: bytes = b""
    command: Command | None = None


@dataclass(slots=True)
class Result:
    """What became of an item. `problem` says why it was refused or given back; `native` is what the other side calls it."""

    item: Item
    end: End
    problem: Problem | None = None
    native: str = ""
    url: str = ""
    at: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class Road:
    """What carriers of one lane share. `trouble` is told when the way itself is closed: no item is to blame."""

    connection: Connection
    journal: Journal
    give: Callable[[float], Item | None]
    tell: Callable[[Result], None]
    trouble: Callable[[Problem], None]
    may_begin: Callable[[], bool]
    stopping: Event


class Carrier(Protocol):
    def run(self, road: Road) -> None: ...


WAIT = 0.2
"""Seconds a carrier waits for the next item before it looks up."""


class OneByOne(ABC):
    """Base of carriers that hand over one item after the other, each of which answers by itself."""

    def run(self, road: Road) -> None:
        while not road.stopping.is_set():
            item = road.give(WAIT)
            if item is None:
                continue
            if not road.may_begin():
                road.tell(Result(item, "given back"))
                return
            road.journal.begun(item.send.pk)
            road.tell(self._noted(road, item))

    def _noted(self, road: Road, item: Item) -> Result:
        try:
            result = self.carry(road, item)
        except Problem as problem:
            road.journal.refused(item.send.pk)
            return Result(item, "refused", problem)
        except Exception as error:  # it may have gone through
            logger.warning("a send was interrupted", send=item.send.pk, error=said(error))
            return Result(item, "untold", Problem("transient", "interrupted", type(error).__name__))
        if result.end == "sent":
            road.journal.taken(item.send.pk, result.at)
        elif result.end == "given back":
            road.journal.refused(item.send.pk)
        return result

    @abstractmethod
    def carry(self, road: Road, item: Item) -> Result:
        """Raises Problem where it certainly did not leave."""


class Practice(OneByOne):
    """A connection to practise on: everything is taken, nothing leaves."""

    def carry(self, road: Road, item: Item) -> Result:
        return Result(item, "sent")


class Acting(OneByOne):
    """Media other than mail: through the channel's own `act`, which is asked first where an earlier try may have gone through."""

    def carry(self, road: Road, item: Item) -> Result:
        from . import rules, voice  # a carrier of mail needs neither

        assert item.command is not None
        send, receipt = item.send, None
        try:
            if send.tries > 1:
                receipt = voice.found(road.connection, item.command, send.key, send.begun_at or send.created_at)
            receipt = receipt or voice.perform(road.connection, item.command, send.key)
        except Problem as problem:
            if rules.is_doubtful(False, problem.kind, problem.code) or problem.code == "maybe_sent":
                return Result(item, "untold", problem)
            raise
        return Result(item, "sent", native=receipt.native_id, url=receipt.url, at=receipt.happened_at)


def patient(seconds: float, stopping: Event) -> None:
    """Wait, but not longer than until everybody is to stop."""
    until = time.monotonic() + seconds
    while not stopping.is_set() and (left := until - time.monotonic()) > 0:
        stopping.wait(min(left, WAIT))


def is_hung_up(error: BaseException) -> bool:
    return isinstance(error, OSError | EOFError | socket.timeout)
