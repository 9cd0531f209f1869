"""Names of organisations, whatever the legal form, the order of the words, and what is left out: levels for all who compare them."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import ClassVar

import numpy as np

from vincle.identify.linkage.records import Ints, Records
from vincle.identify.names import organisations

from ._texts import Flat, flat, levels_of
from .base import Key, Level, Levels, Said, ragged

_LEVEL = {level: at for at, level in enumerate(organisations.LEVELS)}


class OrganisationNames(ABC):
    """One field that holds the name of an organisation. `levels` are those of `organisations.LEVELS`, in their order."""

    id: ClassVar[str]
    field: ClassVar[str]
    kinds: ClassVar[frozenset[str]]
    levels: ClassVar[tuple[Level, ...]]

    def fields(self, records: Records) -> tuple[str, ...]:
        return (self.field,) if self.field in records.columns else ()

    def prepare(self, records: Records) -> Flat:
        return flat(records.columns[self.field], lambda text: text if organisations.read(text).words else "")

    def compare(self, prepared: Flat, left: Ints, right: Ints) -> Levels:
        read = [organisations.read(text) for text in prepared.texts]
        return levels_of(prepared, left, right, lambda one, other: _levels(read, one, other))

    @abstractmethod
    def key(self, words: tuple[str, ...]) -> Iterable[str]:
        """What of the words of a name others of the same organisation have too."""

    def keys(self, prepared: Flat) -> Iterable[Key]:
        yield ragged(prepared.column, lambda cell: [key for text in cell for key in self.key(organisations.read(text).words)], self.id)

    def terms(self, prepared: Flat) -> Ints | None:
        return prepared.terms()

    def say(self, records: Records, left: int, right: int, level: int) -> Said:
        values = {"left": records.text(self.field, left), "right": records.text(self.field, right)}
        return Said(f"{self.id}_{self.levels[level].id}", values)


def _levels(read: list[organisations.Organisation], one: Ints, other: Ints) -> Levels:
    pairs = zip(one.tolist(), other.tolist(), strict=True)
    return np.asarray([_LEVEL[organisations.compare(read[a], read[b])] for a, b in pairs], np.int8)
