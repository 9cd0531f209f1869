"""Answers typed in from paper or while somebody is on the telephone: one key an answer, every question of the survey on one screen.

Fields are named "a-<question>" ("a-<question>-<row>" in a table). What was typed becomes answers of the same shapes as anywhere else.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from django.utils.translation import gettext as _

from .definition import model
from .definition.model import Item
from .paper import key_of, unpiped

NONE: Final = object()


class Field(NamedTuple):
    """`kind`: "one" (a key), "many" (keys), "rating" (a number of a scale), "number", "text", "long". `keys` are (key, value, words)."""

    name: str
    question: str
    row: str
    label: str
    number: str
    kind: str
    keys: Sequence[tuple[str, str, str]] = ()
    least: float | None = None
    most: float | None = None
    place: int = 0


class Form(NamedTuple):
    definition: model.Survey
    language: str
    fields: Sequence[Field]


def fields(survey: model.Survey, language: str) -> list[Field]:
    """All that can be typed in, in the order and with the numbers of the ballot."""
    found: list[Field] = []
    number = 0
    for _page, item in model.questions(survey):
        if isinstance(item, (*model.SILENT, model.File)):
            continue
        number += 1
        found += _of(survey, item, language, str(number))
    return found


def _of(survey: model.Survey, item: Item, language: str, number: str) -> list[Field]:
    def say(texts: model.Texts) -> str:
        return unpiped(model.say(texts, language, survey))

    name, label = f"a-{item.id}", say(item.text)
    choices = [(key_of(at, len(item.choices)), each.id, say(each.text)) for at, each in enumerate(item.choices)] if isinstance(
        item, model.WITH_CHOICES) else []  # fmt: skip
    match item:
        case model.Matrix(rows=rows, scales=scales):
            made = []
            for row in rows:
                for place, scale in enumerate(scales):
                    words = f"{say(row.text)} · {say(scale.title)}" if len(scales) > 1 else say(row.text)
                    made.append(_rated(f"{name}-{row.id}-{place}", item.id, row.id, words, number, 1, scale.points, place))
            return made
        case model.Ranking() | model.ConstantSum():
            most = float(len(item.choices)) if isinstance(item, model.Ranking) else float(item.total)
            return [Field(f"{name}-{each.id}", item.id, each.id, say(each.text), number, "number", (), 0, most) for each in item.choices]
        case model.Multiple():
            return [Field(name, item.id, "", label, number, "many", choices)]
        case model.ImageChoice():
            return [Field(name, item.id, "", label, number, "many" if item.several else "one", choices)]
        case model.Single() | model.Dropdown():
            return [Field(name, item.id, "", label, number, "one", choices)]
        case model.Consent():
            return [Field(name, item.id, "", label, number, "one", [("1", "yes", str(_("yes"))), ("0", "", str(_("no")))])]
        case model.Number(least=least, most=most):
            return [Field(name, item.id, "", label, number, "number", (), least, most)]
        case model.Slider(low=low, high=high):
            return [Field(name, item.id, "", label, number, "number", (), low, high)]
        case model.LongText():
            return [Field(name, item.id, "", label, number, "long")]
    span = model.points(item)
    if span is not None:
        return [_rated(name, item.id, "", label, number, *span)]
    return [Field(name, item.id, "", label, number, "text")]


def _rated(name: str, question: str, row: str, label: str, number: str, least: int, most: int, place: int = 0) -> Field:
    """Zero is the key of ten, unless nought is an answer itself: then ten has a key beside the nine."""
    keys = [(("0" if least else "x") if n == 10 else str(n), str(n), str(n)) for n in range(least, most + 1)]
    return Field(name, question, row, label, number, "rating", keys, least, most, place)


def read(form: Form, posted: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """(answers by question, what is wrong by name of field). An empty field is no answer."""
    answers: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for each in form.fields:
        text = str(posted.get(each.name, "")).replace("\x00", "").strip()[:8000]
        if not text:
            continue
        try:
            _put(answers, form, each, _value(each, text))
        except ValueError as error:
            wrong[each.name] = str(error)
    return {name: _shaped(form, name, value) for name, value in answers.items()}, wrong


def _value(field: Field, text: str) -> Any:
    keys = {key: value for key, value, _words in field.keys} | {value: value for _key, value, _words in field.keys}
    if field.kind == "many":
        parts = text.replace(",", " ").split() if any(sep in text for sep in " ,") else list(text)
        return [_keyed(keys, part) for part in dict.fromkeys(parts)]
    if field.kind == "one":
        return _keyed(keys, text)
    if field.kind == "rating":
        return model.NA if text == "-" else int(_keyed(keys, text))
    if field.kind == "number":
        return _number(field, text)
    return text


def _keyed(keys: Mapping[str, str], text: str) -> str:
    found = keys.get(text.lower(), keys.get(text))
    if found is None:
        raise ValueError(_("“%(key)s” is no answer here.") % {"key": text[:20]})
    return found


def _number(field: Field, text: str) -> float | int:
    try:
        found = float(text.replace(",", "."))
    except ValueError:
        raise ValueError(_("Type a number.")) from None
    if not (field.least is None or found >= field.least) or not (field.most is None or found <= field.most) or abs(found) > 1e15:
        raise ValueError(_("Not between %(low)s and %(high)s.") % {"low": field.least, "high": field.most})
    return int(found) if found == int(found) else found


def _put(answers: dict[str, Any], form: Form, field: Field, value: Any) -> None:
    if not field.row:
        answers[field.question] = value
        return
    rows = answers.setdefault(field.question, {})
    item = model.find(form.definition, field.question)
    if item is not None and isinstance(item[1], model.Matrix) and len(item[1].scales) > 1:
        pair = rows.setdefault(field.row, [None] * len(item[1].scales))
        pair[field.place] = value
    else:
        rows[field.row] = value


def _shaped(form: Form, question: str, value: Any) -> Any:
    found = model.find(form.definition, question)
    if found is None:
        return value
    match found[1]:
        case model.Ranking():
            return [row for row, place in sorted(value.items(), key=lambda pair: pair[1]) if place]
        case model.Consent():
            return value == "yes"
    return value


def written(form: Form, answers: Mapping[str, Any]) -> dict[str, str]:
    """The other way round: answers as they would have been typed, by name of field."""
    found = {each.name: _text(each, _part(each, answers.get(each.question))) for each in form.fields}
    return {name: text for name, text in found.items() if text}


def _part(field: Field, value: Any) -> Any:
    """What of an answer stands in this field."""
    if not field.row:
        return value
    if isinstance(value, list):
        return value.index(field.row) + 1 if field.row in value else None
    cell = value.get(field.row) if isinstance(value, dict) else None
    if isinstance(cell, list):
        return cell[field.place] if field.place < len(cell) else None
    return cell


def _text(field: Field, value: Any) -> str:
    keys = {said: key for key, said, _words in field.keys}
    if value is None or value is False:
        return ""
    if value == model.NA:
        return "-"
    if field.kind == "many" and isinstance(value, list):
        return " ".join(keys.get(str(each), str(each)) for each in value)
    return keys.get("yes" if value is True else str(value), str(value))


def shown(form: Form, posted: Mapping[str, str], problems: Mapping[str, str]) -> list[dict[str, Any]]:
    """Fields as the screen shows them."""
    return [{"field": each, "value": posted.get(each.name, ""), "wrong": problems.get(each.name, "")} for each in form.fields]
