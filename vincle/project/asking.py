"""Optional readers beside the steps: in a thread of their own, so that a slow model or a dead address keeps nobody waiting."""

from vincle.project.rounds import Rounds

PAUSE = 1.0


class Asking(Rounds):
    """The thread of one worker."""

    name = "asking"

    def turn(self) -> float:
        from vincle.listen import readers_turn  # at first use: it brings the readers, which a worker that is just starting has no time for

        return 0.0 if readers_turn.turn() else PAUSE
