"""The JSON Schema (2020-12) of a definition. What hangs together across steps is beyond it: `reading.read` says that."""

from typing import Any

from vincle.organise.segments.schema import SCHEMA as PREDICATE

from . import checks
from .steps import KINDS

Schema = dict[str, Any]


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _closed(required: tuple[str, ...], **properties: Schema) -> Schema:
    return {"type": "object", "required": list(required), "properties": properties, "additionalProperties": False}


def _text(longest: int) -> Schema:
    return {"type": "string", "minLength": 1, "maxLength": longest, "pattern": r"^[^\u0000]*[^\s\u0000][^\u0000]*$"}


def _whole(least: int, most: int) -> Schema:
    return {"type": "integer", "minimum": least, "maximum": most}


def _step(kind: str, required: tuple[str, ...] = (), **properties: Schema) -> Schema:
    always = {"id": {"type": "string", "pattern": "^[a-z0-9][a-z0-9_-]{0,23}$"}, "do": {"const": kind}, "note": _text(300)}
    return _closed(("id", "do", *required), **always, **properties)


_PREDICATES: Schema = PREDICATE["$defs"]
_TIME: Schema = {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"}
_DAYS, _STEPS, _SPAN = _whole(-3650, 3650), _ref("steps"), _ref("span")
_MEDIUM = {"medium": _text(40), "connection": _text(40), "topic": _text(60), "purpose": {"enum": ["marketing", "service"]}}
_RESULT = _closed(("got", "step"), got={"enum": list(checks.RESULTS)}, step={"type": "string"})
_SENDS = {"subject": _text(300), "promotion": _text(40), **_MEDIUM}
_EVENTS = (
    _closed(("event",), event={**_ref("act"), "minProperties": 1}),
    _closed(("enters",), enters=_text(40)),
    _closed(("leaves",), leaves=_text(40)),
    _closed(("form",), form=_text(120)),
    _closed(("survey",), survey=_text(120)),
)
_MOMENTS = (
    _closed(("time",), time=_TIME, on={"type": "array", "items": {"enum": list(checks.WEEKDAYS)}, "minItems": 1, "maxItems": 7}),
    _closed(("date",), date=_text(120), days=_DAYS, time=_TIME),
)
_STEP_KINDS = (
    _step("send", ("letter",), letter=_text(40), **_SENDS),
    _step("send", ("text",), text=_text(checks.LONGEST_TEXT), **_SENDS),
    _step("survey", ("survey", "letter"), survey=_text(300), letter=_text(40), **_MEDIUM),
    _step("wait", ("for",), **{"for": _SPAN}),
    _step("wait", ("until",), until={"oneOf": list(_MOMENTS)}),
    _step("wait", ("until", "most"), until={"oneOf": [_ref("event"), _RESULT]}, most=_SPAN, came=_STEPS, missed=_STEPS),
    _step("branch", ("paths",), paths=_ref("paths"), **{"else": _STEPS}),
    _step("split", ("arms",), arms=_ref("arms")),
    _step("tag", ("add",), add=_text(60)),
    _step("tag", ("remove",), remove=_text(60)),
    _step("field", ("field", "to"), field=_text(120), to={"anyOf": [_text(1_000), _ref("number"), {"type": ["boolean", "null"]}]}),
    _step("score", ("field", "add"), field=_text(120), add={"type": "number", "minimum": -1_000_000, "maximum": 1_000_000}),
    _step("stage", ("field", "to"), field=_text(120), to=_text(300)),
    _step("task", ("text",), text=_text(1_000), to=_text(254), due=_SPAN),
    _step("webhook", ("url",), url={"type": "string", "maxLength": 500, "pattern": "^https?://[!-~]+$"}),
    _step("leave"),
)
assert {kind["properties"]["do"]["const"] for kind in _STEP_KINDS} == set(KINDS)
_PATH = _closed(("if",), **{"if": _ref("condition"), "steps": _STEPS})
_ARM = _closed(("name", "share"), name=_text(60), share=_whole(0, 100), steps=_STEPS)
_CONDITIONS: Schema = {"type": "array", "items": _ref("condition"), "maxItems": 200}
SCHEMA: Schema = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Journey",
    **_closed(
        ("start", "steps"),
        start={"type": "array", "items": _ref("trigger"), "minItems": 1, "maxItems": checks.MOST_TRIGGERS},
        only=_ref("predicate"),
        again=_closed(("may",), may={"enum": ["never", "ended", "always"]}, days=_whole(0, 3650)),
        goal=_ref("events"),
        leave=_ref("events"),
        late=_closed((), hours=_whole(1, 8760), then={"enum": ["go_on", "skip", "leave"]}),
        steps=_STEPS,
    ),
    "$defs": {
        "trigger": {"anyOf": [_ref("event"), _closed(("date",), date=_text(120), days=_DAYS, time=_TIME, yearly={"type": "boolean"})]},
        "event": {"oneOf": list(_EVENTS)},
        "events": {"type": "array", "items": _ref("event"), "maxItems": checks.MOST_TRIGGERS},
        "steps": {"type": "array", "items": _ref("step"), "maxItems": checks.MOST_STEPS},
        "step": {"oneOf": list(_STEP_KINDS)},
        "span": {"oneOf": [_closed((unit,), **{unit: _whole(1, most)}) for unit, most in checks.UNITS.items()]},
        "paths": {"type": "array", "items": _PATH, "minItems": 1, "maxItems": checks.MOST_PATHS},
        "arms": {"type": "array", "items": _ARM, "minItems": 1, "maxItems": checks.MOST_PATHS},
        "condition": {
            "anyOf": [
                _ref("predicate"),
                _RESULT,
                _closed(("all",), all=_CONDITIONS),
                _closed(("any",), any=_CONDITIONS),
                _closed(("not",), **{"not": _ref("condition")}),
            ]
        },
        **_PREDICATES,
    },
}
