"""Which answers are bad enough that somebody should call. Pure.

>>> survey = model.Survey(pages=[model.Page(id="p", area="shop", items=[model.Nps(id="n"), model.Stars(id="s")])])
>>> [each.question for each in bad(survey, {"n": 6, "s": 3}, Limits())], [each.question for each in bad(survey, {"n": 9, "s": 2}, Limits())]
(['n'], ['s'])
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from .definition import model

MOST_TEXT: Final = 2_000


class Limits(NamedTuple):
    """`nps`: bad up to this of ten. `share`: bad up to this share of any other scale (0.25 of one to five is two)."""

    nps: int = 6
    share: float = 0.25


class Bad(NamedTuple):
    """`share`: where the answer lies on its scale, 0 worst to 1; `area`: of the page, or of the subject it is asked for."""

    question: str
    area: str
    value: float
    most: int
    share: float


def bad(survey: model.Survey, answers: Mapping[str, Any], limits: Limits) -> list[Bad]:
    """The bad ratings among these answers, worst first."""
    found: list[Bad] = []
    subjects = {subject.id: subject.area for subject in survey.subjects}
    for name, value in answers.items():
        bare, _at, subject = name.partition("@")
        placed = model.find(survey, bare)
        if placed is None:
            continue
        page, item = placed
        span = model.points(item)
        if span is None:
            continue
        area = subjects.get(subject, "") or page.area
        for number in _numbers(value):
            share = (number - span[0]) / (span[1] - span[0]) if span[1] > span[0] else 1.0
            if number <= limits.nps if isinstance(item, model.Nps) else share <= limits.share:
                found.append(Bad(name, area, number, span[1], round(share, 4)))
    return sorted(found, key=lambda each: (each.share, each.question))


def _numbers(value: Any) -> list[float]:
    """Of a rating the number; of a table those of each row (of two scales the second: how it was, not how much it matters)."""
    if isinstance(value, bool):
        return []
    if isinstance(value, int | float):
        return [float(value)]
    if isinstance(value, dict):
        rows = [each[-1] if isinstance(each, list) and each else each for each in value.values()]
        return [float(each) for each in rows if isinstance(each, int | float) and not isinstance(each, bool)]
    return []


def words(survey: model.Survey, answers: Mapping[str, Any]) -> str:
    """What they said in their own words, one answer a paragraph."""
    said = []
    for name, value in answers.items():
        found = model.find(survey, name)
        if found is not None and isinstance(found[1], model.OPEN) and isinstance(value, str) and value.strip():
            said.append(value.strip())
    return "\n\n".join(said)[:MOST_TEXT]


def area_of(found: list[Bad]) -> str:
    """Whose it is: the area of the worst answer that has one."""
    return next((each.area for each in found if each.area), "")
