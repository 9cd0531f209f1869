"""Alerts, letters and what other programs are told, beside the steps: in a thread of their own, so that a slow mail server or a dead
webhook keeps nobody waiting."""

from collections.abc import Callable

from vincle.project.rounds import Rounds

PAUSE = 1.0


class Telling(Rounds):
    """The thread of one worker."""

    name = "telling"

    def turn(self) -> float:
        # At first use: they bring numpy and scipy, which a worker that is just starting has no time for.
        from vincle.engage.journeys import calls
        from vincle.engage.publishing import rounds
        from vincle.listen import alerts
        from vincle.organise import hooks

        return min(self._told(alerts.turn), self._told(hooks.turn), self._told(rounds.turn), self._told(calls.turn))

    def _told(self, turn: Callable[[], int]) -> float:
        """Seconds to wait: trouble with one kind does not keep the other back."""
        try:
            return 0.0 if turn() else PAUSE
        except Exception as error:
            self.stumbled(error)
            return self.after_trouble
