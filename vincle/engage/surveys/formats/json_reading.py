"""JSON of strangers: bounded in size and depth, always as dicts, lists and plain values. Pure."""

from typing import Any

import msgspec

from .base import Refused
from .tables import decode

DEEPEST = 80


def parse(content: bytes) -> Any:
    """Refused: not_text, not_json, too_deep."""
    text = decode(content)
    try:
        found = msgspec.json.decode(text)
    except RecursionError as fault:
        raise Refused("too_deep") from fault
    except msgspec.DecodeError as fault:
        raise Refused("not_json", str(fault)[:120]) from fault
    _measure(found)
    return found


def _measure(value: Any) -> None:
    """Goes down level by level, so that depth is told without recursion."""
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > DEEPEST:
            raise Refused("too_deep", str(DEEPEST))
        below: list[Any] = []
        for each in level:
            below += each.values() if isinstance(each, dict) else each if isinstance(each, list) else ()
        level = below


def whole(value: Any, usual: int = 0) -> int:
    """A whole number, also as text; `usual` where it is none."""
    if isinstance(value, bool):
        return usual
    if isinstance(value, int | float) and abs(value) < 1e9:
        return int(value)
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 9 else usual


def truth(value: Any) -> bool:
    return value is True or (isinstance(value, str) and value.lower() in ("true", "yes", "on", "1"))


def entries(value: Any) -> list[Any]:
    """A list, whether it stands as a list or under keys."""
    return value if isinstance(value, list) else list(value.values()) if isinstance(value, dict) else []
