"""What we write by mail: an answer or a new message, its headers, its words, and the copy that is kept."""

import html
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

import nh3
from msgspec import Struct

from . import _json as js
from . import _mail_servers as setup
from ._identifiers import email
from ._mail_headers import OWN_HEADER
from ._mail_threads import answering, is_id, own_id
from ._text import plain, strip_controls
from .live import Command, Context, File, Line, Problem

MOST_FILES, MOST_BYTES, MOST_RECIPIENTS = 20, 20 * 1024**2, 100
# Ids longer than the usual 78 columns are never folded: programs that read them do not put them together again.
_POLICY = policy.SMTP.clone(max_line_length=900, cte_type="7bit")
_TAGS = {"a", "b", "blockquote", "br", "code", "div", "em", "i", "li", "ol", "p", "pre", "s", "span", "strong", "u", "ul", "h1", "h2", "h3"}
_SCHEMES = {"http", "https", "mailto", "tel"}
_TYPE = re.compile(r"[a-z0-9][\w.+-]{0,60}/[a-z0-9][\w.+-]{0,80}", re.IGNORECASE | re.ASCII)
_OWN_KEYS = ("subject:", "message:")


class Letter(Struct, frozen=True):
    """A message ready to leave: to whom, and how it looks to them and in our folder of sent mail."""

    id: str
    sender: str
    recipients: tuple[str, ...]
    sent: bytes
    kept: bytes


def letter(line: Line, command: Command, key: str) -> Letter:
    """The message of a command. The same key gives the same Message-ID. Problem where it cannot be written as asked."""
    if command.deed not in ("reply", "message"):
        raise Problem("permanent", "cannot_act", command.deed)
    known = setup.servers(line.settings)
    sender = email(known.address)
    if not sender:
        raise Problem("permanent", "sender_refused", known.address)
    about = command.about if command.deed == "reply" else Context()
    to = _addresses(command.to) or answered(about, setup.own_addresses(line.settings))
    cc, bcc = (_addresses(tuple(command.extra.get(name, "").replace(";", ",").split(","))) for name in ("cc", "bcc"))
    recipients = tuple(dict.fromkeys([*to, *cc, *bcc]))
    if not recipients or len(recipients) > MOST_RECIPIENTS:
        raise Problem("permanent", "no_recipients" if not recipients else "too_many_recipients", str(len(recipients)))
    message = _written(command, about)
    _addressed(message, line, sender, to, cc)
    _headed(message, command, about, line.now)
    own = own_id(key, sender.rpartition("@")[2], _root(about))
    message["Message-ID"] = f"<{own}>"
    message[OWN_HEADER] = f"<{own}>"
    return Letter(own, sender, recipients, *_bytes(message, bcc))


def _bytes(message: EmailMessage, bcc: list[str]) -> tuple[bytes, bytes]:
    """As it leaves, and as it is kept: only the copy names the hidden recipients."""
    try:
        sent = message.as_bytes()
        if not bcc:
            return sent, sent
        message["Bcc"] = ", ".join(bcc)
        return sent, message.as_bytes()
    except (ValueError, UnicodeError, LookupError) as error:
        raise Problem("permanent", "not_sendable", str(error)) from error


def _addresses(written: tuple[str, ...]) -> list[str]:
    """Addresses in their normal form. Problem where one is none, or tries to be more than one header."""
    found = []
    for each in written:
        if not each.strip():
            continue
        address = email(_single(each.strip(), "to"))
        if not address or not address.isascii():
            raise Problem("permanent", "bad_address", each)
        found.append(address)
    return list(dict.fromkeys(found))


def _single(text: str, field: str) -> str:
    """A text that goes into a header: whoever hides another header in it is refused."""
    if strip_controls(text) != text or any(sign in text for sign in "\r\n\t\u2028\u2029"):
        raise Problem("permanent", "header_injection", field)
    return text


