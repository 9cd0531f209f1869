"""What a journey is, as frozen values: the same from canvas, text, API and command; `reading` and `writing` turn them into JSON and back.

Steps stand one after the other. A step with paths (branch, split, wait until something happens) sends people down one of them; whoever
comes to the end of a path goes on behind that step. `id` names a step for ever: counts, people on the way and sends hang on it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from vincle.organise.segments.predicate import Act, Predicate

Unit = Literal["minutes", "hours", "days", "weeks"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Result = Literal["sent", "skipped", "delivered", "bounced", "opened", "clicked", "replied", "unsubscribed"]
ANY = "*"
"""A form or survey, whichever."""


@dataclass(frozen=True)
class Span:
    """Minutes and hours pass by the clock; days and weeks end at the same local time of day, whatever the clocks did meanwhile."""

    number: int
    unit: Unit


# What starts, ends or is waited for


@dataclass(frozen=True)
class Happens:
    """The person does (or is done, `act.by` "us") something."""

    act: Act


@dataclass(frozen=True)
class Enters:
    """The person comes into a segment (its public id)."""

    segment: str


@dataclass(frozen=True)
class Leaves:
    """The person falls out of a segment (its public id)."""

    segment: str


@dataclass(frozen=True)
class Submits:
    """A form of ours is sent (`ANY`: one of them)."""

    form: str


@dataclass(frozen=True)
class Answers:
    """A survey of ours is answered (`ANY`: one of them)."""

    survey: str


@dataclass(frozen=True)
class OnDate:
    """`days` after (negative: before) the date in a trait, at `time` ("09:00") where the person lives; `yearly`: on that day each year."""

    trait: str
    days: int = 0
    time: str = "09:00"
    yearly: bool = False


Event = Happens | Enters | Leaves | Submits | Answers
Trigger = Event | OnDate


# What is asked of a person on the way


@dataclass(frozen=True)
class Got:
    """What became of the message of an earlier step: opened and clicked by a human, never by machines."""

    result: Result
    step: str


@dataclass(frozen=True)
class Asks:
    """Whatever a segment may ask."""

    predicate: Predicate


@dataclass(frozen=True)
class AllOf:
    parts: tuple["Condition", ...]


@dataclass(frozen=True)
class AnyOf:
    parts: tuple["Condition", ...]


@dataclass(frozen=True)
class NotOf:
    part: "Condition"


Condition = Asks | Got | AllOf | AnyOf | NotOf


# Steps


@dataclass(frozen=True, kw_only=True)
class _Step:
    id: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Send(_Step):
    """A message through the outbox: a `letter` (its id), or `text` (Liquid) for media without letters.

    `connection` (its id; "": the only one of that medium), `topic` of consent, `promotion` (its public id) whose code the letter names.
    """

    letter: str = ""
    text: str = ""
    subject: str = ""
    medium: str = "email"
    connection: str = ""
    topic: str = "marketing"
    purpose: Literal["marketing", "service"] = "marketing"
    promotion: str = ""


@dataclass(frozen=True, kw_only=True)
class Survey(_Step):
    """A link to a survey (`survey`: its id, or an address), by a letter that names it as {{ data.survey_url }}."""

    survey: str
    letter: str
    medium: str = "email"
    connection: str = ""
    topic: str = "marketing"
    purpose: Literal["marketing", "service"] = "service"


@dataclass(frozen=True)
class ToTime:
    """The next time it is so late where the person lives, on one of these weekdays (none: any)."""

    time: str
    on: tuple[Weekday, ...] = ()


@dataclass(frozen=True)
class ToDate:
    """`days` after (negative: before) the date in a trait, at a local time. Over or unknown: at once."""

    trait: str
    days: int = 0
    time: str = "09:00"


@dataclass(frozen=True, kw_only=True)
class Wait(_Step):
    span: Span | ToTime | ToDate


@dataclass(frozen=True, kw_only=True)
class Until(_Step):
    """Wait for something, `most` at most: those for whom it happened go `came`, the others `missed`."""

    event: Event | Got
    most: Span
    came: tuple["Step", ...] = ()
    missed: tuple["Step", ...] = ()


@dataclass(frozen=True)
class Path:
    condition: Condition
    steps: tuple["Step", ...]


@dataclass(frozen=True, kw_only=True)
class Branch(_Step):
    """The first path whose condition holds; nobody's: `otherwise`."""

    paths: tuple[Path, ...]
    otherwise: tuple["Step", ...] = ()


@dataclass(frozen=True)
class Arm:
    """`share` in per cent; those of all arms make 100."""

    name: str
    share: int
    steps: tuple["Step", ...]


@dataclass(frozen=True, kw_only=True)
class Split(_Step):
    """People by chance, the same way each time they come by."""

    arms: tuple[Arm, ...]


@dataclass(frozen=True, kw_only=True)
class Tag(_Step):
    name: str
    is_removed: bool = False


@dataclass(frozen=True, kw_only=True)
class Field(_Step):
    """A field of the person's is set to `value`; None: emptied."""

    name: str
    value: str | float | bool | None


@dataclass(frozen=True, kw_only=True)
class Score(_Step):
    """`points` more (or fewer) in a number field."""

    name: str
    points: float


@dataclass(frozen=True, kw_only=True)
class Stage(_Step):
    """Where the person stands with us, in a field of the workspace's own (e.g. lead, customer)."""

    name: str
    value: str


@dataclass(frozen=True, kw_only=True)
class Task(_Step):
    """Something for a colleague to do: `to` (a user's e-mail address; "": whoever takes it), `due` from then."""

    text: str
    to: str = ""
    due: Span | None = None


@dataclass(frozen=True, kw_only=True)
class Webhook(_Step):
    """Tell another program, signed, until it says that it heard."""

    url: str


@dataclass(frozen=True, kw_only=True)
class Leave(_Step):
    pass


Step = Send | Survey | Wait | Until | Branch | Split | Tag | Field | Score | Stage | Task | Webhook | Leave
Messages = Send | Survey


# The whole


@dataclass(frozen=True)
class Again:
    """May someone begin who was here before? `never`; once the last time has `ended`, `days` after it began at the earliest; `always`: also
    twice at once."""

    may: Literal["never", "ended", "always"] = "never"
    days: int = 0


@dataclass(frozen=True)
class Late:
    """What is done with people whose next step comes more than `hours` too late (after a pause, or when all stood still): `go_on` with it,
    `skip` the messages that are late, or `leave`. What should have started someone so long ago starts nobody, unless it is `go_on`."""

    hours: int = 48
    then: Literal["go_on", "skip", "leave"] = "skip"


@dataclass(frozen=True)
class Definition:
    """`only`: asked of everybody who would start. `goal`: reaching it is success and the end. `leave`: what takes people out."""

    start: tuple[Trigger, ...]
    steps: tuple[Step, ...]
    only: Predicate | None = None
    again: Again = Again()
    goal: tuple[Event, ...] = ()
    leave: tuple[Event, ...] = ()
    late: Late = Late()


def paths_of(step: Step) -> tuple[tuple[Step, ...], ...]:
    """The ways that lead on from a step, in order: paths and otherwise; arms; came and missed. None for others."""
    match step:
        case Branch():
            return (*(path.steps for path in step.paths), step.otherwise)
        case Split():
            return tuple(arm.steps for arm in step.arms)
        case Until():
            return (step.came, step.missed)
    return ()


def all_steps(steps: tuple[Step, ...]) -> Iterator[Step]:
    """Every step, top to bottom."""
    for step in steps:
        yield step
        for path in paths_of(step):
            yield from all_steps(path)
