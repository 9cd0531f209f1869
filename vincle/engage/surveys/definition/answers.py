"""What an answer may be: read from a form, and looked at before it is kept. Pure; the shapes stand in `model`."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from msgspec import Struct

from .expressions import number
from .model import (
    NA,
    Ces,
    Choice,
    Computed,
    Consent,
    ConstantSum,
    Date,
    Dropdown,
    Email,
    File,
    Hidden,
    ImageChoice,
    Item,
    Likert,
    LongText,
    Matrix,
    Multiple,
    Note,
    Nps,
    Number,
    Phone,
    Ranking,
    Scale,
    Single,
    Slider,
    Smileys,
    Stars,
    Text,
    points,
)  # fmt: skip

Form = Mapping[str, Sequence[str]]
LONGEST_OTHER: Final = 500
_EMAIL: Final = re.compile(r"^[^\s@<>(),;:\"\\\[\]]{1,64}@[^\s@<>(),;:\"\\\[\]]{1,200}\.[^\s@<>(),;:\"\\\[\]\d]{2,63}$")
_PHONE: Final = re.compile(r"^\+?[\d\s().\-/]{5,30}$")


class Problem(Struct, frozen=True):
    """What is wrong with an answer: `code` is stable; `least` and `most` what would be right, where it is a matter of numbers.

    `is_soft`: they are asked once more, and may then go on.
    """

    code: str
    is_soft: bool = False
    least: float | str | None = None
    most: float | str | None = None


# Out of a form


def read(item: Item, name: str, form: Form) -> Any:
    """The answer as its shape wants it, as far as what was sent allows; None where nothing was said."""
    values = [_clean(each) for each in form.get(name, ())]
    first = values[0] if values else ""
    match item:
        case Multiple():
            return list(dict.fromkeys(each for each in values if each)) or None
        case ImageChoice():
            return (list(dict.fromkeys(each for each in values if each)) or None) if item.several else first or None
        case Nps() | Stars() | Smileys() | Ces() | Likert():
            return _rating(first)
        case Matrix():
            return _cells(item, name, form)
        case Ranking():
            return _ranked(item, name, form)
        case ConstantSum():
            return _shares(item, name, form)
        case Number() | Slider():
            found = number(first)
            return first or None if found is None else _whole(found)
        case Consent():
            return bool(first)
        case LongText():
            return _clean(form.get(name, ("",))[0] if form.get(name) else "", lines=True) or None
        case Email():
            return first.lower() or None
        case File() | Computed() | Note() | Hidden():
            return None
    return first or None


def other(name: str, form: Form) -> str:
    """What was typed at "something else"."""
    values = form.get(f"{name}.other", ())
    return _clean(values[0])[:LONGEST_OTHER] if values else ""


def _clean(text: str, lines: bool = False) -> str:
    bare = text.replace("\x00", "").replace("\r\n", "\n")
    kept = "".join(each for each in bare if each >= " " or (lines and each in "\n\t"))
    return kept.strip()[:20_000]


def _whole(value: float) -> float | int:
    return int(value) if value == int(value) and abs(value) < 1e15 else value


def _rating(text: str) -> int | str | None:
    if text == NA or not text:
        return text or None
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else text


def _cells(item: Matrix, name: str, form: Form) -> dict[str, Any] | None:
    found: dict[str, Any] = {}
    for row in item.rows:
        cells = [_first(form, f"{name}.{row.id}" + (f".{n}" if n > 1 else "")) for n in range(1, len(item.scales) + 1)]
        given = [_rating(each) for each in cells]
        if any(each is not None for each in given):
            found[row.id] = given if len(item.scales) > 1 else given[0]
    return found or None


def _ranked(item: Ranking, name: str, form: Form) -> list[str] | None:
    """By the place typed at each; two at one place stay as they are and are told by `fault`."""
    places = [(_rating(_first(form, f"{name}.{each.id}")), each.id) for each in item.choices]
    given = [(place, id) for place, id in places if isinstance(place, int) and place > 0]
    if len({place for place, _id in given}) != len(given):
        return ["", *(id for _place, id in sorted(given))]
    return [id for _place, id in sorted(given)] or None


def _shares(item: ConstantSum, name: str, form: Form) -> dict[str, Any] | None:
    found: dict[str, Any] = {}
    for each in item.choices:
        if text := _first(form, f"{name}.{each.id}"):
            value = number(text)
            found[each.id] = text[:40] if value is None else _whole(value)
    return found or None


def _first(form: Form, name: str) -> str:
    values = form.get(name, ())
    return _clean(values[0]) if values else ""


# Looked at


def fault(item: Item, answer: Any, today: date | None = None) -> Problem | None:
    """What is wrong with an answer that was given; None: nothing. Never raises, whatever it is given."""
    match item:
        case Single() | Dropdown():
            return _chosen(item.choices, [answer])
        case Multiple():
            return _several(item.choices, answer, item.least, item.most)
        case ImageChoice():
            return _several(item.choices, answer, 0, 0) if item.several else _chosen(item.choices, [answer])
        case Nps() | Stars() | Smileys() | Ces():
            return _scored(answer, *(points(item) or (0, 0)))
        case Likert():
            return _on_scale(answer, item.scale)
        case Matrix():
            return _table(item, answer)
        case Ranking():
            return _ranking(item, answer)
        case ConstantSum():
            return _summed(item, answer)
        case Number():
            return _number(answer, item.least, item.most, item.decimals)
        case Slider():
            return _number(answer, item.low, item.high, 9)
        case Date():
            return _day(item, answer)
        case Email():
            return None if isinstance(answer, str) and len(answer) < 255 and _EMAIL.match(answer) else Problem("email")
        case Phone():
            return None if isinstance(answer, str) and _PHONE.match(answer) and sum(map(str.isdigit, answer)) > 4 else Problem("phone")
        case Consent():
            return None if isinstance(answer, bool) else Problem("choice")
        case File():
            return None if isinstance(answer, dict) and isinstance(answer.get("token"), str) else Problem("file")
        case Text() | LongText():
            return _text(answer, item.most)
    return None


def is_partly(item: Matrix, answer: Any) -> bool:
    """Whether a row was left out."""
    if not isinstance(answer, dict):
        return True
    return any(row.id not in answer or (isinstance(answer[row.id], list) and None in answer[row.id]) for row in item.rows)


def _text(answer: Any, most: int) -> Problem | None:
    if not isinstance(answer, str):
        return Problem("choice")
    return Problem("long", most=most) if most and len(answer) > most else None


def _chosen(choices: Sequence[Choice], answer: Sequence[Any]) -> Problem | None:
    ids = {each.id for each in choices}
    return None if all(isinstance(each, str) and each in ids for each in answer) else Problem("choice")


def _several(choices: Sequence[Choice], answer: Any, least: int, most: int) -> Problem | None:
    if not isinstance(answer, list) or len(answer) > len(choices) or (wrong := _chosen(choices, answer)):
        return Problem("choice")
    if len(answer) > 1 and any(each.is_exclusive and each.id in answer for each in choices):
        return Problem("exclusive")
    alone = any(each.is_exclusive and each.id in answer for each in choices)
    if len(answer) < least and not alone:
        return Problem("few", least=least)
    return Problem("many", most=most) if most and len(answer) > most else wrong


def _scored(answer: Any, least: int, most: int) -> Problem | None:
    fits = isinstance(answer, int) and not isinstance(answer, bool) and least <= answer <= most
    return None if fits else Problem("range", least=least, most=most)


def _on_scale(answer: Any, scale: Scale) -> Problem | None:
    return None if answer == NA and scale.has_na else _scored(answer, 1, scale.points)


def _table(item: Matrix, answer: Any) -> Problem | None:
    if not isinstance(answer, dict) or not set(answer) <= {row.id for row in item.rows}:
        return Problem("choice")
    for cell in answer.values():
        cells = cell if len(item.scales) > 1 else [cell]
        if not isinstance(cells, list) or len(cells) != len(item.scales):
            return Problem("choice")
        for one, scale in zip(cells, item.scales, strict=True):
            if one is not None and (wrong := _on_scale(one, scale)):
                return wrong
    return None


def _ranking(item: Ranking, answer: Any) -> Problem | None:
    if not isinstance(answer, list) or (answer and answer[0] == "") or len(set(map(str, answer))) != len(answer):
        return Problem("twice")
    if wrong := _chosen(item.choices, answer):
        return wrong
    wanted = min(item.most or len(item.choices), len(item.choices))
    if len(answer) > wanted:
        return Problem("many", most=wanted)
    return Problem("few", least=wanted) if len(answer) < wanted else None


def _summed(item: ConstantSum, answer: Any) -> Problem | None:
    if not isinstance(answer, dict) or _chosen(item.choices, list(answer)):
        return Problem("choice")
    values = list(answer.values())
    if any(isinstance(each, bool) or not isinstance(each, int | float) or number(each) is None or each < 0 for each in values):
        return Problem("number")
    return None if abs(sum(values) - item.total) < 1e-6 else Problem("sum", most=item.total)


def _number(answer: Any, least: float | None, most: float | None, decimals: int) -> Problem | None:
    if isinstance(answer, bool) or not isinstance(answer, int | float) or number(answer) is None:
        return Problem("number")
    if (least is not None and answer < least) or (most is not None and answer > most):
        return Problem("range", least=least, most=most)
    return None if abs(answer) > 1e15 or round(answer, decimals) == answer else Problem("decimals", most=decimals)


def _day(item: Date, answer: Any) -> Problem | None:
    try:
        day = date.fromisoformat(answer) if isinstance(answer, str) and len(answer) == 10 else None
    except ValueError:
        day = None
    if day is None:
        return Problem("date")
    early = bool(item.least) and answer < item.least
    late = bool(item.most) and answer > item.most
    return Problem("range", least=item.least or None, most=item.most or None) if early or late else None
