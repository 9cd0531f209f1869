"""The dialog of how a journey starts and ends: what starts it, whom, how often, what is its goal, what takes people out."""

from copy import deepcopy
from typing import Any

from django.utils.translation import gettext as _

from .fields import Around, Field, NotSaid, Post, condition, condition_fields, event, event_fields, whole
from .shaping import Json

STARTS = ("enters", "leaves", "event", "form", "survey", "date", "words")
ENDS = ("enters", "leaves", "event", "form", "survey", "words")
MOST = 20
_LISTS = {"start": "t", "goal": "g", "leave": "l"}


def fields(head: Json, around: Around) -> list[Field]:
    """What the dialog asks."""
    titles = {"start": _("They start when someone"), "goal": _("The goal: someone"), "leave": _("They leave early when someone")}
    adds = {"start": _("Another start"), "goal": _("Set a goal"), "leave": _("What takes people out")}
    found: list[Field] = []
    for key, prefix in _LISTS.items():
        for place, each in enumerate(head.get(key, [])):
            found.append(Field(f"{prefix}{place}", titles[key], "heading", place, most=99))
            found += event_fields(f"{prefix}{place}", each, around, may=STARTS if key == "start" else ENDS)
        found.append(Field(f"more-{key}", adds[key], "more"))
        if key == "start":
            found += _whom(head, around)
    return found + _late(head)


def _whom(head: Json, around: Around) -> list[Field]:
    again = head.get("again", {})
    only = [("", _("everybody")), ("some", _("only those who"))]
    may = [
        ("never", _("once, never again")),
        ("ended", _("again once it has ended")),
        ("always", _("again at any time, also twice at once")),
    ]
    asked = condition_fields("only", head.get("only"), around) if head.get("only") else []
    return [
        Field("whom", _("Whom"), "heading", -1),
        Field("who", _("It is for"), "select", "some" if head.get("only") else "", only),
        *(asked or condition_fields("only", {"segment": ""}, around)),
        Field("again", _("Someone can go through it"), "select", again.get("may", "never"), may),
        Field("again-days", _("Days after they began, at the earliest"), "number", again.get("days", 0), only=("again", "ended")),
    ]


def _late(head: Json) -> list[Field]:
    late = head.get("late", {})
    then = [("skip", _("messages are left out, the rest is done")), ("go_on", _("it is done all the same")), ("leave", _("they leave"))]
    return [
        Field("late", _("After a pause"), "heading", -1),
        Field("late-hours", _("Hours from which a step is too late"), "number", late.get("hours", 48)),
        Field("late-then", _("Then"), "select", late.get("then", "skip"), then),
    ]


def read(head: Json, post: Post, around: Around) -> Json:
    """What the journey says but for its steps. Raises NotSaid."""
    made: Json = {key: _events(head, post, around, key) for key in _LISTS}
    made["start"] = made["start"] or [{"enters": ""}]
    if post.get("who"):
        made["only"] = condition(post, "only", around)
    may = post.get("again", "never")
    made["again"] = {"may": may if may in ("never", "ended", "always") else "never"}
    if may == "ended" and (days := whole(post, "again-days")):
        made["again"]["days"] = days
    hours = whole(post, "late-hours", 48)
    if not 1 <= hours <= 8_760:
        raise NotSaid("late-hours", _("Between 1 and 8760 hours."))
    then = post.get("late-then", "skip")
    made["late"] = {"hours": hours, "then": then if then in ("skip", "go_on", "leave") else "skip"}
    return {key: value for key, value in made.items() if value}


def _events(head: Json, post: Post, around: Around, key: str) -> list[Json]:
    prefix = _LISTS[key]
    return [event(post, f"{prefix}{place}", around, is_start=key == "start") for place in range(min(len(head.get(key, [])), MOST))]


def more(head: Json, key: str) -> Json:
    """With one start, goal or end more."""
    made: dict[str, Any] = deepcopy(head)
    if key in _LISTS and len(made.get(key, [])) < MOST:
        made[key] = [*made.get(key, []), {"enters": ""}]
    return made


def fewer(head: Json, field: str) -> Json:
    """Without the one of a heading's name ("t0", "g1")."""
    made: dict[str, Any] = deepcopy(head)
    key = next((key for key, prefix in _LISTS.items() if field[:1] == prefix), "")
    place = int(field[1:]) if field[1:].isdecimal() else -1
    if key and 0 <= place < len(made.get(key, [])) and (key != "start" or len(made[key]) > 1):
        made[key] = [each for at, each in enumerate(made[key]) if at != place]
    return made
