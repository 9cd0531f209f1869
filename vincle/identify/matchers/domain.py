"""Domains of organisations: the same registered name, with or without "www."."""

from collections.abc import Iterable
from typing import ClassVar

import numpy as np

from vincle.identify.linkage.records import Ints, Records

from ._texts import Flat, flat, levels_of
from .base import ANYONE, Key, Level, Levels, Said, ragged


class Domain:
    id: ClassVar[str] = "domain"
    kinds: ClassVar[frozenset[str]] = ANYONE
    levels: ClassVar[tuple[Level, ...]] = (Level("differs", 0.20, 0.999), Level("same", 0.80, 0.001))

    def fields(self, records: Records) -> tuple[str, ...]:
        return ("domain",) if "domain" in records.columns else ()

    def prepare(self, records: Records) -> Flat:
        return flat(records.columns["domain"], plain)

    def compare(self, prepared: Flat, left: Ints, right: Ints) -> Levels:
        return levels_of(prepared, left, right, lambda one, other: (one == other).astype(np.int8))

    def keys(self, prepared: Flat) -> Iterable[Key]:
        yield ragged(prepared.column, lambda cell: cell, "domain")

    def terms(self, prepared: Flat) -> Ints | None:
        return prepared.terms()

    def say(self, records: Records, left: int, right: int, level: int) -> Said:
        return Said(f"domain_{self.levels[level].id}", {"left": records.text("domain", left), "right": records.text("domain", right)})


def plain(text: str) -> str:
    """The host of a domain or an address.

    >>> plain("https://www.Puig.example/contact"), plain("puig.example")
    ('puig.example', 'puig.example')
    """
    host = text.strip().lower().partition("://")[2] or text.strip().lower()
    return host.partition("/")[0].partition(":")[0].removeprefix("www.").rstrip(".")


matcher = Domain()
