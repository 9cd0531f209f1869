"""Where people work: the same employer, whatever its legal form."""

from collections.abc import Iterable
from typing import ClassVar

from ._organisations import OrganisationNames
from .base import PERSON, Level


class Company(OrganisationNames):
    id: ClassVar[str] = "company"
    field: ClassVar[str] = "company"
    kinds: ClassVar[frozenset[str]] = PERSON
    levels: ClassVar[tuple[Level, ...]] = (
        Level("differs", 0.35, 0.965), Level("words", 0.05, 0.01), Level("similar", 0.05, 0.005), Level("without_form", 0.15, 0.008),
        Level("same", 0.40, 0.012),
    )  # fmt: skip

    def key(self, words: tuple[str, ...]) -> Iterable[str]:
        return ("".join(words),)


matcher = Company()
