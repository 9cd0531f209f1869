"""Work beside the steps: a command of ours in a process of its own, which gives its memory back, so that nobody waits for it."""

import os
import subprocess
import sys
import time
from collections.abc import Callable

import structlog

from vincle.identify import rounds
from vincle.project.supervisor import GRACE, SUPERVISED

logger = structlog.get_logger(__name__)


class Child:
    """`vincle <command> --due`, one at a time, started by a worker when `due` says so.

    `turn` is called in its rounds and never waits; it looks every `look` seconds, for the first time after `first`.
    """

    def __init__(self, command: str, due: Callable[[], object], look: float, first: float = 0.0) -> None:
        self.command, self.due, self.look = command, due, look
        self.child: subprocess.Popen[bytes] | None = None
        self.next_look = time.monotonic() + first

    def turn(self) -> None:
        """Start the child when something is due; see to it that it ended well."""
        if self.child is not None:
            code = self.child.poll()
            if code is None:
                return
            if code:
                logger.error("work beside the steps ended badly; trying again later", command=self.command, code=code)
            self.child = None
        if time.monotonic() < self.next_look:
            return
        self.next_look = time.monotonic() + self.look
        if self.due():
            command = [sys.executable, "-m", "vincle.project.cli", self.command, "--due"]
            environment = {**os.environ, SUPERVISED: str(os.getpid())}
            self.child = subprocess.Popen(command, env=environment, start_new_session=True)

    def stop(self) -> None:
        """Ask the child to end, and insist; what it had done stays, the rest is done by the next one."""
        if self.child is None or self.child.poll() is not None:
            return
        self.child.terminate()
        try:
            self.child.wait(GRACE / 2)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()


def children() -> tuple[Child, ...]:
    """Probable links, the network, groups and the days of the ladder, what people and the customer base are worth, what goes to many."""
    return (
        Child("identify", rounds.any_due, rounds.LOOK),
        Child("influence", _network_is_due, 15.0),
        Child("groups", _groups_are_due, 5.0),
        Child("worth", _worth_is_due, 30.0, 30.0),
        Child("figures", _figures_are_due, 60.0, 60.0),
        Child("send", _sends_are_due, 1.0),
    )


def _network_is_due() -> bool:
    from vincle.organise import influence_due  # at first use, as below: it is not needed to start

    return influence_due.any_due()


def _groups_are_due() -> bool:
    from vincle.analyse import stage_rounds
    from vincle.organise import cluster_rounds

    return cluster_rounds.any_due() or stage_rounds.any_due()


def _worth_is_due() -> bool:
    from vincle.analyse.value import engagement_due

    return engagement_due.any_due()


def _figures_are_due() -> bool:
    from vincle.analyse.kpis import base_days

    return base_days.any_due()


def _sends_are_due() -> bool:
    from vincle.engage.outbox import claiming

    return claiming.any_due()
