"""What an expression over answers is made of. Pure."""

from collections.abc import Iterator, Mapping
from typing import Final

from msgspec import Struct

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
