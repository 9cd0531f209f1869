"""Steps, events and conditions in words, as the canvas shows them. What is not said yet is said to be missing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from vincle.engage.journeys.definition import conditions
from vincle.engage.journeys.definition.checks import At, BadPredicate
from vincle.engage.journeys.definition.model import AllOf, AnyOf, Asks, Condition, Got, NotOf
from vincle.engage.journeys.definition.naming import Names
from vincle.organise import segment_words
from vincle.organise.segment_clauses import Names as SegmentNames
from vincle.organise.segment_verbs import both, either, quoted
from vincle.organise.segments import reading
from vincle.web.tags.people import channel_name

from . import shaping
from .shaping import Json

KINDS: dict[str, tuple[str, Any]] = {
    "send": ("mail", gettext_lazy("Send a message")), "wait": ("clock", gettext_lazy("Wait")),
    "until": ("hourglass", gettext_lazy("Wait until something happens")), "branch": ("git-fork", gettext_lazy("Go different ways")),
    "split": ("arrows-split-2", gettext_lazy("Split by chance")), "tag": ("tag", gettext_lazy("Tag")),
    "field": ("pencil", gettext_lazy("Set a field")), "score": ("stairs-up", gettext_lazy("Add points")),
    "stage": ("flag", gettext_lazy("Set where they stand")), "task": ("list-check", gettext_lazy("Ask a colleague")),
    "webhook": ("webhook", gettext_lazy("Tell another program")), "survey": ("clipboard-list", gettext_lazy("Send a survey")),
    "leave": ("door-exit", gettext_lazy("Leave the journey")),
}  # fmt: skip
"""Icon and words of each kind of step."""
RESULTS: dict[str, Any] = {
    "sent": gettext_lazy("got %(it)s"), "skipped": gettext_lazy("were not sent %(it)s"), "delivered": gettext_lazy("received %(it)s"),
    "bounced": gettext_lazy("could not be reached by %(it)s"), "opened": gettext_lazy("opened %(it)s"),
    "clicked": gettext_lazy("clicked in %(it)s"), "replied": gettext_lazy("answered %(it)s"),
    "unsubscribed": gettext_lazy("unsubscribed by %(it)s"),
}  # fmt: skip
DAYS: dict[str, Any] = {
    "mon": gettext_lazy("Monday"), "tue": gettext_lazy("Tuesday"), "wed": gettext_lazy("Wednesday"), "thu": gettext_lazy("Thursday"),
    "fri": gettext_lazy("Friday"), "sat": gettext_lazy("Saturday"), "sun": gettext_lazy("Sunday"),
}  # fmt: skip


class Said(NamedTuple):
    """A step as its card shows it; `detail` may be ""."""

    icon: str
    title: str
    detail: str


@dataclass(frozen=True)
class Words:
    """How things are called; `it`: the letters of the journey's own messages by step."""

    names: Names = field(default_factory=Names)
    segments: SegmentNames = field(default_factory=SegmentNames)
    messages: Mapping[str, str] = field(default_factory=dict)

    def called(self, kind: Any, key: object) -> str:
        """A thing by its name; its id where it has none."""
        found = self.names.known.get(kind, {}).get(str(key))
        return quoted(found) if found else quoted(str(key))

    # Steps

    def step(self, step: Json) -> Said:
        kind = shaping.kind(step)
        icon, words = KINDS.get(kind, ("question-mark", gettext_lazy("Step")))
        try:
            title, detail = _STEPS[kind](self, step)
        except (KeyError, TypeError, ValueError, AttributeError):
            title, detail = str(words), ""
        return Said(icon, title or str(words), detail or str(step.get("note") or ""))

    def paths(self, step: Json) -> list[str]:
        """What stands above each path below a step."""
        match shaping.kind(step):
            case "branch":
                return [self.path(path.get("if")) for path in step.get("paths", [])] + [_("otherwise")]
            case "split":
                return [f"{arm.get('share', '?')} % {arm.get('name', '')}".strip() for arm in step.get("arms", [])]
            case "until":
                return [_("it happened"), _("it did not within %(time)s") % {"time": span(step.get("most"))}]
        return []

    def path(self, condition: object) -> str:
        words = self.condition(condition)
        return _("they %(what)s") % {"what": words} if words else _("not said yet")

    # What is asked

    def condition(self, value: object) -> str:
        """What follows "they"; "" where it cannot be read yet."""
        try:
            return self._condition(conditions.condition(At("", value)))
        except BadPredicate:
            return ""

    def _condition(self, asked: Condition) -> str:
        match asked:
            case Asks(predicate):
                return segment_words.clause(predicate, self.segments)
            case Got(result, step):
                return self.got(result, step)
            case NotOf(part):
                return _("not: %(what)s") % {"what": self._condition(part)}
            case AllOf(parts):
                return both([self._condition(part) for part in parts])
            case AnyOf(parts):
                return either([self._condition(part) for part in parts])

    def got(self, result: str, step: str) -> str:
        it = self.messages.get(step) or _("the message “%(step)s”") % {"step": step}
        return str(RESULTS.get(result, RESULTS["sent"])) % {"it": it}

    def event(self, value: object) -> str:
        """What follows "someone" or "they": "comes into “New”"; "" where it cannot be read yet."""
        given = value if isinstance(value, dict) else {}
        for key, words in _EVENTS.items():
            if key in given:
                return words(self, given) if given[key] not in ("", None) else ""
        return ""

    def _happens(self, given: Json) -> str:
        try:
            return segment_words.clause(reading.read({"did": given["event"]}), self.segments)
        except BadPredicate:
            return ""

    # The steps one by one: (title, detail)

    def _send(self, step: Json) -> tuple[str, str]:
        by = channel_name(str(step.get("medium") or "email"))
        if step.get("text"):
            return _("Message by %(medium)s") % {"medium": by}, str(step["text"])[:140]
        if not step.get("letter"):
            return "", _("Choose a letter")
        code = _("with a code of %(name)s") % {"name": self.called("promotion", step["promotion"])} if step.get("promotion") else ""
        return _("Send %(letter)s") % {"letter": self.called("letter", step["letter"])}, ", ".join(filter(None, (by, code)))

    def _survey(self, step: Json) -> tuple[str, str]:
        if not step.get("survey"):
            return "", _("Choose a survey")
        return _("Ask %(survey)s") % {"survey": self.called("survey", step["survey"])}, _("by %(letter)s") % {
            "letter": self.called("letter", step["letter"])
        } if step.get("letter") else _("Choose a letter")

    def _wait(self, step: Json) -> tuple[str, str]:
        if "for" in step:
            return _("Wait %(time)s") % {"time": span(step["for"])}, ""
        until = step["until"]
        at = str(until.get("time") or "09:00")
        if "date" in until:
            return _("Wait until %(date)s, %(time)s") % {"date": on_date(until, self), "time": at}, _("where they live")
        days = ", ".join(str(DAYS[day]) for day in until.get("on", []) if day in DAYS)
        return _("Wait until %(time)s") % {"time": f"{days} {at}".strip()}, _("where they live")

    def _until(self, step: Json) -> tuple[str, str]:
        words = self.event(step.get("until"))
        if not words:
            return "", _("Say what is waited for")
        return _("Wait until they %(what)s") % {"what": words}, _("%(time)s at most") % {"time": span(step.get("most"))}

    def _branch(self, step: Json) -> tuple[str, str]:
        ways = len(step.get("paths", [])) + 1
        return ngettext("%(n)d way", "%(n)d ways", ways) % {"n": ways}, _("the first that fits")

    def _split(self, step: Json) -> tuple[str, str]:
        shares = sum(arm.get("share", 0) for arm in step.get("arms", []))
        return "", "" if shares == 100 else _("The shares make %(sum)s %%, not 100") % {"sum": shares}

    def _tag(self, step: Json) -> tuple[str, str]:
        if "remove" in step:
            return (_("Take off the tag %(tag)s") % {"tag": quoted(step["remove"])}) if step["remove"] else "", ""
        return (_("Tag as %(tag)s") % {"tag": quoted(step["add"])}) if step["add"] else "", ""

    def _field(self, step: Json) -> tuple[str, str]:
        if not step["field"]:
            return "", _("Choose a field")
        name = self.segments.trait(str(step["field"]))
        if step["to"] is None or step["to"] == "":
            return _("Empty %(field)s") % {"field": name}, ""
        return _("Set %(field)s to %(value)s") % {"field": name, "value": quoted(str(step["to"]))}, ""

    def _score(self, step: Json) -> tuple[str, str]:
        if not step["field"]:
            return "", _("Choose a field")
        return _("%(points)s points in %(field)s") % {"points": f"{step['add']:+g}", "field": self.segments.trait(str(step["field"]))}, ""

    def _task(self, step: Json) -> tuple[str, str]:
        if not step["text"]:
            return "", _("Say what is to be done")
        due = _("within %(time)s") % {"time": span(step["due"])} if step.get("due") else ""
        return str(step["text"])[:120], ", ".join(filter(None, (str(step.get("to") or _("whoever takes it")), due)))

    def _webhook(self, step: Json) -> tuple[str, str]:
        return (_("Tell another program"), str(step["url"])[:80]) if step["url"] else ("", _("Say where it is"))


