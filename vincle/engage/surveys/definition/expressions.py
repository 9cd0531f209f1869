"""Conditions and sums over answers, in a small language that can do nothing else. Pure.

>>> wise = parse('{q1} = "yes" and ({nps} >= 9 or {person.stage} = "critic")')
>>> is_true(wise, {"q1": "yes", "nps": 9}.get), write(wise)
(True, '{q1} = "yes" and ({nps} >= 9 or {person.stage} = "critic")')

What was not answered is nothing: equal to "" and to itself, neither more nor less than anything, and what is worked out of it is nothing.
Texts that are numbers are compared with numbers as such. Time is linear in the length of the expression and of what is looked at.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from math import isfinite
from typing import Any, Final

from msgspec import Struct

LONGEST, DEEPEST, MOST_PARTS = 4_000, 40, 600
Lookup = Callable[[str], Any]
Value = Any
"""None, bool, float, str, a list of str, or a dict of numbers."""

_TOKEN: Final = re.compile(
    r'\s*(?:(?P<text>"(?:[^"\\]|\\["\\])*")|(?P<number>\d+(?:\.\d+)?|\.\d+)|\{(?P<name>[^{}"]{1,120})\}|(?P<op><=|>=|!=|[=<>+\-*/(),])|(?P<word>[a-z_]+))'
)
_COMPARED: Final = ("=", "!=", "<", "<=", ">", ">=")
FUNCTIONS: Final[Mapping[str, tuple[int, int]]] = {
    "answered": (1, 1), "count": (1, 50), "sum": (1, 50), "contains": (2, 2), "len": (1, 1), "today": (0, 0), "age": (1, 1),
    "round": (1, 2), "min": (1, 50), "max": (1, 50), "mean": (1, 50), "if": (3, 3),
}  # fmt: skip
"""Name -> fewest and most arguments."""


class Fault(ValueError):
    """What is wrong with an expression: `code` is stable, `place` the character it was noticed at, `what` stood there."""

    def __init__(self, code: str, place: int, what: str = "") -> None:
        super().__init__(f"{code} at {place + 1}: {what}" if what else f"{code} at {place + 1}")
        self.code, self.place, self.what = code, place, what


class Known(Struct, frozen=True):
    value: str | float | bool


class Name(Struct, frozen=True):
    name: str


class Call(Struct, frozen=True):
    function: str
    given: tuple["Node", ...]


class Not(Struct, frozen=True):
    part: "Node"


class Minus(Struct, frozen=True):
    part: "Node"


class Compared(Struct, frozen=True):
    op: str
    left: "Node"
    right: "Node"


class Joined(Struct, frozen=True):
    """`op`: "and" or "or"."""

    op: str
    parts: tuple["Node", ...]


class Series(Struct, frozen=True):
    """Sums (+, -) or products (*, /), from left to right."""

    first: "Node"
    rest: tuple[tuple[str, "Node"], ...]


Node = Known | Name | Call | Not | Minus | Compared | Joined | Series


def parse(text: str) -> Node:
    """Raises Fault."""
    return _Parser(text).whole()


def _tokens(text: str) -> list[tuple[str, str, int]]:
    found: list[tuple[str, str, int]] = []
    place, end = 0, len(text.rstrip())
    while place < end:
        matched = _TOKEN.match(text, place)
        if matched is None:
            at = place + len(text[place:]) - len(text[place:].lstrip())
            raise Fault("not_understood", at, text[at : at + 20])
        kind = matched.lastgroup or ""
        found.append((kind, matched.group(kind), matched.start(kind)))
        place = matched.end()
        if len(found) > MOST_PARTS * 2:
            raise Fault("too_long", place)
    return [*found, ("end", "", end)]


class _Parser:
    """By descent: or, and, not, comparison, sum, product, sign, value."""

    def __init__(self, text: str) -> None:
        if len(text) > LONGEST:
            raise Fault("too_long", LONGEST)
        self.tokens, self.at, self.depth = _tokens(text), 0, 0

    def whole(self) -> Node:
        if self.tokens[0][0] == "end":
            raise Fault("empty", 0)
        found = self.either()
        if self.tokens[self.at][0] != "end":
            self.fail("unexpected")
        return found

    def fail(self, code: str) -> None:
        kind, text, place = self.tokens[self.at]
        raise Fault("unfinished" if kind == "end" and code == "unexpected" else code, place, text[:40])

    def took(self, *texts: str) -> str:
        kind, text, _place = self.tokens[self.at]
        if kind in ("op", "word") and text in texts:
            self.at += 1
            return text
        return ""

    def either(self) -> Node:
        self.depth += 1
        if self.depth > DEEPEST:
            self.fail("too_deep")
        found = self._joined("or", lambda: self._joined("and", self.negated))
        self.depth -= 1
        return found

    def _joined(self, op: str, below: Callable[[], Node]) -> Node:
        parts = [below()]
        while self.took(op):
            parts.append(below())
        return parts[0] if len(parts) == 1 else Joined(op, tuple(parts))

    def negated(self) -> Node:
        if not self.took("not"):
            return self.compared()
        self.depth += 1
        if self.depth > DEEPEST:
            self.fail("too_deep")
        found = Not(self.negated())
        self.depth -= 1
        return found

    def compared(self) -> Node:
        left = self.summed()
        if op := self.took(*_COMPARED):
            return Compared(op, left, self.summed())
        return left

    def summed(self) -> Node:
        return self._series(("+", "-"), lambda: self._series(("*", "/"), self.signed))

    def _series(self, ops: tuple[str, ...], below: Callable[[], Node]) -> Node:
        first, rest = below(), []
        while op := self.took(*ops):
            rest.append((op, below()))
        return Series(first, tuple(rest)) if rest else first

    def signed(self) -> Node:
        if not self.took("-"):
            return self.value()
        self.depth += 1
        if self.depth > DEEPEST:
            self.fail("too_deep")
        found = Minus(self.signed())
        self.depth -= 1
        return found

    def value(self) -> Node:
        kind, text, _place = self.tokens[self.at]
        if kind == "op" and text == "(":
            self.at += 1
            found = self.either()
            self.close()
            return found
        if kind == "word":
            return self.worded(text)
        if kind not in ("text", "number", "name"):
            self.fail("unexpected")
        self.at += 1
        if kind == "name":
            return Name(text.strip())
        return Known(re.sub(r"\\(.)", r"\1", text[1:-1]) if kind == "text" else float(text))

    def worded(self, word: str) -> Node:
        if word in ("true", "false"):
            self.at += 1
            return Known(word == "true")
        if word not in FUNCTIONS:
            self.fail("unknown_word")
        self.at += 1
        if not self.took("("):
            self.fail("unexpected")
        given: list[Node] = []
        if not self.took(")"):
            given.append(self.either())
            while self.took(","):
                given.append(self.either())
            self.close()
        least, most = FUNCTIONS[word]
        if not least <= len(given) <= most:
            raise Fault("arguments", self.tokens[self.at - 1][2], word)
        return Call(word, tuple(given))

    def close(self) -> None:
        if not self.took(")"):
            self.fail("unclosed")


# Written back

_RANKS: Final = {"or": 0, "and": 1}


def write(node: Node) -> str:
    """As it is parsed again to the same."""
    return _written(node, 0)


def _written(node: Node, outer: int) -> str:
    """`outer`: how tightly what stands around holds: 0 or, 1 and, 2 not, 3 comparison, 4 sum, 5 product, 6 sign."""
    match node:
        case Known():
            return _literal(node.value)
        case Name():
            return f"{{{node.name}}}"
        case Call():
            return f"{node.function}({', '.join(_written(each, 0) for each in node.given)})"
        case Joined():
            rank = _RANKS[node.op]
            text = f" {node.op} ".join(_written(each, rank + 1) for each in node.parts)
        case Not():
            rank, text = 2, f"not {_written(node.part, 2)}"
        case Compared():
            rank, text = 3, f"{_written(node.left, 4)} {node.op} {_written(node.right, 4)}"
        case Series():
            rank = 4 if node.rest[0][0] in "+-" else 5
            text = _written(node.first, rank + 1) + "".join(f" {op} {_written(each, rank + 1)}" for op, each in node.rest)
        case Minus():
            rank, text = 6, f"-{_written(node.part, 6)}"
    return f"({text})" if rank < outer else text


def _literal(value: str | float | bool) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.15f}".rstrip("0") if abs(value) < 1e15 else f"{value:f}"


# Names


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it."""
    yield node
    match node:
        case Call():
            below: tuple[Node, ...] = node.given
        case Joined():
            below = node.parts
        case Not() | Minus():
            below = (node.part,)
        case Compared():
            below = (node.left, node.right)
        case Series():
            below = (node.first, *(each for _op, each in node.rest))
        case _:
            below = ()
    for each in below:
        yield from walk(each)


def names(node: Node) -> set[str]:
    """What is looked up: "q1", "q1.row", "person.stage"."""
    return {each.name for each in walk(node) if isinstance(each, Name)}


def renamed(text: str, old: str, new: str) -> str:
    """The same expression over a question that is called otherwise now; as it was where it cannot be parsed.

    >>> renamed('{a} = 1 and {a.x} = 2 and {ab} = 3', "a", "b")
    '{b} = 1 and {b.x} = 2 and {ab} = 3'
    """
    return re.sub(r"\{" + re.escape(old) + r"(?=[.@}])", lambda _found: "{" + new, text)


# Worked out


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


# Texts with names in them

_PIPED: Final = re.compile(r"\{([A-Za-z][^{}\s\"]{0,119})\}")


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
