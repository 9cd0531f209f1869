"""A page of a survey as the public template draws it: words of one language, what was answered, what is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from .definition import expressions, flow, model
from .definition.answers import Problem
from .definition.flow import Shown
from .definition.model import Choice, ImageChoice, Item, Matrix, Multiple, Scale, Survey, say
from .delivering import spoken
from .models import Response
from .theme import picture
from .wording_answers import wrong

NATIVE = {"en": "English", "es": "Español", "it": "Italiano", "ca": "Català", "fr": "Français", "de": "Deutsch", "pt": "Português"}
MANY_LABELS = 5


@dataclass
class Option:
    """Something to choose. `image`: address of its picture. `code`: where it is a cell of a table, the name of its field."""

    id: str
    text: str
    is_chosen: bool = False
    is_other: bool = False
    is_exclusive: bool = False
    image: str = ""
    value: Any = ""


@dataclass
class Row:
    """A line of a table: a cell for each of its scales, (name of the field, options)."""

    text: str
    cells: list[tuple[str, str, list[Option]]]


@dataclass
class Question:
    name: str
    kind: str
    text: str
    help: str
    is_visible: bool
    required: str
    item: Item
    number: int = 0
    wrong: str = ""
    is_soft: bool = False
    value: Any = ""
    other: str = ""
    options: list[Option] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    heads: list[tuple[str, list[str]]] = field(default_factory=list)
    low: str = ""
    high: str = ""
    unit: str = ""
    placeholder: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)

    @property
    def described(self) -> str:
        named = [("help", self.help), ("ends", self.low or self.high), ("wrong", self.wrong)]
        return " ".join(f"{self.name}-{part}" for part, there in named if there)

    @property
    def is_group(self) -> bool:
        return bool(self.options or self.rows) and self.kind != "dropdown"


class Page:
    """`shown` in the words of the response's language; `typed` are the answers to show, `problems` what is wrong."""

    def __init__(
        self, definition: Survey, response: Response, shown: Shown, typed: Mapping[str, Any] | None = None,
        problems: Mapping[str, Problem] | None = None,
    ) -> None:  # fmt: skip
        self.definition, self.response, self.shown = definition, response, shown
        self.language, self.typed, self.problems = response.language, response.answers if typed is None else typed, problems or {}
        self.title, self.text = self.say(shown.page.title), self.say(shown.page.text)
        self.questions = [made for item in shown.items if (made := self._question(item)) is not None]
        self._numbered()

    def say(self, texts: model.Texts) -> str:
        """With what was answered and what is known of them put in."""
        return expressions.pipe(say(texts, self.language, self.definition), self._piped)

    def _piped(self, name: str) -> str | None:
        head = name.partition(".")[0].partition("@")[0]
        if head == "subject":
            subject = flow.subject_of(self.definition, self.shown.subject)
            return say(subject.name, self.language, self.definition) if subject else ""
        found = model.find(self.definition, head)
        if head != "person" and found is None:
            return None
        value = flow.look(self.response.answers, self.response.facts, self.shown.subject, name)
        return _in_words(spoken(found[1], value, self.language, self.definition) if found else value)

    def _numbered(self) -> None:
        if not self.definition.settings.numbers:
            return
        n = 0
        for each in self.questions:
            if each.kind != "note":
                n += 1
                each.number = n

    def _question(self, item: Item) -> Question | None:
        kind = str(item.__struct_config__.tag)
        if isinstance(item, model.Hidden | model.Computed):
            return None
        name = self.shown.name(item)
        made = Question(
            name, kind, self.say(item.text), self.say(item.help), item.id in self.shown.visible, item.required, item,
            value=self.typed.get(name, ""), other=str(self.typed.get(f"{name}.other", "")),
            low=self.say(getattr(item, "low", None) or {}) if isinstance(getattr(item, "low", None), dict) else "",
            high=self.say(getattr(item, "high", None) or {}) if isinstance(getattr(item, "high", None), dict) else "",
            unit=self.say(getattr(item, "unit", {})), placeholder=self.say(getattr(item, "placeholder", {})),
        )  # fmt: skip
        if problem := self.problems.get(name):
            words = self.say(item.validate.words) if problem.code == "rule" and item.validate else ""
            made.wrong, made.is_soft = words or wrong(problem, item), problem.is_soft
        self._fill(made, item)
        return made

    def _fill(self, made: Question, item: Item) -> None:
        match item:
            case model.Likert():
                made.options, made.low, made.high = self._scale(item.scale, made.value), self.say(item.scale.low), self.say(item.scale.high)
            case Matrix():
                self._table(made, item)
            case model.Slider():
                made.low, made.high = self.say(item.low_text), self.say(item.high_text)
            case model.Ranking() | model.ConstantSum():
                self._placed(made, item)
            case _ if limits := model.points(item):
                least, most = limits
                made.options = [Option(str(n), str(n), made.value == n) for n in range(least, most + 1)]
            case _ if getattr(item, "choices", None):
                made.options = self._choices(made, item, item.choices)  # type: ignore[union-attr]

    def _choices(self, made: Question, item: Item, rows: list[Choice]) -> list[Option]:
        chosen = made.value if isinstance(made.value, list) else [made.value]
        if isinstance(item, Multiple) or (isinstance(item, ImageChoice) and item.several):
            made.attributes["several"] = True
        ordered = flow.choices(rows, getattr(item, "is_random", False), self.response.seed, made.name)
        return [
            Option(each.id, self.say(each.text) or each.id, each.id in chosen, each.is_other, each.is_exclusive, picture(each.image))
            for each in ordered
        ]

    def _scale(self, scale: Scale, value: Any) -> list[Option]:
        words = [self.say(each) for each in scale.labels] or [""] * scale.points
        found = [Option(str(n), word or str(n), value == n) for n, word in enumerate(words, 1)]
        return [*found, Option(model.NA, _("Does not concern me"), value == model.NA)] if scale.has_na else found

    def _table(self, made: Question, item: Matrix) -> None:
        rows = flow.choices(item.rows, item.is_random, self.response.seed, made.name)
        given = made.value if isinstance(made.value, dict) else {}
        made.heads = [(self.say(scale.title), [each.text for each in self._scale(scale, None)]) for scale in item.scales]
        made.low, made.high = (self.say(item.scales[0].low), self.say(item.scales[0].high)) if item.scales else ("", "")
        for row in rows:
            value = given.get(row.id)
            values = value if isinstance(value, list) else [value]
            cells = []
            for n, scale in enumerate(item.scales):
                name = f"{made.name}.{row.id}" + (f".{n + 1}" if n else "")
                cells.append((name, self.say(scale.title), self._scale(scale, values[n] if n < len(values) else None)))
            made.rows.append(Row(self.say(row.text) or row.id, cells))

    def _placed(self, made: Question, item: model.Ranking | model.ConstantSum) -> None:
        is_random = isinstance(item, model.Ranking) and item.is_random
        rows = flow.choices(item.choices, is_random, self.response.seed, made.name)
        for row in rows:
            if isinstance(made.value, dict):
                value: Any = made.value.get(row.id, "")
            else:
                value = made.value.index(row.id) + 1 if isinstance(made.value, list) and row.id in made.value else ""
            made.options.append(Option(row.id, self.say(row.text) or row.id, value=value))
        if isinstance(item, model.Ranking):
            made.attributes["places"] = range(1, (item.most or len(item.choices)) + 1)


def _in_words(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, float) and value == int(value):
        return str(int(value))
    return str(value)


def language_for(request: HttpRequest, survey: Survey, asked: str = "") -> str:
    """The language asked for in the address, else the first of the browser's that the survey has, else its own."""
    wanted = [asked.lower()]
    for part in request.headers.get("Accept-Language", "")[:200].split(","):
        code = part.partition(";")[0].strip().lower()
        wanted += [code, code.partition("-")[0]]
    return next((code for code in wanted if code and code in survey.languages), survey.language)


def languages(survey: Survey) -> list[tuple[str, str]]:
    """(code, its own name) of those it may be answered in; none where there is only one."""
    return [(code, NATIVE.get(code, code)) for code in survey.languages] if len(survey.languages) > 1 else []


def day(moment: Any) -> str:
    return date_format(moment, "j F Y, H:i") if moment else ""
