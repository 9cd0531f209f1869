"""Putting a questionnaire together out of what a format says: ids, plain texts, conditions settled when all names are known. Pure."""

import html
import re
from collections.abc import Iterable
from typing import Any, Final

import msgspec
import nh3

from ..definition import expressions
from ..definition.model import Survey
from .base import LONGEST, MOST_CHOICES, MOST_QUESTIONS, Log, Read, Refused, Why
from .conditions import Dialect, Unsayable, names, translate

_SPOKEN: Final = frozenset({"text", "title", "help", "welcome", "thanks", "covering", "low", "high", "words", "unit"})
Json = dict[str, Any]
Texts = dict[str, str]
LONGEST_ID: Final = 40
_BREAKS = re.compile(r"<(?:br|/p|/div|/li|/h\d)\b[^>]*>", re.IGNORECASE)
_LOST = re.compile(r"<(?:img|video|audio|iframe|script|a|table)\b", re.IGNORECASE)
_LANGUAGES: Final = {
    "english": "en", "spanish": "es", "español": "es", "espanol": "es", "castellano": "es", "italian": "it", "italiano": "it",
    "catalan": "ca",
    "català": "ca", "catala": "ca", "french": "fr", "français": "fr", "german": "de", "deutsch": "de", "portuguese": "pt",
    "português": "pt",
    "chinese": "zh", "swahili": "sw", "arabic": "ar", "russian": "ru", "dutch": "nl", "polish": "pl", "hindi": "hi", "japanese": "ja",
    "default": "en", "": "en",
}  # fmt: skip


