"""What a channel does live: what it asks of who connects it, how it listens, and how our words leave by it.

Everything reaches the outside through the `Line` it is handed, so that a channel stays pure and is tested on plain answers.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

from msgspec import Struct

from vincle.vocabulary import HandleRef

Trouble = Literal["auth", "quota", "transient", "permanent", "gone"]
Deed = Literal["reply", "private_reply", "message", "post", "hide", "unhide", "like", "unlike", "boost", "delete"]


class Problem(Exception):
    """Why the platform did not do it. `kind` says what happens next; `code` is stable, `detail` what the platform said.

    auth: someone has to give new credentials. quota: again after `retry_after` seconds. transient: again, with growing pauses.
    permanent: this will never work as it is. gone: what it was about is no longer there.
    """

    def __init__(self, kind: Trouble, code: str, detail: str = "", retry_after: float | None = None) -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.kind, self.code, self.detail, self.retry_after = kind, code, detail[:300], retry_after


class Answer(Struct, frozen=True, kw_only=True):
    """What a server answered. Names of headers are lower case; `body` is never longer than the line allows."""

    status: int
    url: str = ""
    headers: Mapping[str, str] = {}
    body: bytes = b""


class Line(Protocol):
    """The one way out: http, event streams, web sockets and mail, of one connection, guarded and counted by whoever hands it over.

    Every method raises Problem("transient", ...) when the server cannot be reached in time, and Problem("permanent",
    "not_allowed_there") for an address inside the own network. Statuses are the channel's to judge.
    """

    settings: Mapping[str, str]
    secrets: Mapping[str, str]

    @property
    def now(self) -> datetime: ...

    @property
    def stopping(self) -> bool:
        """Whether whoever listens for long should return now."""
        ...

    def send(
        self,
        method: str,
        url: str,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        body: bytes | None = None,
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
        timeout: float = 20.0,
    ) -> Answer:
        """One request; redirections are followed for GET only, at most five, each address looked at anew. `files`: name, bytes, type."""
        ...  # fmt: skip

    def events(self, url: str, *, headers: Mapping[str, str] | None = None) -> AbstractContextManager[Iterator[tuple[str, str]]]:
        """Server-sent events as (event, data); ("", "") every few seconds of silence."""
        ...

    def socket(self, url: str, *, headers: Mapping[str, str] | None = None) -> AbstractContextManager[Iterator[str | bytes]]:
        """Messages of a web socket; "" every few seconds of silence."""
        ...

    def mailbox(self) -> AbstractContextManager[Any]:
        """A signed-in IMAPClient of `settings` and `secrets`."""
        ...

    def post(self, sender: str, recipients: list[str], message: bytes) -> None:
        """Hand a message to the mail server of `settings` and `secrets`."""
        ...

    def renew(self, secrets: Mapping[str, str], ends_at: datetime | None = None) -> None:
        """Keep new secrets (a refreshed token), at once and for good."""
        ...


class Setting(Struct, frozen=True, kw_only=True):
    """Something the connect screen asks for. `is_secret` ones are sealed and never shown again.

    A `url` or a `host` says where secrets are sent: when it changes they have to be given anew.
    """

    name: str
    label: str
    help: str = ""
    kind: Literal["text", "url", "host", "email", "number", "choice", "switch"] = "text"
    is_secret: bool = False
    is_required: bool = True
    default: str = ""
    choices: tuple[tuple[str, str], ...] = ()


class OAuth(Struct, frozen=True, kw_only=True):
    """How a platform hands out tokens. `{name}` in an address is filled from the settings; `registers`: the app signs itself up there."""

    authorize_url: str
    token_url: str
    scopes: tuple[str, ...] = ()
    register_url: str = ""
    uses_pkce: bool = True
    scope_separator: str = " "
    extra: Mapping[str, str] = {}


class Stream(Struct, frozen=True, kw_only=True):
    """One thing to listen to. Polled `every` so many seconds; a `live` one is also held open by `Channel.listen`."""

    name: str
    every: float = 120.0
    is_live: bool = False
    has_past: bool = False


class Pulled(Struct, frozen=True, kw_only=True):
    """One page: raw deliveries as `parse` reads them, and the cursor behind them. `more`: ask again at once.

    `done` of `total` is the progress of a first import, where the platform says. `quota` is what is left, 0..1.
    """

    items: tuple[bytes, ...] = ()
    cursor: str = ""
    more: bool = False
    done: int | None = None
    total: int | None = None
    quota: float | None = None
    pause: float | None = None


class Standing(Struct, frozen=True, kw_only=True):
    """How a connection stands with its platform, as `check` finds out. `own`: the handles that are ours there."""

    account: str
    own: tuple[HandleRef, ...] = ()
    scopes_missing: tuple[str, ...] = ()
    token_ends_at: datetime | None = None
    abilities: frozenset[str] = frozenset()
    quota: float | None = None
    notes: tuple[str, ...] = ()


class File(Struct, frozen=True, kw_only=True):
    """Something attached to what we say."""

    name: str
    content_type: str
    content: bytes
    alt: str = ""


class Attached(Struct, frozen=True, kw_only=True):
    """Something attached to what was said to us. `ref` is how the channel finds it again; "" where only its name is known.

    `is_shown`: it stands within the text.
    """

    name: str
    content_type: str = ""
    size: int | None = None
    ref: str = ""
    is_shown: bool = False


class Context(Struct, frozen=True, kw_only=True):
    """What we answer: the act as the log knows it. `props` and `body` as `parse` made them."""

    native_id: str = ""
    object_key: str = ""
    parent_key: str = ""
    thread_key: str = ""
    object_type: str = ""
    verb: str = ""
    url: str = ""
    happened_at: datetime | None = None
    last_in_at: datetime | None = None
    author: HandleRef | None = None
    title: str = ""
    text: str = ""
    props: Mapping[str, Any] = {}
    body: Mapping[str, Any] = {}
    done: frozenset[str] = frozenset()


class Command(Struct, frozen=True, kw_only=True):
    """One thing we do on a platform. `about` is what it answers; `done` there holds deeds already done once (a private reply)."""

    deed: Deed
    about: Context = Context()
    text: str = ""
    html: str = ""
    subject: str = ""
    to: tuple[str, ...] = ()
    files: tuple[File, ...] = ()
    extra: Mapping[str, str] = {}


class Receipt(Struct, frozen=True, kw_only=True):
    """It is done. `raw` is a delivery that `parse` reads: our own words enter the log as everyone's do."""

    native_id: str
    happened_at: datetime
    url: str = ""
    raw: bytes = b""
    quota: float | None = None


class Way(Struct, frozen=True, kw_only=True):
    """A way to answer, shown before anyone types. `code` says why it is closed, or what holds; `until` when it closes.

    `longest` counts as the channel's `length` does. `instead` is the next legal deed when this one is closed.
    """

    deed: Deed
    is_open: bool = True
    code: str = ""
    until: datetime | None = None
    longest: int | None = None
    takes_files: int = 0
    instead: Deed | None = None


class Posting(Struct, frozen=True, kw_only=True):
    """What a post of ours may be there. `longest` counts as the channel's `length` does; `captioned`: as long with files attached.

    `fetches`: the platform takes pictures from a public address and not from us. `place`: what `Command.to` has to name; "" where
    there is but one place. `file_types` are beginnings of media types.
    """

    longest: int
    captioned: int = 0
    files: int = 0
    file_types: tuple[str, ...] = ("image/",)
    largest_file: int = 10 * 1024**2
    needs_file: bool = False
    fetches: bool = False
    has_alt: bool = False
    place: str = ""
    most_hashtags: int = 0


def left(way: Way, now: datetime) -> timedelta | None:
    """How long a way stays open; None when it does not close."""
    return None if way.until is None else max(timedelta(), way.until - now)
