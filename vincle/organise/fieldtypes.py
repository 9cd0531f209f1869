"""What is typed into a field -> the value that is kept, by the field's type. Pure."""

import re
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from vincle.vocabulary.fields import TRAITS

LONGEST = 2000
YES = frozenset({"yes", "true", "1", "on", "sí", "si", "sì"})
NO = frozenset({"no", "false", "0", "off"})
_NUMBER = re.compile(r"[+-]?\d{1,15}(\.\d{1,10})?")


class BadValue(ValueError):
    """The text is not of the type; `code` names the type it should have been."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def type_of(name: str, custom: dict[str, str]) -> str:
    """The type of a trait: of the common ones, else what the team said of it, else text."""
    return TRAITS.get(name) or custom.get(name, "text")


def read(kind: str, text: str) -> Any:
    """The value; "" clears the field. Raises BadValue.

    >>> read("number", "1,5"), read("boolean", "yes"), read("list", "a, b,"), read("date", "2026-03-01"), read("country", "es")
    (1.5, True, ['a', 'b'], '2026-03-01', 'ES')
    """
    text = " ".join(text.replace("\x00", "").split()) if kind != "text" else text.replace("\x00", "").strip()
    if len(text) > LONGEST:
        raise BadValue("length")
    return _READERS[kind](text) if text else ""


def _number(text: str) -> float | int:
    plain = text.replace(",", ".") if text.count(",") == 1 and "." not in text else text
    if not _NUMBER.fullmatch(plain):
        raise BadValue("number")
    return float(plain) if "." in plain else int(plain)


def _date(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise BadValue("date") from error


def _boolean(text: str) -> bool:
    if text.lower() in YES:
        return True
    if text.lower() in NO:
        return False
    raise BadValue("boolean")


def _list(text: str) -> list[str]:
    return [word for part in text.split(",") if (word := part.strip())]


def _url(text: str) -> str:
    try:
        parts = urlsplit(text)
    except ValueError as error:
        raise BadValue("url") from error
    if parts.scheme not in ("http", "https") or not parts.hostname or " " in text:
        raise BadValue("url")
    return text


def _letters(kind: str, most: int, upper: bool) -> Any:
    def check(text: str) -> str:
        if not (text.isascii() and text.replace("-", "").isalpha() and 2 <= len(text) <= most):
            raise BadValue(kind)
        return text.upper() if upper else text.lower()

    return check


_READERS: dict[str, Any] = {
    "text": str, "number": _number, "date": _date, "boolean": _boolean, "list": _list, "url": _url,
    "country": _letters("country", 2, True), "language": _letters("language", 8, False),
}  # fmt: skip