_STEPS: dict[str, Callable[[Words, Json], tuple[str, str]]] = {
    "send": Words._send, "survey": Words._survey, "wait": Words._wait, "until": Words._until, "branch": Words._branch,
    "split": Words._split, "tag": Words._tag, "field": Words._field, "stage": Words._field, "score": Words._score, "task": Words._task,
    "webhook": Words._webhook, "leave": lambda _words, _step: ("", ""),
}  # fmt: skip
_EVENTS: dict[str, Callable[[Words, Json], str]] = {
    "enters": lambda words, given: _("come into %(segment)s") % {"segment": words.segments.segment(str(given["enters"]))},
    "leaves": lambda words, given: _("fall out of %(segment)s") % {"segment": words.segments.segment(str(given["leaves"]))},
    "form": lambda words, given: _("send any form") if given["form"] == "*" else (
        _("send the form %(form)s") % {"form": words.called("form", given["form"])}),
    "survey": lambda words, given: _("answer any survey") if given["survey"] == "*" else (
        _("answer the survey %(survey)s") % {"survey": words.called("survey", given["survey"])}),
    "event": Words._happens,
    "date": lambda words, given: _("reach %(date)s, %(time)s") % {"date": on_date(given, words), "time": given.get("time") or "09:00"} + (
        _(", every year") if given.get("yearly") else ""),
    "got": lambda words, given: words.got(str(given["got"]), str(given.get("step", ""))),
}  # fmt: skip


