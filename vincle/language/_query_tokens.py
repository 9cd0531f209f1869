"""What people type cut into words, phrases, conditions and signs, each with its place."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Any, Final

from ._atoms import ALONE, pieces, runs
from ._query_facts import ALIASES, FIELDS, NUMBERS, value_of
from ._query_parts import Compare, Field, QueryError, Tag, Words
from .page import Page, fold

MOST_TERMS, MOST_NEAR, USUAL_NEAR = 150, 30, 5
LEAST_LETTERS: Final = 2
"""Letters a word must begin with before its first wildcard."""
DATES: Final = ("after", "before")
_QUOTES: Final = '"“”«»„'
_SPACE = re.compile(r"\s+")
_EMOTICON = re.compile(r"(?<![^\s(\-])[:;=][-'^o*]?(?:\)+|\(+|[DPpOo3*|/\\\[\]])(?=\s|$)")
_FIELD = re.compile(r"([^\W\d_][\w]*)(:|>=|<=|>|<|=)(?!//)")
_VALUE = re.compile(rf"[{_QUOTES}]([^{_QUOTES}]*)[{_QUOTES}]|[^\s,(){_QUOTES}]+")
_CHUNK = re.compile(rf"[^\s(){_QUOTES}]+")
_NEAR = re.compile(r"NEAR(?:/(\d{1,4}))?$")
# Two letters that nobody writes stand for the wildcards while a word is cut, so that it is cut as texts are.
_ONE, _ANY = "\ua66e", "\ua500"
# At the end of a word, and before a script whose characters stand alone, a question mark asks.
_ONE_SIGN, _ANY_SIGN = re.compile(rf"(?<=[\w?])\?(?=\?*(?:[^\W{ALONE}]|\*))"), re.compile(r"(?<=[\w?])\*")


@dataclass(frozen=True)
class Day:
    """`after:` and `before:` hold of the whole query."""

    name: str
    day: date
    at: int
    length: int


@dataclass(frozen=True)
class Token:
    kind: str
    at: int
    length: int
    text: str = ""
    part: Any = None


class Lexer:
    def __init__(self, text: str, channels: Collection[str]) -> None:
        self.text, self.channels, self.at = text, channels, 0

    def tokens(self) -> list[Token]:
        found: list[Token] = []
        while self.at < len(self.text):
            start, token = self.at, self._next()
            assert self.at > start
            if token is not None:
                found.append(token)
        terms = [token for token in found if token.kind == "term"]
        if len(terms) > MOST_TERMS:
            raise QueryError("too_many", terms[MOST_TERMS].at, terms[MOST_TERMS].length, most=str(MOST_TERMS))
        return found

    def _next(self) -> Token | None:
        sign, at = self.text[self.at], self.at
        if found := _SPACE.match(self.text, at):
            self.at = found.end()
            return None
        if found := _EMOTICON.match(self.text, at):
            return self._term(found.end(), Words(tuple(pieces(Page(found[0]))), at, len(found[0])))
        if sign in "()|":
            self.at += 1
            return Token("OR" if sign == "|" else sign, at, 1, sign)
        if sign in _QUOTES:
            return self._phrase()
        if sign in "-+&!":
            self.at += 1
            before, after = self.text[at - 1 : at], self.text[at + 1 : at + 2]
            return Token("NOT", at, 1, sign) if sign in "-!" and not before.isalnum() and after and not after.isspace() else None
        if found := _FIELD.match(self.text, at):
            return self._field(found[1], found[2], found.end())
        return self._chunk()

    def _term(self, end: int, part: Any) -> Token:
        at, self.at = self.at, end
        return Token("term", at, end - at, self.text[at:end], part)

    def _phrase(self) -> Token:
        at = self.at
        end = next((place for place in range(at + 1, len(self.text)) if self.text[place] in _QUOTES), -1)
        if end < 0:
            raise QueryError("quote_not_closed", at, len(self.text) - at)
        return self._term(end + 1, self._words(self.text[at + 1 : end], at, end + 1 - at))

    def _chunk(self) -> Token:
        found = _CHUNK.match(self.text, self.at)
        assert found
        chunk, at = found[0], self.at
        if chunk in ("AND", "OR", "NOT"):
            self.at = found.end()
            return Token(chunk, at, len(chunk), chunk)
        if near := _NEAR.match(chunk):
            self.at = found.end()
            most = int(near[1] or USUAL_NEAR)
            if most > MOST_NEAR:
                raise QueryError("near_too_far", at, len(chunk), most=str(MOST_NEAR))
            return Token("NEAR", at, len(chunk), chunk, most)
        if chunk[0] == "@" and (name := value_of("to", chunk.rstrip(".,;:!?"))):
            return self._term(found.end(), Field("to", (name,)))
        if chunk[0] in "#＃" and (name := self._tag(chunk[1:], at, len(chunk))):
            return self._term(found.end(), Tag(name))
        return self._term(found.end(), self._words(chunk, at, len(chunk)))

    def _tag(self, text: str, at: int, length: int) -> str:
        is_open = text.endswith("*")
        name = "".join(runs(fold(text)))
        if is_open and name and len(name) < LEAST_LETTERS:
            raise QueryError("wildcard_too_early", at, length, least=str(LEAST_LETTERS))
        return f"{name}*" if name and is_open else name

    def _words(self, text: str, at: int, length: int) -> Words:
        page = Page(_ANY_SIGN.sub(_ANY, _ONE_SIGN.sub(_ONE, text)))
        cut = pieces(page)
        if not cut:
            raise QueryError("nothing_to_search", at, length, text=text)
        if text.lstrip()[0] == "*" and len(text.strip()) > 1:
            raise QueryError("wildcard_too_early", at, length, least=str(LEAST_LETTERS))
        found = tuple(piece.replace(_ONE, "?").replace(_ANY, "*") for piece in cut)
        for before, piece in zip(cut, found, strict=True):
            if before != piece:
                self._check_wildcards(piece, at, length)
        return Words(found, at, length)

    def _check_wildcards(self, piece: str, at: int, length: int) -> None:
        first = min(piece.find(sign) for sign in "*?" if sign in piece)
        if first < LEAST_LETTERS:
            raise QueryError("wildcard_too_early", at, length, least=str(LEAST_LETTERS))
        if "*" in piece[:-1]:
            raise QueryError("wildcard_inside", at, length, text=piece)

    def _field(self, written: str, sign: str, end: int) -> Token:
        name = ALIASES.get(written.lower(), written.lower())
        known = (*FIELDS, *NUMBERS, *DATES)
        if name not in known:
            raise QueryError("unknown_field", self.at, len(written), field=written, near=_nearest(name, [*known, *ALIASES]))
        if sign not in (":", "=") and name not in NUMBERS:
            raise QueryError("not_a_number_field", self.at, end - self.at, field=name)
        values, at = [], end
        while found := _VALUE.match(self.text, at):
            values.append((found[1] if found[1] is not None else found[0], found.start(), found.end() - found.start()))
            at = found.end()
            if self.text[at : at + 1] != ",":
                break
            at += 1
        if not values or not all(value.strip() for value, *_ in values):
            raise QueryError("value_missing", self.at, end - self.at, field=name)
        if name in DATES or name in NUMBERS:
            if len(values) > 1:
                raise QueryError("one_value", values[1][1], values[1][2], field=name)
            return self._term(at, self._day(name, *values[0], end=at) if name in DATES else self._number(name, sign, *values[0]))
        return self._term(at, Field(name, tuple(dict.fromkeys(self._value(name, *value) for value in values))))

    def _day(self, name: str, text: str, at: int, length: int, end: int) -> Day:
        try:
            return Day(name, date.fromisoformat(text.replace("/", "-")), self.at, end - self.at)
        except ValueError:
            raise QueryError("not_a_date", at, length, text=text) from None

    def _number(self, name: str, sign: str, text: str, at: int, length: int) -> Compare:
        spec = NUMBERS[name]
        found = re.fullmatch(r"(\d{1,10})(?:\.(\d{1,4}))?(k|m)?", text.lower().replace("_", ""), re.ASCII)
        if not found:
            raise QueryError("not_a_number", at, length, text=text, field=name)
        number = float(f"{found[1]}.{found[2] or 0}") * {"k": 1e3, "m": 1e6}.get(found[3] or "", 1)
        number = round(number, spec.decimals)
        if number > spec.most:
            raise QueryError("number_too_large", at, length, text=text, field=name, most=f"{spec.most:.0f}")
        return Compare(name, "=" if sign == ":" else sign, number)

    def _value(self, name: str, text: str, at: int, length: int) -> str:
        value, known = value_of(name, text), FIELDS[name].values or (tuple(self.channels) if name == "channel" else ())
        if not value:
            raise QueryError("value_missing", at, length, field=name)
        if name in ("lang", "country") and not re.fullmatch("[a-z]{2,3}" if name == "lang" else "[a-z]{2}", value):
            raise QueryError(f"not_a_{name}", at, length, text=text)
        if known and value not in known:
            raise QueryError("unknown_value", at, length, field=name, text=text, near=_nearest(value, known), known=", ".join(known))
        return value


def _nearest(word: str, known: Sequence[str]) -> str:
    close = get_close_matches(word, known, 1, 0.5)
    found = close[0] if close else next((name for name in known if name.startswith(word[:2])), "")
    return ALIASES.get(found, found)
