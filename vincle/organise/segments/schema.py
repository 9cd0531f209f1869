"""The JSON Schema (2020-12) of a predicate. How deep and how many clauses is beyond it: `reading.read` says that."""

from typing import Any

from vincle.vocabulary import ObjectType, Permit, Stage, Verb

from .checking import LARGEST, LONGEST, MOST_DAYS, MOST_VALUES
from .frame import SENTIMENTS
from .predicate import LABELS

Schema = dict[str, Any]


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _closed(required: tuple[str, ...], **properties: Schema) -> Schema:
    return {"type": "object", "required": list(required), "properties": properties, "additionalProperties": False}


def _texts(longest: int = LONGEST) -> Schema:
    return {"type": "string", "minLength": 1, "maxLength": longest, "pattern": r"^[^\u0000]*[^\s\u0000][^\u0000]*$"}


def _words(words: Any) -> Schema:
    """One of the words, or a list of them."""
    word = {"enum": [str(word) for word in words]}
    return {"anyOf": [word, {"type": "array", "items": word, "minItems": 1, "maxItems": MOST_VALUES}]}


def _range(of: str) -> Schema:
    return _closed((), at_least=_ref(of), at_most=_ref(of)) | {"minProperties": 1}


_TEXT, _NUMBER, _DATE = _ref("text"), _ref("number"), _ref("date")
_TRUE: Schema = {"const": True}
_SCALAR: Schema = {"anyOf": [_TEXT, _NUMBER, {"type": "boolean"}]}
_COMPARES: dict[str, Schema] = {
    "is": _SCALAR, "is_not": _SCALAR, "one_of": {"type": "array", "items": _SCALAR, "minItems": 1, "maxItems": MOST_VALUES},
    "contains": _TEXT, "starts": _TEXT, "more": _NUMBER, "less": _NUMBER, "at_least": _NUMBER, "at_most": _NUMBER, "before": _DATE,
    "after": _DATE, "in_last": _ref("days"), "in_next": _ref("days"), "birthday_in_next": _ref("days"), "known": _TRUE, "unknown": _TRUE,
}  # fmt: skip
_MEASURES = {
    "count": _range("whole"), "sum": _range("number"), "mean": _range("number"), "largest": _range("number"),
    "first": _range("days"), "last": _range("days"),
}  # fmt: skip
_ACT = _closed(
    (),
    verb=_words(Verb),
    object_type=_words(ObjectType),
    **{name: _ref("texts") for name in LABELS},
    sentiment=_words(SENTIMENTS),
    is_reply={"type": "boolean"},
    amount=_range("number"),
    rating=_range("rating"),
    by={"enum": ["them", "us"]},
)
_PARTS: Schema = {"type": "array", "items": _ref("predicate"), "maxItems": 200}
_DID = {"did": _ref("act"), "within": _ref("window")}
_CLAUSES = (
    _closed(("all",), all=_PARTS),
    _closed(("any",), any=_PARTS),
    _closed(("not",), **{"not": _ref("predicate")}),
    *(_closed(("trait", compare), trait=_texts(120), **{compare: value}) for compare, value in _COMPARES.items()),
    _closed(("tag",), tag=_TEXT),
    _closed(("stage",), stage=_words(Stage)),
    _closed(("consent",), consent={"enum": [*Permit, "none"]}, channel=_texts(60), purpose=_texts(60)),
    _closed(("score",), score=_texts(60), at_least=_NUMBER, at_most=_NUMBER),
    _closed(("segment",), segment=_texts(40)),
    _closed(("random",), random=_ref("rating"), seed={"type": "integer", "minimum": 0, "maximum": 2**53 - 1}),
    _closed(("top", "by"), top={"type": "integer", "minimum": 1, "maximum": 10**9}, by=_texts(60)),
    _closed(("did",), **_DID),
    *(_closed(("did", measure), **_DID, **{measure: limits}) for measure, limits in _MEASURES.items()),
    _closed(("did", "kinds", "of"), **_DID, kinds=_range("whole"), of={"enum": list(LABELS)}),
    _closed(("did_not",), did_not=_ref("act"), within=_ref("window")),
    _closed(
        ("sequence", "within_days"),
        sequence={"type": "array", "items": _ref("act"), "minItems": 2, "maxItems": 10},
        within_days=_ref("days"),
        within=_ref("window"),
        missing_last={"type": "boolean"},
    ),
)
SCHEMA: Schema = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Predicate of a segment",
    **_ref("predicate"),
    "$defs": {
        "predicate": {"oneOf": list(_CLAUSES)},
        "act": _ACT,
        "window": {
            "anyOf": [
                _closed((), days=_ref("days")),
                _closed((), **{"from": _DATE, "to": _DATE}),
                _closed((), since={"enum": ["day", "week", "month", "quarter", "year"]}),
            ]
        },
        "text": _texts(),
        "texts": {"anyOf": [_TEXT, {"type": "array", "items": _TEXT, "minItems": 1, "maxItems": MOST_VALUES}]},
        "number": {"type": "number", "minimum": -LARGEST, "maximum": LARGEST},
        "whole": {"type": "integer", "minimum": 0, "maximum": LARGEST},
        "rating": {"type": "number", "minimum": 0, "maximum": 1},
        "days": {"type": "number", "minimum": 0, "maximum": MOST_DAYS},
        "date": {"type": "string", "format": "date", "pattern": r"^[1-8][0-9]{3}-[0-9]{2}-[0-9]{2}$"},
    },
}
