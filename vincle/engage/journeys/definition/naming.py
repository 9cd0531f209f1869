"""What things are called in the text form: a name where it leads back to the same thing, else the id behind a #."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["segment", "letter", "connection", "promotion", "form", "survey"]


@dataclass(frozen=True)
class Names:
    """By kind: id -> name."""

    known: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def name(self, kind: Kind, key: str) -> str | None:
        """The name of an id; None where it has none, or shares it."""
        ours = self.known.get(kind, {})
        called = ours.get(key)
        return called if called and called.strip() == called and Counter(ours.values())[called] == 1 else None

    def key(self, kind: Kind, name: str) -> str | None:
        """The id behind a name, whatever its capitals; None where nothing or more than one thing is called so."""
        ours = self.known.get(kind, {})
        exact = [key for key, called in ours.items() if called == name]
        loose = exact or [key for key, called in ours.items() if called.casefold() == name.casefold()]
        return loose[0] if len(loose) == 1 else None
