"""The whole contract of a channel. One file per channel; `vincle.channels.registry` finds them by themselves.

A channel module ends with `channel = MyChannel()`. It is pure: bytes in, vocabulary out; no Django, no database, no
network client but the one it is handed. Unknown fields are kept, unknown kinds become `Unknown`, never an error.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, tzinfo
from typing import Any, BinaryIO, ClassVar, Literal
from zoneinfo import ZoneInfo

from msgspec import Struct

from vincle.vocabulary import Outcome

from .live import Attached, Command, Context, File, Line, OAuth, Posting, Problem, Pulled, Receipt, Setting, Standing, Stream, Way

Family = Literal["contacts", "posts", "orders", "messages", "feed", "archive", "webhook"]
Capability = Literal["file", "webhook", "pull", "act"]


class Secret(Struct, frozen=True, kw_only=True):
    """A secret that platform and channel share. The connect screen asks for it; `help` says where the platform shows it."""

    name: str
    label: str
    help: str = ""


class Spec(Struct, frozen=True, kw_only=True):
    """What a channel is and can do. `icon` is the name of a Tabler icon; `extensions` only help a file dialog.

    `secrets` are what `verify` needs. `settings` are what `check`, `pull` and `act` need, `streams` what there is to pull.
    """

    id: str
    name: str
    icon: str
    family: Family
    capabilities: frozenset[Capability]
    handle_kinds: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()
    secrets: tuple[Secret, ...] = ()
    settings: tuple[Setting, ...] = ()
    oauth: OAuth | None = None
    streams: tuple[Stream, ...] = ()
    is_display_only: bool = False
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


def _nothing(host: str, path: str) -> bytes:
    return b""


class Request(Struct, frozen=True, kw_only=True):
    """What a platform sent to the address of a connection. Names of headers are lower case; `body` is as it came.

    `fetch` asks a host of the platform by https, for what its signature is proven with; b"" where nothing is answered. Whoever verifies
    names none but the platform's own hosts.
    """

    method: str
    path: str
    received_at: datetime
    query: Mapping[str, str] = {}
    headers: Mapping[str, str] = {}
    body: bytes = b""
    fetch: Callable[[str, str], bytes] = _nothing


class Rejected(Struct, frozen=True):
    """It does not, or cannot be told. `code` is stable: no_signature, wrong_signature, too_old, no_secret, cannot_verify."""

    code: str


class Reply(Struct, frozen=True):
    """The platform only wants an answer (a handshake, a ping): nothing is stored."""

    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"
    status: int = 200


class Accepted(Struct, frozen=True):
    """It comes from the platform. `delivery_key` names the delivery: the same key again is the same delivery, sent twice.

    `reply` is what the platform wants to hear once it is kept, where a plain 200 is not enough.
    """

    delivery_key: str = ""
    reply: Reply | None = None


Verdict = Accepted | Rejected | Reply


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

    def verify(self, request: Request, secrets: Mapping[str, str]) -> Verdict:
        """Whether the platform itself sent this. Pure, in constant time; `secrets` by the names of `spec.secrets`."""
        return Rejected("cannot_verify")

    def envelope(self, request: Request) -> bytes:
        """What is kept of an accepted request and handed to `parse`: the body, with those headers without which it says too little."""
        return request.body

    def kept(self, request: Request, settings: Mapping[str, str]) -> bytes:
        """As `envelope`, for channels whose deliveries are read by what was set on screen: it is kept with them."""
        return self.envelope(request)

    def parse(self, raw: bytes, received_at: datetime) -> Iterator[Outcome]:
        """Every item of one delivery of the platform (a webhook body, a pulled page)."""
        raise FileError("cannot_read_deliveries", self.spec.name)

    def wanted(self, raw: bytes) -> tuple[str, ...]:
        """What a delivery only names and is to be asked for once: streams for `pull`, each left off when it brought its page. Pure."""
        return ()

    def check(self, line: Line) -> Standing:
        """Who we are there, whether we may do what we want to, and until when. Raises Problem."""
        raise Problem("permanent", "cannot_check")

    def pull(self, line: Line, stream: str, cursor: str) -> Pulled:
        """The next page behind `cursor` ("": from now on, or from the beginning when the stream has a past). Raises Problem.

        The caller keeps the items and the cursor in one transaction, and only then asks again.
        """
        raise Problem("permanent", "cannot_pull")

    def past(self, line: Line, stream: str, cursor: str) -> Pulled:
        """The first import: what was there before, newest first, page by page until `more` is False. Raises Problem."""
        raise Problem("permanent", "cannot_pull")

    def listen(self, line: Line, stream: str, cursor: str) -> Iterator[Pulled]:
        """Pages as they happen, until `line.stopping`; an empty one now and then lets the caller look around. Raises Problem.

        Problem("permanent", "not_live") where this server has no live stream: it is polled then.
        """
        raise Problem("permanent", "not_live")

    def ways(self, about: Context, settings: Mapping[str, str], abilities: frozenset[str], now: datetime) -> tuple[Way, ...]:
        """What may be answered to this, and how long; the best way first. Pure. Empty: nothing can be answered here."""
        return ()

    def posting(self, settings: Mapping[str, str], abilities: frozenset[str]) -> Posting | None:
        """What a post of ours may be there; None: nothing of our own can be posted. Pure."""
        return None

    def length(self, text: str) -> int:
        """How long the platform counts a text."""
        return len(text)

    def act(self, line: Line, command: Command, key: str) -> Receipt:
        """Do it. `key` is the same on every try: handed to the platform where it takes one, else `found` is asked first. Raises Problem."""
        raise Problem("permanent", "cannot_act")

    def found(self, line: Line, command: Command, key: str, since: datetime) -> Receipt | None:
        """Whether an earlier try went through whose answer never arrived; None when it did not.

        Problem("permanent", "maybe_sent") where the platform cannot tell: someone has to look before it is done again.
        """
        return None

    def attached(self, body: Mapping[str, Any]) -> tuple[Attached, ...]:
        """What is attached to an act, as `parse` kept it in `body`, always in the same order. Pure."""
        return ()

    def enclosed(self, raw: bytes, told: Attached) -> File | None:
        """One file that came within its delivery; None where the platform keeps files to be fetched. Pure."""
        return None

    def fetch(self, line: Line, told: Attached) -> File:
        """One file the platform keeps. Raises Problem: `gone` when it does not keep it any more."""
        raise Problem("permanent", "cannot_fetch")
