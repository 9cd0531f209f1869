"""One message of mail: its headers decoded, its words chosen, its quoted past cut off, and what machines say in it."""

import re
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime

from msgspec import Struct

from vincle.vocabulary import HandleRef

from ._mail_headers import OWN_HEADER, addresses, header, ids
from ._mail_parts import Part, content, files, is_attachment, leaves, opened
from ._mail_reports import Report, reports
from ._text import plain

MAX_TEXT = 100_000
_LONGEST_SOURCE = 2_000_000
_QUOTE_HEADS = re.compile(
    r"^(?:-{2,}\s*(?:Original Message|Mensaje original|Messaggio originale|Missatge original|Message d'origine|"
    r"Ursprüngliche Nachricht|Forwarded message|Mensaje reenviado|Messaggio inoltrato|Missatge reenviat)\s*-{2,}"
    r"|_{20,}|On\b.{4,200}\bwrote:|El\b.{4,200}\bescribió:|Il\b.{4,200}\bha scritto:|Le\b.{4,200}\ba écrit\s*:"
    r"|(?:El|Data)\b.{4,200}\bva escriure:|Am\b.{4,200}\bschrieb\b.{0,80}:)\s*$",
    re.IGNORECASE)
_HEADER_BLOCK = re.compile(r"^(?:\*|)(?:From|De|Da|Von)\s*:.{3,200}$", re.IGNORECASE)
_SIGNATURE = re.compile(r"^-- ?$")
_BLOCKQUOTE = re.compile(r"<blockquote\b.*?(?:</blockquote\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_QUOTE_DIV = re.compile(
    r"<div\b[^<>]*class=[\"']?[^<>\"']*(?:gmail_quote|moz-cite-prefix|yahoo_quoted)[^<>]*>.*", re.IGNORECASE | re.DOTALL
)
_OUT_OF_OFFICE = re.compile(r"^(?:auto(?:matic)?[ -]?(?:reply|response)|automatische antwort|out of (?:the )?office|respuesta autom|"
                            r"risposta autom|resposta autom|réponse autom|fuera de (?:la )?oficina)", re.IGNORECASE)
_MACHINE_SENDER = re.compile(r"^(?:mailer-daemon|postmaster|no-?reply|do-?not-?reply|bounces?|notifications?)(?:[+\-@]|$)", re.IGNORECASE)


class Mail(Struct, frozen=True):
    """A message as it is needed here. Ids come without their angle brackets."""

    id: str
    references: tuple[str, ...]
    sender: HandleRef | None
    recipients: tuple[HandleRef, ...]
    subject: str
    at: datetime | None
    text: str
    quoted: str
    attachments: tuple[str, ...]
    is_machine: bool
    auto: str
    reports: tuple[Report, ...]
    files: tuple[Part, ...] = ()
    reply_to: HandleRef | None = None
    copy_of: str = ""
    list_id: str = ""


def parse(raw: bytes) -> Mail:
    """A message from its bytes. Whatever is wrong in it costs only the part that is wrong."""
    return read(opened(raw))


def read(message: "Message[str, str]") -> Mail:
    words = _words(message)
    text, quoted = divide(words)
    told = tuple(reports(message, words))
    auto = _automatic(message)
    sender = next(iter(addresses(message, "From", "Sender")), None)
    references = tuple(dict.fromkeys(found for name in ("References", "In-Reply-To") for found in ids(header(message, name))))
    own = ids(header(message, "Message-ID"))
    attached = tuple(files(message))
    return Mail(
        id=own[0] if own else header(message, "Message-ID").strip(), references=references, sender=sender,
        recipients=tuple(addresses(message, "To", "Cc")), subject=header(message, "Subject"), at=_moment(message), text=text,
        quoted=quoted, attachments=tuple(part.name or part.type for part in attached), reports=told, auto=auto,
        is_machine=bool(told or auto) or bool(sender and is_machine_address(sender.value)),
        files=attached, reply_to=next(addresses(message, "Reply-To"), None), copy_of=header(message, OWN_HEADER).strip("<> "),
        list_id=_list_of(message),
    )


