"""When something is tried again. Pure."""

from typing import Final, Literal, NamedTuple

from vincle.channels.live import Problem

_NO_ANSWER: Final = frozenset({"no_answer_in_time", "broken_answer", "not_json", "smtp_dropped", "interrupted", "channel_stumbled"})
"""Ends of a try that say nothing of whether it was done; every other is a refusal, or never left."""

MOST_TRIES: Final = 8
LONGEST_PAUSE: Final = 3600.0


def is_doubtful(was_under_way: bool, kind: str, code: str) -> bool:
    """Whether an earlier try may have gone through without our knowing: it was cut off, or its answer never came.

    >>> is_doubtful(True, "", ""), is_doubtful(False, "transient", "no_answer_in_time"), is_doubtful(False, "transient", "unreachable")
    (True, True, False)
    """
    return was_under_way or (kind == "transient" and code in _NO_ANSWER)


class Next(NamedTuple):
    """What becomes of a try that failed: `state` of the send, and how many seconds until it is tried again."""

    state: Literal["waiting", "failed", "dead"]
    pause: float = 0.0


def after(problem: Problem, tries: int, dice: float) -> Next:
    """`dice` in [0, 1) spreads those who wait for the same server.

    >>> after(Problem("quota", "slow_down", retry_after=90), 1, 0.0), after(Problem("permanent", "too_long"), 1, 0.0).state
    (Next(state='waiting', pause=90), 'dead')
    >>> after(Problem("transient", "away"), 3, 0.0).pause, after(Problem("transient", "away"), 8, 0.0).state
    (20.0, 'failed')
    """
    if problem.kind in ("permanent", "gone"):
        return Next("dead")
    if problem.kind == "auth":
        return Next("failed")
    if problem.kind == "quota":
        return Next("waiting", max(problem.retry_after or 60.0, 1.0))
    if tries >= MOST_TRIES:
        return Next("failed")
    pause = min(5.0 * 2 ** max(tries - 1, 0), LONGEST_PAUSE)
    return Next("waiting", max(problem.retry_after or 0.0, pause * (1 + dice / 2)))
