"""Which conversation a message belongs to: by the ids it names, by what our own ids carry, else by its subject, and then it says so."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence

from . import _json as js

LONGEST_ROOT = 150
_OWN = re.compile(r"vincle\.[0-9a-f]{24}(?:\.([\w-]{1,200}))?@", re.ASCII)
_PLAIN = re.compile(r"[!-;=?-~]+")
_ANSWER = re.compile(r"^\s*(?:re|r|rv|aw|antw|sv|vs|rif|resp|res|odp)\s*(?:\[\d+\])?\s*[:：]\s*", re.IGNORECASE)
_FORWARD = re.compile(r"^\s*(?:fwd?|wg|tr|i|enc|rv)\s*(?:\[\d+\])?\s*[:：]\s*", re.IGNORECASE)


def is_id(text: str) -> bool:
    """Whether this can stand between the angle brackets of a Message-ID."""
    return _PLAIN.fullmatch(text) is not None and len(text) <= 250


def own_id(key: str, domain: str, root: str = "") -> str:
    """The Message-ID of what we send: the same for the same key. It carries the root of its conversation.

    Mail programs that keep nothing but In-Reply-To still answer into the right conversation.

    >>> own_id("send-7", "lligam.example"), root_in(own_id("send-8", "lligam.example", "one@roastery.example"))
    ('vincle.cc9aa00505afc76c34fe9c32@lligam.example', 'one@roastery.example')
    """
    token = urlsafe_b64encode(root.encode()).decode().rstrip("=") if root and is_id(root) and len(root) <= LONGEST_ROOT else ""
    return f"vincle.{js.digest('mail', key)}{f'.{token}' if token else ''}@{domain}"


def root_in(found: str) -> str:
    """The root that an id of ours carries; an id of ours without one is a root itself; '' for any other id."""
    own = _OWN.match(found)
    if own is None:
        return ""
    token = own[1] or ""
    if not token:
        return found
    try:
        root = urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode("ascii")
    except (ValueError, UnicodeDecodeError):
        return found
    return root if is_id(root) else found


def root_of(ids: Sequence[str]) -> str:
    """The root that these ids tell: what one of ours carries, else the first of them."""
    return next((root for each in ids if (root := root_in(each))), ids[0] if ids else "")


def thread_of(native: str, references: Sequence[str], subject: str, other: str) -> tuple[str, str]:
    """(key of the conversation, how it was found): "" by ids, "subject" for an answer that names no message.

    >>> thread_of("3@x", ("1@x", "2@x"), "Re: Hola", "ana@x.org"), thread_of("3@x", (), "Hola", "ana@x.org")
    (('1@x', ''), ('3@x', ''))
    """
    if root := root_of([*references, *([native] if root_in(native) else [])]):
        return root, ""
    core = subject_core(subject)
    if other and core and _ANSWER.match(subject):
        return f"subject:{js.digest(core.casefold(), other)}", "subject"
    return native, ""


def subject_core(subject: str) -> str:
    """A subject without the marks of answers and forwards in front of it.

    >>> subject_core("RE: Rif: Fwd: Comanda 12")
    'Comanda 12'
    """
    for _ in range(20):
        shorter = _FORWARD.sub("", _ANSWER.sub("", subject, count=1), count=1)
        if shorter == subject:
            break
        subject = shorter
    return subject.strip()


def answering(subject: str) -> str:
    """The subject of an answer.

    >>> answering("Comanda 12"), answering("RE: Comanda 12")
    ('Re: Comanda 12', 'RE: Comanda 12')
    """
    written = " ".join(subject.split())[:300]
    return written if _ANSWER.match(written) else f"Re: {written}".strip()
