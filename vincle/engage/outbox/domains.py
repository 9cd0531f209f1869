"""Domains we send from: asked of the DNS, kept with what was found, in words and as lines to copy."""

import ipaddress
import socket
from contextlib import suppress
from typing import Any, Final

import dns.exception
import dns.resolver
import msgspec
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace
from vincle.channels import _mail_servers
from vincle.channels._identifiers import email
from vincle.listen.models import Connection

from . import carrying, composing
from .domain_check import INCLUDES, Finding, Server, examine
from .models import SendingDomain

TIMEOUT: Final = 4.0
WORDS: Final[dict[str, Any]] = {
    "dns_silent": _("The DNS did not answer. Try again later."),
    "spf_none": _("No SPF record: receivers cannot tell who may send for this domain."),
    "spf_several": _("More than one SPF record: receivers then take none of them. Keep one."),
    "spf_lookups": _("The SPF record takes more than ten look-ups; receivers give up. Remove what you no longer use."),
    "spf_not_named": _("The SPF record does not name the server you send by."),
    "spf_open": _("The SPF record lets everybody send for this domain."),
    "spf_good": _("SPF names the server you send by."),
    "spf_there": _("There is one SPF record. Whether it names your server cannot be told from here."),
    "dkim_none": _("No DKIM key was found. Ask whoever runs your mail server for the name of the key (selector), and enter it."),
    "dkim_no_key": _("There is no key under this selector."),
    "dkim_revoked": _("The key under this selector was taken back."),
    "dkim_broken": _("The key under this selector cannot be read."),
    "dkim_short": _("The key is shorter than 2048 bits; some receivers no longer trust it."),
    "dkim_testing": _("The key says that it is only being tested (t=y)."),
    "dkim_good": _("There is a DKIM key."),
    "dmarc_none": _("No DMARC record: large providers refuse mail to many without one."),
    "dmarc_several": _("More than one DMARC record: receivers then take none of them. Keep one."),
    "dmarc_broken": _("The DMARC record has no valid policy (p=none, quarantine or reject)."),
    "dmarc_no_reports": _("DMARC is there, but sends you no reports (rua)."),
    "dmarc_watching": _("DMARC watches (p=none). Once the reports look right, make it quarantine."),
    "dmarc_good": _("DMARC protects this domain."),
    "dmarc_parent": _("DMARC of the domain above holds."),
    "mx_none": _("The domain takes no mail: answers and reports of what came back are lost."),
    "mx_good": _("Answers arrive."),
}  # fmt: skip
NAMES: Final[dict[str, Any]] = {"spf": "SPF", "dkim": "DKIM", "dmarc": "DMARC", "mx": _("Answers")}
STATES: Final[dict[str, Any]] = {"good": _("in order"), "warning": _("could be better"), "missing": _("missing"), "unknown": _("not known")}


class Refused(ValueError):
    """It is no domain, or it is there already. `code`: no_domain, there, bad_selector."""


def ask(name: str, kind: str) -> list[str] | None:
    """The texts of a record; [] for none, None when nobody answered in time."""
    resolver = dns.resolver.Resolver()
    resolver.lifetime = resolver.timeout = TIMEOUT
    try:
        answer = resolver.resolve(name, kind, raise_on_no_answer=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except (dns.exception.DNSException, ValueError, OSError):
        return None
    if kind == "TXT":
        return [b"".join(row.strings).decode("utf-8", "replace")[:2000] for row in answer.rrset or []]
    return [row.to_text()[:300] for row in answer.rrset or []]


def server_of(workspace: Workspace, domain: str) -> Server:
    """By what the mail of this domain leaves here."""
    for connection in Connection.objects.of(workspace).filter(channel__in=(*carrying.MAIL, composing.PROVIDER), token__isnull=False):
        if composing.sender_of(connection)[0].rpartition("@")[2] != domain:
            continue
        provider = str(connection.settings.get("provider", ""))
        if connection.channel == composing.PROVIDER:
            return Server(include=INCLUDES.get(provider, ""))
        host = _mail_servers.servers(connection.settings).outgoing.host
        known = next((name for name, each in _mail_servers.PROVIDERS.items() if each.smtp == host), provider)
        return Server(include=INCLUDES[known]) if known in INCLUDES else Server(addresses=_addresses(host))
    return Server()


def _addresses(host: str) -> tuple[str, ...]:
    found: set[str] = set()
    with suppress(OSError, UnicodeError):
        found = {str(row[4][0]) for row in socket.getaddrinfo(host, 25, type=socket.SOCK_STREAM)}
    return tuple(sorted(each for each in found if ipaddress.ip_address(each.split("%")[0]).is_global))


def senders(workspace: Workspace) -> list[str]:
    """Domains that connections of this workspace send from."""
    rows = Connection.objects.of(workspace).filter(channel__in=(*carrying.MAIL, composing.PROVIDER), token__isnull=False)
    found = {composing.sender_of(row)[0].rpartition("@")[2] for row in rows}
    return sorted(each for each in found if each and not _mail_servers.is_shared_domain(each))


def add(workspace: Workspace, user: User | None, domain: str, selectors: str = "") -> SendingDomain:
    """Keep a domain, or its selectors anew. Raises Refused."""
    wanted = domain.strip().lower().rpartition("@")[2].rstrip(".")
    found = email(f"a@{wanted}").rpartition("@")[2]
    if not found:
        raise Refused("no_domain")
    names = [each for each in selectors.replace(",", " ").split() if each][:10]
    if any(len(each) > 63 or not each.replace("-", "").replace("_", "").replace(".", "").isalnum() or not each.isascii() for each in names):
        raise Refused("bad_selector")
    with transaction.atomic():
        row, made = SendingDomain.objects.of(workspace).get_or_create(workspace=workspace, domain=found, defaults={"selectors": names})
        if not made and names != row.selectors:
            row.selectors = names
            row.save(update_fields=["selectors"])
        audit.record(workspace, user, "added" if made else "changed", "sending domain", row.pk, found)
    return row


def remove(workspace: Workspace, user: User | None, row: SendingDomain) -> None:
    with transaction.atomic():
        audit.record(workspace, user, "removed", "sending domain", row.pk, row.domain)
        row.delete()


def check(row: SendingDomain) -> list[Finding]:
    """Ask the DNS now and keep what it said."""
    found = examine(row.domain, row.selectors, server_of(row.workspace, row.domain), ask)
    row.findings, row.checked_at = msgspec.to_builtins(found), timezone.now()
    row.save(update_fields=["findings", "checked_at"])
    return found


def findings(row: SendingDomain) -> list[Finding]:
    return msgspec.convert(row.findings, list[Finding])
