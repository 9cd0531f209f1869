"""What stands in the way of asking a survey, by place: unknown names, conditions that look ahead, nothing to choose, missing texts. Pure.

`place` is the path of ids ("page1", "page1/q3", "page1/q3/choice"), "" the survey itself. Codes are stable and worded on the screens.
"""

import re
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from . import expressions
from .expressions import Fault
from .model import (
    SILENT,
    WITH_CHOICES,
    Computed,
    ConstantSum,
    Email,
    File,
    Item,
    Likert,
    Matrix,
    Multiple,
    Number,
    Page,
    Phone,
    Ranking,
    Slider,
    Survey,
    Texts,
)  # fmt: skip

MOST_PAGES, MOST_ITEMS, MOST_LANGUAGES = 200, 500, 20
_ID: Final = re.compile(r"^[A-Za-z][A-Za-z0-9_]{0,39}$")
_CHOICE_ID: Final = re.compile(r"^[A-Za-z0-9_\-]{1,40}$")
_LANGUAGE: Final = re.compile(r"^[a-z]{2,12}(?:-[a-z0-9]{2,8})?$")
_COLOUR: Final = re.compile(r"^#[0-9A-Fa-f]{6}$")


class Trouble(Struct, frozen=True):
    """`is_warning`: it may be asked all the same. `what`: the name, the language, the place in an expression."""

    place: str
    code: str
    what: str = ""
    is_warning: bool = False


def troubles(survey: Survey, *, is_anonymous: bool = False) -> list[Trouble]:
    """All there is, in the order of the survey; what stands in the way before what does not."""
    found = [*_whole(survey), *_names(survey), *(each for page in survey.pages for each in _page(survey, page)), *_texts(survey)]
    found += _says_who(survey) if is_anonymous else ()
    return sorted(dict.fromkeys(found), key=lambda each: each.is_warning)


def is_ready(survey: Survey) -> bool:
    return not any(not each.is_warning for each in troubles(survey))


def _whole(survey: Survey) -> Iterator[Trouble]:
    if not any(not isinstance(item, SILENT) for page in survey.pages for item in page.items):
        yield Trouble("", "nothing_asked")
    if survey.language not in survey.languages:
        yield Trouble("", "language", survey.language)
    for code in survey.languages:
        if not _LANGUAGE.match(code):
            yield Trouble("", "language", code[:40])
    if len(survey.pages) > MOST_PAGES or sum(len(page.items) for page in survey.pages) > MOST_ITEMS:
        yield Trouble("", "too_large")
    if len(survey.languages) > MOST_LANGUAGES:
        yield Trouble("", "too_large", "languages")
    if survey.settings.after and not re.match(r"^https?://[^\s]+$", survey.settings.after):
        yield Trouble("", "address", survey.settings.after[:80])
    if survey.theme.accent and not _COLOUR.match(survey.theme.accent):
        yield Trouble("", "colour", survey.theme.accent[:40])


def _says_who(survey: Survey) -> Iterator[Trouble]:
    """Questions whose answers name whoever answers, in a survey that promises not to know."""
    for page in survey.pages:
        for item in page.items:
            if isinstance(item, Email | Phone | File) or item.fact:
                yield Trouble(f"{page.id}/{item.id}", "says_who", is_warning=True)


def _names(survey: Survey) -> Iterator[Trouble]:
    seen: set[str] = set()
    for page in survey.pages:
        for place, id in ((page.id, page.id), *((f"{page.id}/{item.id}", item.id) for item in page.items)):
            if not _ID.match(id) or id in ("person", "subject"):
                yield Trouble(place, "id", id[:60])
            elif id.casefold() in seen:
                yield Trouble(place, "id_twice", id)
            seen.add(id.casefold())
    for kind, rows in (("area", survey.areas), ("subject", survey.subjects)):
        ids = [row.id for row in rows]
        for id in ids:
            if not _CHOICE_ID.match(id) or ids.count(id) > 1:
                yield Trouble("", f"{kind}_id", id[:60])


def _page(survey: Survey, page: Page) -> Iterator[Trouble]:
    before = _known_before(survey, page)
    if page.area and page.area not in {area.id for area in survey.areas}:
        yield Trouble(page.id, "area", page.area[:60])
    if not page.items:
        yield Trouble(page.id, "empty_page", is_warning=True)
    if page.by_subject not in ("", "*"):
        yield from _by_subject(survey, page, before)
    if page.by_subject and not survey.subjects:
        yield Trouble(page.id, "no_subjects")
    yield from _condition(survey, page.id, page.show_if, before)
    for item in page.items:
        place = f"{page.id}/{item.id}"
        yield from _condition(survey, place, item.show_if, before)
        yield from _kind(place, item)
        if isinstance(item, Computed):
            yield from _condition(survey, place, item.formula, before) if item.formula else iter([Trouble(place, "no_formula")])
        before.add(item.id)
        if item.validate is not None:
            yield from _condition(survey, place, item.validate.rule, before)
        for text in (*item.text.values(), *item.help.values()):
            for name in expressions.piped(text):
                yield from _name(survey, place, name, before, is_piped=True)


def _known_before(survey: Survey, page: Page) -> set[str]:
    found: set[str] = set()
    for each in survey.pages:
        if each is page:
            break
        found |= {item.id for item in each.items}
    return found


def _by_subject(survey: Survey, page: Page, before: set[str]) -> Iterator[Trouble]:
    if page.by_subject not in before:
        yield Trouble(page.id, "by_subject", page.by_subject[:60])
        return
    item = next(item for each in survey.pages for item in each.items if item.id == page.by_subject)
    ids = {each.id for each in getattr(item, "choices", ())}
    if not ids & {each.id for each in survey.subjects}:
        yield Trouble(page.id, "by_subject", page.by_subject[:60])