def _list_of(message: "Message[str, str]") -> str:
    """The name of the mailing list it came by (RFC 2919): info.lligam.example of the list info@lligam.example."""
    found = re.search(r"<([^<>\s]+)>\s*$", header(message, "List-Id"))
    return found[1].lower().replace("@", ".") if found else ""


def is_machine_address(address: str) -> bool:
    """Whether nobody reads what is sent there.

    >>> is_machine_address("no-reply@shop.example"), is_machine_address("nora@shop.example")
    (True, False)
    """
    return _MACHINE_SENDER.match(address) is not None


def _moment(message: "Message[str, str]") -> datetime | None:
    """The date of the message, else of its last delivery."""
    received = header(message, "Received").rpartition(";")[2]
    for written in (header(message, "Date"), received.strip()):
        try:
            found = parsedate_to_datetime(written)
            return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
        except (ValueError, TypeError, OverflowError, IndexError):
            continue
    return None


def _words(message: "Message[str, str]") -> str:
    """The plain part when it says something, else the HTML part as text."""
    parts = [part for part in leaves(message) if not is_attachment(part) and part.get_content_maintype() == "text"]
    for kind in ("text/plain", "text/html"):
        texts = [content(part) for part in parts if part.get_content_type() == kind]
        found = "\n".join(text for text in texts if text.strip())[:_LONGEST_SOURCE]
        if found and kind == "text/html":
            found = plain(_QUOTE_DIV.sub("", _BLOCKQUOTE.sub("", found))) or plain(found)
        if found:
            return found.replace("\r\n", "\n").replace("\r", "\n")[: 4 * MAX_TEXT]
    return ""


def divide(text: str) -> tuple[str, str]:
    """What was newly written, and what was quoted below or between.

    >>> divide("Thanks!\\n\\nOn Mon, 3 Mar 2025, Ana <a@x.org> wrote:\\n> Hello")
    ('Thanks!', 'On Mon, 3 Mar 2025, Ana <a@x.org> wrote:\\n> Hello')
    """
    lines = text.split("\n")
    kept: list[str] = []
    quoted: list[str] = []
    for place, line in enumerate(lines):
        stripped = line.strip()
        if _begins_quote(lines, place, kept):
            quoted.extend(lines[place:])
            break
        (quoted if stripped.startswith(">") else kept).append(line)
    signature = next((place for place, line in enumerate(kept) if place and _SIGNATURE.match(line)), len(kept))
    new = "\n".join(kept[:signature]).strip()
    if not new and quoted and not any(line.lstrip().startswith(">") for line in quoted):
        return "\n".join(quoted).strip()[:MAX_TEXT], ""
    return new[:MAX_TEXT], "\n".join(quoted).strip()[:MAX_TEXT]


def _begins_quote(lines: list[str], place: int, kept: list[str]) -> bool:
    """An introduction of a quotation, on one line or folded over two, or a block of copied headers."""
    line = lines[place].strip()
    if len(line) < 4 or line.startswith(">"):
        return False
    following = lines[place + 1].strip() if place + 1 < len(lines) else ""
    if _QUOTE_HEADS.match(line) or (len(line) < 200 and _QUOTE_HEADS.match(f"{line} {following}") and following):
        return True
    after = " ".join(lines[place + 1: place + 5])
    return bool(kept) and _HEADER_BLOCK.match(line) is not None and re.search(
        r"\b(?:Sent|Date|Enviado|Fecha|Inviato|Data|Gesendet|Subject|Asunto|Oggetto|Assumpte)\s*:", after) is not None


def _automatic(message: "Message[str, str]") -> str:
    """Why a message counts as sent by a machine (RFC 3834 and the habits before it), or ''."""
    if header(message, "Return-Path") == "<>":
        return "auto-replied"
    submitted = header(message, "Auto-Submitted").lower().partition(";")[0].strip()
    if submitted and submitted != "no":
        return submitted
    if header(message, "X-Autoreply") or header(message, "X-Autorespond"):
        return "auto-replied"
    if header(message, "Precedence").lower() in ("auto_reply", "auto-reply"):
        return "auto-replied"
    if header(message, "Precedence").lower() in ("bulk", "list", "junk") or header(message, "List-Unsubscribe"):
        return "bulk"
    return "auto-replied" if _OUT_OF_OFFICE.match(header(message, "Subject")) else ""


