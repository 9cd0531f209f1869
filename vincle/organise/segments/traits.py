"""One trait compared: what holds of a value now, and when that changes by itself. Texts are compared without case and accents."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from vincle.store.folding import fold

from .frame import Now, micros
from .predicate import Trait
from .windows import NEVER, after, length, midnight

YES = frozenset({"yes", "true", "1", "on", "si"})
NO = frozenset({"no", "false", "0", "off"})
_NUMBER = re.compile(r"[+-]?\d{1,15}(\.\d{1,15})?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_BIRTHDAY = re.compile(r"(?:\d{4}-|--?)?(\d\d)-(\d\d)(?:T.*)?", re.ASCII)


def tidy(value: Any) -> Any:
    """A value that can be looked up; None for whatever says nothing.

    >>> tidy(["a", ""]), tidy(""), tidy(float("nan"))
    (('a',), None, None)
    """
    if isinstance(value, list | tuple | set | frozenset):
        return tuple(kept for each in value if (kept := tidy(each)) is not None) or None
    if isinstance(value, dict):
        return str(value)
    return None if value is None or value == "" or value != value else value


def holds(asked: Trait, found: Any, now: Now) -> bool:
    """`found` as `tidy` leaves it."""
    if asked.compare in ("known", "unknown"):
        return (found is not None) == (asked.compare == "known")
    if asked.compare == "is_not":
        return not _any(asked.value, found, _same, now)
    return _any(asked.value, found, _COMPARES[asked.compare], now)


def changes(asked: Trait, found: Any, now: Now) -> int:
    """The next moment at which `holds` may say something else; NEVER for what time does not touch."""
    moments = _MOMENTS.get(asked.compare)
    if moments is None or found is None:
        return NEVER
    many = found if isinstance(found, tuple) else (found,)
    return min((moment for each in many for moment in moments(asked.value, each, now) if moment > now.micros), default=NEVER)


def _any(asked: Any, found: Any, compare: Callable[[Any, Any, Now], bool], now: Now) -> bool:
    if found is None:
        return False
    return any(compare(asked, each, now) for each in found) if isinstance(found, tuple) else compare(asked, found, now)


def text(found: Any) -> str:
    """A value as it is compared with a text."""
    if isinstance(found, bool):
        return "yes" if found else "no"
    if isinstance(found, float) and found.is_integer():
        return str(int(found))
    return fold(found.isoformat() if isinstance(found, date) else str(found))


def number(found: Any) -> float | None:
    """A value as it is compared with a number; True is 1."""
    if isinstance(found, str):
        return float(found) if _NUMBER.fullmatch(found.strip()) else None
    return found if isinstance(found, int | float) else None


def moment(found: Any) -> date | datetime | None:
    """A day, or a moment of known zone; None when it is neither or so far off that no zone holds it."""
    if isinstance(found, str):
        found = _read_moment(found.strip())
    if not isinstance(found, date) or not 2 <= found.year <= 9997:
        return None
    if isinstance(found, datetime):
        return found.astimezone(UTC) if found.tzinfo else found.date()
    return found


def _read_moment(found: str) -> date | None:
    if not _DATE.match(found):
        return None
    try:
        return date.fromisoformat(found) if len(found) == 10 else datetime.fromisoformat(found)
    except ValueError:
        return None


def day(found: Any, now: Now) -> date | None:
    """The local day of a value."""
    when = moment(found)
    return when.astimezone(now.zone).date() if isinstance(when, datetime) else when


def birthday(found: Any, today: date) -> date | None:
    """The next birthday, today's counts. Who was born on 29 February has it on the 28th in other years."""
    found = found.date() if isinstance(found, datetime) else found
    parts = _BIRTHDAY.fullmatch(found.isoformat() if isinstance(found, date) else str(found).strip())
    if parts is None:
        return None
    for year in (today.year, today.year + 1):
        if (born := _anniversary(year, int(parts[1]), int(parts[2]))) is None or born >= today:
            return born
    return None