def _condition(survey: Survey, place: str, text: str, before: set[str]) -> Iterator[Trouble]:
    if not text.strip():
        return
    try:
        node = expressions.parse(text)
    except Fault as fault:
        yield Trouble(place, "expression", str(fault)[:120])
        return
    for name in sorted(expressions.names(node)):
        yield from _name(survey, place, name, before)
    yield from _values(survey, place, node)


def _name(survey: Survey, place: str, name: str, before: set[str], is_piped: bool = False) -> Iterator[Trouble]:
    head, dot, rest = name.partition(".")
    bare = head.partition("@")[0]
    if bare == "subject" or (bare == "person" and dot):
        return
    item = next((item for page in survey.pages for item in page.items if item.id == bare), None)
    if item is None:
        yield Trouble(place, "unknown_name", name[:80], is_warning=is_piped)
    elif bare not in before:
        yield Trouble(place, "looks_ahead", name[:80], is_warning=is_piped)
    elif dot and not _has_cell(item, rest):
        yield Trouble(place, "unknown_name", name[:80], is_warning=is_piped)


def _has_cell(item: Item, rest: str) -> bool:
    row, _dot, place = rest.partition(".")
    if isinstance(item, Matrix):
        return row in {each.id for each in item.rows} and (not place or (place.isdigit() and 1 <= int(place[:3]) <= len(item.scales)))
    if isinstance(item, ConstantSum):
        return rest in {each.id for each in item.choices}
    return rest == "other"


def _values(survey: Survey, place: str, node: expressions.Node) -> Iterator[Trouble]:
    """A condition on a choice that is not there is never met."""
    kinds = {item.id: item for page in survey.pages for item in page.items if isinstance(item, WITH_CHOICES)}
    for each in expressions.walk(node):
        pair = (each.left, each.right) if isinstance(each, expressions.Compared) else ()
        if isinstance(each, expressions.Call) and each.function == "contains":
            pair = (each.given[0], each.given[1])
        if len(pair) != 2:
            continue
        name, value = pair
        if isinstance(name, expressions.Name) and isinstance(value, expressions.Known) and isinstance(value.value, str):
            item = kinds.get(name.name.partition("@")[0])
            if item is not None and value.value and value.value not in {choice.id for choice in item.choices}:
                yield Trouble(place, "unknown_choice", f"{name.name}: {value.value}"[:80], is_warning=True)


def _kind(place: str, item: Item) -> Iterator[Trouble]:
    rows = item.choices if isinstance(item, WITH_CHOICES) else item.rows if isinstance(item, Matrix) else None
    if rows is not None:
        if len(rows) < (1 if isinstance(item, Matrix | Multiple) else 2):
            yield Trouble(place, "few_choices")
        ids = [row.id for row in rows]
        for id in dict.fromkeys(ids):
            if not _CHOICE_ID.match(id) or ids.count(id) > 1:
                yield Trouble(f"{place}/{id[:40]}", "choice_id", id[:60])
    for scale in item.scales if isinstance(item, Matrix) else [item.scale] if isinstance(item, Likert) else []:
        if not 2 <= scale.points <= 11 or (scale.labels and len(scale.labels) != scale.points):
            yield Trouble(place, "scale", str(scale.points))
    if isinstance(item, Matrix) and not 1 <= len(item.scales) <= 2:
        yield Trouble(place, "scale", str(len(item.scales)))
    if isinstance(item, Number) and item.least is not None and item.most is not None and item.least > item.most:
        yield Trouble(place, "limits")
    if isinstance(item, Slider) and (item.low >= item.high or item.step <= 0):
        yield Trouble(place, "limits")
    if isinstance(item, Multiple) and item.most and item.least > item.most:
        yield Trouble(place, "limits")
    if isinstance(item, Ranking) and item.most > len(item.choices):
        yield Trouble(place, "limits", is_warning=True)
    if not isinstance(item, SILENT) and not any(item.text.values()):
        yield Trouble(place, "no_text")


# Texts


def _texts(survey: Survey) -> Iterator[Trouble]:
    for place, name, texts in texts_of(survey):
        for code in survey.languages:
            if any(texts.values()) and not texts.get(code, "").strip():
                yield Trouble(place, "untranslated", f"{code}: {name}", is_warning=True)


def texts_of(survey: Survey) -> Iterator[tuple[str, str, Texts]]:
    """(place, which text of it, texts) of all there is to translate, in order."""
    for name in ("title", "welcome", "thanks", "covering"):
        yield "", name, getattr(survey, name)
    for rows, word in ((survey.areas, "area"), (survey.subjects, "subject")):
        for row in rows:
            yield "", f"{word} {row.id}", row.name
    for page in survey.pages:
        yield page.id, "title", page.title
        yield page.id, "text", page.text
        for item in page.items:
            yield from _of_item(f"{page.id}/{item.id}", item)


def _of_item(place: str, item: Item) -> Iterator[tuple[str, str, Texts]]:
    for name in ("text", "help", "low", "high", "low_text", "high_text", "unit", "placeholder"):
        if isinstance(texts := getattr(item, name, None), dict):
            yield place, name, texts
    for row in (*getattr(item, "choices", ()), *getattr(item, "rows", ())):
        yield f"{place}/{row.id}", "text", row.text
    for n, scale in enumerate(item.scales if isinstance(item, Matrix) else [item.scale] if isinstance(item, Likert) else [], 1):
        for name in ("title", "low", "high"):
            yield place, f"scale {n} {name}", getattr(scale, name)
        for m, label in enumerate(scale.labels, 1):
            yield place, f"scale {n} label {m}", label
    if item.validate is not None:
        yield place, "validate", item.validate.words


