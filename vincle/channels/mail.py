"""Mail: a mailbox listened to (IMAP) and answered from (SMTP); mbox files and single messages (.eml).

Bounces, complaints and automatic answers are told from people. Conversations are told by Message-ID, References and In-Reply-To;
our own ids carry the root of theirs; an answer that names no message is put with others of its subject, and says so (`threaded_by`).
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, BinaryIO, ClassVar

from vincle.vocabulary import Activity, HandleRef, ObjectType, Outcome, Reject, Verb

from . import _json as js
from . import _mail_box as box
from . import _mail_servers as setup
from ._deliveries import summary
from ._identifiers import email
from ._mail import is_machine_address, parse
from ._mail_acts import Delivered, items, native_of
from ._mail_parts import leaf
from ._mail_sent import find, keep
from ._mail_write import MOST_FILES, answered, letter
from .base import Channel, FileError, Options, Preview, Sample, Spec
from .live import Attached, Command, Context, File, Line, Problem, Pulled, Receipt, Standing, Stream, Way

MAX_MESSAGE = 64 * 1024 * 1024
_FROM = re.compile(rb"^From \S+.*\d{4}|^From - ")
_QUOTED_FROM = re.compile(rb"^>+From ")
_SIDES = re.compile(rb"^(from|to|cc|delivered-to|x-original-to|envelope-to|x-delivered-to):", re.IGNORECASE)
_ADDRESS = re.compile(rb"[^\s<>\",;:]+@[^\s<>\",;:]+")
_FIELD = re.compile(rb"^([!-9;-~]+):[ \t\r\n]")
_KNOWN = {b"from", b"to", b"date", b"subject", b"received", b"message-id", b"return-path", b"delivered-to", b"mime-version",
          b"content-type", b"dkim-signature", b"x-gm-thrid", b"x-gmail-labels", b"reply-to", b"sender", b"cc"}


class MailChannel(Channel):
    spec: ClassVar[Spec] = Spec(
        id="mail", name="E-mail", icon="mail", family="messages", capabilities=frozenset({"file", "pull", "act"}), handle_kinds=("email",),
        extensions=(".mbox", ".eml", ".mbx"), settings=setup.SETTINGS,
        streams=(Stream(name="mail", every=60, is_live=True, has_past=True), Stream(name=box.SENT, every=120, has_past=True)),
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
            native = native_of(mail, raw)
            copies = seen[native] = seen.get(native, 0) + 1
            if copies == 1:
                yield from items(mail, native, Delivered(own=ours, at=options.now))

    def parse(self, raw: bytes, received_at: datetime) -> Iterator[Outcome]:
        told, message = Delivered.of(raw, received_at)
        if not _fields(message.split(b"\n", 200)[:200]):
            yield Reject(line=1, code="no_headers", raw=message[:200].decode("utf-8", "replace"))
            return
        mail = parse(message)
        yield from items(mail, native_of(mail, message, is_sent=told.sent), told)

    def check(self, line: Line) -> Standing:
        """Signs in to both servers; the one that fails is told, and where both do, both are."""
        found, problems = Standing(account=""), list[Problem]()
        for look in (_standing, _outgoing):
            try:
                found = look(line) or found
            except Problem as problem:
                problems.append(problem)
        if len(problems) > 1:
            first = problems[0]
            raise Problem(first.kind, first.code, f"{first.detail}; {problems[1]}", first.retry_after)
        if problems:
            raise problems[0]
        return found

    def pull(self, line: Line, stream: str, cursor: str) -> Pulled:
        with box.opened(line) as client:
            return box.look(client, line, stream, cursor)

    def past(self, line: Line, stream: str, cursor: str) -> Pulled:
        with box.opened(line) as client:
            return box.look_back(client, line, stream, cursor)

    def listen(self, line: Line, stream: str, cursor: str) -> Iterator[Pulled]:
        with box.opened(line) as client:
            if stream == box.SENT or not client.has_capability("IDLE"):
                raise Problem("permanent", "not_live")
            first = setup.folders(line.settings)[0]
            while not line.stopping:
                page = box.look(client, line, stream, cursor)
                cursor = page.cursor
                yield page
                if not page.more:
                    yield from (Pulled(cursor=cursor) for is_over in box.wait(client, line, first, cursor) if not is_over)

    def ways(self, about: Context, settings: Mapping[str, str], abilities: frozenset[str], now: datetime) -> tuple[Way, ...]:
        if about.object_type != ObjectType.MESSAGE or about.verb != Verb.CREATE:
            return ()
        to = answered(about, setup.own_addresses(settings))
        if not to or is_machine_address(to[0]):
            return (Way(deed="reply", is_open=False, code="nobody_reads_there"),)
        return (Way(deed="reply", code="automatic" if about.props.get("auto") else "", takes_files=MOST_FILES),)

    def act(self, line: Line, command: Command, key: str) -> Receipt:
        written = letter(line, command, key)
        refused = ""
        try:
            line.post(written.sender, list(written.recipients), written.sent)
        except Problem as problem:
            if problem.code != "some_refused":  # it left for the others; those it did not reach are told as bounces
                raise
            refused = problem.detail
        keep(line, written)
        more = {"refused": refused} if refused else {}
        return Receipt(native_id=written.id, happened_at=line.now, raw=box.enveloped(line, written.kept, line.now, True, more))

    def found(self, line: Line, command: Command, key: str, since: datetime) -> Receipt | None:
        written = letter(line, command, key)
        kept = find(line, written.id, since)
        if kept is None:
            return None
        raw, at = kept
        return Receipt(native_id=written.id, happened_at=at, raw=box.enveloped(line, raw, at, True, {}))

    def attached(self, body: Mapping[str, Any]) -> tuple[Attached, ...]:
        return tuple(
            Attached(
                name=js.text(each.get("name")), content_type=js.text(each.get("type")), size=int(js.number(each.get("size")) or 0),
                ref=str(each["part"]) if isinstance(each.get("part"), int) else "", is_shown=each.get("inline") is True,
            )
            for each in js.objs(body.get("files"))
        )  # fmt: skip

    def enclosed(self, raw: bytes, told: Attached) -> File | None:
        return attached(raw, int(told.ref)) if told.ref.isdecimal() else None


def attached(raw: bytes, place: int) -> File | None:
    """One file of a raw delivery, by its `part` in `body["files"]`; None when it is not there."""
    found = leaf(Delivered.of(raw, datetime.min)[1], place)
    return File(name=found[0], content_type=found[1], content=found[2]) if found else None


def _standing(line: Line) -> Standing:
    """Who we are in the mailbox and what it can do."""
    own = setup.own_addresses(line.settings)
    with box.opened(line) as client:
        able = {name for name, wanted in _ABILITIES.items() if client.has_capability(wanted)}
        sent = box.sent_folder(client, line)
        folders = [*setup.folders(line.settings), *([sent] if sent else [])]
        missing = [name for name in folders if name.upper() != "INBOX" and not client.folder_exists(name)]
    notes = (*(f"no_such_folder:{name}" for name in missing), *(() if sent else ("no_sent_folder",)))
    name = line.settings.get("sender", "").strip()
    return Standing(account=own[0] if own else setup.servers(line.settings).user, abilities=frozenset(able), notes=notes,
                    own=tuple(HandleRef("email", address, name) for address in own))


_ABILITIES = {"idle": "IDLE", "condstore": "CONDSTORE", "uidplus": "UIDPLUS", "special_use": "SPECIAL-USE", "move": "MOVE"}


def _outgoing(line: Line) -> None:
    """Signs in to the outgoing server, with nothing to send."""
    try:
        line.post(setup.servers(line.settings).address, [], b"")
    except Problem as problem:
        if problem.code != "no_recipients":
            raise


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


channel = MailChannel()
