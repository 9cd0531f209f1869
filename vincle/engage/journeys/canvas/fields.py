"""What the dialog of a step is made of, and the parts that several kinds of steps share: spans, events, conditions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vincle.engage.journeys.definition import conditions
from vincle.engage.journeys.definition.checks import At, BadPredicate
from vincle.engage.journeys.definition.naming import Names
from vincle.engage.journeys.definition.text import asked, predicates
from vincle.engage.journeys.definition.text.tokens import BadText, Line

from .shaping import Json

Pair = tuple[str, str]
Post = Mapping[str, str]
UNITS: dict[str, Any] = {
    "minutes": gettext_lazy("minutes"), "hours": gettext_lazy("hours"), "days": gettext_lazy("days"), "weeks": gettext_lazy("weeks"),
}  # fmt: skip
RESULTS: dict[str, Any] = {
    "opened": gettext_lazy("they opened it"), "clicked": gettext_lazy("they clicked in it"), "replied": gettext_lazy("they answered it"),
    "sent": gettext_lazy("it was sent"), "skipped": gettext_lazy("it could not be sent"), "delivered": gettext_lazy("it arrived"),
    "bounced": gettext_lazy("it came back"), "unsubscribed": gettext_lazy("they unsubscribed"),
}  # fmt: skip


class NotSaid(ValueError):
    """What stands in a field cannot be read. `field`: its name; the text is for the one who wrote it."""

    def __init__(self, field_: str, text: str) -> None:
        super().__init__(text)
        self.field = field_


@dataclass
class Field:
    """One entry of a dialog. `sort`: text, area, number, select, check, days, heading, span. `only`: shown when that select is at one of
    these values."""

    name: str
    label: Any
    sort: str = "text"
    value: Any = ""
    choices: Sequence[tuple[str, Any]] = ()
    help: Any = ""
    only: tuple[str, str] | None = None
    unit: str = ""
    most: int = 300
    problem: str = ""
    suggestions: Sequence[str] = ()

    @property
    def units(self) -> list[tuple[str, Any]]:
        return list(UNITS.items())


class Things(NamedTuple):
    """What can be chosen in a workspace, as (id, name)."""

    segments: Sequence[Pair] = ()
    letters: Sequence[Pair] = ()
    promotions: Sequence[Pair] = ()
    connections: Sequence[Pair] = ()
    media: Sequence[Pair] = ()
    topics: Sequence[Pair] = ()
    tags: Sequence[str] = ()
    fields: Sequence[tuple[str, Sequence[Pair]]] = ()
    dates: Sequence[Pair] = ()
    team: Sequence[Pair] = ()
    verbs: Sequence[Pair] = ()
    kinds: Sequence[Pair] = ()
    channels: Sequence[Pair] = ()
    forms: Sequence[Pair] = ()
    surveys: Sequence[Pair] = ()


@dataclass
class Around:
    """What a step's dialog leans on: what can be chosen, and the messages before the step as (its name, its words)."""

    things: Things = field(default_factory=Things)
    names: Names = field(default_factory=Names)
    messages: Sequence[Pair] = ()
    it: str = ""


def with_empty(choices: Sequence[Pair], words: str) -> list[Pair]:
    return [("", words), *choices]


# Spans of time


def span_field(name: str, label: Any, given: object, only: tuple[str, str] | None = None) -> Field:
    unit, number = next(iter(given.items()), ("days", "")) if isinstance(given, dict) else ("days", "")
    return Field(name, label, "span", number, unit=str(unit), only=only)


def span(post: Post, name: str) -> Json | None:
    """{"days": 2}; None where nothing is written."""
    text, unit = post.get(name, "").strip(), post.get(f"{name}-unit", "days")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 7 and int(text) > 0) or unit not in UNITS:
        raise NotSaid(name, _("Write a whole number, at least 1."))
    return {unit: int(text)}


def whole(post: Post, name: str, default: int = 0) -> int:
    text = post.get(name, "").strip()
    if not text:
        return default
    if not (text.lstrip("-").isascii() and text.lstrip("-").isdigit() and len(text) < 8):
        raise NotSaid(name, _("Write a whole number."))
    return int(text)


# Events: what starts, ends or is waited for

