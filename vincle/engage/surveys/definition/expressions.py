"""Conditions and sums over answers, in a small language that can do nothing else. Pure.

>>> wise = parse('{q1} = "yes" and ({nps} >= 9 or {person.stage} = "critic")')
>>> is_true(wise, {"q1": "yes", "nps": 9}.get), write(wise)
(True, '{q1} = "yes" and ({nps} >= 9 or {person.stage} = "critic")')

What was not answered is nothing: equal to "" and to itself, neither more nor less than anything, and what is worked out of it is nothing.
Texts that are numbers are compared with numbers as such. Time is linear in the length of the expression and of what is looked at.
"""

import re
from collections.abc import Callable
from datetime import date
from math import isfinite
from typing import Any, Final

from .nodes import FUNCTIONS, Call, Compared, Fault, Joined, Known, Minus, Name, Node, Not, Series, names, walk
from .parsing import LONGEST, parse, renamed, write

__all__ = [  # one door for whoever uses expressions
    "FUNCTIONS", "LONGEST", "Call", "Compared", "Fault", "Joined", "Known", "Lookup", "Minus", "Name", "Node", "Not", "Series", "Value",
    "evaluate", "is_true", "names", "number", "parse", "pipe", "piped", "renamed", "truth", "walk", "write",
]  # fmt: skip
Lookup = Callable[[str], Any]
Value = Any
"""None, bool, float, str, a list of str, or a dict of numbers."""
_PIPED: Final = re.compile(r"\{([A-Za-z][^{}\s\"]{0,119})\}")


def evaluate(node: Node, look: Lookup, today: date | None = None) -> Value:
    """What it comes to; never raises. `look` gives the value of a name, None where there is none."""
    match node:
        case Known():
            return node.value
        case Name():
            return look(node.name)
        case Joined():
            wanted = node.op == "or"
            return any(truth(evaluate(each, look, today)) == wanted for each in node.parts) == wanted
        case Not():
            return not truth(evaluate(node.part, look, today))
        case Minus():
            found = number(evaluate(node.part, look, today))
            return None if found is None else -found
        case Compared():
            return _compare(node.op, evaluate(node.left, look, today), evaluate(node.right, look, today))
        case Series():
            return _series(node, look, today)
        case Call():
            from .functions import call

            return call(node.function, [evaluate(each, look, today) for each in node.given], today)


def is_true(node: Node, look: Lookup, today: date | None = None) -> bool:
    return truth(evaluate(node, look, today))


def truth(value: Value) -> bool:
    """Nothing, false, 0, "" and empty lists are false."""
    return bool(value)


def number(value: Value) -> float | None:
    """As a number, if it is one; true is 1."""
    if isinstance(value, bool):
        return float(value)
    if isinstance(value, int | float):
        return float(value) if isfinite(value) else None
    if isinstance(value, str) and len(value) < 40:
        try:
            found = float(value.strip().replace(",", "."))
        except ValueError:
            return None
        return found if isfinite(found) else None
    return None


def _series(node: Series, look: Lookup, today: date | None) -> float | None:
    found = number(evaluate(node.first, look, today))
    for op, each in node.rest:
        other = number(evaluate(each, look, today))
        if found is None or other is None or (op == "/" and other == 0):
            return None
        found = found + other if op == "+" else found - other if op == "-" else found * other if op == "*" else found / other
        if not isfinite(found):
            return None
    return found


def _compare(op: str, left: Value, right: Value) -> bool:
    if op in ("=", "!="):
        return _same(left, right) == (op == "=")
    one, other = number(left), number(right)
    if one is None or other is None:
        if not (isinstance(left, str) and isinstance(right, str) and left and right):
            return False
        return _ordered(op, left, right)
    return _ordered(op, one, other)


def _ordered(op: str, one: Any, other: Any) -> bool:
    return bool(one < other if op == "<" else one <= other if op == "<=" else one > other if op == ">" else one >= other)


def _same(left: Value, right: Value) -> bool:
    if isinstance(left, list) or isinstance(right, list):
        lists = [each if isinstance(each, list) else [] if each in (None, "") else [each] for each in (left, right)]
        return sorted(map(str, lists[0])) == sorted(map(str, lists[1]))
    if left in (None, "") or right in (None, ""):
        return left in (None, "") and right in (None, "")
    if not isinstance(left, str) or not isinstance(right, str):
        one, other = number(left), number(right)
        return one is not None and one == other
    return left == right


def pipe(text: str, say: Callable[[str], str | None]) -> str:
    """A text with its names replaced by what `say` gives; names it does not know (None) stay as they stand.

    >>> pipe("Why {nps}, {person.first_name}? {x}", {"nps": "3", "person.first_name": "Ana"}.get)
    'Why 3, Ana? {x}'
    """
    if "{" not in text:
        return text

    def put(found: "re.Match[str]") -> str:
        said = say(found[1])
        return found[0] if said is None else said

    return _PIPED.sub(put, text)


def piped(text: str) -> set[str]:
    """The names in a text."""
    return set(_PIPED.findall(text)) if "{" in text else set()
