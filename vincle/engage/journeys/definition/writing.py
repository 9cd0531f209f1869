"""A definition as the JSON that `reading.read` reads back to the same."""

from typing import Any

from vincle.organise.segments import writing

from .conditions import write_condition, write_event
from .model import (
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

Json = dict[str, Any]


def write(definition: Definition) -> Json:
    """All of it: what is as usual, too, but empty lists and texts."""
    made: Json = {"start": [write_event(each) for each in definition.start]}
    if definition.only is not None:
        made["only"] = writing.write(definition.only)
    made["again"] = {"may": definition.again.may} | ({"days": definition.again.days} if definition.again.days else {})
    for name, events in (("goal", definition.goal), ("leave", definition.leave)):
        if events:
            made[name] = [write_event(each) for each in events]
    made["late"] = {"hours": definition.late.hours, "then": definition.late.then}
    return made | {"steps": write_steps(definition.steps)}


def write_steps(steps: tuple[Step, ...]) -> list[Json]:
    return [write_step(step) for step in steps]


def write_step(step: Step) -> Json:
    """One step with all below it."""
    kind, values = _values(step)
    return {"id": step.id, "do": kind, **values} | ({"note": step.note} if step.note else {})


def write_span(span: Span) -> Json:
    return {span.unit: span.number}


def _values(step: Step) -> tuple[str, Json]:
    match step:
        case Send() | Survey():
            return _message(step)
        case Wait():
            return "wait", _wait(step.span)
        case Until():
            paths = {"came": write_steps(step.came), "missed": write_steps(step.missed)}
            return "wait", {"until": write_event(step.event), "most": write_span(step.most), **paths}
        case Branch():
            paths_ = [{"if": write_condition(path.condition), "steps": write_steps(path.steps)} for path in step.paths]
            return "branch", {"paths": paths_, "else": write_steps(step.otherwise)}
        case Split():
            return "split", {"arms": [{"name": arm.name, "share": arm.share, "steps": write_steps(arm.steps)} for arm in step.arms]}
    return _deed(step)


def _deed(step: Step) -> tuple[str, Json]:
    match step:
        case Tag():
            return "tag", {"remove" if step.is_removed else "add": step.name}
        case Field():
            return "field", {"field": step.name, "to": step.value}
        case Score():
            return "score", {"field": step.name, "add": step.points}
        case Stage():
            return "stage", {"field": step.name, "to": step.value}
        case Task():
            more = {"to": step.to} if step.to else {}
            return "task", {"text": step.text, **more} | ({"due": write_span(step.due)} if step.due else {})
        case Webhook():
            return "webhook", {"url": step.url}
        case Leave():
            return "leave", {}
    raise TypeError(type(step).__name__)


def _message(step: Send | Survey) -> tuple[str, Json]:
    names = ("letter", "text", "subject", "promotion") if isinstance(step, Send) else ("survey", "letter")
    said = {name: value for name in (*names, "connection") if (value := getattr(step, name))}
    return "send" if isinstance(step, Send) else "survey", {**said, "medium": step.medium, "topic": step.topic, "purpose": step.purpose}


def _wait(span: Span | ToTime | ToDate) -> Json:
    match span:
        case Span():
            return {"for": write_span(span)}
        case ToTime():
            return {"until": {"time": span.time} | ({"on": list(span.on)} if span.on else {})}
        case ToDate():
            return {"until": {"date": span.trait, "days": span.days, "time": span.time}}
