"""What the DNS says of a domain that mail is sent from: SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 7489), and what is missing. Pure.

    findings = examine("example.org", ["k1"], hosts, ask)       `ask(name, kind)` gives the texts of a record, [] for none, None when untold
"""  # fmt: skip

import base64
import binascii
import ipaddress
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final, Literal

from msgspec import Struct

Ask = Callable[[str, str], list[str] | None]
State = Literal["good", "warning", "missing", "unknown"]
MOST_LOOKUPS: Final = 10
SELECTORS: Final = ("default", "mail", "dkim", "selector1", "selector2", "google", "k1", "k2", "k3", "s1", "s2", "mxvault", "fm1", "pm",
                    "brevo1", "brevo2", "mailjet", "mandrill", "resend", "smtp", "zoho", "ovhmo1", "ionos1")  # fmt: skip
INCLUDES: Final = {
    "google": "_spf.google.com", "microsoft": "spf.protection.outlook.com", "zoho": "zohomail.eu", "ionos": "_spf.perfora.net",
    "ovh": "mx.ovh.com", "fastmail": "spf.messagingengine.com", "mailgun": "mailgun.org", "sendgrid": "sendgrid.net",
    "amazon_ses": "amazonses.com", "brevo": "spf.brevo.com", "mailjet": "spf.mailjet.com", "postmark": "spf.mtasv.net",
    "sparkpost": "sparkpostmail.com", "mandrill": "spf.mandrillapp.com", "mailersend": "_spf.mailersend.net", "resend": "amazonses.com",
}  # fmt: skip


class Finding(Struct, frozen=True, omit_defaults=True):
    """One thing that was looked at. `line`: a record to put into the DNS, as (name, type, value)."""

    what: str
    state: State
    code: str
    detail: str = ""
    line: tuple[str, str, str] | None = None


class Server(Struct, frozen=True):
    """Who hands our mail on: its addresses where they are known, and what its provider wants in SPF."""

    addresses: tuple[str, ...] = ()
    include: str = ""


def examine(domain: str, selectors: Sequence[str], server: Server, ask: Ask) -> list[Finding]:
    """SPF, DKIM, DMARC and where answers arrive, in this order."""
    return [*_spf(domain, server, ask), *_dkim(domain, selectors, ask), *_dmarc(domain, ask), *_mx(domain, ask)]


def _spf(domain: str, server: Server, ask: Ask) -> Iterator[Finding]:
    texts = ask(domain, "TXT")
    if texts is None:
        yield Finding("spf", "unknown", "dns_silent")
        return
    records = [each for each in texts if each.lower().split(" ")[0] == "v=spf1"]
    if len(records) != 1:
        wanted = (domain, "TXT", _wanted_spf("", server))
        yield Finding("spf", "missing", "spf_several" if records else "spf_none", " | ".join(records), wanted)
        return
    record = records[0]
    lookups, passes = _walk(domain, record, server, ask)
    if lookups > MOST_LOOKUPS:
        yield Finding("spf", "warning", "spf_lookups", str(lookups))
    if passes is False:
        yield Finding("spf", "missing", "spf_not_named", record, (domain, "TXT", _wanted_spf(record, server)))
    elif re.search(r"(^| )\+?all$", record.strip().lower()):
        yield Finding("spf", "warning", "spf_open", record, (domain, "TXT", re.sub(r"\+?all$", "~all", record.strip())))
    else:
        yield Finding("spf", "good", "spf_good" if passes else "spf_there", record)


def _wanted_spf(record: str, server: Server) -> str:
    """The record with our server in it."""
    named = [f"ip{ipaddress.ip_address(each).version}:{each}" for each in server.addresses]
    own = [f"include:{server.include}"] if server.include else named
    terms = record.split()[1:] if record else ["mx"]
    end = next((each for each in terms if each.lower().lstrip("+-~?") == "all" or each.lower().startswith("redirect=")), "~all")
    kept = [each for each in terms if each != end]
    return " ".join(["v=spf1", *kept, *(each for each in own if each not in kept), end])


