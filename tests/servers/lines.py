"""A line to test servers on loopback: plain httpx, and a clock that stands still where a test wants it to."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec

from vincle.channels.live import Answer, Problem


class TestLine:
    """As `Line`: what is asked of `there` (the platform's address) goes to `here`."""

    __test__ = False

    def __init__(
        self,
        moved: Mapping[str, str],
        settings: Mapping[str, str],
        secrets: Mapping[str, str],
        now: datetime | None = None,
        patience: float = 5.0,
    ) -> None:
        self.moved, self.settings, self.secrets = moved, dict(settings), dict(secrets)
        self.clock, self.patience = now, patience
        self.renewed: list[tuple[dict[str, str], datetime | None]] = []
        self.client = httpx.Client(verify=False, trust_env=False)

    @property
    def now(self) -> datetime:
        return self.clock or datetime.now(UTC)

    @property
    def stopping(self) -> bool:
        return False

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
        for there, here in self.moved.items():
            url = url.replace(there, here, 1) if url.startswith(there) else url
        assert url.startswith("http://127.0.0.1:"), f"a test asks {url}"
        try:
            got = self.client.request(
                method,
                url,
                params=dict(query or {}) or None,
                headers=dict(headers or {}),
                json=json,
                data=dict(form) if form else None,
                content=body,
                files=dict(files) if files else None,
                timeout=min(timeout, self.patience),
            )
        except httpx.HTTPError as error:
            raise Problem("transient", "unreachable", type(error).__name__) from error
        return Answer(
            status=got.status_code, url=str(got.url), headers={name.lower(): value for name, value in got.headers.items()}, body=got.content
        )

    @contextmanager
    def events(self, url: str, *, headers: Mapping[str, str] | None = None) -> Iterator[Iterator[tuple[str, str]]]:
        raise Problem("permanent", "not_live")
        yield iter(())

    @contextmanager
    def socket(self, url: str, *, headers: Mapping[str, str] | None = None) -> Iterator[Iterator[str | bytes]]:
        raise Problem("permanent", "not_live")
        yield iter(())

    @contextmanager
    def mailbox(self) -> Iterator[Any]:
        raise Problem("permanent", "not_live")
        yield None

    def post(self, sender: str, recipients: list[str], message: bytes) -> None:
        raise Problem("permanent", "not_live")

    def renew(self, secrets: Mapping[str, str], ends_at: datetime | None = None) -> None:
        self.secrets |= secrets
        self.renewed.append((dict(secrets), ends_at))


Asked = tuple[str, str, dict[str, str], Any]


class ScriptedLine(TestLine):
    """Answers by a function of (method, url, query, body): JSON for 200, (status, JSON) or a whole Answer. What was asked is kept."""

    __test__ = False

    def __init__(
        self,
        answers: Callable[[str, str, dict[str, str], Any], Any],
        settings: Mapping[str, str],
        secrets: Mapping[str, str],
        now: datetime | None = None,
    ) -> None:
        super().__init__({}, settings, secrets, now)
        self.answers = answers
        self.asked: list[Asked] = []

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
        sent = json if json is not None else form if form is not None else body
        self.asked.append((method, url, dict(query or {}), sent))
        said = self.answers(method, url, dict(query or {}), sent)
        if isinstance(said, Answer):
            return said
        status, value = said if isinstance(said, tuple) else (200, said)
        return Answer(status=status, url=url, body=b"" if value is None else msgspec.json.encode(value))
