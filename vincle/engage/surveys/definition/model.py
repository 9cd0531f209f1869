"""What a survey is: pages of questions with their texts in each language, as values that turn into JSON and back without loss. Pure.

Answers, by the id of their question (see `SHAPES`): single, dropdown: id of a choice; multiple, image_choice with `several`: list of ids;
nps, stars, smileys, ces, likert: a whole number, or "na"; matrix: row id -> number or "na", of dual ones row id -> [number, number];
ranking: ids, best first; constant_sum: choice id -> number; number, slider: a number; consent: true or false; file: {"token", "name",
"size", "content_type"}; date: "2026-11-22"; computed: number, text or true/false; every other: text. What was typed at a choice `is_other`
stands as "<id>.other". On a page asked once per subject, each name is followed by "@" and the subject: "quality@product1".
"""

from collections.abc import Iterator
from typing import Any, Final, Literal

import msgspec
from msgspec import Struct, field

FORMAT: Final = "vincle-survey/1"
Texts = dict[str, str]
Required = Literal["no", "soft", "yes"]
Role = Literal["", "nps", "csat", "ces", "overall", "driver", "open"]
NA: Final = "na"
"""Answer of a scale: does not concern me."""


class Choice(Struct, omit_defaults=True, kw_only=True):
    """`is_other`: with a field for own words; `is_exclusive`: nothing beside it ("none of these"). `image`: token of a picture."""

    id: str
    text: Texts = {}
    is_other: bool = False
    is_exclusive: bool = False
    image: str = ""


class Rule(Struct, omit_defaults=True):
    """An expression that has to hold for what was answered, and what is said when it does not."""

    rule: str
    words: Texts = {}


class Scale(Struct, omit_defaults=True, kw_only=True):
    """1 to `points`, each with its label, or only the ends named. `has_na`: "does not concern me" may be chosen."""

    points: int = 5
    title: Texts = {}
    labels: list[Texts] = []
    low: Texts = {}
    high: Texts = {}
    has_na: bool = False


class Question(Struct, omit_defaults=True, kw_only=True, tag_field="type"):
    """What all questions have. `fact`: the field of the person that the answer states, in identified surveys ("name", "company" ...)."""

    id: str
    text: Texts = {}
    help: Texts = {}
    required: Required = "no"
    show_if: str = ""
    validate: Rule | None = None
    role: Role = ""
    fact: str = ""


class Single(Question, tag="single"):
    choices: list[Choice] = []
    is_random: bool = False
    columns: int = 1


class Multiple(Question, tag="multiple"):
    """`least` and `most`: how many may be chosen; 0: any number."""

    choices: list[Choice] = []
    least: int = 0
    most: int = 0
    is_random: bool = False
    columns: int = 1


class Dropdown(Question, tag="dropdown"):
    choices: list[Choice] = []
    is_random: bool = False


class Nps(Question, tag="nps"):
    """0 to 10."""

    low: Texts = {}
    high: Texts = {}


class Stars(Question, tag="stars"):
    most: int = 5
    low: Texts = {}
    high: Texts = {}


class Smileys(Question, tag="smileys"):
    """Five faces, 1 worst."""

    low: Texts = {}
    high: Texts = {}


class Ces(Question, tag="ces"):
    """How easy was it: 1 to `points` (5 or 7), more is easier."""

    points: int = 7
    low: Texts = {}
    high: Texts = {}


class Likert(Question, tag="likert"):
    scale: Scale = field(default_factory=Scale)


class Matrix(Question, tag="matrix"):
    """Rows on one scale, or on two (dual: importance beside performance)."""

    rows: list[Choice] = []
    scales: list[Scale] = field(default_factory=lambda: [Scale()])
    is_random: bool = False


class Ranking(Question, tag="ranking"):
    """`most`: how many places are given; 0: all."""

    choices: list[Choice] = []
    most: int = 0
    is_random: bool = False


class ConstantSum(Question, tag="constant_sum"):
    choices: list[Choice] = []
    total: float = 100
    unit: Texts = {}


class Number(Question, tag="number"):
    least: float | None = None
    most: float | None = None
    decimals: int = 0
    unit: Texts = {}


class Text(Question, tag="text"):
    """`most`: characters."""

    most: int = 250
    placeholder: Texts = {}


class LongText(Question, tag="long_text"):
    most: int = 4_000
    placeholder: Texts = {}


class Date(Question, tag="date"):
    """`least` and `most`: days as "2026-11-22"; "": any."""

    least: str = ""
    most: str = ""


class Email(Question, tag="email"):
    pass


class Phone(Question, tag="phone"):
    pass


class File(Question, tag="file"):
    """`endings` without the dot; none: pictures, PDF, text and office documents."""

    endings: list[str] = []
    most_mb: int = 10


class ImageChoice(Question, tag="image_choice"):
    choices: list[Choice] = []
    several: bool = False
    is_random: bool = False


class Slider(Question, tag="slider"):
    low: float = 0
    high: float = 100
    step: float = 1
    low_text: Texts = {}
    high_text: Texts = {}
    unit: Texts = {}


class Consent(Question, tag="consent"):
    """A box to tick; `text` is what is agreed to, word for word. `topic` and `channel` as the ledger of consent names them."""

    topic: str = "marketing"
    channel: str = "email"


class Hidden(Question, tag="hidden"):
    """Comes with the address: its part `parameter` ("": its id), or a fixed `value`."""

    parameter: str = ""
    value: str = ""


class Computed(Question, tag="computed"):
    """Worked out of other answers; not shown."""

    formula: str = ""


class Note(Question, tag="note"):
    """A text between questions."""


