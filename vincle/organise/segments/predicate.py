"""What a segment asks of people, as frozen values: the same from screen, API and command. Moments are UTC; `days` are 24 hours."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

Compare = Literal["is", "is_not", "one_of", "contains", "starts", "more", "less", "at_least", "at_most", "before", "after",
                  "in_last", "in_next", "birthday_in_next", "known", "unknown"]  # fmt: skip
Scalar = str | float | bool
Value = Scalar | tuple[Scalar, ...] | None


@dataclass(frozen=True)
class All:
    """Everything holds; of nothing: everybody."""

    parts: tuple["Predicate", ...]


@dataclass(frozen=True)
class Any:
    """At least one holds; of nothing: nobody."""

    parts: tuple["Predicate", ...]


@dataclass(frozen=True)
class Not:
    part: "Predicate"


@dataclass(frozen=True)
class Trait:
    """What is known of the person. Comparing what is unknown is false, but for `is_not` and `unknown`.

    `in_last` / `in_next`: a date within so many days before / after now; `birthday_in_next`: its day of the year is, today counts as 0.
    """

    name: str
    compare: Compare
    value: Value = None


@dataclass(frozen=True)
class Tagged:
    """The person carries this tag (compared folded)."""

    name: str


@dataclass(frozen=True)
class Consented:
    """What holds of this channel and purpose: granted, denied, withdrawn ...; "none": nothing was ever said."""

    permit: str
    channel: str = "email"
    purpose: str = "marketing"


@dataclass(frozen=True)
class AtStage:
    """The rung of the ladder is one of these."""

    stages: tuple[str, ...]


@dataclass(frozen=True)
class Scored:
    """A score lies within [least, most]; someone without it is out."""

    name: str
    least: float | None = None
    most: float | None = None


@dataclass(frozen=True)
class InSegment:
    """The person belongs to another segment (its public id)."""

    segment: str


@dataclass(frozen=True)
class Share:
    """A random share of people, 0 to 1: the same ones as long as `seed` stays the same."""

    share: float
    seed: int = 0


@dataclass(frozen=True)
class Top:
    """The `count` people with the highest score of all that have it; of equals the smaller id stands first."""

    count: int
    score: str


@dataclass(frozen=True)
class Window:
    """Which moments count: the last `days` (from > now - days), or from the first of two days until the end of the second, local time.

    `since`: from the beginning of the current "day", "week" (Monday), "month", "quarter" or "year", local time. All empty: ever.
    """

    days: float | None = None
    first: date | None = None
    last: date | None = None
    since: str = ""


@dataclass(frozen=True)
class Act:
    """Which activities are meant. Of each field one of its values (an empty field asks nothing); of all fields, all.

    `by` "them": what the person did; "us": what we did to the person. What machines did never counts.
    Fields of `LABELS` are compared as `frame.label` makes them. `amount` and `rating` (of its maximum, 0 to 1) are [least, most].
    """

    verb: tuple[str, ...] = ()
    object_type: tuple[str, ...] = ()
    channel: tuple[str, ...] = ()
    event: tuple[str, ...] = ()
    reaction: tuple[str, ...] = ()
    topic: tuple[str, ...] = ()
    intent: tuple[str, ...] = ()
    hashtag: tuple[str, ...] = ()
    product: tuple[str, ...] = ()
    campaign: tuple[str, ...] = ()
    object: tuple[str, ...] = ()
    thread: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    currency: tuple[str, ...] = ()
    sentiment: tuple[str, ...] = ()
    is_reply: bool | None = None
    amount: tuple[float | None, float | None] = (None, None)
    rating: tuple[float | None, float | None] = (None, None)
    by: Literal["them", "us"] = "them"


LABELS = ("channel", "event", "reaction", "topic", "intent", "hashtag", "product", "campaign", "object", "thread", "language", "currency")
"""Fields of an act that are texts of the workspace's own: any of an act's values may meet any of the asked."""

Measure = Literal["count", "sum", "mean", "largest", "kinds", "first", "last"]


@dataclass(frozen=True)
class Did:
    """What the person did within the window, measured, lies within [least, most].

    count: acts; sum / mean / largest: of `amount`s of acts that have one (none: false, but for a `sum`, which is 0); kinds: different
    values of the label `of` (e.g. product); first / last: days ago (none: false).
    "Did not" is count with most = 0.
    """

    act: Act
    measure: Measure = "count"
    least: float | None = 1
    most: float | None = None
    window: Window = Window()
    of: str = ""


@dataclass(frozen=True)
class Sequence:
    """Acts in this order, each later than the one before and the last at most `days` after the first; the first lies within the window.

    `missing`: for at least one first act the steps but the last were done in time, all of them were not, and that time is over.
    """

    acts: tuple[Act, ...]
    days: float
    window: Window = Window()
    missing: bool = False


Predicate = All | Any | Not | Trait | Tagged | Consented | AtStage | Scored | InSegment | Share | Top | Did | Sequence
Behaviour = Did | Sequence
