"""A message of mail as what happened: someone wrote, or a machine tells what became of something we wrote."""

from collections.abc import Iterator
from datetime import datetime

import msgspec
from msgspec import Struct

from vincle.vocabulary import Activity, ConsentFact, Direction, HandleRef, ObjectType, Outcome, Permit, Verb

from . import _json as js
from ._identifiers import email
from ._mail import Mail, is_machine_address
from ._mail_reports import Report
from ._mail_servers import is_shared_domain
from ._mail_threads import root_in, thread_of

_PERMITS = {"bounce": Permit.BOUNCED, "complaint": Permit.COMPLAINED, "unsubscribe": Permit.WITHDRAWN}
_MOST_TOLD = 50


class Kept(Struct, frozen=True):
    """Something attached to a message that was too large to be taken whole."""

    name: str = ""
    type: str = ""
    size: int = 0


class Delivered(Struct, frozen=True, kw_only=True):
    """What is known of a message beside itself: our addresses, when it arrived, whether it stands among our sent mail.

    `refused`: recipients that our outgoing server did not take it for, separated by commas.
    """

    own: frozenset[str] = frozenset()
    at: datetime
    sent: bool = False
    is_live: bool = False
    refused: str = ""
    files: tuple[Kept, ...] = ()
    cut: bool = False

    @classmethod
    def of(cls, raw: bytes, received_at: datetime) -> "tuple[Delivered, bytes]":
        """(what is known, the message) of a raw delivery; a bare message is one, too."""
        first, _, rest = raw.partition(b"\n")
        if not first.startswith(b'{"'):
            return cls(at=received_at), raw
        try:
            return msgspec.structs.replace(msgspec.json.decode(first, type=cls), is_live=True), rest
        except msgspec.MsgspecError:
            return cls(at=received_at), raw


def native_of(mail: Mail, raw: bytes, *, is_sent: bool = False) -> str:
    """The id of a message; of our own copies the one we gave it, whatever a server made of it since."""
    if is_sent and mail.copy_of and root_in(mail.copy_of):
        return mail.copy_of
    return mail.id or "message:" + js.digest(raw.replace(b"\r", b"").strip())


def _own_domains(told: Delivered) -> set[str]:
    """Domains on which nobody but us has an address."""
    return {domain for each in told.own if not is_shared_domain(domain := each.rpartition("@")[2])}


def _writer(mail: Mail, told: Delivered) -> HandleRef | None:
    """Who wrote it. Forms and lists of our own write in our name: whoever is to be answered is who wrote."""
    sender, other, domains = mail.sender, mail.reply_to, _own_domains(told)
    if not told.is_live or told.sent or sender is None or other is None:
        return sender
    is_ours = sender.value in told.own or sender.value.rpartition("@")[2] in domains
    is_foreign = other.value not in told.own and other.value.rpartition("@")[2] not in domains
    return other if is_ours and is_foreign else sender


def _automatic(mail: Mail, told: Delivered, is_formed: bool) -> tuple[bool, str]:
    """(whether a machine wrote it, why). What comes by a list of our own, as shared mailboxes do, is as good as sent to us."""
    ours = told.is_live and any(mail.list_id.endswith(f".{domain}") for domain in _own_domains(told))
    if is_formed or (ours and mail.auto == "bulk" and not (mail.sender and is_machine_address(mail.sender.value))):
        return False, "" if mail.auto == "bulk" else mail.auto
    return mail.is_machine, mail.auto


def _sides(mail: Mail, writer: HandleRef | None, told: Delivered) -> tuple[Direction, HandleRef | None]:
    """Whether we wrote it, and the other side: of mail to us ourselves, of ours the first who is not."""
    ours = told.own
    if told.sent or (writer and writer.value in ours):
        return Direction.OUT, next((handle for handle in mail.recipients if handle.value not in ours), None)
    if ours:
        return Direction.IN, next((handle for handle in mail.recipients if handle.value in ours), None)
    return Direction.IN, mail.recipients[0] if len(mail.recipients) == 1 else None


