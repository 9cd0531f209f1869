"""httpx over sockets that were looked at, with one end for everything a server does within a request."""

import ssl
from collections.abc import Iterable
from functools import cache
from time import monotonic
from typing import Any

import httpcore
import httpx

from vincle.store import outside

CONNECT = 10.0
WHOLE = 3.0
"""An answer has so many times the time of its single reads, in all."""
IDLE = 10.0


@cache
def tls() -> ssl.SSLContext:
    return ssl.create_default_context()


class Transport(httpx.HTTPTransport):
    """Without redirections, cookies, proxies of the environment or retries."""

    def __init__(self) -> None:
        super().__init__(verify=tls(), trust_env=False)
        self._guard = _Guard()
        self._pool = httpcore.ConnectionPool(ssl_context=tls(), max_connections=4, keepalive_expiry=IDLE, network_backend=self._guard)

    def ask(self, request: httpx.Request, timeout: float) -> httpx.Response:
        self._guard.until = monotonic() + timeout * WHOLE
        request.extensions["timeout"] = {"connect": min(timeout, CONNECT), "read": timeout, "write": timeout, "pool": timeout}
        return self.handle_request(request)


class _Guard(httpcore.NetworkBackend):
    """Connects only where `store.outside` lets it; nothing on its sockets goes on behind `until`."""

    def __init__(self) -> None:
        self.until = 0.0

    def left(self, timeout: float | None) -> float:
        left = self.until - monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the answer was not whole in time")
        return left if timeout is None else min(timeout, left)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        sock = outside.connect(host, port, self.left(timeout))
        return _Stream(self, sock)


class _Stream(httpcore.NetworkStream):
    def __init__(self, guard: _Guard, sock: Any) -> None:
        self._guard, self._sock = guard, sock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self._sock.settimeout(self._guard.left(timeout))
        try:
            return bytes(self._sock.recv(max_bytes))
        except TimeoutError as error:
            raise httpcore.ReadTimeout(str(error)) from error
        except OSError as error:
            raise httpcore.ReadError(str(error)) from error

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        rest = memoryview(buffer)
        try:
            while rest:
                self._sock.settimeout(self._guard.left(timeout))
                rest = rest[self._sock.send(rest) :]
        except TimeoutError as error:
            raise httpcore.WriteTimeout(str(error)) from error
        except OSError as error:
            raise httpcore.WriteError(str(error)) from error

    def close(self) -> None:
        self._sock.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        try:
            self._sock.settimeout(self._guard.left(timeout))
            return _Stream(self._guard, ssl_context.wrap_socket(self._sock, server_hostname=server_hostname))
        except TimeoutError as error:
            self.close()
            raise httpcore.ConnectTimeout(str(error)) from error
        except OSError as error:
            self.close()
            raise httpcore.ConnectError(str(error)) from error

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":
            return _is_readable(self._sock)
        return self._sock if info == "socket" else None


def _is_readable(sock: Any) -> bool:
    """A resting connection that has something to say was closed by the server."""
    import select

    if sock.fileno() < 0:
        return True
    waiting = select.poll()
    waiting.register(sock.fileno(), select.POLLIN)
    return bool(waiting.poll(0))
