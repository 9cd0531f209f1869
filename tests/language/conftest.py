"""What the tests of readers ask for."""

from collections.abc import Callable

import pytest

from vincle.language.base import NOTHING_KNOWN, Context
from vincle.language.page import Page
from vincle.language.reading import Reading
from vincle.language.registry import understand


@pytest.fixture
def read() -> Callable[..., Reading]:
    """`read(text, context, **said)`: what all readers find in one text."""

    def one(text: str, context: Context = NOTHING_KNOWN, **said: object) -> Reading:
        return understand([Page(text, **said)], context)[0]  # type: ignore[arg-type]

    return one