def items(mail: Mail, native: str, told: Delivered) -> Iterator[Outcome]:
    """What a message says: the message itself, or what is reported in it of others."""
    moment = min(mail.at or told.at, told.at)
    if not mail.reports:
        yield _message(mail, native, told, moment)
    for report in mail.reports:
        yield from reported(report, mail.subject, native, moment, is_believed=not told.is_live or _is_of_ours(report.original_id, told))
    for address in told.refused.split(","):
        if found := email(address):
            yield from reported(Report(kind="bounce", recipient=found, hard=True, original_id=native), mail.subject, native, moment)


def _message(mail: Mail, native: str, told: Delivered, moment: datetime) -> Activity:
    writer = _writer(mail, told)
    way, other = _sides(mail, writer, told)
    partner = (other if way is Direction.OUT else writer) if told.is_live else None
    thread, by = thread_of(native, mail.references, mail.subject, partner.value if partner else "")
    files = [*(msgspec.to_builtins(Kept(part.name, part.type, part.size)) | {"part": part.place} |
               ({"inline": True} if part.inline else {}) for part in mail.files), *(msgspec.to_builtins(each) for each in told.files)]
    names = [*mail.attachments, *(each.name or each.type for each in told.files)]
    is_machine, auto = _automatic(mail, told, writer is not None and writer is not mail.sender)
    props = {"attachments": len(names), "auto": auto, "recipients": len(mail.recipients) if len(mail.recipients) > 1 else 0,
             "threaded_by": by, "cut": told.cut}
    answer_to = mail.reply_to.value if mail.reply_to and (writer is None or mail.reply_to.value != writer.value) else ""
    body = {"quoted": mail.quoted, "attachments": names, "files": files, "to": [handle.value for handle in mail.recipients[:_MOST_TOLD]],
            "reply_to": answer_to}
    return Activity(
        verb=Verb.CREATE, object_type=ObjectType.MESSAGE, native_id=native, happened_at=moment, actor=writer, target=other, direction=way,
        object_key=native, thread_key=thread, parent_key=mail.references[-1] if mail.references else "",
        is_machine=is_machine, title=mail.subject, text=mail.text,
        props={key: value for key, value in props.items() if value}, body={key: value for key, value in body.items() if value},
    )


def _is_of_ours(original: str, told: Delivered) -> bool:
    """Whether a report speaks of something we sent: anybody can write that somebody else's mail bounces."""
    domain = original.rpartition("@")[2].lower()
    return bool(root_in(original)) or any(domain == each or domain.endswith(f".{each}") for each in _own_domains(told))


def reported(report: Report, subject: str, native: str, moment: datetime, *, is_believed: bool = True) -> Iterator[Outcome]:
    """What became of a message of ours, and, where it is believed, what that means for writing again."""
    person = HandleRef("email", report.recipient) if report.recipient else None
    verb = {"bounce": Verb.BOUNCE, "complaint": Verb.UNDO, "unsubscribe": Verb.UNDO, "delayed": Verb.TRACK}.get(report.kind, Verb.DELIVER)
    own_will = report.kind in ("complaint", "unsubscribe")
    yield Activity(
        verb=verb, object_type=ObjectType.SUBSCRIPTION if own_will else ObjectType.MESSAGE,
        native_id=f"{report.kind}:{native}:{report.recipient}", happened_at=moment, actor=person if own_will else None,
        target=None if own_will else person, event_name="soft bounce" if report.kind == "bounce" and not report.hard else report.kind,
        is_machine=True, direction=Direction.IN if own_will else Direction.OUT, object_key=report.original_id,
        thread_key=report.root or root_in(report.original_id) or report.original_id, title=subject,
        props={key: value for key, value in (("status", report.status), ("reason", report.reason), ("hard", report.hard)) if value},
    )
    permit = _PERMITS.get(report.kind)
    if permit and person and is_believed and (report.hard or own_will):
        yield js.fact(
            f"{report.kind}:{native}:{report.recipient}", observed_at=moment, handles=(person,),
            consents=(ConsentFact(permit, at=moment, evidence=f"{report.status} {report.reason}".strip()[:500]),),
        )
