"""What a step is: a name and one function to run it, with how to see that it is behind, and how to do one row again."""

from collections.abc import Callable
from typing import NamedTuple

from vincle.engage.campaigns import promotions_reading as promotions
from vincle.engage.inbox import fold as engage
from vincle.engage.leads import settling as leads
from vincle.engage.outbox import outcomes
from vincle.engage.publishing import results as posts
from vincle.identify import actions as identify
from vincle.listen import understanding
from vincle.listen.aside import Again
from vincle.organise import actions as organise
from vincle.store.models import Cursor

Run = Callable[[Cursor, int | None], int]


class Step(NamedTuple):
    """`run(cursor, most)` works on the next rows behind its cursor, at most `most` of them, and returns how many moved.

    It passes over `listen.aside.passed_over(name, ...)`, and wraps what it does with rows in `store.blame.blame(their seqs)`.
    `again(seq)` does the same for one row out of its turn. `is_behind(positions)` reads only.
    """

    is_behind: Callable[[dict[str, int]], bool]
    run: Run
    again: Again


def _analysis_is_behind(reached: dict[str, int]) -> bool:
    from vincle.analyse import actions  # at first use: it brings the columnar libraries, which not every process needs

    return actions.is_behind(reached)


def _segments_are_behind(reached: dict[str, int]) -> bool:
    from vincle.organise import membership  # at first use: it brings numpy, which not every process needs

    return membership.is_behind(reached)


def _keep_segments(cursor: Cursor, most: int | None) -> int:
    from vincle.organise import membership

    return membership.step(cursor, most)


def _keep_segments_again(seq: int) -> None:
    from vincle.organise import membership

    membership.again(seq)


def _analyse(cursor: Cursor, most: int | None) -> int:
    from vincle.analyse import actions

    return actions.step(cursor, most)


def _analyse_again(seq: int) -> None:
    from vincle.analyse import actions

    actions.again(seq)


def _journeys_are_behind(reached: dict[str, int]) -> bool:
    from vincle.engage.journeys.running import stepping

    return stepping.is_behind(reached)


def _go_on_with_journeys(cursor: Cursor, most: int | None) -> int:
    from vincle.engage.journeys.running import stepping

    return stepping.step(cursor, most)


def _follow_journeys_again(seq: int) -> None:
    from vincle.engage.journeys.running import stepping

    stepping.again(seq)


STEPS: dict[str, Step] = {
    understanding.STEP: Step(understanding.is_behind, understanding.step, understanding.again),
    "identify": Step(identify.is_behind, identify.step, identify.again),
    "organise": Step(organise.is_behind, organise.step, organise.again),
    "segments": Step(_segments_are_behind, _keep_segments, _keep_segments_again),
    "engage": Step(engage.is_behind, engage.step, engage.again),
    promotions.STEP: Step(promotions.is_behind, promotions.step, promotions.again),
    leads.STEP: Step(leads.is_behind, leads.step, leads.again),
    posts.STEP: Step(posts.is_behind, posts.step, posts.again),
    outcomes.STEP: Step(outcomes.is_behind, outcomes.step, outcomes.again),
    "journeys": Step(_journeys_are_behind, _go_on_with_journeys, _follow_journeys_again),
    "analyse": Step(_analysis_is_behind, _analyse, _analyse_again),
}
