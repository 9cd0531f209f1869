"""Scores beside the steps: a thread follows those of whom something changed; everybody is worked out in a process of its own."""

from vincle.project.beside import Child
from vincle.project.rounds import Rounds

PAUSE = 2.0
FIRST_LOOK, LOOK = 20.0, 30.0
"""Seconds until it is first seen whether everybody is due, and between two such looks."""


class Scoring(Rounds):
    """The thread of one worker, and the child it starts when a workspace is due."""

    name, first, after_trouble = "scoring", PAUSE, 10.0

    def __init__(self) -> None:
        super().__init__()
        self.everybody = Child("scores", _is_due, LOOK, FIRST_LOOK)

    def stop(self) -> None:
        """Ask both to end; what was written stays, the rest is done by the next ones."""
        super().stop()
        self.everybody.stop()

    def turn(self) -> float:
        from vincle.organise import scoring_rounds  # at first use: it brings numpy, which a worker that is just starting has no time for

        self.everybody.turn()
        return 0.1 if scoring_rounds.follow() else PAUSE


def _is_due() -> bool:
    from vincle.organise import scoring_rounds

    return bool(scoring_rounds.due())
