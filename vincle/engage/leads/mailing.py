"""Whether a domain takes mail at all: asked of the name service, remembered for a day, never waited for long."""

from hashlib import blake2b

import dns.exception
import dns.resolver
from django.core.cache import cache

PATIENCE = 1.5
"""Seconds; whoever cannot be asked is believed."""

KNOWN = "gmail.com"
"""A domain of which everyone knows that it takes mail."""

REMEMBERED, UNSURE = 24 * 3600, 300


def gets_mail(domain: str) -> bool | None:
    """False where the name service says that nobody takes mail for it; None where it cannot be told."""
    key = f"mx:{blake2b(domain.lower().encode('utf-8', 'replace'), digest_size=12).hexdigest()}"
    known = cache.get(key)
    if known is None:
        found = ask(domain)
        known = "unsure" if found is None else "yes" if found else "no"
        cache.set(key, known, UNSURE if found is None else REMEMBERED)
    return None if known == "unsure" else bool(known == "yes")


def ask(domain: str) -> bool | None:
    """A host that takes mail for it, or (RFC 5321) an address of its own. A lone "." says plainly that there is none (RFC 7505)."""
    resolver = _resolver()
    if resolver is None:
        return None
    try:
        hosts = [str(record.exchange) for record in resolver.resolve(domain, "MX", lifetime=PATIENCE)]
        return hosts != ["."]
    except dns.resolver.NXDOMAIN:
        return False if _knows(resolver) else None
    except dns.resolver.NoAnswer:
        return _has_address(resolver, domain)
    except (dns.exception.DNSException, OSError, ValueError):
        return None


def _knows(resolver: "dns.resolver.Resolver") -> bool:
    """Whether it knows the world at all: inside a closed network a name service may deny every name."""
    try:
        resolver.resolve(KNOWN, "MX", lifetime=PATIENCE)
    except (dns.exception.DNSException, OSError):
        return False
    return True


def _has_address(resolver: "dns.resolver.Resolver", domain: str) -> bool | None:
    for kind in ("A", "AAAA"):
        try:
            resolver.resolve(domain, kind, lifetime=PATIENCE)
            return True
        except (dns.resolver.NoAnswer, dns.resolver.NXDOMAIN):
            continue
        except (dns.exception.DNSException, OSError):
            return None
    return False


def _resolver() -> "dns.resolver.Resolver | None":
    try:
        return dns.resolver.Resolver()
    except (dns.exception.DNSException, OSError):
        return None
