"""Conditions of other tools in our words, as far as they can be said: XLSForm's, LimeSurvey's and SurveyJS's. Pure.

>>> translate("${sex} = 'male' and not(selected(${likes}, 'tea'))", XLSFORM)
'{sex} = "male" and not (contains({likes}, "tea"))'
>>> translate("{nps} >= 9 and {why} notempty", SURVEYJS)
'{nps} >= 9 and answered({why})'
>>> translate('(Q1.NAOK == "Y" && Q2_SQ001.NAOK == "Y")', LIMESURVEY)
'({Q1} = "Y" and contains({Q2}, "SQ001"))'
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

from msgspec import Struct

MOST, DEEPEST = 4_000, 60
_BLANKS = r"\s*"
_REST = (
    r"(?P<text>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")|(?P<number>\d+(?:\.\d+)?|\.\d+)|(?P<op>&&|\|\||!=|<>|==|<=|>=|=|<|>|\+|-|\*|/|\(|\)|\[|\]|,|!)"
    r"|(?P<word>[A-Za-z_][A-Za-z0-9_:.\-]*)|(?P<dot>\.)"
)


class Unsayable(ValueError):
    """A condition that our language has no words for; its text is the part that it has none for."""


class Dialect(Struct, frozen=True):
    """How a tool writes. `name`: a pattern of a question's name, with the group `id`; `word`: a bare word as ours, "" where it is none."""

    tokens: re.Pattern[str]
    functions: Mapping[str, tuple[str, int]]
    word: Callable[[str], str] = lambda _text: ""


def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(f"{_BLANKS}(?:{name}|{_REST})" if name else f"{_BLANKS}(?:{_REST})")


def _lime_word(text: str) -> str:
    """`G1Q1.NAOK` is the question G1Q1, `G1Q1_SQ001.NAOK` one of its boxes (settled by `_boxes`)."""
    bare = re.sub(r"\.(NAOK|shown|value|code)$", "", text)
    if "." in bare or bare in ("and", "or", "not"):
        return ""
    return f"{{{bare}}}"


_SHARED: Final = {"not": ("not", 1), "round": ("round", 2), "today": ("today", 0), "now": ("today", 0)}
XLSFORM: Final = Dialect(
    tokens=_pattern(r"\$\{\s*(?P<id>[^{}]+?)\s*\}"),
    functions={**_SHARED, "selected": ("contains", 2), "count-selected": ("count", 1), "string-length": ("len", 1)},
)
SURVEYJS: Final = Dialect(tokens=_pattern(r"\{\s*(?P<id>[^{}]+?)\s*\}"), functions={**_SHARED, "age": ("age", 1), "sum": ("sum", -1)})
LIMESURVEY: Final = Dialect(
    tokens=_pattern(""), word=_lime_word,
    functions={**_SHARED, "is_empty": ("not answered", 1), "count": ("count", 1), "sum": ("sum", -1), "strlen": ("len", 1)},
)  # fmt: skip
_SAME: Final = {
    "==": "=",
    "<>": "!=",
    "&&": "and",
    "||": "or",
    "eq": "=",
    "ne": "!=",
    "gt": ">",
    "lt": "<",
    "ge": ">=",
    "le": "<=",
    "div": "/",
}
_COMPARED = ("=", "!=", "<", "<=", ">", ">=")


