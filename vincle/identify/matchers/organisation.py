"""Names of organisations: the same, whatever the legal form, the order of the words, and what is left out."""

from collections.abc import Iterable
from typing import ClassVar

from ._organisations import OrganisationNames
from .base import Level


class OrganisationName(OrganisationNames):
    id: ClassVar[str] = "organisation_name"
    field: ClassVar[str] = "name"
    kinds: ClassVar[frozenset[str]] = frozenset({"organisation"})
    levels: ClassVar[tuple[Level, ...]] = (
        Level("differs", 0.06, 0.985), Level("words", 0.10, 0.01), Level("similar", 0.10, 0.003), Level("without_form", 0.24, 0.001),
        Level("same", 0.50, 0.001),
    )  # fmt: skip

    def key(self, words: tuple[str, ...]) -> Iterable[str]:
        return words


matcher = OrganisationName()
