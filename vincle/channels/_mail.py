"""One message of mail: its headers decoded, its words chosen, its quoted past cut off, and what machines say in it."""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from email import policy
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from email.utils import getaddresses, parsedate_to_datetime

from msgspec import Struct

from vincle.vocabulary import HandleRef

from . import _identifiers as identifiers
from ._text import decode, plain, strip_controls

MAX_TEXT = 100_000
_ID = re.compile(r"<([^<>\s]+)>")
_QUOTE_HEADS = re.compile(
    r"^(?:-{2,}\s*(?:Original Message|Mensaje original|Messaggio originale|Missatge original|Message d'origine|"
    r"Ursprüngliche Nachricht|Forwarded message|Mensaje reenviado|Messaggio inoltrato|Missatge reenviat)\s*-{2,}"
    r"|_{20,}|On\b.{4,200}\bwrote:|El\b.{4,200}\bescribió:|Il\b.{4,200}\bha scritto:|Le\b.{4,200}\ba écrit\s*:"
    r"|(?:El|Data)\b.{4,200}\bva escriure:|Am\b.{4,200}\bschrieb\b.{0,80}:)\s*$",
    re.IGNORECASE)
_HEADER_BLOCK = re.compile(r"^(?:\*|)(?:From|De|Da|Von)\s*:.{3,200}$", re.IGNORECASE)
_SIGNATURE = re.compile(r"^-- ?$")
_BLOCKQUOTE = re.compile(r"<blockquote\b.*?(?:</blockquote\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_QUOTE_DIV = re.compile(r"<div\b[^>]*class=[\"']?[^>\"']*(?:gmail_quote|moz-cite-prefix|yahoo_quoted)[^>]*>.*", re.IGNORECASE | re.DOTALL)
_OUT_OF_OFFICE = re.compile(r"^(?:auto(?:matic)?[ -]?(?:reply|response)|automatische antwort|out of (?:the )?office|respuesta autom|"
                            r"risposta autom|resposta autom|réponse autom|fuera de (?:la )?oficina)", re.IGNORECASE)
_MACHINE_SENDER = re.compile(r"^(?:mailer-daemon|postmaster|no-?reply|do-?not-?reply|bounces?|notifications?)(?:[+\-@]|$)", re.IGNORECASE)


class Report(Struct, frozen=True):
    """What a delivery report or complaint tells of one recipient. `hard`: it will never arrive."""

    kind: str
    recipient: str
    hard: bool = False
    status: str = ""
    reason: str = ""
    original_id: str = ""


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


def parse(raw: bytes) -> Mail:
    """A message from its bytes. Whatever is wrong in it costs only the part that is wrong."""
    message = BytesParser(policy=policy.compat32).parsebytes(raw.replace(b"\x00", b""))
    return read(message)


def read(message: "Message[str, str]") -> Mail:
    text, quoted = divide(_words(message))
    reports = tuple(_reports(message))
    auto = _automatic(message)
    sender = next(iter(addresses(message, "From", "Sender")), None)
    references = tuple(dict.fromkeys(found for name in ("References", "In-Reply-To") for found in _ID.findall(header(message, name))))
    own = _ID.findall(header(message, "Message-ID"))
    return Mail(
        id=own[0] if own else header(message, "Message-ID").strip(), references=references, sender=sender,
        recipients=tuple(addresses(message, "To", "Cc")), subject=header(message, "Subject"), at=_moment(message), text=text,
        quoted=quoted, attachments=tuple(_attachments(message)), reports=reports, auto=auto,
        is_machine=bool(reports or auto) or bool(sender and _MACHINE_SENDER.match(sender.value)),
    )


def header(message: "Message[str, str]", name: str) -> str:
    """A header as text: encoded words decoded, folds removed, bytes in any charset read."""
    return _decoded(next(_raw(message, name), ""))


def _raw(message: "Message[str, str]", name: str) -> Iterator[str]:
    """The values of a header as they stand in the file; bytes beyond ASCII, which it may not hold, read as what they are."""
    for found, value in message.raw_items():
        if found.lower() == name.lower():
            written = str(value)
            foreign = any("\udc80" <= sign <= "\udcff" for sign in written)
            yield decode(written.encode("utf-8", "surrogateescape")) if foreign else written


def _decoded(written: str) -> str:
    written = re.sub(r"\r?\n[ \t]*", " ", written)
    if "=?" in written:
        with suppress(ValueError, LookupError):
            pieces = decode_header(written)
            written = "".join(piece if isinstance(piece, str) else _characters(piece, charset or "") for piece, charset in pieces)
    return strip_controls(written).strip()


def _characters(piece: bytes, charset: str) -> str:
    try:
        return piece.decode(charset or "ascii")
    except (LookupError, UnicodeDecodeError, ValueError):
        return decode(piece)


def addresses(message: "Message[str, str]", *names: str) -> Iterator[HandleRef]:
    """The people of these headers, each address once."""
    seen: set[str] = set()
    for name in names:
        values = [re.sub(r"\s*\r?\n\s*", " ", value)[:100_000] for value in _raw(message, name)][:20]
        for shown, written in getaddresses(values)[:500]:
            found = identifiers.email(written)
            if found and found not in seen:
                seen.add(found)
                yield HandleRef("email", found, _decoded(shown))


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


def _leaves(message: "Message[str, str]", depth: int = 0) -> "Iterator[Message[str, str]]":
    """The parts that hold content; messages within the message stay closed."""
    if message.is_multipart() and message.get_content_maintype() == "multipart" and depth < 20:
        for part in message.get_payload():
            if isinstance(part, Message):
                yield from _leaves(part, depth + 1)
    else:
        yield message


def _is_attachment(part: "Message[str, str]") -> bool:
    return (part.get_content_disposition() or "") == "attachment" or (_name(part) != "" and part.get_content_maintype() != "text")


def _name(part: "Message[str, str]") -> str:
    try:
        return _decoded(part.get_filename() or "")[:200]
    except (ValueError, TypeError, LookupError):
        return ""


def _attachments(message: "Message[str, str]") -> Iterator[str]:
    for part in _leaves(message):
        if _is_attachment(part):
            yield _name(part) or part.get_content_type()


def _words(message: "Message[str, str]") -> str:
    """The plain part when it says something, else the HTML part as text."""
    leaves = [part for part in _leaves(message) if not _is_attachment(part) and part.get_content_maintype() == "text"]
    for kind in ("text/plain", "text/html"):
        texts = [_content(part) for part in leaves if part.get_content_type() == kind]
        found = "\n".join(text for text in texts if text.strip())
        if found and kind == "text/html":
            found = plain(_QUOTE_DIV.sub("", _BLOCKQUOTE.sub("", found))) or plain(found)
        if found:
            return found.replace("\r\n", "\n").replace("\r", "\n")[: 4 * MAX_TEXT]
    return ""


def _content(part: "Message[str, str]") -> str:
    try:
        payload = part.get_payload(decode=True)
    except (ValueError, LookupError, AssertionError):
        return ""
    if not isinstance(payload, bytes):
        return ""
    return strip_controls(_characters(payload, str(part.get_content_charset() or "")))


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


def _reports(message: "Message[str, str]") -> Iterator[Report]:
    """The recipients of a delivery report (RFC 3464) or a complaint (RFC 5965)."""
    if message.get_content_type() != "multipart/report":
        for failed in re.split(r"[,\s]+", header(message, "X-Failed-Recipients")):
            if address := identifiers.email(failed):
                yield Report(kind="bounce", recipient=address, hard=True)
        return
    parts = [part for part in message.get_payload() if isinstance(part, Message)] if message.is_multipart() else []
    original = next((found for part in parts for found in _original_id(part)), "")
    for part in parts:
        if part.get_content_type() == "message/delivery-status":
            yield from _delivery(part, original)
        elif part.get_content_type() == "message/feedback-report":
            yield from _complaint(part, parts, original)


def _original_id(part: "Message[str, str]") -> list[str]:
    kind = part.get_content_type()
    if kind == "message/rfc822" and part.is_multipart():
        inner = part.get_payload(0)
        return _ID.findall(header(inner, "Message-ID")) if isinstance(inner, Message) else []
    if kind == "text/rfc822-headers":
        return _ID.findall(header(_headers(_content(part)), "Message-ID"))
    return []


def _headers(text: str) -> "Message[str, str]":
    return BytesParser(policy=policy.compat32).parsebytes(text.encode("utf-8", "replace"), headersonly=True)


def _blocks(part: "Message[str, str]") -> "list[Message[str, str]]":
    """The header blocks of a report part, which the parser reads as messages or leaves as text."""
    payload = part.get_payload()
    if isinstance(payload, list):
        return [block for block in payload if isinstance(block, Message)]
    return [_headers(block) for block in re.split(r"\n\s*\n", _content(part).replace("\r\n", "\n"))]


def _recipient(block: "Message[str, str]", *names: str) -> str:
    for name in names:
        found = identifiers.email(header(block, name).rpartition(";")[2].strip(" <>"))
        if found:
            return found
    return ""


def _delivery(part: "Message[str, str]", original: str) -> Iterator[Report]:
    for block in _blocks(part):
        recipient = _recipient(block, "Original-Recipient", "Final-Recipient")
        action = header(block, "Action").lower().partition(" ")[0]
        if not recipient or action not in ("failed", "delayed", "delivered", "relayed", "expanded"):
            continue
        status = header(block, "Status").partition(" ")[0]
        yield Report(kind="bounce" if action == "failed" else action, recipient=recipient, hard=status.startswith("5"), status=status,
                     reason=header(block, "Diagnostic-Code")[:500], original_id=original)


def _complaint(part: "Message[str, str]", parts: "list[Message[str, str]]", original: str) -> Iterator[Report]:
    for block in _blocks(part):
        if not header(block, "Feedback-Type"):
            continue
        recipient = _recipient(block, "Original-Rcpt-To", "Original-Recipient", "Removal-Recipient")
        if not recipient:
            inner = [each.get_payload(0) for each in parts if each.get_content_type() == "message/rfc822" and each.is_multipart()]
            recipient = next((handle.value for each in inner if isinstance(each, Message) for handle in addresses(each, "To")), "")
        kind = header(block, "Feedback-Type").lower()
        if recipient:
            yield Report(kind="unsubscribe" if kind == "opt-out" else "complaint", recipient=recipient, reason=kind, original_id=original)
