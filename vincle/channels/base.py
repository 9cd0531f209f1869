"""The whole contract of a channel. One file per channel; `vincle.channels.registry` finds them by themselves.

A channel module ends with `channel = MyChannel()`. It is pure: bytes in, vocabulary out; no Django, no database, no
network client but the one it is handed. Unknown fields are kept, unknown kinds become `Unknown`, never an error.
"""

from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import BinaryIO, ClassVar, Literal
from zoneinfo import ZoneInfo

from msgspec import Struct

from vincle.vocabulary import Outcome

Family = Literal["contacts", "posts", "orders", "messages", "feed", "archive", "webhook"]
Capability = Literal["file", "webhook", "pull", "act"]


class Spec(Struct, frozen=True, kw_only=True):
    """What a channel is and can do. `icon` is the name of a Tabler icon; `extensions` only help a file dialog."""

    id: str
    name: str
    icon: str
    family: Family
    capabilities: frozenset[Capability]
    handle_kinds: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()
    version: int = 1


class Locale(Struct, frozen=True, kw_only=True):
    """The workspace's habits, needed to read phones, dates without a zone, and bare amounts."""

    country: str = "ES"
    currency: str = "EUR"
    timezone: str = "Europe/Madrid"

    @property
    def zone(self) -> tzinfo:
        return ZoneInfo(self.timezone)


class Options(Struct, frozen=True, kw_only=True):
    """How a file is to be read. Empty values mean: find out.

    `mapping` column heading -> field, where a field is a name of the channel's `fields()`, "custom:Name" or "" (leave
    out). `date_order` "dmy" | "mdy" | "ymd" settles ambiguous dates. `file_key` identifies the file (its content) and is
    the root of the native ids of acts; `reading_key` identifies this reading of it (content and options) and is the root of the
    native ids of facts: read again with another mapping, acts stay known and facts say something new. `now` is when the file
    was received.
    """

    file_key: str
    now: datetime
    reading_key: str = ""
    name: str = ""
    mapping: dict[str, str] = {}
    date_order: str = ""
    encoding: str = ""
    separator: str = ""
    sheet: str = ""
    locale: Locale = Locale()


class Column(Struct, frozen=True, kw_only=True):
    """A column as the preview shows it. `guess` is the field it would go to, with how sure the guess is (0..1)."""

    heading: str
    guess: str = ""
    confidence: float = 0.0
    samples: tuple[str, ...] = ()


class Question(Struct, frozen=True, kw_only=True):
    """Something only a person can settle before the import, e.g. the order of day and month. `option` is of Options."""

    option: str
    code: str
    choices: tuple[str, ...]
    example: str = ""


class Preview(Struct, frozen=True, kw_only=True):
    """What would be read: shown before anything is stored. `vendor` names the exporting product when recognised."""

    channel: str
    vendor: str = ""
    encoding: str = ""
    separator: str = ""
    rows: int | None = None
    columns: tuple[Column, ...] = ()
    questions: tuple[Question, ...] = ()
    sample: tuple[tuple[str, ...], ...] = ()


class Sample(Struct, frozen=True, kw_only=True):
    """The beginning of a file, for telling formats apart. `name` is a hint only: content decides."""

    head: bytes
    size: int
    name: str = ""


class FileError(Exception):
    """The file as a whole cannot be read. `code` is stable (messages are translated by it), `detail` names the place."""

    def __init__(self, code: str, detail: str = "", line: int = 0) -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code, self.detail, self.line = code, detail, line


class Channel:
    """Base of every channel. What a channel cannot do it does not override; `spec.capabilities` says so."""

    spec: ClassVar[Spec]

    def recognise(self, sample: Sample) -> float:
        """How surely this channel reads such a file: 0 not at all, 1 certainly."""
        return 0.0

    def fields(self) -> tuple[str, ...]:
        """Fields a column can be mapped to; empty when the format maps itself."""
        return ()

    def preview(self, file: BinaryIO, options: Options) -> Preview:
        """Columns, guesses and open questions. Raises FileError."""
        return Preview(channel=self.spec.id)

    def read(self, file: BinaryIO, options: Options) -> Iterator[Outcome]:
        """Every item of a file, in file order, streaming: equal bytes and options give equal items. Raises FileError."""
        raise FileError("cannot_read_files", self.spec.name)

    def parse(self, raw: bytes, received_at: datetime) -> Iterator[Outcome]:
        """Every item of one delivery of the platform (a webhook body, a pulled page)."""
        raise FileError("cannot_read_deliveries", self.spec.name)


