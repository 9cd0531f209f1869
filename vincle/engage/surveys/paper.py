"""A survey on paper: its questions as a ballot prints them, with the key that is typed for each answer."""

import re
from collections.abc import Sequence

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from . import asked_words
from .ballot import Asked, Sheet
from .definition import model
from .definition.model import Choice, Item, Page, Scale
from .models import Survey

KEYS = "123456789abcdefghijklmnopqrstuvwxyz"
"""One key an answer; more answers than these are typed by number and Enter."""


def sheet(survey: Survey, language: str) -> Sheet:
    """What stands on every ballot of a survey."""
    definition = asked_words.asked(survey)
    language = asked_words.chosen(definition, [language])
    with translation.override(language):
        words = {"code": _("Code"), "online": _("or on your phone")}
        return Sheet(
            asked_words.title(definition, survey, language), model.say(definition.welcome, language, definition),
            asked_words.privacy(survey), list(_Writer(definition, language).questions()), words, language,
        )  # fmt: skip


def key_of(place: int, count: int) -> str:
    """What is typed for the answer at this place of so many.

    >>> key_of(0, 4), key_of(9, 12), key_of(40, 50)
    ('1', 'a', '41')
    """
    return KEYS[place] if count <= len(KEYS) else str(place + 1)


class _Writer:
    def __init__(self, survey: model.Survey, language: str) -> None:
        self.survey, self.language = survey, language
        self.number = 0

    def say(self, texts: model.Texts) -> str:
        """Piped names are left as a line to be read over on paper."""
        return unpiped(model.say(texts, self.language, self.survey))

    def questions(self) -> list[Asked]:
        found: list[Asked] = []
        for page in self.survey.pages:
            asked = [
                each for item in page.items if not isinstance(item, (model.Hidden, model.Computed, model.File)) for each in self._of(item)
            ]
            if not asked:
                continue
            title = self.say(page.title)
            if page.by_subject:
                title = " · ".join(filter(None, (title, _("for each that concerns you"))))
            if title:
                found.append(Asked("", title, "part"))
            if note := _only_if(page):
                found.append(Asked("", note, "note"))
            found += asked
        return found

    def _of(self, item: Item) -> list[Asked]:
        text = self.say(item.text)
        if isinstance(item, model.Note):
            return [Asked("", text, "note")] if text else []
        self.number += 1
        number, hint = str(self.number), self.say(item.help)
        if item.show_if:
            hint = " ".join(filter(None, (hint, _("Only if it concerns you."))))
        made = self._body(item, number, text, hint)
        return [made]

    def _body(self, item: Item, number: str, text: str, hint: str) -> Asked:
        match item:
            case model.Nps(low=low, high=high):
                return Asked(number, text, "scale", [(str(n), str(n)) for n in range(11)], hint, ends=(self.say(low), self.say(high)))
            case model.Stars() | model.Smileys() | model.Ces():
                _least, most = model.points(item) or (1, 5)
                ends = (self.say(item.low), self.say(item.high))
                return Asked(number, text, "scale", [(str(n), str(n)) for n in range(1, most + 1)], hint, ends=ends)
            case model.Likert(scale=scale):
                return Asked(number, text, "tick", self._labels(scale), hint)
            case model.Matrix(rows=rows, scales=scales):
                answers = [each for place, scale in enumerate(scales) for each in self._labels(scale, short=len(scales) > 1 or place > 0)]
                return Asked(number, text, "grid", answers, hint, rows=[self.say(row.text) for row in rows])
            case model.Ranking() | model.ConstantSum():
                more = _("Write 1 beside the best, 2 beside the next …") if isinstance(item, model.Ranking) else self._sum(item)
                return Asked(number, text, "boxes", self._choices(item.choices), " ".join(filter(None, (hint, more))))
            case model.Multiple() | model.Single() | model.Dropdown() | model.ImageChoice():
                several = isinstance(item, model.Multiple) or (isinstance(item, model.ImageChoice) and item.several)
                many = _("Tick all that apply.") if several else ""
                if isinstance(item, model.Multiple) and item.most:
                    many = ngettext("Tick at most %(n)d.", "Tick at most %(n)d.", item.most) % {"n": item.most}
                return Asked(number, text, "tick", self._choices(item.choices), " ".join(filter(None, (hint, many))))
            case model.Consent():
                return Asked(number, "", "tick", [("1", text)], hint)
            case model.LongText():
                return Asked(number, text, "lines", (), hint, lines=5)
            case model.Slider(low=least, high=most) | model.Number(least=least, most=most) if least is not None and most is not None:
                span = _("From %(low)g to %(high)g.") % {"low": least, "high": most}
                return Asked(number, text, "lines", (), " ".join(filter(None, (hint, span))), lines=1)
        return Asked(number, text, "lines", (), hint, lines=1)

    def _sum(self, item: model.ConstantSum) -> str:
        return _("Together %(total)g %(unit)s.") % {"total": item.total, "unit": self.say(item.unit)}

    def _choices(self, choices: Sequence[Choice]) -> list[tuple[str, str]]:
        line = " ______________"
        return [(key_of(at, len(choices)), self.say(each.text) + (line if each.is_other else "")) for at, each in enumerate(choices)]

    def _labels(self, scale: Scale, short: bool = False) -> list[tuple[str, str]]:
        labels = [self.say(each) for each in scale.labels]
        ends = {1: self.say(scale.low), scale.points: self.say(scale.high)}
        found = []
        for n in range(1, scale.points + 1):
            label = (labels[n - 1] if n <= len(labels) else "") or ends.get(n, "")
            found.append((str(n) if n < 10 else "0", str(n) if short else f"{n}  {label}".strip()))
        if scale.has_na and not short:
            found.append(("-", _("does not concern me")))
        return found


def _only_if(page: Page) -> str:
    return _("Only if it concerns you.") if page.show_if else ""


def unpiped(text: str) -> str:
    """Without names in braces, which nobody can fill in on paper.

    >>> unpiped("How was {q1}?")
    'How was …?'
    """
    return re.sub(r"\{[^{}]{1,80}\}", "…", text)
