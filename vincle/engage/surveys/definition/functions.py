"""The functions of expressions. Pure; nothing they are given makes them raise.

>>> call("count", [["a", "b"]], None), call("sum", [{"x": 2, "y": 3}], None), call("age", ["2000-06-01"], date(2026, 5, 31))
(2.0, 5.0, 25.0)
"""

from datetime import UTC, date, datetime
from typing import Any

from .expressions import number, truth


def call(function: str, given: list[Any], today: date | None) -> Any:
    """What a function comes to; its name and number of arguments were looked at when it was parsed."""
    first = given[0] if given else None
    match function:
        case "answered":
            return is_answered(first)
        case "count":
            return float(_many(first)) if len(given) == 1 else float(sum(is_answered(each) for each in given))
        case "contains":
            return _contains(first, given[1])
        case "len":
            return float(len(first)) if isinstance(first, str) else 0.0
        case "today":
            return (today or datetime.now(UTC).date()).isoformat()
        case "age":
            return _age(first, today or datetime.now(UTC).date())
        case "round":
            return _rounded(first, given[1] if len(given) > 1 else 0)
        case "if":
            return given[1] if truth(first) else given[2]
    return _of_numbers(function, [each for value in given for each in _numbers(value)])


def is_answered(value: Any) -> bool:
    """Whether something was said; a 0 and a "no" are answers."""
    return value is not None and value != "" and value != [] and value != {}


def _many(value: Any) -> int:
    return len(value) if isinstance(value, list | dict) else int(is_answered(value))


def _contains(whole: Any, part: Any) -> bool:
    if isinstance(whole, list | dict):
        found = number(part) if not isinstance(part, str) else None
        wanted = part if isinstance(part, str) else f"{found:g}" if found is not None else ""
        return wanted in whole
    return isinstance(whole, str) and isinstance(part, str) and part.casefold() in whole.casefold()


def _age(born: Any, today: date) -> float | None:
    try:
        day = date.fromisoformat(born) if isinstance(born, str) else None
    except ValueError:
        return None
    if day is None or day > today:
        return None
    return float(today.year - day.year - ((today.month, today.day) < (day.month, day.day)))


def _rounded(value: Any, digits: Any) -> float | None:
    found, places = number(value), number(digits)
    return None if found is None else round(found, int(min(max(places or 0, 0), 9)))


def _numbers(value: Any) -> list[float]:
    if isinstance(value, dict):
        return [found for each in value.values() for found in _numbers(each)]
    if isinstance(value, list):
        return [found for each in value if (found := number(each)) is not None]
    found = number(value)
    return [] if found is None else [found]


def _of_numbers(function: str, found: list[float]) -> float | None:
    if function == "sum":
        return sum(found)
    if not found:
        return None
    return min(found) if function == "min" else max(found) if function == "max" else sum(found) / len(found)