_EVENTS: dict[str, Any] = {
    "enters": gettext_lazy("comes into a segment"), "leaves": gettext_lazy("falls out of a segment"),
    "event": gettext_lazy("does something"), "form": gettext_lazy("sends a form"), "survey": gettext_lazy("answers a survey"),
    "date": gettext_lazy("reaches a date"), "got": gettext_lazy("does something with a message of this journey"),
    "words": gettext_lazy("something else, in words"),
}  # fmt: skip


def _named(name: str, label: Any, value: object, choices: Sequence[Pair], any_words: str) -> Field:
    """A choice of what another stage offers; what is named and no longer there stays named."""
    gone = [] if value == "*" or any(value == key for key, _name in choices) else [(str(value), f"#{value}")]
    return Field(name, label, "select", value, [("*", any_words), *choices, *gone])


def event_fields(prefix: str, value: object, around: Around, *, may: Sequence[str]) -> list[Field]:
    """The fields of one event; `may`: its kinds."""
    given: Json = value if isinstance(value, dict) else {}
    kind = next((each for each in _EVENTS if each in given), may[0])
    act = given.get("event") if kind == "event" else None
    if isinstance(act, dict) and not _is_plain(act):
        kind = "words"
    act = act if isinstance(act, dict) else {}
    things, name = around.things, f"{prefix}-kind"

    def of(key: str, each: Field) -> list[Field]:
        each.only = (name, key)
        return [each] if key in may else []

    said = _event_words(value, around) if kind == "words" else ""
    rest = [
        *of("enters", Field(f"{prefix}-enters", _("Segment"), "select", given.get("enters", ""), with_empty(things.segments, "…"))),
        *of("leaves", Field(f"{prefix}-leaves", _("Segment"), "select", given.get("leaves", ""), with_empty(things.segments, "…"))),
        *of("event", Field(f"{prefix}-verb", _("What"), "select", _one(act, "verb"), with_empty(things.verbs, _("Anything")))),
        *of(
            "event", Field(f"{prefix}-object", _("With what"), "select", _one(act, "object_type"), with_empty(things.kinds, _("Anything")))
        ),
        *of("event", Field(f"{prefix}-channel", _("Where"), "select", _one(act, "channel"), with_empty(things.channels, _("Anywhere")))),
        *of("form", _named(f"{prefix}-form", _("Form"), given.get("form", "*"), things.forms, _("Any form"))),
        *of("survey", _named(f"{prefix}-survey", _("Survey"), given.get("survey", "*"), things.surveys, _("Any survey"))),
        *of("date", Field(f"{prefix}-date", _("Date"), "select", given.get("date", ""), with_empty(things.dates, "…"))),
        *of("date", Field(f"{prefix}-days", _("Days after it (before: −3)"), "number", given.get("days", 0))),
        *of("date", Field(f"{prefix}-time", _("At"), "time", given.get("time", "09:00"), help=_("Where the person lives."))),
        *of("date", Field(f"{prefix}-yearly", _("Every year"), "check", given.get("yearly", True))),
        *of("got", Field(f"{prefix}-got", _("What"), "select", given.get("got", "opened"), list(RESULTS.items()))),
        *of("got", Field(f"{prefix}-step", _("Message"), "select", given.get("step", around.it), around.messages)),
        *of("words", Field(f"{prefix}-words", _("In words"), "area", said, help=_("As in the text: does Purchase, amount at least 50"))),
    ]
    kinds = [(each, _EVENTS[each]) for each in may if each != "got" or around.messages]
    return [Field(name, _("Someone"), "select", kind, kinds), *rest]


def _one(act: Json, key: str) -> str:
    value = act.get(key)
    return str(value[0]) if isinstance(value, list) and value else str(value or "")


def _is_plain(act: Json) -> bool:
    return set(act) <= {"verb", "object_type", "channel"} and all(len(each) == 1 for each in act.values() if isinstance(each, list))


def _event_words(value: object, around: Around) -> str:
    try:
        return predicates.event(conditions.trigger(At("", value)), around.names, around.it)
    except BadPredicate:
        return ""


