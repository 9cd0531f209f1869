"""An expression over answers read from its text, and written back. Pure."""

import re
from collections.abc import Callable
from typing import Final

from .nodes import FUNCTIONS, Call, Compared, Fault, Joined, Known, Minus, Name, Node, Not, Series

LONGEST, DEEPEST, MOST_PARTS = 4_000, 40, 600
_TOKEN: Final = re.compile(
    r'\s*(?:(?P<text>"(?:[^"\\]|\\["\\])*")|(?P<number>\d+(?:\.\d+)?|\.\d+)|\{(?P<name>[^{}"]{1,120})\}|(?P<op><=|>=|!=|[=<>+\-*/(),])|(?P<word>[a-z_]+))'
)
_COMPARED: Final = ("=", "!=", "<", "<=", ">", ">=")
_RANKS: Final = {"or": 0, "and": 1}


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


def renamed(text: str, old: str, new: str) -> str:
    """The same expression over a question that is called otherwise now; as it was where it cannot be parsed.

    >>> renamed('{a} = 1 and {a.x} = 2 and {ab} = 3', "a", "b")
    '{b} = 1 and {b.x} = 2 and {ab} = 3'
    """
    return re.sub(r"\{" + re.escape(old) + r"(?=[.@}])", lambda _found: "{" + new, text)
