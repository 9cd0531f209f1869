"""The way out of one connection: http, event streams, web sockets and mail, guarded, bounded in time and size, and counted.

Every address is looked at (`store.outside`); a redirection is looked at anew and takes no credentials to another place. What a
server answers is at most LARGEST bytes, and here within its time however slowly it drips. Detail of problems holds no secret.
"""

import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from threading import Event
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urljoin

from django.utils import timezone

from vincle.channels.live import Answer, Line, Problem
from vincle.store import outside

if TYPE_CHECKING:  # at first use: a worker that only just starts has no time for it
    import httpx

    from .line_http import Transport

LARGEST: Final = 10 * 1024**2
LONGEST_URL: Final = 8000
REDIRECTS: Final = 5
USER_AGENT: Final = "Vincle"
HIDDEN: Final = "•••"
_MOVED = (301, 302, 303, 307, 308)
_KEPT_ELSEWHERE = ("accept", "user-agent", "accept-language")
Renew = Callable[[Mapping[str, str], datetime | None], None]


class OutLine(Line):
    """One line is for one thread at a time; as a context manager it lets go of its sockets at the end.

    `renew` is called with new secrets before a channel goes on; `stopping` is set when whoever listens for long should return.
    """

    def __init__(
        self,
        settings: Mapping[str, str],
        secrets: Mapping[str, str],
        renew: Renew | None = None,
        stopping: Event | None = None,
    ) -> None:
        self.settings: Mapping[str, str] = dict(settings)
        self.secrets: Mapping[str, str] = dict(secrets)
        self.requests = 0
        self._renew, self._stopping = renew, stopping
        self._transport: Transport | None = None

    def __enter__(self) -> "OutLine":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    @property
    def now(self) -> datetime:
        return timezone.now()

    @property
    def stopping(self) -> bool:
        return self._stopping is not None and self._stopping.is_set()

    def renew(self, secrets: Mapping[str, str], ends_at: datetime | None = None) -> None:
        self.secrets = {**self.secrets, **secrets}
        if self._renew is not None:
            self._renew(secrets, ends_at)

    def clean(self, text: str) -> str:
        """A text without the secrets that may stand in it."""
        for value in self.secrets.values():
            if len(value) >= 4:
                text = text.replace(value, HIDDEN)
        return text

    def problem(self, error: Problem) -> Problem:
        """The same without secrets in its detail."""
        return Problem(error.kind, error.code, self.clean(error.detail), error.retry_after)

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
        import httpx

        sent = {"user-agent": USER_AGENT, "accept-encoding": "gzip", **{name.lower(): value for name, value in (headers or {}).items()}}
        where = address(url, query)
        given: dict[str, Any] = {"json": json, "data": form, "content": body, "files": files}
        given = {name: value for name, value in given.items() if value is not None}
        for _ in range(REDIRECTS + 1):
            try:
                request = httpx.Request(method, where, headers=sent, **given)
            except (ValueError, TypeError) as error:  # a header or a value that cannot be sent
                raise Problem("permanent", "not_sendable", self.clean(str(error))) from error
            answer = self._once(request, timeout)
            target = answer.headers.get("location", "") if answer.status in _MOVED and method in ("GET", "HEAD") else ""
            if not target:
                return answer
            onward = address(urljoin(where, target))
            sent = sent if _is_same_place(where, onward) else {name: value for name, value in sent.items() if name in _KEPT_ELSEWHERE}
            where = onward
        raise Problem("permanent", "too_many_redirects", where.partition("?")[0])

    def _once(self, request: "httpx.Request", timeout: float) -> Answer:
        from . import line_http

        if self._transport is None:
            self._transport = line_http.Transport()
        self.requests += 1
        with troubles(self):
            response = self._transport.ask(request, timeout)
            try:
                headers = {name.lower(): value for name, value in response.headers.items()}
                body = b"" if request.method == "HEAD" else _bounded(response.stream, headers.get("content-encoding", ""))
            finally:
                response.close()
        return Answer(status=response.status_code, url=str(request.url), headers=headers, body=body)

    @contextmanager
    def events(self, url: str, *, headers: Mapping[str, str] | None = None) -> Iterator[Iterator[tuple[str, str]]]:
        from . import line_streams

        with line_streams.events(self, url, headers or {}) as found:
            yield found

    @contextmanager
    def socket(self, url: str, *, headers: Mapping[str, str] | None = None) -> Iterator[Iterator[str | bytes]]:
        from . import line_streams

        with line_streams.socket(self, url, headers or {}) as found:
            yield found

    def mailbox(self) -> AbstractContextManager[Any]:
        from . import line_mail

        return line_mail.mailbox(self)

    def post(self, sender: str, recipients: list[str], message: bytes) -> None:
        from . import line_mail

        line_mail.post(self, sender, recipients, message)


def address(url: str, query: Mapping[str, str] | None = None, schemes: tuple[str, ...] = ("https", "http")) -> str:
    """An address as it is asked for, in ASCII. Problem `not_an_address`."""
    import httpx

    try:
        found = httpx.URL(url)
        if query:
            found = found.copy_merge_params(dict(query))
        text = str(found.copy_with(fragment=None))
        outside.target(text, LONGEST_URL, schemes)
    except (httpx.InvalidURL, ValueError, TypeError) as error:
        raise Problem("permanent", "not_an_address", url.partition("?")[0]) from error
    return text


def _is_same_place(before: str, after: str) -> bool:
    """Whether credentials may go along: the same host and port, and no way back from https to http."""
    one, other = outside.target(before, LONGEST_URL), outside.target(after, LONGEST_URL)
    return (one.host, one.port, one.is_secure) == (other.host, other.port, other.is_secure) or (
        one.host == other.host and other.is_secure and not one.is_secure and (one.port, other.port) == (80, 443)
    )


@contextmanager
def troubles(line: OutLine) -> Iterator[None]:
    """What goes wrong on the way becomes a Problem."""
    import httpx

    try:
        yield
    except outside.OwnNetwork as error:
        raise Problem("permanent", "not_allowed_there", str(error)) from error
    except (outside.Unreachable, httpx.ConnectError) as error:
        code = "certificate_refused" if "CERTIFICATE_VERIFY_FAILED" in str(error) else "unreachable"
        raise Problem("transient", code, line.clean(str(error))) from error
    except httpx.TimeoutException as error:
        raise Problem("transient", "no_answer_in_time", line.clean(str(error))) from error
    except (httpx.TransportError, httpx.DecodingError, zlib.error, OSError) as error:
        raise Problem("transient", "broken_answer", line.clean(f"{type(error).__name__}: {error}")) from error


def _bounded(stream: Any, encoding: str) -> bytes:
    """A body, unpacked, of at most LARGEST bytes: no server fills our memory."""
    packed = encoding.strip().lower()
    if packed not in ("", "identity", "gzip", "x-gzip", "deflate"):
        raise Problem("permanent", "unknown_encoding", packed[:60])
    unpack = zlib.decompressobj(zlib.MAX_WBITS | 32) if packed not in ("", "identity") else None
    pieces, size = [], 0
    for piece in stream:
        found = unpack.decompress(piece, LARGEST + 1 - size) if unpack else piece
        size += len(found)
        if size > LARGEST or (unpack and unpack.unconsumed_tail):
            raise Problem("permanent", "answer_too_large", f"more than {LARGEST // 1024**2} MB")
        pieces.append(found)
    if unpack and pieces and not unpack.eof:
        raise zlib.error("the packed body ends too soon")
    return b"".join(pieces)