def event(post: Post, prefix: str, around: Around, *, is_start: bool = False) -> Json:
    """What the fields of an event say; what is not chosen yet is empty."""
    kind = post.get(f"{prefix}-kind", "")
    match kind:
        case "enters" | "leaves":
            return {kind: post.get(f"{prefix}-{kind}", "")[:40]}
        case "form" | "survey":
            return {kind: post.get(f"{prefix}-{kind}", "").strip()[:120] or "*"}
        case "event":
            names = (("verb", "verb"), ("object", "object_type"), ("channel", "channel"))
            return {"event": {key: [value[:60]] for name, key in names if (value := post.get(f"{prefix}-{name}", ""))}}
        case "date":
            found: Json = {"date": post.get(f"{prefix}-date", "")[:120], "days": whole(post, f"{prefix}-days")}
            return found | {"time": post.get(f"{prefix}-time", "")[:5] or "09:00", "yearly": bool(post.get(f"{prefix}-yearly"))}
        case "got":
            return {"got": post.get(f"{prefix}-got", "opened"), "step": post.get(f"{prefix}-step", "")}
    return _in_words(post, f"{prefix}-words", around, lambda line: asked.event(line, around.it, is_start=is_start))


def _in_words(post: Post, name: str, around: Around, read: Any) -> Json:
    text = " ".join(post.get(name, "").replace("\x00", "").split())[:2_000]
    try:
        line = Line(text, 1, around.names)
        found: Json = read(line)
        line.ends()
    except BadText as bad:
        from .troubles import text_words  # words are only needed where something is wrong

        raise NotSaid(name, text_words(bad)) from bad
    return found


# Conditions: which way someone goes

_ASKED: dict[str, Any] = {
    "got": gettext_lazy("what became of a message"), "segment": gettext_lazy("are in a segment"), "tag": gettext_lazy("have a tag"),
    "words": gettext_lazy("something else, in words"),
}  # fmt: skip


def condition_fields(prefix: str, value: object, around: Around) -> list[Field]:
    """The fields of one condition; what the plain kinds cannot say stands there in words."""
    given: Json = value if isinstance(value, dict) else {}
    inner = given["not"] if set(given) == {"not"} and isinstance(given["not"], dict) else given
    plain = next((each for each in ("got", "segment", "tag") if each in inner), "")
    kind = plain if set(inner) <= {"got", "step", "segment", "tag"} and plain else "words" if given else "segment"
    name, not_ = f"{prefix}-kind", "not" if inner is not given else ""
    said = _condition_words(value, around) if kind == "words" else ""
    holds = [("", _("it is so")), ("not", _("it is not so"))]
    kinds = [pair for pair in _ASKED.items() if pair[0] != "got" or around.messages]
    return [
        Field(name, _("They"), "select", kind, kinds),
        Field(f"{prefix}-got", _("What"), "select", inner.get("got", "opened"), list(RESULTS.items()), only=(name, "got")),
        Field(f"{prefix}-step", _("Message"), "select", inner.get("step", around.it), around.messages, only=(name, "got")),
        Field(f"{prefix}-segment", _("Segment"), "select", inner.get("segment", ""), with_empty(around.things.segments, "…"),
              only=(name, "segment")),
        Field(f"{prefix}-tag", _("Tag"), value=inner.get("tag", ""), suggestions=around.things.tags, only=(name, "tag"), most=60),
        Field(f"{prefix}-words", _("In words"), "area", said, only=(name, "words"), most=2_000,
              help=_("As in the text: they did Purchase in the last 90 days and their \"city\" is \"Vic\"")),
        Field(f"{prefix}-not", _("Holds when"), "select", not_, holds, only=(name, "got segment tag")),
    ]  # fmt: skip


def _condition_words(value: object, around: Around) -> str:
    try:
        return predicates.condition(conditions.condition(At("", value)), around.names, around.it)
    except BadPredicate:
        return ""


def condition(post: Post, prefix: str, around: Around) -> Json:
    """What the fields of a condition say."""
    kind = post.get(f"{prefix}-kind", "")
    if kind == "got":
        found: Json = {"got": post.get(f"{prefix}-got", "opened"), "step": post.get(f"{prefix}-step", "")}
    elif kind in ("segment", "tag"):
        found = {kind: post.get(f"{prefix}-{kind}", "").strip()[:60]}
    else:
        return _in_words(post, f"{prefix}-words", around, lambda line: asked.condition(line, around.it))
    return {"not": found} if post.get(f"{prefix}-not") else found
