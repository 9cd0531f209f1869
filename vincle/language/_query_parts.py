"""The parts a listening query is made of, and how they are written."""

from dataclasses import dataclass, field
from datetime import date


class QueryError(ValueError):
    """What cannot be understood: `code`, its place (`at`, `length`, in characters of the text), and `values` for a sentence about it;
    `near` among them is the nearest word that is known."""

    def __init__(self, code: str, at: int, length: int = 1, **values: str) -> None:
        super().__init__(f"{code} at character {at + 1}")
        self.code, self.at, self.length, self.values = code, at, max(length, 1), values


@dataclass(frozen=True)
class Words:
    """A word, or a phrase of several: pieces (`_atoms.pieces`), in which `?` is one letter, and `*` at the end any ending."""

    pieces: tuple[str, ...]
    at: int = field(default=0, compare=False)
    length: int = field(default=1, compare=False)

    def __str__(self) -> str:
        text = " ".join(self.pieces)
        return text if len(self.pieces) == 1 and text.replace("*", "").replace("?", "").isalnum() else f'"{text}"'


@dataclass(frozen=True)
class Tag:
    """A hashtag, folded, without its sign."""

    name: str

    def __str__(self) -> str:
        return f"#{self.name}"


@dataclass(frozen=True)
class Field:
    """One of `values` holds of the text (`_query_facts.FIELDS`)."""

    name: str
    values: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.name}:{','.join(_quoted(value) for value in self.values)}"


@dataclass(frozen=True)
class Compare:
    """A number of the text (`reach`, `rating`) compared with another."""

    name: str
    sign: str
    number: float

    def __str__(self) -> str:
        return f"{self.name}{self.sign}{self.number:g}" if self.number < 1e5 else f"{self.name}{self.sign}{self.number:.0f}"


@dataclass(frozen=True)
class Near:
    """Two words or phrases with at most `most` words between them, in either order."""

    left: Words
    right: Words
    most: int

    def __str__(self) -> str:
        return f"{self.left} NEAR/{self.most} {self.right}"


@dataclass(frozen=True)
class Not:
    part: "Part"

    def __str__(self) -> str:
        return f"-{_inside(self.part)}"


@dataclass(frozen=True)
class And:
    parts: "tuple[Part, ...]"

    def __str__(self) -> str:
        return " ".join(_inside(part) for part in self.parts)


@dataclass(frozen=True)
class Or:
    parts: "tuple[Part, ...]"

    def __str__(self) -> str:
        return " OR ".join(_inside(part) for part in self.parts)


Part = Words | Tag | Field | Compare | Near | Not | And | Or


@dataclass(frozen=True)
class Query:
    """What is asked for: `what` of the text, and the days it was said in: from `after` on, and before `before`."""

    what: Part | None = None
    after: date | None = None
    before: date | None = None

    def __str__(self) -> str:
        said = [_inside(self.what) if isinstance(self.what, Or) and (self.after or self.before) else str(self.what)] if self.what else []
        said += [f"{name}:{day.isoformat()}" for name, day in (("after", self.after), ("before", self.before)) if day]
        return " ".join(said)


def _inside(part: Part) -> str:
    return f"({part})" if isinstance(part, And | Or | Near) else str(part)


def _quoted(value: str) -> str:
    return value if value and value[:2] != "//" and not set(value) & set(' ,"()') else f'"{value}"'


def parts_of(part: Part | None) -> "list[Part]":
    """A part and all parts within it, the whole first."""
    if part is None:
        return []
    inner: tuple[Part, ...] = part.parts if isinstance(part, And | Or) else (part.part,) if isinstance(part, Not) else ()
    if isinstance(part, Near):
        inner = (part.left, part.right)
    return [part, *(each for one in inner for each in parts_of(one))]


def asks_for_ours(query: Query) -> bool:
    """Whether it says `is:ours`: else what we say ourselves is left out."""
    return any(isinstance(part, Field) and part.name == "is" and "ours" in part.values for part in parts_of(query.what))


def narrowed(query: Query, *more: Part) -> Query:
    """The query with further conditions, each once."""
    now = query.what.parts if isinstance(query.what, And) else (query.what,) if query.what else ()
    parts = (*now, *(part for part in more if part not in now))
    return Query(parts[0] if len(parts) == 1 else And(parts) if parts else None, query.after, query.before)


def without(query: Query, part: Part) -> Query:
    """The query without one of its conditions."""
    now = query.what.parts if isinstance(query.what, And) else (query.what,) if query.what else ()
    left = tuple(each for each in now if each != part)
    return Query(left[0] if len(left) == 1 else And(left) if left else None, query.after, query.before)
