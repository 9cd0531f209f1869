"""Mail: mbox files and single messages (.eml). Bounces, complaints and automatic answers are told from people."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import BinaryIO, ClassVar

from vincle.vocabulary import (
    Activity,
    ConsentFact,
    Direction,
    HandleRef,
    ObjectType,
    Outcome,
    Permit,
    Reject,
    Verb,
)

from . import _json as js
from ._deliveries import summary
from ._identifiers import email
from ._mail import Mail, Report, parse
from .base import Channel, FileError, Options, Preview, Sample, Spec

MAX_MESSAGE = 64 * 1024 * 1024
_FROM = re.compile(rb"^From \S+.*\d{4}|^From - ")
_QUOTED_FROM = re.compile(rb"^>+From ")
_SIDES = re.compile(rb"^(from|to|cc|delivered-to|x-original-to|envelope-to|x-delivered-to):", re.IGNORECASE)
_ADDRESS = re.compile(rb"[^\s<>\",;:]+@[^\s<>\",;:]+")
_FIELD = re.compile(rb"^([!-9;-~]+):[ \t\r\n]")
_KNOWN = {b"from", b"to", b"date", b"subject", b"received", b"message-id", b"return-path", b"delivered-to", b"mime-version", 
          b"content-type", b"dkim-signature", b"x-gm-thrid", b"x-gmail-labels", b"reply-to", b"sender", b"cc"}
_PERMITS = {"bounce": Permit.BOUNCED, "complaint": Permit.COMPLAINED, "unsubscribe": Permit.WITHDRAWN}


class MailFiles(Channel):
    spec: ClassVar[Spec] = Spec(
        id="mail", name="E-mail", icon="mail", family="messages", capabilities=frozenset({"file"}), handle_kinds=("email",),
        extensions=(".mbox", ".eml", ".mbx"),
    )

    def recognise(self, sample: Sample) -> float:
        lines = sample.head.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n").split(b"\n")
        if _FROM.match(lines[0]) and _fields(lines[1:]):
            return 1.0
        found = _fields(lines)
        if not found & {b"from", b"received", b"return-path"}:
            return 0.0
        return 0.9 if len(found & _KNOWN) >= 3 else 0.4 if len(found & _KNOWN) == 2 else 0.0

    def preview(self, file: BinaryIO, options: Options) -> Preview:
        found = [item for item in self.read(file, options) if isinstance(item, Activity)]
        return Preview(channel=self.spec.id, vendor=self.spec.name, rows=len(found), sample=tuple(summary(item) for item in found[:20]))

    def read(self, file: BinaryIO, options: Options) -> Iterator[Outcome]:
        seen: dict[str, int] = {}
        ours = owners(file)
        for line, raw in _messages(file):
            if raw is None:
                yield Reject(line=line, code="message_too_large")
                continue
            if not _fields(raw.split(b"\n", 200)[:200]):
                yield Reject(line=line, code="no_headers", raw=raw[:200].decode("utf-8", "replace"))
                continue
            mail = parse(raw)
            native = mail.id or f"message:{js.digest(raw.replace(chr(13).encode(), b'').strip())}"
            copies = seen[native] = seen.get(native, 0) + 1
            if copies == 1:
                yield from _items(mail, native, ours, options)


def _fields(lines: list[bytes]) -> set[bytes]:
    """Names of the header fields at the beginning; empty when it does not begin with headers."""
    found: set[bytes] = set()
    for line in lines:
        if not line.strip():
            break
        if line[:1] in (b" ", b"\t") and found:
            continue
        if not (matched := _FIELD.match(line + b"\n")):
            return found if len(found) > 2 else set()
        found.add(matched[1].lower())
    return found


def _messages(file: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """Each message with its line; None for one that is too large. Only one message is held at a time."""
    file.seek(0)
    held: list[bytes] = []
    start, size, mbox, blank = 1, 0, False, True
    for number, line in enumerate(_bounded(file), 1):
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
            mbox = _FROM.match(line) is not None
        if mbox and blank and _FROM.match(line):
            if size:
                yield start, b"".join(held) if held else None
            held, start, size, blank = [], number, 0, False
            continue
        blank = not line.strip()
        size += len(line)
        if size > MAX_MESSAGE:
            held = []
        else:
            held.append(line[1:] if mbox and _QUOTED_FROM.match(line) else line)
    if not size:
        raise FileError("no_messages")
    yield start, b"".join(held) if held else None


def _bounded(file: BinaryIO) -> Iterator[bytes]:
    while line := file.readline(1 << 20):
        yield line


def owners(file: BinaryIO) -> frozenset[str]:
    """Whose mailbox it is: the addresses it was delivered to, else the one that stands on nearly every message."""
    file.seek(0)
    delivered: set[str] = set()
    sides: Counter[str] = Counter()
    count = 0
    headers = True
    for line in _bounded(file):
        if line.startswith(b"From ") or not count:
            headers, count = True, count + 1
        elif not line.strip():
            headers = False
        if headers and (matched := _SIDES.match(line)):
            found = {address for each in _ADDRESS.findall(line) if (address := email(each.decode("ascii", "ignore")))}
            if matched[1].lower() in (b"from", b"to", b"cc"):
                sides.update(found)
            else:
                delivered |= found
    if delivered or count < 3:
        return frozenset(delivered)
    top = sides.most_common(2)
    alone = bool(top) and top[0][1] >= 0.9 * count and (len(top) == 1 or top[1][1] < 0.9 * count)
    return frozenset({top[0][0]}) if alone else frozenset()


def _sides(mail: Mail, ours: frozenset[str]) -> tuple[Direction, HandleRef | None]:
    """Whether we wrote it, and the other side: of mail to us ourselves, of ours the first who is not."""
    if mail.sender and mail.sender.value in ours:
        return Direction.OUT, next((handle for handle in mail.recipients if handle.value not in ours), None)
    if ours:
        return Direction.IN, next((handle for handle in mail.recipients if handle.value in ours), None)
    return Direction.IN, mail.recipients[0] if len(mail.recipients) == 1 else None


def _items(mail: Mail, native: str, ours: frozenset[str], options: Options) -> Iterator[Outcome]:
    moment = min(mail.at or options.now, options.now)
    root = mail.references[0] if mail.references else native
    props = {"attachments": len(mail.attachments), "auto": mail.auto, "recipients": len(mail.recipients) if len(mail.recipients) > 1 else 0}
    body = {"quoted": mail.quoted, "attachments": list(mail.attachments), "to": [handle.value for handle in mail.recipients[:50]]}
    way, other = _sides(mail, ours)
    if not mail.reports:
        yield Activity(
            verb=Verb.CREATE, object_type=ObjectType.MESSAGE, native_id=native, happened_at=moment, actor=mail.sender,
            target=other, direction=way, object_key=native, thread_key=root,
            parent_key=mail.references[-1] if mail.references else "", is_machine=mail.is_machine, title=mail.subject, text=mail.text,
            props={key: value for key, value in props.items() if value}, body={key: value for key, value in body.items() if value},
        )
    for report in mail.reports:
        yield from _reported(report, mail, native, options)


def _reported(report: Report, mail: Mail, native: str, options: Options) -> Iterator[Outcome]:
    """What became of a message of ours, and what that means for writing again."""
    moment = min(mail.at or options.now, options.now)
    person = HandleRef("email", report.recipient)
    verb = {"bounce": Verb.BOUNCE, "complaint": Verb.UNDO, "unsubscribe": Verb.UNDO, "delayed": Verb.TRACK}.get(report.kind, Verb.DELIVER)
    own_will = report.kind in ("complaint", "unsubscribe")
    yield Activity(
        verb=verb, object_type=ObjectType.SUBSCRIPTION if own_will else ObjectType.MESSAGE,
        native_id=f"{report.kind}:{native}:{report.recipient}", happened_at=moment, actor=person if own_will else None,
        target=None if own_will else person, event_name="soft bounce" if report.kind == "bounce" and not report.hard else report.kind,
        is_machine=True, direction=Direction.IN if own_will else Direction.OUT, object_key=report.original_id,
        thread_key=report.original_id, title=mail.subject,
        props={key: value for key, value in (("status", report.status), ("reason", report.reason), ("hard", report.hard)) if value},
    )
    permit = _PERMITS.get(report.kind)
    if permit and (report.hard or own_will):
        yield js.fact(
            f"{report.kind}:{native}:{report.recipient}", observed_at=moment, handles=(person,),
            consents=(ConsentFact(permit, at=moment, evidence=f"{report.status} {report.reason}".strip()[:500]),),
        )


channel = MailFiles()
