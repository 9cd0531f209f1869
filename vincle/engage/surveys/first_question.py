"""The first question of a survey as it can stand inside a mail: its answers as links. Pure."""

from typing import NamedTuple

from .definition import model
from .definition.model import Item

MOST = 11
FACES = ("😞", "🙁", "😐", "🙂", "😀")


class First(NamedTuple):
    """`answers` are (what is sent, short, in words); `is_scale`: they stand in a row; `ends`: words at both ends."""

    id: str
    text: str
    answers: list[tuple[str, str, str]]
    is_scale: bool
    ends: tuple[str, str]


def first(survey: model.Survey, language: str) -> First | None:
    """None where the first thing people see cannot be answered by one click: it depends on something, or there is too much to choose."""
    for page in survey.pages:
        for item in page.items:
            if isinstance(item, model.SILENT):
                continue
            if (
                page.show_if
                or page.by_subject
                or page.randomise
                or survey.settings.randomise_pages
                or item.show_if
                or "{" in _text(survey, item, language)
            ):
                return None
            return _of(survey, item, language)
    return None


def _text(survey: model.Survey, item: Item, language: str) -> str:
    return model.say(item.text, language, survey)


def _of(survey: model.Survey, item: Item, language: str) -> First | None:
    text = _text(survey, item, language)

    def said(texts: model.Texts) -> str:
        return model.say(texts, language, survey)

    match item:
        case model.Nps(low=low, high=high):
            return First(item.id, text, [(str(n), str(n), "") for n in range(11)], True, (said(low), said(high)))
        case model.Stars(low=low, high=high):
            answers = [(str(n), "★" * n if n <= 5 else str(n), f"{n}/{item.most}") for n in range(1, item.most + 1)]
            return First(item.id, text, answers, True, (said(low), said(high))) if item.most <= MOST else None
        case model.Smileys(low=low, high=high):
            return First(item.id, text, [(str(n), face, str(n)) for n, face in enumerate(FACES, 1)], True, (said(low), said(high)))
        case model.Ces(low=low, high=high):
            return First(item.id, text, [(str(n), str(n), "") for n in range(1, item.points + 1)], True, (said(low), said(high)))
        case model.Likert(scale=scale) if scale.points <= MOST:
            labels = [said(each) for each in scale.labels]
            if len(labels) == scale.points and all(labels):
                return First(item.id, text, [(str(n), label, label) for n, label in enumerate(labels, 1)], False, ("", ""))
            return First(
                item.id, text, [(str(n), str(n), "") for n in range(1, scale.points + 1)], True, (said(scale.low), said(scale.high))
            )
        case model.Single(choices=choices) | model.Dropdown(choices=choices) if 0 < len(choices) <= MOST and not any(
            c.is_other for c in choices
        ):
            return First(item.id, text, [(choice.id, said(choice.text), said(choice.text)) for choice in choices], False, ("", ""))
    return None