def _anniversary(year: int, month: int, of_month: int) -> date | None:
    try:
        leap = date(2000, month, of_month)
        return date(year, month, 28) if (leap.month, leap.day) == (2, 29) and not _is_leap(year) else date(year, month, of_month)
    except ValueError:
        return None


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _same(asked: Any, found: Any, _now: Now) -> bool:
    if isinstance(asked, str):
        return text(found) == fold(asked)
    word = text(found)
    value = 1 if word in YES else 0 if word in NO else number(found)
    return value is not None and value == float(asked)


def _one_of(asked: tuple[Any, ...], found: Any, _now: Now) -> bool:
    word = text(found)
    texts, numbers = _either(asked)
    if word in texts or not numbers:
        return word in texts
    return (1 if word in YES else 0 if word in NO else number(found)) in numbers


@lru_cache(maxsize=4_096)
def _either(asked: tuple[Any, ...]) -> tuple[frozenset[str], frozenset[float]]:
    """Texts, folded, and numbers among what is asked for; worked out once for all the values they are compared with."""
    return frozenset(fold(each) for each in asked if isinstance(each, str)), frozenset(
        float(each) for each in asked if not isinstance(each, str)
    )


def _number(compare: Callable[[float, float], bool]) -> Callable[[Any, Any, Now], bool]:
    def holds(asked: Any, found: Any, _now: Now) -> bool:
        value = number(found)
        return value is not None and compare(value, asked)

    return holds


def _day(compare: Callable[[date, date], bool]) -> Callable[[Any, Any, Now], bool]:
    def holds(asked: Any, found: Any, now: Now) -> bool:
        value = day(found, now)
        return value is not None and compare(value, date.fromisoformat(asked))

    return holds


def _in_last(asked: float, found: Any, now: Now) -> bool:
    when = moment(found)
    if isinstance(when, datetime):
        return now.micros - length(asked) < micros(when) <= now.micros
    return when is not None and 0 <= (now.today - when).days <= asked


def _in_next(asked: float, found: Any, now: Now) -> bool:
    when = moment(found)
    if isinstance(when, datetime):
        return now.micros < micros(when) <= now.micros + length(asked)
    return when is not None and 0 <= (when - now.today).days <= asked


def _birthday(asked: float, found: Any, now: Now) -> bool:
    when = birthday(found, now.today)
    return when is not None and (when - now.today).days <= asked


def _last_moments(asked: float, found: Any, now: Now) -> tuple[int, ...]:
    when = moment(found)
    if isinstance(when, datetime):
        return micros(when), micros(when) + length(asked)
    return () if when is None else (midnight(when, now), midnight(after(when, int(asked) + 1), now))


def _next_moments(asked: float, found: Any, now: Now) -> tuple[int, ...]:
    when = moment(found)
    if isinstance(when, datetime):
        return micros(when) - length(asked), micros(when)
    return () if when is None else (midnight(after(when, -int(asked)), now), midnight(after(when, 1), now))


def _birthday_moments(asked: float, found: Any, now: Now) -> tuple[int, ...]:
    when = birthday(found, now.today)
    return () if when is None else (midnight(after(when, -int(asked)), now), midnight(after(when, 1), now))


_COMPARES: dict[str, Callable[[Any, Any, Now], bool]] = {
    "is": _same,
    "one_of": _one_of,
    "contains": lambda asked, found, _now: fold(asked) in text(found),
    "starts": lambda asked, found, _now: text(found).startswith(fold(asked)),
    "more": _number(lambda found, asked: found > asked), "less": _number(lambda found, asked: found < asked),
    "at_least": _number(lambda found, asked: found >= asked), "at_most": _number(lambda found, asked: found <= asked),
    "before": _day(lambda found, asked: found < asked), "after": _day(lambda found, asked: found > asked),
    "in_last": _in_last, "in_next": _in_next, "birthday_in_next": _birthday,
}  # fmt: skip
_MOMENTS: dict[str, Callable[[Any, Any, Now], tuple[int, ...]]] = {
    "in_last": _last_moments, "in_next": _next_moments, "birthday_in_next": _birthday_moments,
}  # fmt: skip
