"""Who asks, as far as the network tells: for evidence, and for counting how fast someone asks."""

from ipaddress import IPv6Address, IPv6Network, ip_address

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest


def sender(request: HttpRequest) -> str:
    """The network address someone comes from, past the proxies that are believed; "" where it cannot be told."""
    try:
        return str(get_adapter(request).get_client_ip(request))
    except PermissionDenied:
        return ""


def household(request: HttpRequest) -> str:
    """What requests of one sender are counted by."""
    return household_of(sender(request))


def household_of(address: str) -> str:
    """An IPv4 address; of IPv6 the /64 that one customer has whole, for whoever is slowed down would take the next address of it.

    >>> household_of("192.0.2.7"), household_of("2001:db8:0:7::1") == household_of("2001:db8:0:7:ffff::2"), household_of("")
    ('192.0.2.7', True, '')
    """
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return address
    return str(found.ipv4_mapped) if found.ipv4_mapped else str(IPv6Network((found, 64), strict=False))