def plain(text: object) -> str:
    """A text without its markup; paragraphs become line breaks.

    >>> plain("<p>Do you <b>like</b> it &amp; why?</p>")
    'Do you like it & why?'
    """
    given = str(text or "").replace("\x00", "")[: LONGEST * 10]
    if "<" in given:
        given = nh3.clean(_BREAKS.sub("\n", given), tags=set())
    given = html.unescape(given) if "&" in given else given
    lines = [" ".join(line.split()) for line in given.splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()[:LONGEST]


def language(name: object) -> str:
    """The code of a language named in a heading or a file; unknown names become a code of their own letters.

    >>> language("Swahili (sw)"), language("English"), language("pt-BR"), language("Klingon")
    ('sw', 'en', 'pt-br', 'klingon')
    """
    text = str(name or "").strip().lower()
    inside = re.search(r"\(([a-z]{2,3}(?:[-_][a-z0-9]{2,8})?)\)\s*$", text)
    code = inside[1] if inside else _LANGUAGES.get(text, text)
    code = re.sub(r"[^a-z0-9-]", "", code.replace("_", "-"))[:12]
    return code or "en"


def identifier(name: object, taken: Iterable[str], fallback: str = "q") -> str:
    """An id of letters, digits and underscores that is not taken.

    >>> identifier("How old?", {"How_old"}), identifier("2nd", ()), identifier("年", (), "q1")
    ('How_old_2', 'q2nd', 'q1')
    """
    bare = re.sub(r"[^A-Za-z0-9_]+", "_", str(name or "")).strip("_")[:LONGEST_ID] or fallback
    bare = bare if bare[0].isalpha() else f"q{bare}"[:LONGEST_ID]
    taken = {each.casefold() for each in taken} | {"person", "subject"}
    found, n = bare, 1
    while found.casefold() in taken:
        n += 1
        found = f"{bare[: LONGEST_ID - 1 - len(str(n))]}_{n}"
    return found


class Builder:
    """One questionnaire on its way in. `renamed` leads from the names of the file to ours."""

    def __init__(self, dialect: Dialect | None = None) -> None:
        self.log, self.dialect = Log(), dialect
        self.pages: list[Json] = []
        self.ids: set[str] = set()
        self.renamed: dict[str, str] = {}
        self.waiting: list[tuple[Json, str, str, str]] = []
        self.whole: Json = {"title": {}, "languages": ["en"]}
        self.count = 0

    def left(self, place: str, what: object, why: Why) -> None:
        self.log(place, what, why)

    def text(self, place: str, value: object) -> str:
        """Plain, and told where pictures, links or scripts stood in it or it was too long."""
        given = str(value or "")
        if found := _LOST.search(given):
            self.left(place, found[0] + ">", "html")
        made = plain(given)
        if len(given) > LONGEST and len(made) == LONGEST:
            self.left(place, made[:60], "too_long")
        return made

    def page(self, name: object = "", title: Texts | None = None, **more: Any) -> Json:
        id = identifier(name, self.ids, f"page{len(self.pages) + 1}")
        self.ids.add(id)
        made: Json = {"id": id, "title": _kept(title), "items": [], **more}
        self.pages.append(made)
        return made

    def question(self, kind: str, name: object, text: Texts, **more: Any) -> Json:
        """A question at the end of the last page. `more` are its properties; those that are None are left away. Refused: too many."""
        self.count += 1
        if self.count > MOST_QUESTIONS:
            raise Refused("too_many_questions", str(MOST_QUESTIONS))
        if not self.pages:
            self.page()
        id = identifier(name, self.ids, f"q{self.count}")
        self.ids.add(id)
        if str(name or "") != id:
            self.left(str(name or f"#{self.count}"), id, "renamed")
        self.renamed.setdefault(str(name or id), id)
        if not _kept(text) and kind not in ("note", "hidden", "computed"):
            text = {"en": str(name or id)}
        made: Json = {"type": kind, "id": id, "text": _kept(text), **{key: value for key, value in more.items() if value is not None}}
        self.pages[-1]["items"].append(made)
        return made

    def choices(self, place: str, given: Iterable[tuple[object, Texts]]) -> list[Json]:
        """Choices of (name, text); names are made unique."""
        found: list[Json] = []
        taken: set[str] = set()
        for n, (name, text) in enumerate(given, 1):
            if n > MOST_CHOICES:
                self.left(place, f"> {MOST_CHOICES}", "too_many")
                break
            id = choice_id(name, taken, str(n))
            if id != str(name or id):
                self.left(f"{place} / {name}", id, "renamed")
            taken.add(id)
            found.append({"id": id, "text": _kept(text) or {"en": str(name or id)}})
        return found

    def when(self, item: Json, written: str, place: str, into: str = "show_if", own: str = "") -> None:
        """A condition of the file, settled at the end."""
        if written.strip():
            self.waiting.append((item, into, written.strip(), place if not own else f"{place}\x00{own}"))

    def _settle(self) -> None:
        known = {item["id"] for page in self.pages for item in page["items"]}
        for item, into, written, where in self.waiting:
            place, _, own = where.partition("\x00")
            why: Why = {"show_if": "logic", "formula": "calculation"}.get(into, "check")  # type: ignore[assignment]
            try:
                said = translate(written, self.dialect, own) if self.dialect else written
                said = re.sub(r"\{([^{}]+)\}", lambda found: "{" + self.renamed.get(found[1], found[1]) + "}", said)
                said = expressions.write(expressions.parse(said))
            except (Unsayable, ValueError) as fault:
                self.left(place, f"{written[:120]} [{str(fault)[:40]}]", why)
                continue
            if missing := sorted(each for each in names(said) if each.partition(".")[0] not in {*known, "person"}):
                self.left(place, f"{written[:120]} [{missing[0]}]", why)
                continue
            put(item, into, said)

    def finish(self, given_languages: Iterable[str] = ()) -> Read:
        """The questionnaire as it stands. Refused where nothing was asked."""
        if not any(page["items"] for page in self.pages):
            raise Refused("no_questions", "; ".join(f"{each.place}: {each.what}" for each in self.log.list()[:3]))
        self._settle()
        for page in self.pages:
            if not page["items"]:
                self.left(page["id"], next(iter(page["title"].values()), page["id"]), "empty")
        self.whole["pages"] = [page for page in self.pages if page["items"]]
        spoken = list(dict.fromkeys([*given_languages, *_spoken(self.whole)])) or ["en"]
        self.whole["languages"], self.whole["language"] = spoken, spoken[0]
        try:
            return Read(msgspec.convert(self.whole, Survey), self.log.list())
        except msgspec.ValidationError as fault:
            raise Refused("wrong_shape", str(fault)[:200]) from fault


def scale(labels: list[Texts]) -> Json:
    """A scale of one point for each label, in their order."""
    return {"points": len(labels), "labels": labels}


def put(item: Json, into: str, said: str) -> None:
    item[into] = {"rule": said, "words": item.get("_words", {})} if into == "validate" else said


def choice_id(name: object, taken: Iterable[str], fallback: str) -> str:
    """Ids of choices may begin with a digit: they are values, not names."""
    bare = re.sub(r"[^A-Za-z0-9_\-]+", "_", str(name if name is not None else "")).strip("_")[:LONGEST_ID] or fallback
    taken = set(taken)
    found, n = bare, 1
    while found in taken:
        n += 1
        found = f"{bare[: LONGEST_ID - 4]}_{n}"
    return found


def _kept(texts: Texts | None) -> Texts:
    return {code: text for code, text in (texts or {}).items() if text}


def _spoken(value: Any, depth: int = 0) -> list[str]:
    """Languages in the order they are met; texts are told by being dicts of words under "text", "title" and so on."""
    found: dict[str, None] = {}
    if depth > 8:
        return []
    if isinstance(value, dict):
        for key, each in value.items():
            if key in _SPOKEN and isinstance(each, dict):
                found |= dict.fromkeys(each)
            elif key == "labels":
                found |= dict.fromkeys(code for texts in each for code in texts)
            else:
                found |= dict.fromkeys(_spoken(each, depth + 1))
    elif isinstance(value, list):
        for each in value:
            found |= dict.fromkeys(_spoken(each, depth + 1))
    return list(found)
