"""The engagement ladder: what each act makes of its doer, per person and window.

inactive: reached, no act · spectator: views, follows, opens · semi-active: reacts, clicks, votes, joins, answers, buys ·
critic: comments, reviews, rates, complains · creator: posts about the brand, recommends, answers others.
After Li and Bernoff's social technographics ladder; all flags are kept, the highest one within the window is the stage.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from vincle.vocabulary import ObjectType, Stage, Verb

WINDOW = timedelta(days=90)

_BY_VERB: dict[str, Stage] = {
    Verb.VIEW: Stage.SPECTATOR, Verb.FOLLOW: Stage.SPECTATOR, Verb.READ: Stage.SPECTATOR, Verb.DELIVER: Stage.INACTIVE,
    Verb.BOUNCE: Stage.INACTIVE, Verb.LIKE: Stage.SEMI_ACTIVE, Verb.JOIN: Stage.SEMI_ACTIVE, Verb.SUBMIT: Stage.SEMI_ACTIVE,
    Verb.PURCHASE: Stage.SEMI_ACTIVE, Verb.ARRIVE: Stage.SEMI_ACTIVE, Verb.MEET: Stage.SEMI_ACTIVE, Verb.TRACK: Stage.SEMI_ACTIVE,
    Verb.ANNOUNCE: Stage.CREATOR,
}  # fmt: skip


def rung(verb: str, object_type: str, is_reply: bool) -> Stage:
    """The rung one act stands for.

    >>> rung("Create", "Note", is_reply=True), rung("Create", "Note", is_reply=False), rung("View", "Link", is_reply=False)
    (<Stage.CRITIC: 'critic'>, <Stage.CREATOR: 'creator'>, <Stage.SEMI_ACTIVE: 'semi-active'>)
    """
    if verb == Verb.CREATE:
        if object_type == ObjectType.ANSWER:
            return Stage.SEMI_ACTIVE
        if object_type in (ObjectType.REVIEW, ObjectType.MESSAGE):
            return Stage.CRITIC
        return Stage.CRITIC if is_reply else Stage.CREATOR
    if verb == Verb.VIEW and object_type == ObjectType.LINK:
        return Stage.SEMI_ACTIVE
    return _BY_VERB.get(verb, Stage.INACTIVE)


LADDER = (Stage.CREATOR, Stage.CRITIC, Stage.SEMI_ACTIVE, Stage.SPECTATOR)


def stage(last: Mapping[Stage, datetime | None], now: datetime, window: timedelta = WINDOW) -> Stage:
    """The highest rung of which the last act lies within the window before `now`.

    >>> from datetime import UTC
    >>> stage({Stage.CREATOR: datetime(2026, 1, 1, tzinfo=UTC)}, datetime(2026, 2, 1, tzinfo=UTC))
    <Stage.CREATOR: 'creator'>
    """
    since = now - window
    for step in LADDER:
        moment = last.get(step)
        if moment is not None and moment > since:
            return step
    return Stage.INACTIVE
