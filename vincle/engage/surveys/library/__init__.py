"""Ready surveys, each in English, Spanish, Italian and Catalan, with the letter that says why we ask and what we do with the answers. Pure.

One module a survey: `NAME`, `USE` (a line that says when to take it) and `survey()`.
"""

from types import ModuleType
from typing import Final

from ..definition.model import Survey, Texts
from . import areas, contact, effort, event, leaving, onboarding, product, recommend, shop

READY: Final[dict[str, ModuleType]] = {
    "areas": areas, "nps": recommend, "csat": contact, "ces": effort, "product": product, "onboarding": onboarding, "exit": leaving,
    "shop": shop,
    "event": event,
}  # fmt: skip


def name(key: str) -> Texts:
    texts: Texts = READY[key].NAME
    return texts


def use(key: str) -> Texts:
    texts: Texts = READY[key].USE
    return texts


def survey(key: str, main: str = "en") -> Survey:
    """A ready survey, with `main` as the language it is written in. KeyError."""
    made: Survey = READY[key].survey()
    if main in made.languages:
        made.language = main
        made.languages = [main, *(code for code in made.languages if code != main)]
    return made