Item = (
    Single | Multiple | Dropdown | Nps | Stars | Smileys | Ces | Likert | Matrix | Ranking | ConstantSum | Number | Text | LongText | Date
    | Email | Phone | File | ImageChoice | Slider | Consent | Hidden | Computed | Note
)  # fmt: skip
WITH_CHOICES: Final = (Single, Multiple, Dropdown, ImageChoice, Ranking, ConstantSum)
RATED: Final = (Nps, Stars, Smileys, Ces, Likert, Matrix)
OPEN: Final = (Text, LongText)
SILENT: Final = (Hidden, Computed, Note)
"""Kinds nobody answers by hand."""
TYPES: Final[dict[str, type[Question]]] = {str(kind.__struct_config__.tag): kind for kind in Item.__args__}


class Page(Struct, omit_defaults=True, kw_only=True):
    """`by_subject`: id of a question whose choices are subjects: the page is asked for each that was chosen, "{subject}" being its name;
    "*": for each subject there is. `area`: id of the area of the company it is about. `randomise`: its questions in a random order."""

    id: str
    title: Texts = {}
    text: Texts = {}
    items: list[Item] = []
    area: str = ""
    by_subject: str = ""
    show_if: str = ""
    randomise: bool = False


class Area(Struct, omit_defaults=True, kw_only=True):
    """A part of the company; `team`: key of the inbox's team that is told of bad answers."""

    id: str
    name: Texts = {}
    team: str = ""


class Subject(Struct, omit_defaults=True, kw_only=True):
    """A product or service."""

    id: str
    name: Texts = {}
    area: str = ""


class Settings(Struct, omit_defaults=True, kw_only=True):
    """`main`: id of the question whose answer stands for the whole ("": by role); `after`: address where people go in the end."""

    progress: bool = True
    back: bool = True
    resume: bool = True
    numbers: bool = False
    randomise_pages: bool = False
    main: str = ""
    after: str = ""


class Theme(Struct, omit_defaults=True, kw_only=True):
    """`accent`: "#1a2b3c", "": the brand's. `logo`: token of a picture in letters, "": the brand's."""

    accent: str = ""
    logo: str = ""
    corners: Literal["", "square", "soft", "round"] = ""
    ground: Literal["", "plain", "tint"] = ""


class Survey(Struct, omit_defaults=True, kw_only=True):
    """`welcome` and `thanks` stand before and after the questions, `covering` is the letter that says why we ask."""

    format: Literal["vincle-survey/1"] = FORMAT
    title: Texts = {}
    languages: list[str] = field(default_factory=lambda: ["en"])
    language: str = "en"
    welcome: Texts = {}
    thanks: Texts = {}
    covering: Texts = {}
    pages: list[Page] = []
    areas: list[Area] = []
    subjects: list[Subject] = []
    settings: Settings = field(default_factory=Settings)
    theme: Theme = field(default_factory=Theme)


def load(data: Any) -> Survey:
    """Of what JSON gives (a dict); msgspec.ValidationError where it is no survey."""
    return msgspec.convert(data, Survey)


def dump(survey: Survey) -> dict[str, Any]:
    """As it is stored; `load` gives the same survey back."""
    made: dict[str, Any] = msgspec.to_builtins(survey)
    return {"format": FORMAT, "languages": survey.languages, "language": survey.language, **made}


def schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of the format."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(Survey)}


def questions(survey: Survey) -> Iterator[tuple[Page, Item]]:
    """Every question (hidden, computed and notes too) with its page, in order."""
    for page in survey.pages:
        for item in page.items:
            yield page, item


def find(survey: Survey, id: str) -> tuple[Page, Item] | None:
    """By its id; what stands behind "@" (a subject) is passed over."""
    bare = id.partition("@")[0]
    return next(((page, item) for page, item in questions(survey) if item.id == bare), None)


def say(texts: Texts, language: str, survey: Survey | None = None) -> str:
    """A text in this language, else in the survey's own, else in any.

    >>> say({"en": "Yes", "ca": "Sí"}, "ca"), say({"en": "Yes"}, "it"), say({}, "en")
    ('Sí', 'Yes', '')
    """
    if found := texts.get(language):
        return found
    own = texts.get(survey.language, "") if survey is not None else texts.get("en", "")
    return own or next((text for text in texts.values() if text), "")


def points(item: Item) -> tuple[int, int] | None:
    """(least, most) of a question rated on one scale or of a matrix's first; None where it is no rating.

    >>> points(Nps(id="q")), points(Stars(id="q", most=7)), points(Text(id="q"))
    ((0, 10), (1, 7), None)
    """
    match item:
        case Nps():
            return 0, 10
        case Stars():
            return 1, item.most
        case Smileys():
            return 1, 5
        case Ces():
            return 1, item.points
        case Likert():
            return 1, item.scale.points
        case Matrix():
            return 1, (item.scales or [Scale()])[0].points
    return None


def main_question(survey: Survey) -> Item | None:
    """The one whose rating stands for the whole: named in the settings, else by role, else the first rating."""
    rated = [item for _page, item in questions(survey) if points(item) is not None and not isinstance(item, Matrix)]
    if survey.settings.main and (named := next((item for item in rated if item.id == survey.settings.main), None)):
        return named
    for role in ("overall", "nps", "csat", "ces"):
        if found := next((item for item in rated if item.role == role), None):
            return found
    return rated[0] if rated else None


SHAPES: Final = {
    "text": "single dropdown text long_text date email phone hidden",
    "list": "multiple ranking",
    "rating": "nps stars smileys ces likert",
    "table": "matrix constant_sum",
    "number": "number slider",
    "yes": "consent",
    "file": "file",
}
"""Shape of an answer -> kinds that have it; image_choice has "text", with `several` "list"; computed has any; note has none."""
