"""Texts on their way to a language model: several conversations at a time, each within its time, to the address that was looked at.

Redirections are not followed, and of an answer no more is read than one may be long.
"""

import http.client
import socket
import ssl
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from typing import Final

from vincle.language.endpoint import LONGEST_ANSWER, tokens
from vincle.store import outside

AT_A_TIME: Final = 4
TIMEOUT: Final = 20.0
LONGEST_WAIT: Final = 3600.0
_OF_THE_TEXT: Final = frozenset({400, 413, 422})
"""Refusals that may be due to one text."""
_FOR_GOOD: Final = {401: "key_refused", 403: "key_refused", 404: "no_such_model", 405: "no_such_model"}


class Trouble(Exception):
    """Why no answer came: `code`, the status of the other side, and how many seconds it wants to be left alone."""

    def __init__(self, code: str, status: int = 0, wait: float = 0.0, why: str = "") -> None:
        super().__init__(f"{code} {status} {why}".strip())
        self.code, self.status, self.wait, self.why = code, status, wait, why[:200]


class Sender:
    """Sends what it is handed to one address and notes how it went; after a first trouble nothing more is sent.

    A text that the other side refuses gets an empty answer, unless it refuses all of them: then the trouble is ours.
    """

    def __init__(self, url: str, key: str, timeout: float = TIMEOUT) -> None:
        self.url, self.key, self.timeout = url, key, timeout
        self.trouble: Trouble | None = None
        self.asked = self.tokens = 0
        self._held = threading.Lock()

    def __call__(self, requests: Sequence[bytes]) -> list[bytes | None]:
        with ThreadPoolExecutor(AT_A_TIME, "asking") as pool:
            answers = list(pool.map(self._one, requests))
        if self.trouble is None and answers and not any(answers):
            self.trouble = Trouble("refused", 400)
            return [None] * len(answers)
        return answers

    def _one(self, request: bytes) -> bytes | None:
        if self.trouble is not None:
            return None
        try:
            answer = exchange(self.url, request, self.key, self.timeout)
        except Trouble as trouble:
            with self._held:
                self.asked += 1
                if trouble.status in _OF_THE_TEXT:
                    return b""
                self.trouble = self.trouble or trouble
            return None
        with self._held:
            self.asked += 1
            self.tokens += tokens(answer)
        return answer


def exchange(url: str, body: bytes, key: str, timeout: float = TIMEOUT) -> bytes:
    """Send one request; returns the body of an answer with status 200. Trouble, after `timeout` seconds at the latest."""
    try:
        where = outside.target(url)
        plain = outside.connect(where.host, where.port, timeout)
    except ValueError as error:
        raise Trouble("not_an_address") from error
    except outside.OwnNetwork as error:
        raise Trouble("own_network") from error
    except outside.Unreachable as error:
        raise Trouble("unreachable", why=str(error)) from error
    late, open_one = threading.Event(), [plain]

    def end() -> None:  # also of one who sends a letter a second
        late.set()
        with suppress(OSError):
            socket.socket.shutdown(open_one[0], socket.SHUT_RDWR)

    watch = threading.Timer(timeout, end)
    watch.start()
    connection = http.client.HTTPConnection(where.host, where.port, timeout=timeout)
    try:
        with closing(connection):
            if where.is_secure:
                secure = ssl.create_default_context().wrap_socket(plain, server_hostname=where.host, do_handshake_on_connect=False)
                open_one[0] = secure
                secure.do_handshake()
            connection.sock = open_one[0]
            headers = {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "Vincle"}
            connection.request("POST", where.path, body, headers | ({"Authorization": f"Bearer {key}"} if key else {}))
            answer = _read(connection.getresponse())
            if late.is_set():
                raise TimeoutError
            return answer
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Trouble("too_slow" if late.is_set() else "unreachable", why=f"{type(error).__name__}: {error}") from error
    finally:
        watch.cancel()
        open_one[0].close()


def _read(response: http.client.HTTPResponse) -> bytes:
    if response.status != 200:
        code = _FOR_GOOD.get(response.status, "too_many" if response.status == 429 else "answered_with")
        raise Trouble(code, response.status, _wait(response.getheader("Retry-After")))
    body = response.read(LONGEST_ANSWER + 1)
    if len(body) > LONGEST_ANSWER:
        return b"too long"
    return body or b"nothing"


def _wait(told: str | None) -> float:
    return min(float(told), LONGEST_WAIT) if told and told.isascii() and told.isdigit() else 0.0
