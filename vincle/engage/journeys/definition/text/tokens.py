"""One line of the text form, cut into tokens, and a reader over them that says what it expected where."""

import json
import re
from typing import Any, NamedTuple

from vincle.engage.journeys.definition.naming import Kind, Names

_PLAIN = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)|(?P<time>\d\d:\d\d)|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<word>[^\W\d_][\w'-]*)|\[(?P<label>[a-z0-9][a-z0-9_-]{0,23})\]"
    r"|(?P<mark>[(),:%])"
)
_ID = re.compile(r"#([A-Za-z0-9_-]+)")
_TRUTHS = {"true": True, "false": False}
_decode = json.JSONDecoder(strict=False).raw_decode


class BadText(ValueError):
    """`line` and `column` count from 1; `code`: why; `detail`: what was expected, or what it is about."""

    def __init__(self, line: int, column: int, code: str, detail: str = "") -> None:
        super().__init__(f"line {line}, column {column}: {code}" + (f" ({detail})" if detail else ""))
        self.line, self.column, self.code, self.detail = line, column, code, detail


class Token(NamedTuple):
    """`kind`: text, json, id, date, time, number, word, label, mark or end."""

    kind: str
    value: Any
    column: int


class Line:
    """The tokens of a line, read from left to right."""

    def __init__(self, text: str, number: int, names: Names) -> None:
        self.number, self.names, self.at = number, names, 0
        self.indent = len(text) - len(text.lstrip(" "))
        self.tokens = self._cut(text)

    def _cut(self, text: str) -> list[Token]:
        found, place = list[Token](), 0
        while place < len(text):
            if text[place].isspace():
                place += 1
                continue
            token, place = self._next(text, place)
            found.append(token)
        return [*found, Token("end", "", len(text.rstrip()) + 1)]

    def _next(self, text: str, place: int) -> tuple[Token, int]:
        column = place + 1
        if text[place] in '"{':
            return self._json(text, place)
        if text[place] == "#":
            if text[place + 1 : place + 2] == '"':
                token, end = self._json(text, place + 1)
                return Token("id", token.value, column), end
            if (match := _ID.match(text, place)) is not None:
                return Token("id", match[1], column), match.end()
        if (match := _PLAIN.match(text, place)) is None:
            raise BadText(self.number, column, "unknown_sign", text[place])
        kind = str(match.lastgroup)
        return Token(kind, _number(match[kind]) if kind == "number" else match[kind], column), match.end()

    def _json(self, text: str, place: int) -> tuple[Token, int]:
        try:
            value, end = _decode(text, place)
        except (ValueError, RecursionError) as error:
            raise BadText(self.number, place + 1, "not_closed" if text[place] == '"' else "bad_json") from error
        return Token("text" if isinstance(value, str) else "json", value, place + 1), end

    @property
    def now(self) -> Token:
        return self.tokens[self.at]

    def bad(self, code: str, detail: str = "") -> BadText:
        return BadText(self.number, self.now.column, code, detail)

    def is_next(self, *words: str) -> bool:
        """Whether these words or marks come next."""
        ahead = self.tokens[self.at : self.at + len(words)]
        return len(ahead) == len(words) and all(
            each.kind in ("word", "mark") and str(each.value).casefold() == word.casefold() for each, word in zip(ahead, words, strict=True)
        )

    def takes(self, phrase: str) -> bool:
        """Pass over these words, if they come next."""
        words = phrase.split()
        if self.is_next(*words):
            self.at += len(words)
            return True
        return False

    def needs(self, phrase: str) -> None:
        if not self.takes(phrase):
            raise self.bad("expected", phrase)

    def take(self, kind: str, expected: str) -> Any:
        token = self.now
        if token.kind != kind:
            raise self.bad("expected", expected)
        self.at += 1
        return token.value

    def text(self) -> str:
        return str(self.take("text", '"…"'))

    def word(self) -> str:
        return str(self.take("word", "a word"))

    def number_(self) -> int | float:
        value: int | float = self.take("number", "a number")
        return value

    def scalar(self) -> object:
        token = self.now
        if token.kind == "word" and token.value in _TRUTHS:
            self.at += 1
            return _TRUTHS[token.value]
        return self.number_() if token.kind == "number" else self.text()

    def thing(self, kind: Kind) -> str:
        """The id of something called by its name ("New") or its id (#k3f)."""
        if self.now.kind == "id":
            return str(self.take("id", ""))
        if self.now.kind != "text":
            raise self.bad("expected", f"{kind} “…”")
        key = self.names.key(kind, self.now.value)
        if key is None:
            raise self.bad(f"unknown_{kind}", self.now.value)
        self.at += 1
        return key

    def first_of(self, phrases: dict[str, str], expected: str) -> str:
        """The key of the phrase that comes next."""
        for key, phrase in phrases.items():
            if self.takes(phrase):
                return key
        raise self.bad("expected", expected)

    def ends(self) -> None:
        if self.now.kind != "end":
            raise self.bad("too_much", str(self.now.value)[:60])


def _number(text: str) -> int | float:
    return float(text) if any(sign in text for sign in ".eE") else int(text[:20])