class _Reader:
    """Reads by descent: or, and, comparison, sum, product, value."""

    def __init__(self, text: str, dialect: Dialect, own: str) -> None:
        self.dialect, self.own, self.place, self.depth = dialect, own, 0, 0
        self.tokens = self._cut(text.translate({0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"'}).rstrip())

    def _cut(self, text: str) -> list[tuple[str, str]]:
        found, place = [], 0
        while place < len(text):
            matched = self.dialect.tokens.match(text, place)
            if not matched or matched.end() == place:
                raise Unsayable(text[place : place + 20])
            place, kind = matched.end(), matched.lastgroup or ""
            said = matched.group(kind)
            found.append((kind, _SAME.get(said, said) if kind in ("op", "word") else said))
        return found

    @property
    def next(self) -> str:
        kind, text = self.tokens[self.place] if self.place < len(self.tokens) else ("", "")
        return "" if kind in ("text", "id") else text

    def take(self) -> tuple[str, str]:
        if self.place >= len(self.tokens):
            raise Unsayable("…")
        self.place += 1
        return self.tokens[self.place - 1]

    def _chain(self, words: tuple[str, ...], below: Callable[[], str]) -> str:
        self.depth += 1
        if self.depth > DEEPEST * 4:
            raise Unsayable("…")
        found = [below()]
        while self.next in words:
            found += [self.take()[1], below()]
        self.depth -= 1
        return " ".join(found)

    def either(self) -> str:
        return self._chain(("or",), self.both)

    def both(self) -> str:
        return self._chain(("and",), self.compared)

    def compared(self) -> str:
        left = self.added()
        if self.next in ("notempty", "empty"):
            return f"{'' if self.take()[1] == 'notempty' else 'not '}answered({left})"
        if self.next in ("contains", "notcontains", "anyof", "allof"):
            return self._held(left, self.take()[1])
        while self.next in _COMPARED:
            left = f"{left} {self.take()[1]} {self.added()}"
        return left

    def _held(self, left: str, word: str) -> str:
        values = self._listed() if self.next == "[" else [self.added()]
        joined = (" and " if word == "allof" else " or ").join(f"contains({left}, {each})" for each in values)
        whole = joined if len(values) == 1 else f"({joined})"
        return f"not ({joined})" if word == "notcontains" else whole

    def _listed(self) -> list[str]:
        self.take()
        found = []
        while self.next != "]":
            found.append(self.added())
            if self.next == ",":
                self.take()
            elif self.next != "]":
                raise Unsayable(self.next or "[")
        self.take()
        if not found:
            raise Unsayable("[]")
        return found

    def added(self) -> str:
        return self._chain(("+", "-"), lambda: self._chain(("*", "/"), self.value))

    def value(self) -> str:
        kind, text = self.take()
        if kind == "id":
            return f"{{{text}}}"
        if kind == "text":
            return quoted(re.sub(r"\\(.)", r"\1", text[1:-1]))
        if kind == "number":
            return f"0{text}" if text.startswith(".") else text
        if kind == "dot" and self.own:
            return f"{{{self.own}}}"
        if text == "(":
            inner = self.either()
            self._expect(")")
            return f"({inner})"
        if text == "-":
            return f"-{self.value()}"
        return f"not {self.value()}" if text == "!" else self._called(kind, text)

    def _called(self, kind: str, name: str) -> str:
        if kind == "word" and name in ("true", "false") and self.next != "(":
            return name
        if kind != "word" or self.next != "(":
            if kind == "word" and (said := self.dialect.word(name)):
                return said
            raise Unsayable(name)
        self.take()
        arguments = []
        while self.next != ")":
            arguments.append(self.either())
            if self.next == ",":
                self.take()
            elif self.next != ")":
                raise Unsayable(self.next or name)
        self._expect(")")
        return self._said(name, arguments)

    def _said(self, name: str, arguments: list[str]) -> str:
        if name in ("true", "false") and not arguments:
            return name
        ours, wanted = self.dialect.functions.get(name, ("", 0))
        if not ours or (wanted >= 0 and len(arguments) != wanted):
            raise Unsayable(f"{name}()")
        return f"{ours}{' ' if ours == 'not' else ''}({', '.join(arguments)})"

    def _expect(self, text: str) -> None:
        if self.take()[1] != text:
            raise Unsayable(text)


def quoted(text: str) -> str:
    """A text as our language writes it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def translate(text: str, dialect: Dialect, own: str = "") -> str:
    """In our words; `own` is the id that "." stands for. Raises Unsayable."""
    if len(text) > MOST:
        raise Unsayable(text[:20])
    reader = _Reader(text, dialect, own)
    found = reader.either()
    if reader.place < len(reader.tokens):
        raise Unsayable(reader.next or "…")
    return tidy(_boxes(found) if dialect is LIMESURVEY else found)


def _boxes(text: str) -> str:
    """`{Q_SQ001} = "Y"` asks whether a box is ticked."""
    ticked = r'\{([^{}_]+)_([^{}]+)\} (=|!=) "(Y|)"'

    def said(found: re.Match[str]) -> str:
        is_yes = (found[3] == "=") == (found[4] == "Y")
        return f'{"" if is_yes else "not "}contains({{{found[1]}}}, "{found[2]}")'

    return re.sub(ticked, said, text)


def tidy(text: str) -> str:
    """`{a} = ""` asks whether there is no answer, which has a word of its own.

    >>> tidy('{a} != "" and {b} = ""')
    'answered({a}) and not answered({b})'
    """
    text = re.sub(r'(\{[^{}]+\}) != ""', r"answered(\1)", text)
    return re.sub(r'(\{[^{}]+\}) = ""', r"not answered(\1)", text)


def names(text: str) -> set[str]:
    """The names one of our conditions asks for, read roughly: enough to see whether they are all there."""
    return set(re.findall(r"\{([^{}]+)\}", re.sub(r'"(?:[^"\\]|\\.)*"', '""', text)))
