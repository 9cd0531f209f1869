"""The dialog of each kind of step: its fields from the step's JSON, and the JSON from what was written into them."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from .fields import (
    Around,
    Field,
    NotSaid,
    Post,
    condition,
    condition_fields,
    event,
    event_fields,
    span,
    span_field,
    whole,
    with_empty,
)
from .shaping import Json, kind
from .wording import DAYS

WAITED = ("got", "enters", "leaves", "event", "form", "survey", "words")
MOST_PATHS = 20


def fields(step: Json, around: Around) -> list[Field]:
    """What the dialog of a step asks."""
    asked = _FIELDS[kind(step)](step, around)
    return [*asked, Field("note", _("Note"), value=step.get("note", ""), help=_("For the team; nobody is sent it."))]


def read(step: Json, post: Post, around: Around) -> Json:
    """What the step says now, without its name and what stands below it. Raises NotSaid."""
    note = " ".join(post.get("note", "").replace("\x00", "").split())[:300]
    return {"do": step["do"], **_READERS[kind(step)](step, post, around)} | ({"note": note} if note else {})


# Messages


def _send_fields(step: Json, around: Around) -> list[Field]:
    things = around.things
    how = "text" if step.get("text") else "letter"
    return [
        Field("what", _("What"), "select", how, [("letter", _("A letter")), ("text", _("A short text"))]),
        Field("letter", _("Letter"), "select", str(step.get("letter", "")), with_empty(things.letters, "…"), only=("what", "letter"),
              help="" if things.letters else _("There is no letter yet: write one first.")),
        Field("text", _("Text"), "area", step.get("text", ""), only=("what", "text"), most=5_000,
              help=_("{{ person.first_name }} stands for their name.")),
        Field("promotion", _("With a code of"), "select", str(step.get("promotion", "")), with_empty(things.promotions, _("none"))),
        *_by_fields(step, around),
    ]  # fmt: skip


def _by_fields(step: Json, around: Around) -> list[Field]:
    things = around.things
    purposes = [("marketing", _("Marketing")), ("service", _("Service"))]
    return [
        Field("medium", _("By"), "select", step.get("medium", "email"), things.media),
        Field("connection", _("From"), "select", str(step.get("connection", "")), with_empty(things.connections, _("the only one"))),
        Field("topic", _("Topic of consent"), "select", step.get("topic", "marketing"), things.topics),
        Field("purpose", _("Purpose"), "select", step.get("purpose", "marketing"), purposes,
              help=_("Marketing goes only to those who agreed; service is what they need of you anyway.")),
    ]  # fmt: skip


def _by(post: Post) -> Json:
    purpose = post.get("purpose", "")
    found: Json = {
        "medium": post.get("medium", "")[:40] or "email", "topic": post.get("topic", "")[:60] or "marketing",
        "purpose": purpose if purpose in ("marketing", "service") else "marketing",
    }  # fmt: skip
    return found | ({"connection": given} if (given := post.get("connection", "")[:40]) else {})


def _send(_step: Json, post: Post, _around: Around) -> Json:
    if post.get("what") == "text":
        said: Json = {"text": post.get("text", "").replace("\x00", "").strip()[:5_000]}
    else:
        said = {"letter": post.get("letter", "")[:40]}
    return said | _by(post) | ({"promotion": given} if (given := post.get("promotion", "")[:40]) else {})


def _survey_fields(step: Json, around: Around) -> list[Field]:
    return [
        Field("survey", _("Survey"), value=step.get("survey", ""), help=_("Its id, or the address of a survey.")),
        Field("letter", _("Letter"), "select", str(step.get("letter", "")), with_empty(around.things.letters, "…"),
              help=_("In it, {{ data.survey_url }} leads to the survey.")),
        *_by_fields(step, around),
    ]  # fmt: skip


def _survey(_step: Json, post: Post, _around: Around) -> Json:
    return {"survey": post.get("survey", "").strip()[:300], "letter": post.get("letter", "")[:40], **_by(post)}


# Waiting


def _wait_fields(step: Json, around: Around) -> list[Field]:
    until = step.get("until", {})
    how = "for" if "for" in step else "date" if "date" in until else "time"
    kinds = [("for", _("for a while")), ("time", _("until a time of day")), ("date", _("until a date"))]
    return [
        Field("how", _("Wait"), "select", how, kinds),
        span_field("for", _("For"), step.get("for", {"days": 1}), ("how", "for")),
        Field("date", _("Date"), "select", until.get("date", ""), with_empty(around.things.dates, "…"), only=("how", "date")),
        Field("days", _("Days after it (before: −3)"), "number", until.get("days", 0), only=("how", "date")),
        Field("time", _("At"), "time", until.get("time", "09:00"), only=("how", "time date"), help=_("Where the person lives.")),
        Field("on", _("On"), "days", until.get("on", []), list(DAYS.items()), only=("how", "time"), help=_("None ticked: any day.")),
    ]


def _wait(_step: Json, post: Post, _around: Around) -> Json:
    time = post.get("time", "")[:5] or "09:00"
    match post.get("how"):
        case "date":
            return {"until": {"date": post.get("date", "")[:120], "days": whole(post, "days"), "time": time}}
        case "time":
            days = [day for day in DAYS if post.get(f"on-{day}")]
            return {"until": {"time": time} | ({"on": days} if days else {})}
    found = span(post, "for")
    if found is None:
        raise NotSaid("for", _("Say how long."))
    return {"for": found}


def _until_fields(step: Json, around: Around) -> list[Field]:
    return [*event_fields("e", step.get("until"), around, may=WAITED), span_field("most", _("At most"), step.get("most", {"days": 3}))]


def _until(step: Json, post: Post, around: Around) -> Json:
    most = span(post, "most")
    if most is None:
        raise NotSaid("most", _("Say how long at most."))
    return {"until": event(post, "e", around), "most": most, "came": step.get("came", []), "missed": step.get("missed", [])}


# Ways


def _branch_fields(step: Json, around: Around) -> list[Field]:
    found = []
    for place, path in enumerate(step.get("paths", [])):
        found.append(Field(f"p{place}", _("Way %(n)s") % {"n": place + 1}, "heading", place, most=len(step["paths"])))
        found += condition_fields(f"p{place}", path.get("if"), around)
    return [*found, Field("more", _("Add a way"), "more")]


def _branch(step: Json, post: Post, around: Around) -> Json:
    paths = [{"if": condition(post, f"p{place}", around), "steps": path["steps"]} for place, path in enumerate(step.get("paths", []))]
    return {"paths": paths, "else": step.get("else", [])}


def _split_fields(step: Json, around: Around) -> list[Field]:
    found = []
    for place, arm in enumerate(step.get("arms", [])):
        found.append(Field(f"p{place}", _("Way %(n)s") % {"n": place + 1}, "heading", place, most=len(step["arms"])))
        found.append(Field(f"p{place}-name", _("Name"), value=arm.get("name", ""), most=60))
        found.append(Field(f"p{place}-share", _("Share in %"), "number", arm.get("share", 0)))
    return [*found, Field("more", _("Add a way"), "more", help=_("The shares make 100 together."))]


def _split(step: Json, post: Post, _around: Around) -> Json:
    arms = []
    for place, arm in enumerate(step.get("arms", [])):
        share = whole(post, f"p{place}-share")
        if not 0 <= share <= 100:
            raise NotSaid(f"p{place}-share", _("A share lies between 0 and 100."))
        name = " ".join(post.get(f"p{place}-name", "").split())[:60] or chr(65 + place)
        arms.append({"name": name, "share": share, "steps": arm["steps"]})
    if sum(arm["share"] for arm in arms) != 100:
        raise NotSaid("p0-share", _("The shares make %(sum)s %%, not 100.") % {"sum": sum(arm["share"] for arm in arms)})
    return {"arms": arms}


def more(step: Json) -> Json:
    """A branch or split with one way more."""
    if step["do"] == "branch" and len(step["paths"]) < MOST_PATHS:
        return {**step, "paths": [*step["paths"], {"if": {"segment": ""}, "steps": []}]}
    if step["do"] == "split" and len(step["arms"]) < MOST_PATHS:
        arms = [*step["arms"], {"name": chr(65 + len(step["arms"])), "share": 0, "steps": []}]
        return {**step, "arms": arms}
    return step


def fewer(step: Json, place: int) -> Json:
    """A branch or split without one of its ways, and what stood there."""
    key = {"branch": "paths", "split": "arms"}.get(step["do"], "")
    if not key or len(step[key]) < 2:
        return step
    return {**step, key: [each for at, each in enumerate(step[key]) if at != place]}


# What is done with a person


def _tag_fields(step: Json, around: Around) -> list[Field]:
    how, name = ("remove", step["remove"]) if "remove" in step else ("add", step.get("add", ""))
    kinds = [("add", _("Put it on")), ("remove", _("Take it off"))]
    return [Field("tag", _("Tag"), value=name, suggestions=around.things.tags, most=60), Field("how", _("Do"), "select", how, kinds)]


def _tag(_step: Json, post: Post, _around: Around) -> Json:
    return {"remove" if post.get("how") == "remove" else "add": " ".join(post.get("tag", "").split())[:60]}


def _field_fields(step: Json, around: Around) -> list[Field]:
    value = step.get("to")
    shown = "" if value is None else str(value)
    return [Field("field", _("Field"), "groups", step.get("field", ""), around.things.fields),
            Field("to", _("Set to"), value=shown, most=1_000, help=_("Left empty, the field is emptied."))]  # fmt: skip


def _field(step: Json, post: Post, _around: Around) -> Json:
    text = post.get("to", "").replace("\x00", "").strip()[:1_000]
    value: Any = text or None
    if step["do"] == "stage":
        value = text[:300]
    return {"field": post.get("field", "").strip()[:120], "to": value}


def _score_fields(step: Json, around: Around) -> list[Field]:
    return [Field("field", _("Number field"), value=step.get("field", ""), most=120,
                  suggestions=[name for _heading, pairs in around.things.fields for name, _words in pairs]),
            Field("add", _("Points (fewer: −5)"), value=f"{step.get('add', 1):g}")]  # fmt: skip


def _score(_step: Json, post: Post, _around: Around) -> Json:
    try:
        points = float(post.get("add", "").replace(",", ".").replace("−", "-"))
    except ValueError:
        points = float("nan")
    if not -1_000_000 <= points <= 1_000_000:
        raise NotSaid("add", _("Write a number."))
    return {"field": post.get("field", "").strip()[:120], "add": points}


def _task_fields(step: Json, around: Around) -> list[Field]:
    return [
        Field("text", _("What is to be done"), "area", step.get("text", ""), most=1_000),
        Field("to", _("By whom"), "select", step.get("to", ""), with_empty(around.things.team, _("whoever takes it"))),
        span_field("due", _("Within"), step.get("due")),
    ]


def _task(_step: Json, post: Post, _around: Around) -> Json:
    found: Json = {"text": post.get("text", "").replace("\x00", "").strip()[:1_000]}
    found |= {"to": given} if (given := post.get("to", "")[:254]) else {}
    return found | ({"due": due} if (due := span(post, "due")) else {})


def _webhook_fields(step: Json, _around: Around) -> list[Field]:
    return [Field("url", _("Address"), value=step.get("url", ""), most=500, help=_("It is told, signed, until it says that it heard."))]


def _webhook(_step: Json, post: Post, _around: Around) -> Json:
    return {"url": post.get("url", "").strip()[:500]}


_FIELDS: dict[str, Callable[[Json, Around], list[Field]]] = {
    "send": _send_fields, "survey": _survey_fields, "wait": _wait_fields, "until": _until_fields, "branch": _branch_fields,
    "split": _split_fields, "tag": _tag_fields, "field": _field_fields, "stage": _field_fields, "score": _score_fields,
    "task": _task_fields, "webhook": _webhook_fields, "leave": lambda _step, _around: [],
}  # fmt: skip
_READERS: dict[str, Callable[[Json, Post, Around], Json]] = {
    "send": _send, "survey": _survey, "wait": _wait, "until": _until, "branch": _branch, "split": _split, "tag": _tag, "field": _field,
    "stage": _field, "score": _score, "task": _task, "webhook": _webhook, "leave": lambda _step, _post, _around: {},
}  # fmt: skip
