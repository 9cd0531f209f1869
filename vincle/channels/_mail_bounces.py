"""Mail that came back as servers tell it in words, and whether it will ever arrive. Pure.

A status (RFC 3463) is believed where it says something; many servers say no more than "5.0.0" or "550" and explain it in a sentence.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from . import _identifiers as identifiers

_STATUS: Final = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_SENDERS_FAULT: Final = frozenset({"5.1.7", "5.1.8"})
_GONE: Final = frozenset({"5.2.1", "5.4.4", "5.4.310"})
_NOBODY: Final = re.compile(
    r"user (?:is )?unknown|unknown (?:user|recipient|local|address)|no such (?:user|recipient|mailbox|person|address|account)|"
    r"(?:does not|doesn.t|not) (?:exist|have an? \S{0,40} ?account)|invalid (?:recipient|mailbox|address)|no mailbox|not listed in|"
    r"mailbox (?:unavailable|not found|is disabled|disabled|is inactive|inactive)|(?:recipient|address|user|account) not found|"
    r"recipientnotfound|unrouteable|unroutable|account (?:has been |is )?(?:disabled|deactivated|inactive|closed|suspended)|"
    r"(?:host|domain)[^\n]{0,80} not found|recipient address rejected: access denied|no valid recipients|"
    r"could not be found|couldn.t be found|"
    r"no existe|desconocid[oa]|no se (?:ha )?encontr|inesistent|sconosciut|non esiste|no existeix|desconegu|no s.ha trobat|"
    r"unbekannt|existiert nicht|n.existe pas|inconnu|n.a pas (?:pu )?[eê]tre trouv|não existe|bestaat niet|onbekend",
    re.IGNORECASE,
)  # fmt: skip
_FOR_NOW: Final = re.compile(
    r"quota|mailbox (?:is )?full|full mailbox|storage|out of (?:disk )?space|llen[oa]|pien[oa]|plen[ao]\b|voll\b|pleine?\b|cheia|"
    r"try again|temporar|later|greylist|grey-list|timed? ?out|expired|connection (?:refused|reset)|too (?:many|large|big)|rate limit|"
    r"blocked|black ?list|blocklist|spam|reputation|policy|dmarc|\bspf\b|dkim|virus|content rejected|size limit|unauthenticated",
    re.IGNORECASE,
)
_SAYS_SO: Final = re.compile(
    r"could ?n[o']t be delivered|(?:was|wasn.t|were|is|am|not) (?:un)?able to (?:be )?deliver|undeliver|"
    r"delivery[^\n]{0,60} (?:failed|failure)|"
    r"(?:mail|message)[^\n]{0,60} (?:returned|bounced)|did not reach|cannot be reached|permanent(?:ly)? (?:fatal )?error|giv(?:en|ing) up|"
    r"failed to deliver|has not (?:yet )?been delivered|message[^\n]{0,40} delayed|"
    r"no (?:se )?(?:ha |pudo |puede |se pudo )?(?:podido )?(?:ser )?entreg|non [eè] stat[oa] (?:possibile )?(?:re)?(?:consegn|recapit)|"
    r"mancat[ao] (?:consegna|recapito)|impossibile (?:consegnare|recapitare)|no s.ha pogut (?:lliurar|entregar)|"
    r"nicht zugestellt|unzustellbar|konnte[^\n]{0,60} nicht|n.a pas pu [eê]tre (?:remis|distribu|livr|d[eé]livr)|non remis|"
    r"não (?:pôde|foi)[^\n]{0,30} entreg|niet (?:worden )?bezorg",
    re.IGNORECASE,
)
_STILL_TRIED: Final = re.compile(
    r"(?:not|n.t) (?:yet )?been delivered|delayed|still (?:be )?(?:trying|tried)|will (?:keep|continue) (?:trying|to try)|"
    r"(?:do not|no) need to (?:re)?send|warning only|could not be delivered for \d|demor|ritard|retras|verz[oö]ger|retard",
    re.IGNORECASE,
)
_COPY: Final = re.compile(
    r"^[ >]*(?:-{2,}.{0,80}(?:copy of|original message|original mail|headers|mensaje original|messaggio originale|missatge original|"
    r"message d.origine|urspr|returned message).*|-{3,}\s*this is a copy.*)$",
    re.IGNORECASE | re.MULTILINE,
)
_NAMED: Final = re.compile(r"^[ \t>]*<?([^\s<>:;,\"]{1,64}@[^\s<>:;,\"]{1,255})>?(?:$|[ \t:(,].{0,300}$)", re.MULTILINE)
_ID: Final = re.compile(r"^[ \t>]*(?:Original-)?Message-ID:\s*<([^<>\s]+)>", re.IGNORECASE | re.MULTILINE)
_OWN: Final = re.compile(r"vincle\.[0-9a-f]{24}(?:\.[\w-]{1,200})?@[\w.-]{1,253}", re.ASCII)
_REDACTED: Final = re.compile(r"redact|hidden|removed|anonymi|x{4,}|\*{2,}|^[0-9a-f]{32,64}$", re.IGNORECASE)
MOST: Final = 20_000


class Told(NamedTuple):
    """What a bounce in words tells of one recipient. `kind`: "bounce" or "delayed"."""

    kind: str
    recipient: str
    words: str


def status_in(words: str) -> str:
    """The status that stands in a server's answer.

    >>> status_in("smtp; 550-5.1.1 The email account"), status_in("550 from 192.0.2.51 no")
    ('5.1.1', '')
    """
    found = _STATUS.search(words)
    return found[1] if found else ""


def is_hard(status: str, words: str) -> bool:
    """Whether mail to this address will never arrive: nobody has it. What is full, blocked or too large is no fault of the address.

    >>> is_hard("5.1.1", ""), is_hard("5.2.2", "mailbox full"), is_hard("5.0.0", "smtp; 550 no such user"), is_hard("5.7.1", "blocked")
    (True, False, True, False)
    """
    told = status_in(words)
    if told and (not status or status.endswith(".0.0")):
        status = told
    if status.startswith("4"):
        return False
    if status.startswith("5.1.") and status != "5.1.0":
        return status not in _SENDERS_FAULT
    if status in _GONE:
        return True
    says_nobody, says_later = bool(_NOBODY.search(words)), bool(_FOR_NOW.search(words))
    if status == "5.4.1" and "access denied" in words.lower():  # how Microsoft 365 says that nobody has the address
        return True
    if status in ("", "5.0.0", "5.1.0", "5.2.0") or status.startswith("5.5."):
        return (says_nobody and not says_later) or (status == "5.0.0" and not words.strip())
    return says_nobody and not says_later and status.startswith("5.7.")


def is_redacted(address: str) -> bool:
    """Whether a provider hides who complained.

    >>> is_redacted("[redacted]@isp.example"), is_redacted("ana@isp.example")
    (True, False)
    """
    return not address or _REDACTED.search(address.partition("@")[0]) is not None


def original_in(words: str) -> str:
    """The Message-ID of the mail that came back, as it stands in a copy of it below the words."""
    if own := _OWN.search(words):
        return own[0]
    found = _ID.search(words)
    return found[1] if found else ""


def told(words: str, failed: str, ours: frozenset[str]) -> Iterator[Told]:
    """Recipients whom a bounce without a report names. `failed`: the header X-Failed-Recipients; `ours`: whom the bounce itself went to."""
    words = words[:MOST]
    copy = _COPY.search(words)
    above = words[: copy.start()] if copy else words
    named = [address for each in re.split(r"[,\s]+", failed) if (address := identifiers.email(each))]
    if not named and not _SAYS_SO.search(above):
        return
    places = [(found.start(), address) for found in _NAMED.finditer(above) if (address := identifiers.email(found[1]))]
    found = named or [address for _start, address in places]
    kind = "delayed" if _STILL_TRIED.search(above) and not re.search(r"permanent|giv(?:en|ing) up", above, re.IGNORECASE) else "bounce"
    for address in dict.fromkeys(each for each in found if each not in ours):
        start = next((start for start, each in places if each == address), 0)
        end = next((start_ for start_, each in places if start_ > start and each != address), len(above))
        yield Told(kind, address, " ".join(above[start:end].split())[:2_000])
