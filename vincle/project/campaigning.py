"""Campaigns and surveys beside the steps, in a thread of their own: people drawn and asked, the better letter chosen, results measured."""

import time

from vincle.project.rounds import Rounds

PAUSE, MEASURE = 1.0, 30.0
"""Seconds between looks; between looks at who did what."""


class Campaigning(Rounds):
    """The thread of one worker."""

    name = "campaigning"

    def __init__(self) -> None:
        super().__init__()
        self.next_measure = 0.0

    def turn(self) -> float:
        # At first use: it brings numpy and scipy, which a worker that is just starting has no time for.
        from vincle.engage.campaigns import repeating, running
        from vincle.engage.surveys import asking_work

        if running.turn() or asking_work.turn():
            return 0.0
        if time.monotonic() < self.next_measure:
            return PAUSE
        if repeating.turn():
            return 0.0
        if not running.measure_turn():
            self.next_measure = time.monotonic() + MEASURE
        return 0.0
