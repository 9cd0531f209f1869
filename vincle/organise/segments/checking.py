"""Small checks of what was sent as a predicate; each raises BadPredicate, which names the place."""

import math
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import NamedTuple

LONGEST = 300
MOST_VALUES = 1000
LARGEST = 10**15
MOST_DAYS = 36_525
_DAY = re.compile(r"[1-8]\d{3}-\d\d-\d\d")


class BadPredicate(ValueError):
    """What is asked cannot be read. `path`: where ("all/1/did/verb"), `code`: why, `detail`: the value or name it is about."""

    def __init__(self, path: str, code: str, detail: str = "") -> None:
        super().__init__(f"{path or '/'}: {code}" + (f" ({detail})" if detail else ""))
        self.path, self.code, self.detail = path, code, detail


class At(NamedTuple):
    """A value and where it stands."""

    path: str
    value: object

    def under(self, step: str | int, value: object) -> "At":
        return At(f"{self.path}/{step}" if self.path else str(step), value)

    def bad(self, code: str, detail: object = "") -> BadPredicate:
        return BadPredicate(self.path, code, shown(detail))


def shown(value: object) -> str:
    """What a message may say of a value: a text cut short and safe to write anywhere, of anything else its type."""
    text = value if isinstance(value, str) else type(value).__name__
    return text[:80].encode("utf-8", "replace").decode().replace("\x00", "")


def mapping(at: At) -> dict[str, At]:
    if not isinstance(at.value, Mapping):
        raise at.bad("not_an_object", at.value)
    for key in at.value:
        if not isinstance(key, str):
            raise at.bad("unknown_key", key)
    return {key: at.under(shown(key), value) for key, value in at.value.items()}


def only(at: At, given: Iterable[str], allowed: Iterable[str]) -> None:
    """Nothing but the keys that mean something."""
    if unknown := sorted(set(given) - set(allowed)):
        raise at.bad("unknown_key", unknown[0])


def items(at: At, most: int = MOST_VALUES) -> list[At]:
    if not isinstance(at.value, list | tuple):
        raise at.bad("not_a_list", at.value)
    if len(at.value) > most:
        raise at.bad("too_many_values", str(most))
    return [at.under(place, value) for place, value in enumerate(at.value)]


def text(at: At, longest: int = LONGEST) -> str:
    if not isinstance(at.value, str):
        raise at.bad("not_a_text", at.value)
    if not at.value.strip() or len(at.value) > longest or "\x00" in at.value or _is_broken(at.value):
        raise at.bad("bad_text", at.value)
    return at.value


def _is_broken(value: str) -> bool:
    """Half of a pair of surrogates: JSON can write it, UTF-8 cannot."""
    return any("\ud800" <= letter <= "\udfff" for letter in value)


def word(among: Iterable[str]) -> Callable[[At], str]:
    """One of the given words, spelt like this."""
    known = frozenset(among)

    def check(at: At) -> str:
        if text(at) not in known:
            raise at.bad("unknown_word", at.value)
        return str(at.value)

    return check


def texts(at: At, check: Callable[[At], str] = text) -> tuple[str, ...]:
    """One text, or a list of at least one."""
    if isinstance(at.value, str):
        return (check(at),)
    found = tuple(check(each) for each in items(at))
    if not found:
        raise at.bad("empty_list")
    return found


def yes(at: At) -> bool:
    if not isinstance(at.value, bool):
        raise at.bad("not_yes_or_no", at.value)
    return at.value


def number(at: At, least: float = -LARGEST, most: float = LARGEST) -> float:
    value = at.value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise at.bad("not_a_number", value)
    if isinstance(value, float) and not math.isfinite(value):
        raise at.bad("not_a_number", value)
    if not least <= value <= most:
        raise at.bad("out_of_range", f"{least:,.15g} – {most:,.15g}")
    return value


def whole(at: At, least: int = 0, most: int = LARGEST) -> int:
    value = number(at, least, most)
    if value != int(value):
        raise at.bad("not_a_whole_number", value)
    return int(value)


def days(at: At) -> float:
    return number(at, 0, MOST_DAYS)


def day(at: At) -> date:
    """A date as 2026-03-31."""
    found = text(at, 10)
    try:
        if not _DAY.fullmatch(found):
            raise ValueError
        return date.fromisoformat(found)
    except ValueError as error:
        raise at.bad("not_a_date", found) from error


def limits(at: At, check: Callable[[At], float] = number) -> tuple[float | None, float | None]:
    """{"at_least": x, "at_most": y}, one of them or both."""
    given = mapping(at)
    only(at, given, ("at_least", "at_most"))
    least, most = (check(given[key]) if key in given else None for key in ("at_least", "at_most"))
    if least is None and most is None:
        raise at.bad("empty_range")
    if least is not None and most is not None and least > most:
        raise at.bad("turned_range")
    return least, most