def on_date(given: Json, words: Words) -> str:
    """ "3 days before their birthday"."""
    days, name = given.get("days") or 0, words.segments.trait(str(given.get("date") or "…"))
    if not isinstance(days, int) or not days:
        return _("the day of their %(field)s") % {"field": name}
    if days < 0:
        return ngettext("%(n)d day before their %(field)s", "%(n)d days before their %(field)s", -days) % {"n": -days, "field": name}
    return ngettext("%(n)d day after their %(field)s", "%(n)d days after their %(field)s", days) % {"n": days, "field": name}


def span(given: object) -> str:
    """ "2 days"; "…" for what cannot be read."""
    unit, number = next(iter(given.items()), ("", 0)) if isinstance(given, dict) else ("", 0)
    if unit not in _SPANS or not isinstance(number, int):
        return "…"
    return _SPANS[unit](number) % {"n": number}


_SPANS: dict[str, Callable[[int], str]] = {
    "minutes": lambda n: ngettext("%(n)d minute", "%(n)d minutes", n), "hours": lambda n: ngettext("%(n)d hour", "%(n)d hours", n),
    "days": lambda n: ngettext("%(n)d day", "%(n)d days", n), "weeks": lambda n: ngettext("%(n)d week", "%(n)d weeks", n),
}  # fmt: skip


def messages_of(definition: Json, names: Names) -> dict[str, str]:
    """How each message of a journey is called where others ask about it."""
    words = Words(names=names)
    found = {}
    for _way, _at, step in shaping.walk(definition):
        if step.get("do") in shaping.MESSAGES:
            called = words.called("letter", step["letter"]) if step.get("letter") else ""
            found[str(step["id"])] = called or _("the message “%(step)s”") % {"step": step["id"]}
    return found