def answered(about: Context, own: tuple[str, ...]) -> list[str]:
    """Whom an answer goes to: where the author wants answers, else the author; of our own words those they went to."""
    author = email(about.author.value) if about.author and about.author.kind == "email" else ""
    if author and author not in own:
        return [email(js.text(about.body.get("reply_to"))) or author]
    return [found for each in js.texts(about.body.get("to")) if (found := email(each)) and found not in own][:1]


def _addressed(message: EmailMessage, line: Line, sender: str, to: list[str], cc: list[str]) -> None:
    shown = _single(line.settings.get("sender", "").strip(), "sender")
    message["From"] = Address(display_name=shown, addr_spec=sender)
    message["To"] = ", ".join(to)
    if cc:
        message["Cc"] = ", ".join(cc)


def _headed(message: EmailMessage, command: Command, about: Context, now: datetime) -> None:
    """Subject, date and what it answers. Only a machine's note says that it is one (RFC 3834): a person's answer never does."""
    subject = _single(command.subject, "subject") or (answering(about.title) if command.deed == "reply" else "")
    message["Subject"] = strip_controls(" ".join(subject.split()))[:300]
    message["Date"] = format_datetime(now.astimezone(UTC))
    if command.extra.get("machine"):
        message["Auto-Submitted"] = "auto-replied" if command.deed == "reply" else "auto-generated"
    if _is_real(about.native_id):
        named = [found for found in (about.thread_key, about.parent_key, about.native_id) if _is_real(found)]
        message["In-Reply-To"] = f"<{about.native_id}>"
        message["References"] = " ".join(f"<{found}>" for found in dict.fromkeys(named))


def _is_real(found: str) -> bool:
    return bool(found) and is_id(found) and not found.startswith(_OWN_KEYS)


def _root(about: Context) -> str:
    return about.thread_key or about.native_id


def _written(command: Command, about: Context) -> EmailMessage:
    """The words, as plain text and where asked as simple HTML beside it, and the files."""
    message = EmailMessage(policy=_POLICY)
    markup = nh3.clean(command.html, tags=_TAGS, attributes={"a": {"href"}}, url_schemes=_SCHEMES) if command.html else ""
    words = strip_controls((command.text or plain(markup)).replace("\r\n", "\n").replace("\r", "\n"))
    if not words.strip() and not command.files:
        raise Problem("permanent", "nothing_to_say")
    quoted = _quoted(about, command.extra)
    message.set_content(f"{words.rstrip()}\n{quoted}")
    if markup:
        message.add_alternative(markup + _quoted_markup(about, command.extra), subtype="html")
    _attach(message, command.files)
    return message


def _quoted(about: Context, extra: Mapping[str, str]) -> str:
    """What is answered, below the answer, when an introduction for it is given."""
    introduction = " ".join(extra.get("quote", "").split())
    if not introduction or not about.text:
        return ""
    lines = "\n".join(f"> {line}".rstrip() for line in about.text.splitlines())
    return f"\n{introduction}\n{lines}\n"


def _quoted_markup(about: Context, extra: Mapping[str, str]) -> str:
    introduction = " ".join(extra.get("quote", "").split())
    if not introduction or not about.text:
        return ""
    words = html.escape(about.text).replace("\n", "<br>")
    return f"<div>{html.escape(introduction)}</div><blockquote>{words}</blockquote>"


def _attach(message: EmailMessage, files: tuple[File, ...]) -> None:
    if len(files) > MOST_FILES or sum(len(file.content) for file in files) > MOST_BYTES:
        raise Problem("permanent", "files_too_large", f"at most {MOST_FILES} files of {MOST_BYTES // 1024**2} MB together")
    for file in files:
        kind = file.content_type if _TYPE.fullmatch(file.content_type) else "application/octet-stream"
        main, _, sub = kind.partition("/")
        if main in ("multipart", "message"):  # a whole message as a file is carried as it is
            main, sub = "application", "octet-stream"
        name = re.sub(r"[/\\]", "_", _single(file.name, "file"))[:150] or "file"
        message.add_attachment(file.content, maintype=main, subtype=sub, filename=name)