def _walk(
    domain: str, record: str, server: Server, ask: Ask, depth: int = 0, seen: frozenset[str] = frozenset()
) -> tuple[int, bool | None]:
    """(lookups the record takes, whether it names our server; None: nobody told us who that is)."""
    known = bool(server.addresses or server.include)
    lookups, named = 0, False
    for term in record.lower().split()[1:]:
        kind, _, value = term.lstrip("+").partition(":" if ":" in term else "=")
        if kind in ("ip4", "ip6"):
            named = named or any(_within(each, value) for each in server.addresses)
        elif kind in ("a", "mx") or kind.startswith(("a/", "mx/")):
            lookups += 1
            named = named or bool(set(server.addresses) & set(_hosts(value or domain, kind[:2].rstrip("/"), ask)))
        elif kind in ("include", "redirect") and value not in seen and depth < 10:
            lookups += 1
            inner = next((each for each in ask(value, "TXT") or [] if each.lower().startswith("v=spf1")), "")
            more, found = _walk(value, inner, server, ask, depth + 1, seen | {value}) if inner else (0, False)
            lookups, named = lookups + more, named or bool(found) or (value == server.include != "")
        elif kind in ("exists", "ptr"):
            lookups += 1
    return lookups, named if known else None


def _hosts(name: str, kind: str, ask: Ask) -> Iterator[str]:
    names = [name] if kind == "a" else [each.split()[-1].rstrip(".") for each in ask(name, "MX") or []]
    for each in names[:10]:
        yield from ask(each, "A") or []
        yield from ask(each, "AAAA") or []


def _within(address: str, network: str) -> bool:
    try:
        return ipaddress.ip_address(address) in ipaddress.ip_network(network, strict=False)
    except (ValueError, TypeError):
        return False


def _dkim(domain: str, selectors: Sequence[str], ask: Ask) -> Iterator[Finding]:
    found = False
    for selector in selectors or SELECTORS:
        texts = ask(f"{selector}._domainkey.{domain}", "TXT")
        record = next((each for each in texts or [] if "p=" in each), "")
        if record:
            found = True
            yield _key(selector, record)
        elif selectors:
            yield Finding("dkim", "unknown" if texts is None else "missing", "dns_silent" if texts is None else "dkim_no_key", selector)
            found = True
    if not found:
        yield Finding("dkim", "missing", "dkim_none")


def _key(selector: str, record: str) -> Finding:
    tags = dict(each.strip().partition("=")[::2] for each in record.split(";") if "=" in each)
    key = re.sub(r"\s", "", tags.get("p", ""))
    if not key:
        return Finding("dkim", "missing", "dkim_revoked", selector)
    try:
        bits = (len(base64.b64decode(key, validate=True)) - 38) * 8 // 1024 * 1024
    except (ValueError, binascii.Error):
        return Finding("dkim", "missing", "dkim_broken", selector)
    if tags.get("k", "rsa").strip() == "rsa" and bits < 2048:
        return Finding("dkim", "warning", "dkim_short", selector)
    is_testing = "y" in tags.get("t", "")
    return Finding("dkim", "warning" if is_testing else "good", "dkim_testing" if is_testing else "dkim_good", selector)


def _dmarc(domain: str, ask: Ask) -> Iterator[Finding]:
    name = f"_dmarc.{domain}"
    texts = ask(name, "TXT")
    wanted = (name, "TXT", f"v=DMARC1; p=none; rua=mailto:dmarc@{domain}")
    if texts is None:
        yield Finding("dmarc", "unknown", "dns_silent")
        return
    records = [each for each in texts if each.lower().replace(" ", "").startswith("v=dmarc1")]
    if len(records) != 1:
        parent = domain.partition(".")[2]
        above = ask(f"_dmarc.{parent}", "TXT") or [] if "." in parent and not records else []
        if any(each.lower().startswith("v=dmarc1") for each in above):
            yield Finding("dmarc", "good", "dmarc_parent", parent)
            return
        yield Finding("dmarc", "missing", "dmarc_several" if records else "dmarc_none", "", wanted)
        return
    tags = {key.strip().lower(): value.strip() for key, _, value in (each.partition("=") for each in records[0].split(";"))}
    policy = tags.get("p", "").lower()
    if policy not in ("none", "quarantine", "reject"):
        yield Finding("dmarc", "missing", "dmarc_broken", records[0], wanted)
    elif not tags.get("rua"):
        wanted = (name, "TXT", f"{records[0].rstrip('; ')}; rua=mailto:dmarc@{domain}")
        yield Finding("dmarc", "warning", "dmarc_no_reports", records[0], wanted)
    else:
        yield Finding("dmarc", "good", "dmarc_watching" if policy == "none" else "dmarc_good", records[0])


def _mx(domain: str, ask: Ask) -> Iterator[Finding]:
    found = ask(domain, "MX")
    if found is None:
        yield Finding("mx", "unknown", "dns_silent")
    elif not found:
        yield Finding("mx", "warning", "mx_none")
    else:
        yield Finding("mx", "good", "mx_good", ", ".join(sorted(each.split()[-1].rstrip(".") for each in found))[:200])
