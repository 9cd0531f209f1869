"""Which carriers a connection has, and how many at once."""

from vincle.listen.models import Connection

from . import composing, voice
from .carriers import Acting, Carrier, Practice
from .carriers_smtp import Smtp

__all__ = ["Carrier", "at_once", "carrier"]

MAIL = frozenset({"mail", "google_mail", "microsoft_mail"})
SMTP_AT_ONCE, PROVIDER_AT_ONCE = 6, 8
_SHARED = 2
"""Connections to a server on which strangers have their mail, too: they allow few."""


def at_once(connection: Connection, pace: float | None) -> int:
    """Connections held open at the same time; one while the server wants us slow."""
    if pace is not None or voice.is_practice(connection):
        return 1
    if connection.channel == composing.PROVIDER:
        return PROVIDER_AT_ONCE
    if connection.channel in MAIL:
        from vincle.channels import _mail_servers

        own = composing.sender_of(connection)[0].rpartition("@")[2]
        given = str(connection.settings.get("smtp_host", "")).strip()
        is_shared = connection.channel != "mail" or (not given and _mail_servers.is_shared_domain(own))
        return _SHARED if is_shared else SMTP_AT_ONCE
    return 1


def carrier(connection: Connection) -> Carrier:
    if voice.is_practice(connection):
        return Practice()
    if connection.channel == composing.PROVIDER:
        from .carriers_provider import Provider  # at first use: it brings the clients of all providers

        return Provider()
    return Smtp() if connection.channel in MAIL else Acting()
