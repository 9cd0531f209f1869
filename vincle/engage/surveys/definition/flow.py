"""Which pages somebody sees, with which questions in which order, and which of their answers count. Pure.

All is worked out in one pass from the first page to the last: a condition sees what stands before it, and of that only what was shown. So
there is no loop, and an answer to a question that is hidden again counts for nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from random import Random
from typing import Any, TypeVar

from msgspec import Struct

from . import expressions
from .answers import Problem, fault, is_partly
from .expressions import Fault, Node
from .functions import is_answered
from .model import Choice, Computed, Hidden, Item, Matrix, Note, Page, Subject, Survey

Answers = Mapping[str, Any]
Facts = Mapping[str, Any]
MOST_SUBJECTS = 30
_T = TypeVar("_T")


class Shown(Struct, frozen=True):
    """A page as somebody sees it. `key` names it ("page", "page@subject"); `items` are all of its, in order; `visible` the ids shown."""

    page: Page
    subject: str
    items: list[Item]
    visible: frozenset[str]

    @property
    def key(self) -> str:
        return f"{self.page.id}@{self.subject}" if self.subject else self.page.id

    def name(self, item: Item) -> str:
        """What its answer is called."""
        return named(item.id, self.subject)

    @property
    def asked(self) -> list[Item]:
        """What is on the screen, notes too."""
        return [item for item in self.items if item.id in self.visible]


class Walked(Struct, frozen=True):
    """`pages` with something to see, and the `answers` that count, with what was computed."""

    pages: list[Shown]
    answers: dict[str, Any]


@lru_cache(maxsize=4096)
def _parsed(text: str) -> Node | None:
    try:
        return expressions.parse(text)
    except Fault:
        return None


def named(id: str, subject: str) -> str:
    return f"{id}@{subject}" if subject else id


def look(answers: Answers, facts: Facts, subject: str, name: str) -> Any:
    """The value of a name: an answer (on a page of a subject that subject's first), a cell of a table, a fact about the person."""
    if name.startswith("person."):
        return facts.get(name[7:])
    if name == "subject":
        return subject or None
    for full in (_with(name, subject), name) if subject and "@" not in name else (name,):
        if (found := _cell(answers, full)) is not None:
            return found
    return None


def _with(name: str, subject: str) -> str:
    head, dot, rest = name.partition(".")
    return f"{head}@{subject}{dot}{rest}"


def _cell(answers: Answers, name: str) -> Any:
    if name in answers:
        return answers[name]
    head, _dot, rest = name.partition(".")
    whole = answers.get(head)
    if not rest or not isinstance(whole, dict):
        return None
    row, _dot, place = rest.partition(".")
    cell = whole.get(rest, whole.get(row))
    if isinstance(cell, list):
        at = int(place) - 1 if place.isdigit() and len(place) < 3 else 0
        return cell[at] if 0 <= at < len(cell) else None
    return cell


def holds(condition: str, answers: Answers, facts: Facts, subject: str = "", today: date | None = None) -> bool:
    """Whether a condition is met; "" always is, and one that cannot be understood never hides anything."""
    if not condition.strip():
        return True
    node = _parsed(condition)
    return node is None or expressions.is_true(node, lambda name: look(answers, facts, subject, name), today)


def worked_out(formula: str, answers: Answers, facts: Facts, subject: str = "", today: date | None = None) -> Any:
    node = _parsed(formula) if formula.strip() else None
    found = None if node is None else expressions.evaluate(node, lambda name: look(answers, facts, subject, name), today)
    return list(found) if isinstance(found, list) else found


def shuffled(rows: Sequence[_T], seed: int, key: str) -> list[_T]:
    """In a random order, the same for the same seed."""
    found = list(rows)
    Random(f"{seed}:{key}").shuffle(found)
    return found


def choices(rows: Sequence[Choice], is_random: bool, seed: int, key: str) -> list[Choice]:
    """Choices in their order; "something else" and "none of these" stay last."""
    if not is_random:
        return list(rows)
    loose = shuffled([row for row in rows if not (row.is_other or row.is_exclusive)], seed, key)
    return loose + [row for row in rows if row.is_other or row.is_exclusive]


def walk(survey: Survey, answers: Answers, facts: Facts | None = None, seed: int = 0, today: date | None = None) -> list[Shown]:
    """The pages somebody with these answers sees, in order."""
    return trace(survey, answers, facts, seed, today).pages


def settle(survey: Survey, answers: Answers, facts: Facts | None = None, seed: int = 0, today: date | None = None) -> dict[str, Any]:
    """The answers that count: without those of what is not shown, with what is computed."""
    return trace(survey, answers, facts, seed, today).answers


def trace(survey: Survey, answers: Answers, facts: Facts | None = None, seed: int = 0, today: date | None = None) -> Walked:
    """Both in one pass."""
    kept: dict[str, Any] = {}
    pages: list[Shown] = []
    for page in _ordered(survey, seed):
        for subject in _subjects(survey, page, kept):
            if not holds(page.show_if, kept, facts or {}, subject, today):
                continue
            shown = _page(page, subject, answers, kept, facts or {}, seed, today)
            if any(item.id in shown.visible for item in shown.items):
                pages.append(shown)
    return Walked(pages, kept)


def _page(
    page: Page, subject: str, answers: Answers, kept: dict[str, Any], facts: Facts, seed: int, today: date | None
) -> Shown:  # fmt: skip
    visible = set()
    items = shuffled(page.items, seed, named(page.id, subject)) if page.randomise else page.items
    for item in page.items:
        name = named(item.id, subject)
        if not holds(item.show_if, kept, facts, subject, today):
            continue
        if isinstance(item, Computed):
            if (found := worked_out(item.formula, kept, facts, subject, today)) is not None:
                kept[name] = found
            continue
        if isinstance(item, Hidden):
            if is_answered(found := item.value or answers.get(name)):
                kept[name] = found
            continue
        visible.add(item.id)
        if not isinstance(item, Note) and is_answered(answers.get(name)):
            kept[name] = answers[name]
            if answers.get(f"{name}.other"):
                kept[f"{name}.other"] = answers[f"{name}.other"]
    return Shown(page, subject, list(items), frozenset(visible))


def _ordered(survey: Survey, seed: int) -> list[Page]:
    """In the order they are seen: where pages are mixed, those that neither depend on others nor others on them change places."""
    if not survey.settings.randomise_pages:
        return survey.pages
    tied = _tied(survey)
    places = [at for at, page in enumerate(survey.pages) if page.id not in tied]
    found = list(survey.pages)
    for at, other in zip(places, shuffled(places, seed, "pages"), strict=True):
        found[at] = survey.pages[other]
    return found


def _tied(survey: Survey) -> set[str]:
    home = {item.id: page.id for page in survey.pages for item in page.items}
    tied: set[str] = set()
    for page in survey.pages:
        needs = {page.by_subject} if page.by_subject not in ("", "*") else set()
        for text in (page.show_if, *(text for item in page.items for text in (item.show_if, getattr(item, "formula", "")))):
            needs |= _names(text)
        others = {home[need] for need in needs if need in home} - {page.id}
        if others or page.by_subject:
            tied |= {page.id, *others}
    return tied


def may_follow(survey: Survey, answers: Answers, shown: Shown, facts: Facts | None = None, seed: int = 0) -> bool:
    """Whether another page comes after this one, or may come by what is answered on it."""
    walked = trace(survey, answers, facts, seed)
    keys = [each.key for each in walked.pages]
    if shown.key in keys[:-1]:
        return True
    pages = _ordered(survey, seed)
    at = next((n for n, page in enumerate(pages) if page.id == shown.page.id), len(pages))
    open_ = _opened(shown.page, {item.id for item in shown.page.items if not isinstance(item, Computed | Hidden | Note)})
    for page in pages[at + 1 :]:
        is_open = page.by_subject in open_ or bool(_names(page.show_if) & open_)
        if not is_open and not (holds(page.show_if, walked.answers, facts or {}) and _subjects(survey, page, walked.answers)):
            continue
        open_ = _opened(page, open_)
        if is_open or any(_names(item.show_if) & open_ for item in page.items):
            return True
    return False


def _opened(page: Page, open_: set[str]) -> set[str]:
    """With what the page computes from them."""
    found = set(open_)
    for item in page.items:
        found |= {item.id} if isinstance(item, Computed) and _names(item.formula) & found else set()
    return found


def _names(text: str) -> set[str]:
    """Questions that an expression names."""
    node = _parsed(text) if text.strip() else None
    return {name.partition(".")[0].partition("@")[0] for name in expressions.names(node)} if node is not None else set()


def _subjects(survey: Survey, page: Page, kept: Answers) -> list[str]:
    if not page.by_subject:
        return [""]
    known = [each.id for each in survey.subjects][:MOST_SUBJECTS]
    if page.by_subject == "*":
        return known
    chosen = kept.get(page.by_subject)
    wanted = chosen if isinstance(chosen, list) else [chosen]
    return [each for each in known if each in wanted]


def subject_of(survey: Survey, id: str) -> Subject | None:
    return next((each for each in survey.subjects if each.id == id), None)


# Is what they answered enough?


def check(
    survey: Survey, answers: Answers, shown: Shown, facts: Facts | None = None, told: frozenset[str] = frozenset(),
    today: date | None = None,
) -> dict[str, Problem]:  # fmt: skip
    """What is wrong on a page, by the name of the question. `told`: names that were asked for once more already, and may be left out."""
    found: dict[str, Problem] = {}
    for item in shown.asked:
        name = shown.name(item)
        if isinstance(item, Note) or (problem := _of_item(item, name, answers, shown.subject, facts or {}, today)) is None:
            continue
        if not (problem.is_soft and name in told):
            found[name] = problem
    return found


def _of_item(item: Item, name: str, answers: Answers, subject: str, facts: Facts, today: date | None) -> Problem | None:
    answer = answers.get(name)
    if not is_answered(answer) or answer is False:
        return _missing(item)
    if problem := fault(item, answer, today):
        return problem
    if _other_is_missing(item, name, answers, answer) and item.required == "yes":
        return Problem("other")
    if isinstance(item, Matrix) and is_partly(item, answer) and item.required != "no":
        return Problem("rows", is_soft=item.required == "soft")
    if item.validate is not None and not holds(item.validate.rule, answers, facts, subject, today):
        return Problem("rule")
    return None


def _missing(item: Item) -> Problem | None:
    return None if item.required == "no" else Problem("required", is_soft=item.required == "soft")


def _other_is_missing(item: Item, name: str, answers: Answers, answer: Any) -> bool:
    others = {each.id for each in getattr(item, "choices", ()) if each.is_other}
    chosen = set(answer) if isinstance(answer, list) else {answer} if isinstance(answer, str) else set()
    return bool(others & chosen) and not answers.get(f"{name}.other")
