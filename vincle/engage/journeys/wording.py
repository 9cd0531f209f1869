"""Steps, events and mistakes in the reader's language."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vincle.organise import segment_clauses, segment_words
from vincle.organise.segments.predicate import Did

from .definition.model import (
    ANY,
    AllOf,
    Answers,
    AnyOf,
    Asks,
    Branch,
    Condition,
    Enters,
    Field,
    Got,
    Happens,
    Leave,
    Leaves,
    NotOf,
    OnDate,
    Score,
    Send,
    Span,
    Split,
    Stage,
    Step,
    Submits,
    Survey,
    Tag,
    Task,
    ToDate,
    ToTime,
    Trigger,
    Until,
    Wait,
    Webhook,
)

Called = Mapping[str, str]
"""Segments by public id."""


def span_words(span: Span) -> str:
    """2 days."""
    number = {"n": span.number}
    match span.unit:
        case "minutes":
            return ngettext("%(n)d minute", "%(n)d minutes", span.number) % number
        case "hours":
            return ngettext("%(n)d hour", "%(n)d hours", span.number) % number
        case "days":
            return ngettext("%(n)d day", "%(n)d days", span.number) % number
    return ngettext("%(n)d week", "%(n)d weeks", span.number) % number


def trigger_words(asked: Trigger | Got, called: Called) -> str:
    """They came into “New”."""
    match asked:
        case Enters(segment):
            return _("They came into “%(segment)s”") % {"segment": called.get(segment, segment)}
        case Leaves(segment):
            return _("They left “%(segment)s”") % {"segment": called.get(segment, segment)}
        case Submits(form):
            return _("They sent a form") if form == ANY else _("They sent the form “%(form)s”") % {"form": form}
        case Answers(survey):
            return _("They answered a survey") if survey == ANY else _("They answered the survey “%(survey)s”") % {"survey": survey}
        case Happens(act):
            return segment_words.sentence(Did(act))
        case OnDate():
            return _date_words(asked.trait, asked.days, asked.time)
        case Got():
            return result_words(asked)


def _date_words(trait: str, days: int, time: str) -> str:
    said = {"trait": trait, "time": time, "n": abs(days)}
    if not days:
        return _("It is the day of “%(trait)s”, %(time)s") % said
    if days < 0:
        return ngettext("%(n)d day before “%(trait)s”, %(time)s", "%(n)d days before “%(trait)s”, %(time)s", -days) % said
    return ngettext("%(n)d day after “%(trait)s”, %(time)s", "%(n)d days after “%(trait)s”, %(time)s", days) % said


def result_words(asked: Got) -> str:
    return _RESULTS[asked.result]() % {"step": asked.step}


_RESULTS = {
    "sent": lambda: _("The message of “%(step)s” was sent to them"),
    "skipped": lambda: _("The message of “%(step)s” was not sent to them"),
    "delivered": lambda: _("The message of “%(step)s” arrived"),
    "bounced": lambda: _("The message of “%(step)s” came back"),
    "opened": lambda: _("They opened the message of “%(step)s”"),
    "clicked": lambda: _("They clicked in the message of “%(step)s”"),
    "replied": lambda: _("They answered the message of “%(step)s”"),
    "unsubscribed": lambda: _("They unsubscribed by the message of “%(step)s”"),
}


def condition_words(asked: Condition, names: segment_clauses.Names) -> str:
    match asked:
        case Asks(predicate):
            return segment_words.clause(predicate, names)
        case Got():
            return result_words(asked)
        case NotOf(part):
            return _("not: %(condition)s") % {"condition": condition_words(part, names)}
        case AllOf(parts):
            return _(" and ").join(condition_words(part, names) for part in parts)
        case AnyOf(parts):
            return _(" or ").join(condition_words(part, names) for part in parts)


def step_words(step: Step, called: Called, letters: Called | None = None) -> str:
    """What a step does, in a few words: “Wait 2 days”. `letters`: names by id."""
    match step:
        case Send():
            name = (letters or {}).get(step.letter)
            return _("Send “%(letter)s”") % {"letter": name} if name else _("Send a message")
        case Survey():
            return _("Send a survey")
        case Wait():
            return _wait_words(step)
        case Until():
            said = {"event": trigger_words(step.event, called), "time": span_words(step.most)}
            return _("Wait until: %(event)s (%(time)s at most)") % said
        case Branch():
            return _("Different ways")
        case Split():
            return _("Split by chance")
    return _deed_words(step)


def _wait_words(step: Wait) -> str:
    match step.span:
        case Span():
            return _("Wait %(time)s") % {"time": span_words(step.span)}
        case ToTime():
            return _("Wait until it is %(time)s where they live") % {"time": step.span.time}
        case ToDate():
            return _("Wait until: %(date)s") % {"date": _date_words(step.span.trait, step.span.days, step.span.time)}


def _deed_words(step: Step) -> str:
    match step:
        case Tag():
            said: dict[str, Any] = {"tag": step.name}
            return (_("Take off the tag “%(tag)s”") if step.is_removed else _("Put on the tag “%(tag)s”")) % said
        case Field():
            if step.value is None:
                return _("Empty “%(field)s”") % {"field": step.name}
            return _("Set “%(field)s” to “%(value)s”") % {"field": step.name, "value": step.value}
        case Stage():
            return _("Set “%(field)s” to “%(value)s”") % {"field": step.name, "value": step.value}
        case Score():
            return _("%(points)+g for “%(field)s”") % {"points": step.points, "field": step.name}
        case Task():
            return _("Ask a colleague: %(text)s") % {"text": step.text}
        case Webhook():
            return _("Tell %(url)s") % {"url": step.url}
        case Leave():
            return _("Leave")
    raise TypeError(type(step).__name__)
