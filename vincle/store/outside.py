"""The way to addresses that others name: looked up once, each address looked at, and connected to the very one that was looked at.

An address inside the own network is refused unless the installation allows it, so that nobody can have this machine ask its neighbours.
"""

import ipaddress
import socket
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings

LONGEST = 2000
_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")
"""IPv4 behind a translator (RFC 6052)."""
MOST_TRIED = 4


class Unreachable(Exception):
    """No connection could be made; trying later may help."""


class OwnNetwork(Exception):
    """The address lies in the own network; no try will help."""


class Target(NamedTuple):
    host: str
    port: int
    path: str
    is_secure: bool


_PORTS = {"https": 443, "http": 80, "wss": 443, "ws": 80}


def target(url: str, longest: int = LONGEST, schemes: tuple[str, ...] = ("https", "http")) -> Target:
    """The parts of an address that may be asked. ValueError for others.

    >>> target("https://example.org/a?b=1")
    Target(host='example.org', port=443, path='/a?b=1', is_secure=True)
    """
    parts = urlsplit(url)
    if parts.scheme not in schemes or not parts.hostname or parts.username or parts.password or len(url) > longest:
        raise ValueError(url)
    if not url.isascii() or any(ord(letter) <= 32 for letter in url):
        raise ValueError(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.hostname, parts.port or _PORTS[parts.scheme], path, parts.scheme in ("https", "wss"))


def is_near(host: str) -> bool:
    """Whether a host lies in the own network, as far as can be seen without asking."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".local", ".internal"))
    return not is_public(str(address))


def is_public(address: str) -> bool:
    """Whether an IP address lies outside every own network, whatever it is wrapped in."""
    found = ipaddress.ip_address(address.split("%")[0])
    inner = getattr(found, "ipv4_mapped", None) or getattr(found, "sixtofour", None)
    if isinstance(found, ipaddress.IPv6Address) and found in _TRANSLATED:
        inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
    if inner is not None:
        found = inner
    return found.is_global and not found.is_multicast


def look_up(host: str, port: int) -> list[str]:
    """The addresses of a host, all of which may be connected to. Unreachable, OwnNetwork."""
    try:
        found = [str(row[4][0]) for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError) as error:
        raise Unreachable(f"the host was not found: {error}") from error
    if not settings.OPTIONS.webhooks_private and not all(map(is_public, found)):
        raise OwnNetwork("the host lies in the own network")
    return found


def connect(host: str, port: int, timeout: float) -> socket.socket:
    """A connection to one of the addresses that were looked at. Unreachable, OwnNetwork."""
    trouble: OSError | None = None
    for address in list(dict.fromkeys(look_up(host, port)))[:MOST_TRIED]:
        try:
            return socket.create_connection((address, port), timeout)
        except OSError as error:
            trouble = error
    raise Unreachable(f"{type(trouble).__name__}: {trouble}") from trouble
