"""A definition in words, which `parsing.parse` reads back to the same."""

from collections.abc import Iterator

from ..model import (
    Branch,
    Definition,
    Field,
    Leave,
    Score,
    Send,
    Span,
    Split,
    Stage,
    Step,
    Survey,
    Tag,
    Task,
    ToDate,
    ToTime,
    Until,
    Wait,
    Webhook,
)
from ..naming import Names
from . import phrases
from .predicates import called, condition, date, event, quoted, words

INDENT = "  "


def show(definition: Definition, names: Names | None = None, title: str = "") -> str:
    """When someone enters segment "New" / send letter "Welcome" by email [hello] / wait 2 days [w1] ..."""
    printer = _Printer(names or Names())
    head = [f"Journey {quoted(title)}", ""] if title else []
    return "\n".join([*head, *printer.head(definition), "", *printer.steps(definition.steps, 0)]).rstrip() + "\n"


class _Printer:
    def __init__(self, names: Names) -> None:
        self.names = names
        self.it = ""

    def head(self, asked: Definition) -> Iterator[str]:
        for trigger in asked.start:
            yield f"When someone {event(trigger, self.names)}"
        if asked.only is not None:
            yield f"Only if {words(asked.only, self.names)}"
        days = f", {asked.again.days} days after they began" if asked.again.days else ""
        yield phrases.AGAIN[asked.again.may] + days
        for each in asked.goal:
            yield f"The goal is that someone {event(each, self.names)}"
        for each in asked.leave:
            yield f"They leave when someone {event(each, self.names)}"
        yield f"What is more than {asked.late.hours} hours late {phrases.LATE[asked.late.then]}"

    def steps(self, steps: tuple[Step, ...], depth: int) -> Iterator[str]:
        for step in steps:
            pad = INDENT * depth
            end = (f" note {quoted(step.note)}" if step.note else "") + f" [{step.id}]"
            match step:
                case Branch():
                    yield from self._branch(step, depth, end)
                case Split():
                    yield f"{pad}split:{end}"
                    for arm in step.arms:
                        yield f"{pad}{INDENT}{arm.share}% {quoted(arm.name)}:"
                        yield from self.steps(arm.steps, depth + 2)
                case Until():
                    yield f"{pad}wait until the person {event(step.event, self.names, self.it)}, {span(step.most)} at most:{end}"
                    yield from self.steps(step.came, depth + 1)
                    yield from self._otherwise(step.missed, depth)
                case _:
                    yield f"{pad}{self._line(step)}{end}"

    def _branch(self, step: Branch, depth: int, end: str) -> Iterator[str]:
        it = self.it
        for place, path in enumerate(step.paths):
            opening = "if" if not place else "otherwise if"
            yield f"{INDENT * depth}{opening} {condition(path.condition, self.names, it)}:{'' if place else end}"
            yield from self.steps(path.steps, depth + 1)
        yield from self._otherwise(step.otherwise, depth)

    def _otherwise(self, steps: tuple[Step, ...], depth: int) -> Iterator[str]:
        if steps:
            yield f"{INDENT * depth}otherwise:"
            yield from self.steps(steps, depth + 1)

    def _line(self, step: Step) -> str:
        match step:
            case Send() | Survey():
                self.it = step.id
                return self._message(step)
            case Wait():
                return f"wait {_moment(step.span)}"
            case Tag():
                return f"{'remove' if step.is_removed else 'add'} tag {quoted(step.name)}"
            case Field():
                return f"set field {quoted(step.name)} to {'nothing' if step.value is None else quoted(step.value)}"
            case Score():
                return f"add {quoted(step.points)} to score {quoted(step.name)}"
            case Stage():
                return f"set stage {quoted(step.name)} to {quoted(step.value)}"
            case Task():
                to = f" for {quoted(step.to)}" if step.to else ""
                return f"ask a colleague {quoted(step.text)}{to}" + (f" within {span(step.due)}" if step.due else "")
            case Webhook():
                return f"tell {quoted(step.url)}"
            case Leave():
                return "leave"
        raise TypeError(type(step).__name__)

    def _message(self, step: Send | Survey) -> str:
        if isinstance(step, Survey):
            what = f"survey {called(self.names, 'survey', step.survey)} with letter {called(self.names, 'letter', step.letter)}"
        else:
            what = f"letter {called(self.names, 'letter', step.letter)}" if step.letter else f"text {quoted(step.text)}"
            what += f" titled {quoted(step.subject)}" if step.subject else ""
            what += f" with code of {called(self.names, 'promotion', step.promotion)}" if step.promotion else ""
        what += f" by {quoted(step.medium) if not step.medium.isalpha() or not step.medium.isascii() else step.medium}"
        what += f" from {called(self.names, 'connection', step.connection)}" if step.connection else ""
        return f"send {what} about {quoted(step.topic)} as {step.purpose}"


def span(asked: Span) -> str:
    return f"{asked.number} {asked.unit[:-1] if asked.number == 1 else asked.unit}"


def _moment(asked: Span | ToTime | ToDate) -> str:
    match asked:
        case Span():
            return span(asked)
        case ToTime():
            return f"until {asked.time}" + (f" on {', '.join(asked.on)}" if asked.on else "")
        case ToDate():
            return f"until {date(asked.trait, asked.days, asked.time)}"
