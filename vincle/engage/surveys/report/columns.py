"""The columns of a survey's answers: one for each question, row of a matrix, and subject it is asked of. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from ..definition import model as d

Kind = Literal["rating", "choice", "choices", "number", "text", "rank", "yes", "plain"]
KINDS: Final[dict[str, Kind]] = {
    "single": "choice", "dropdown": "choice", "multiple": "choices", "nps": "rating", "stars": "rating", "smileys": "rating",
    "ces": "rating", "likert": "rating", "ranking": "rank", "number": "number", "slider": "number", "text": "text", "long_text": "text",
    "consent": "yes", "date": "plain", "email": "plain", "phone": "plain", "file": "plain", "hidden": "plain", "computed": "plain",
}  # fmt: skip


@dataclass(frozen=True)
class Column:
    """`id`: question, with "@subject" and ".row" (".row.2" of a second scale) behind; `type`: of the question. `least` and `most` of a
    rating; `choices`: (id, label) of what can be chosen or ranked."""

    id: str
    question: str
    type: str
    kind: Kind
    label: str
    role: str = ""
    row: str = ""
    scale: int = 0
    area: str = ""
    subject: str = ""
    least: int = 0
    most: int = 0
    labels: tuple[str, ...] = ()
    choices: tuple[tuple[str, str], ...] = field(default=())
    is_personal: bool = False
    page: str = ""

    @property
    def measure(self) -> str:
        """How its answers are summed up: nps, csat, ces or mean."""
        if self.type == "nps":
            return "nps"
        if self.role in ("csat", "ces"):
            return self.role
        return "ces" if self.type == "ces" else "csat" if self.most == 5 and self.kind == "rating" else "mean"


def columns(survey: d.Survey, language: str) -> list[Column]:
    """Of a definition, in the order of its pages, with texts in this language."""
    return [column for page in survey.pages for subject in subjects(survey, page) for column in _of_page(survey, page, subject, language)]


def subjects(survey: d.Survey, page: d.Page) -> list[tuple[str, d.Texts, str]]:
    """(id, name, area) of what a page is asked of, each; one without an id when it is asked once."""
    if not page.by_subject:
        return [("", {}, page.area)]
    every = {each.id: (each.id, each.name, each.area or page.area) for each in survey.subjects}
    if page.by_subject == "*":
        return list(every.values())
    found = d.find(survey, page.by_subject)
    choices = found[1].choices if found and isinstance(found[1], d.WITH_CHOICES) else []
    return [every.get(each.id, (each.id, each.text, page.area)) for each in choices]


def _of_page(survey: d.Survey, page: d.Page, subject: tuple[str, d.Texts, str], language: str) -> Iterator[Column]:
    id, name, area_id = subject
    area = next((d.say(each.name, language, survey) for each in survey.areas if each.id == area_id), "")
    said = d.say(name, language, survey)
    title = d.say(page.title, language, survey)
    for item in page.items:
        if not isinstance(item, d.Note):
            yield from _of_item(item, survey, language, {"area": area, "subject": said, "page": title}, f"@{id}" if id else "")


def _of_item(item: d.Item, survey: d.Survey, language: str, where: Mapping[str, Any], behind: str) -> Iterator[Column]:
    def say(texts: d.Texts) -> str:
        return d.say(texts, language, survey).replace("{subject}", where["subject"]).strip()

    type = str(item.__struct_config__.tag)
    common: dict[str, Any] = {**where, "question": item.id + behind, "type": type, "role": item.role}
    text = say(item.text) or item.id
    if isinstance(item, d.Matrix):
        for number, scale in enumerate(item.scales or [d.Scale()]):
            for row in item.rows:
                label = f"{say(row.text) or row.id}" + (f" ({say(scale.title) or number + 1})" if len(item.scales) > 1 else "")
                place = f".{row.id}" + (f".{number + 1}" if number else "")
                rated: dict[str, Any] = {"least": 1, "most": scale.points, "labels": tuple(map(say, scale.labels))}
                yield Column(id=item.id + behind + place, kind="rating", label=label, row=row.id, scale=number, **rated, **common)
        return
    if isinstance(item, d.ConstantSum):
        for choice in item.choices:
            yield Column(id=f"{item.id}{behind}.{choice.id}", kind="number", label=f"{text}: {say(choice.text)}", row=choice.id, **common)
        return
    least, most = d.points(item) or (0, 0)
    choices = tuple((each.id, say(each.text) or each.id) for each in item.choices) if isinstance(item, d.WITH_CHOICES) else ()
    kind = KINDS.get(type, "plain")
    if isinstance(item, d.ImageChoice):
        kind = "choices" if item.several else "choice"
    labels = tuple(map(say, item.scale.labels)) if isinstance(item, d.Likert) else ()
    personal = type in ("email", "phone", "file") or bool(item.fact)
    yield Column(
        id=item.id + behind, kind=kind, label=text, least=least, most=most, labels=labels, choices=choices, is_personal=personal, **common
    )


def value(column: Column, answers: Mapping[str, Any]) -> Any:
    """What one response says: a number or None for ratings and numbers, an id, a list of ids, true or false, or text ("" for nothing)."""
    given = answers.get(column.question)
    if column.row:
        given = given.get(column.row) if isinstance(given, dict) else None
        if isinstance(given, list):
            given = given[column.scale] if column.scale < len(given) else None
        elif column.scale:
            given = None
    if column.kind in ("rating", "number"):
        return float(given) if isinstance(given, int | float) and not isinstance(given, bool) else None
    if column.kind in ("choices", "rank"):
        return [str(each) for each in given] if isinstance(given, list) else []
    if column.kind == "yes":
        return given if isinstance(given, bool) else None
    return "" if given is None else given.get("name", "") if isinstance(given, dict) else str(given)


def main_column(survey: d.Survey, found: list[Column]) -> Column | None:
    """The column of the question that stands for the whole."""
    main = d.main_question(survey)
    return next((each for each in found if main is not None and each.question == main.id and not each.row), None)


def driver_columns(found: list[Column], main: Column | None) -> list[Column]:
    """What may explain the main rating: what is called a driver, else every other rating that is no recommendation."""
    rated = [each for each in found if each.kind == "rating" and each is not main]
    named = [each for each in rated if each.role == "driver"]
    return named or [each for each in rated if each.type != "nps" and each.role not in ("nps", "overall") and not each.scale]
