"""What the community says, written by hand: one file a language. `{slots}` are filled with beans, drinks, cakes, names, days."""

from typing import Final, NamedTuple

from . import ca, en, es, it
from .shape import Language


class Said(NamedTuple):
    """Sentence patterns of one topic by mood, in the order positive, question, negative, ironic."""

    positive: tuple[str, ...]
    question: tuple[str, ...]
    negative: tuple[str, ...]
    ironic: tuple[str, ...]


LANGUAGES: Final[dict[str, Language]] = {"ca": ca.LANGUAGE, "es": es.LANGUAGE, "en": en.LANGUAGE, "it": it.LANGUAGE}


def said(language: str, topic: str) -> Said:
    return Said(*(tuple(block.strip().splitlines()) for block in LANGUAGES[language].topics[topic]))
