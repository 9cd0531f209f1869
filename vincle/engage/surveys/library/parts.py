"""Short ways to write the questions of the ready surveys."""

from collections.abc import Sequence

from ..definition.model import (
    Ces,
    Choice,
    Dropdown,
    Email,
    Hidden,
    Item,
    Likert,
    LongText,
    Matrix,
    Multiple,
    Nps,
    Page,
    Required,
    Role,
    Scale,
    Single,
    Slider,
    Smileys,
    Stars,
    Survey,
    Texts,
)  # fmt: skip
from .words import AGREE, LIKELY, SATISFIED, THANKS_TITLE

Named = Sequence[tuple[str, Texts]]
LANGUAGES = ("en", "es", "it", "ca")


def made(title: Texts, covering: Texts, welcome: Texts, pages: list[Page]) -> Survey:
    return Survey(
        title=title, languages=list(LANGUAGES), language="en", welcome=welcome, thanks=dict(THANKS_TITLE), covering=covering, pages=pages
    )


def page(id: str, title: Texts, items: Sequence[Item], show_if: str = "", area: str = "", by_subject: str = "") -> Page:
    return Page(id=f"p_{id}", title=title, items=list(items), show_if=show_if, area=area, by_subject=by_subject)


def _choices(named: Named) -> list[Choice]:
    return [Choice(id=id, text=text, is_other=id == "other") for id, text in named]


def single(
    id: str, text: Texts, choices: Named, show_if: str = "", role: Role = "", required: Required = "no", shuffled: bool = False
) -> Single:
    return Single(id=id, text=text, choices=_choices(choices), show_if=show_if, role=role, required=required, is_random=shuffled)


def multiple(id: str, text: Texts, choices: Named, show_if: str = "", shuffled: bool = False) -> Multiple:
    return Multiple(id=id, text=text, choices=_choices(choices), show_if=show_if, is_random=shuffled)


def dropdown(id: str, text: Texts, choices: Named) -> Dropdown:
    return Dropdown(id=id, text=text, choices=_choices(choices))


def nps(id: str, text: Texts, ends: tuple[Texts, Texts]) -> Nps:
    return Nps(id=id, text=text, low=ends[0], high=ends[1], role="nps", required="soft")


def ces(id: str, text: Texts) -> Ces:
    return Ces(id=id, text=text, points=7, low=AGREE[0], high=AGREE[-1], role="ces", required="soft")


def smileys(id: str, text: Texts, role: Role = "") -> Smileys:
    return Smileys(id=id, text=text, low=SATISFIED[0], high=SATISFIED[-1], role=role, required="soft")


def stars(id: str, text: Texts, role: Role = "") -> Stars:
    return Stars(id=id, text=text, role=role)


def likert(id: str, text: Texts, labels: list[Texts], role: Role = "") -> Likert:
    return Likert(
        id=id, text=text, scale=Scale(points=len(labels), labels=labels), role=role, required="soft" if role == "overall" else "no"
    )


def matrix(id: str, text: Texts, rows: Named, labels: list[Texts], show_if: str = "") -> Matrix:
    """Each of its rows is a driver: a property that may explain the main question."""
    scale = Scale(points=len(labels), labels=labels, has_na=True)
    return Matrix(id=id, text=text, rows=_choices(rows), scales=[scale], show_if=show_if, role="driver")


def slider(id: str, text: Texts, low: float, high: float) -> Slider:
    return Slider(id=id, text=text, low=low, high=high, step=5, low_text=LIKELY[0], high_text=LIKELY[1])


def long_text(id: str, text: Texts, show_if: str = "") -> LongText:
    return LongText(id=id, text=text, show_if=show_if, role="open")


def email(id: str, text: Texts, show_if: str = "") -> Email:
    return Email(id=id, text=text, show_if=show_if)


def hidden(id: str, parameter: str) -> Hidden:
    return Hidden(id=id, parameter=parameter)
