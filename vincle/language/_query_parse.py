"""From what people type to a query, or to the place where it cannot be understood."""

from collections.abc import Collection, Sequence
from typing import Any, NoReturn

from ._query_parts import And, Near, Not, Or, Part, Query, QueryError, Words
from ._query_tokens import DATES, Day, Lexer, Token

MOST_TEXT, MOST_DEPTH = 2_000, 20


def parse(text: str, channels: Collection[str] = ()) -> Query:
    """The query a text means. Raises QueryError.

    `channels`: those that are known; with none given any name is one.
    """
    if len(text) > MOST_TEXT:
        raise QueryError("too_long", MOST_TEXT, len(text) - MOST_TEXT, most=str(MOST_TEXT))
    tokens = Lexer(text, channels).tokens()
    if not tokens:
        raise QueryError("empty", 0, max(len(text), 1))
    return _Parser(tokens, text).query()


class _Parser:
    def __init__(self, tokens: list[Token], text: str) -> None:
        self.tokens, self.text, self.place, self.depth = tokens, text, 0, 0

    def query(self) -> Query:
        whole = self._or()
        if (left := self._peek()) is not None:
            self._fail("parenthesis_not_opened", left)
        top = whole.parts if isinstance(whole, And) else (whole,)
        days = {part.name: part for part in top if isinstance(part, Day)}
        for part in top:
            if isinstance(part, Day) and days[part.name] is not part:
                raise QueryError("date_twice", part.at, part.length, field=part.name)
            _no_days(part)
        said = tuple(part for part in top if not isinstance(part, Day))
        what = None if not said else said[0] if len(said) == 1 else And(said)
        return Query(what, *(days[name].day if name in days else None for name in DATES))

    def _or(self) -> Any:
        parts = [self._and()]
        while self._is("OR"):
            sign = self._take()
            if self._peek() is None or self._is(")", "OR", "AND"):
                self._fail("operator_needs_two", sign)
            parts.append(self._and())
        return parts[0] if len(parts) == 1 else Or(_flat(Or, parts))

    def _and(self) -> Any:
        if self._is("AND", "OR", "NEAR", ")"):
            self._fail("operator_needs_two" if not self._is(")") else "parenthesis_not_opened", self.tokens[self.place])
        parts = [self._unary()]
        while self._peek() is not None and not self._is("OR", ")"):
            if self._is("AND"):
                sign = self._take()
                if self._peek() is None or self._is(")", "OR", "AND"):
                    self._fail("operator_needs_two", sign)
            parts.append(self._unary())
        return parts[0] if len(parts) == 1 else And(_flat(And, parts))

    def _unary(self) -> Any:
        if not self._is("NOT"):
            return self._near()
        sign, turned = self._take(), True
        while self._is("NOT"):
            sign, turned = self._take(), not turned
        if self._peek() is None or self._is(")", "OR", "AND"):
            self._fail("not_alone", sign)
        part = self._near()
        if turned and isinstance(part, Day):
            raise QueryError("date_inside", part.at, part.length, field=part.name)
        return (part.part if isinstance(part, Not) else Not(part)) if turned else part

    def _near(self) -> Any:
        if self._is("NEAR"):
            self._fail("operator_needs_two", self.tokens[self.place])
        left = self._primary()
        while self._is("NEAR"):
            sign = self._take()
            if self._peek() is None or not self._is("term", "("):
                self._fail("operator_needs_two", sign)
            right = self._primary()
            pairs = [Near(one, other, sign.part) for one in self._sides(left, sign) for other in self._sides(right, sign)]
            left = pairs[0] if len(pairs) == 1 else Or(tuple(pairs))
        return left

    def _sides(self, part: Any, sign: Token) -> tuple[Words, ...]:
        if isinstance(part, Words):
            return (part,)
        if isinstance(part, Or) and all(isinstance(each, Words) for each in part.parts):
            return part.parts  # type: ignore[return-value]
        self._fail("near_needs_words", sign)

    def _primary(self) -> Any:
        token = self._take()
        if token.kind == "term":
            return token.part
        if token.kind != "(":
            self._fail("operator_needs_two", token)
        if self._is(")"):
            raise QueryError("nothing_in_parentheses", token.at, self.tokens[self.place].at + 1 - token.at)
        self.depth += 1
        if self.depth > MOST_DEPTH:
            self._fail("too_deep", token)
        if self._peek() is None:
            self._fail("parenthesis_not_closed", token)
        found = self._or()
        if not self._is(")"):
            self._fail("parenthesis_not_closed", token)
        self._take()
        self.depth -= 1
        return found

    def _peek(self) -> Token | None:
        return self.tokens[self.place] if self.place < len(self.tokens) else None

    def _is(self, *kinds: str) -> bool:
        token = self._peek()
        return token is not None and token.kind in kinds

    def _take(self) -> Token:
        self.place += 1
        return self.tokens[self.place - 1]

    def _fail(self, code: str, token: Token) -> NoReturn:
        raise QueryError(code, token.at, token.length, text=token.text)


def _flat(kind: Any, parts: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(each for part in parts for each in (part.parts if isinstance(part, kind) else (part,)))


def _no_days(part: Any) -> None:
    """Days hold of the whole query: not within OR, NOT."""
    inner: tuple[Part, ...] = part.parts if isinstance(part, And | Or) else (part.part,) if isinstance(part, Not) else ()
    for each in inner:
        if isinstance(each, Day):
            raise QueryError("date_inside", each.at, each.length, field=each.name)
        _no_days(each)
