"""What every reader of texts keeps to.

A reader is one file of this folder with a `reader` in it. It is handed pages (texts cut into words, with what the source said of them)
and writes its findings into `page.reading`: only the fields it names in `fills`, from nothing but the page and the context. It keeps
nothing between calls, opens no file but its own lexicons, and asks nobody outside.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final, NamedTuple, Protocol, runtime_checkable

from .page import Page
from .reading import Sentiment


class Judgement(NamedTuple):
    """What an optional reader says of one text: -1 to 1, and 0 to 1; None: it says nothing of that. Without a sentiment: nothing at all."""

    sentiment: Sentiment = ""
    score: float = 0.0
    confidence: float = 0.0
    irony: float | None = None
    emotions: tuple[str, ...] | None = None
    intents: tuple[str, ...] | None = None


Judge = Callable[[Sequence[Page]], Sequence[Judgement | None]]
"""One answer a page; None: none was given, and it may be asked again."""
Ask = Callable[[Sequence[bytes]], Sequence[bytes | None]]
"""Sends requests outside and returns their answers, each in the place of its request; None: none came."""


@dataclass(frozen=True)
class Context:
    """What a workspace adds: names of brands (folded -> canonical) and products, words for aspects (folded -> id), what was learnt
    from its team's corrections (`language.learning`), by reader, and who judges for the optional readers that it has switched on."""

    brands: Mapping[str, str] = field(default_factory=dict)
    products: Mapping[str, str] = field(default_factory=dict)
    aspects: Mapping[str, str] = field(default_factory=dict)
    learnt: Mapping[str, Any] = field(default_factory=dict)
    judges: Mapping[str, Judge] = field(default_factory=dict)


NOTHING_KNOWN: Final = Context()


@runtime_checkable
class Reader(Protocol):
    """`version` grows when what it finds changes: texts are then read again. `after`: readers whose findings it uses."""

    id: ClassVar[str]
    version: ClassVar[int]
    fills: ClassVar[frozenset[str]]
    after: ClassVar[tuple[str, ...]]

    def read(self, pages: Sequence[Page], context: Context) -> None: ...


class NotReady(Exception):
    """An optional reader cannot begin: `code` says why (`missing`, `no_model`, `broken_model`, `labels`), `values` what it is about."""

    def __init__(self, code: str, **values: str) -> None:
        super().__init__(f"{code}: {', '.join(values.values())}" if values else code)
        self.code, self.values = code, values


@runtime_checkable
class OptionalReader(Reader, Protocol):
    """A reader that reads only where a workspace has switched it on; a module holds it as `optional`.

    It is handed what `refines` name have found, and writes its own judgement over theirs; where it gives none, theirs stands.
    `extra`: what has to be installed with Vincle for it. `goes_out`: whether words leave the machine.
    """

    refines: ClassVar[tuple[str, ...]]
    extra: ClassVar[str]
    goes_out: ClassVar[bool]

    def said(self, page: Page) -> str:
        """What of a page it judges; "" when it leaves the page to the readers before it. Equal words are judged alike."""
        ...

    def open(self, settings: Mapping[str, str], ask: Ask | None = None) -> Judge:
        """Who judges, by these settings. NotReady."""
        ...
