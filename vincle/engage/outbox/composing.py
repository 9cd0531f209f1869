"""From a batch of sends to items that can leave: written by the job's writer, then as bytes, a mail for a provider, or a command."""

from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime

from django.conf import settings

from vincle.channels import _mail_servers
from vincle.channels.live import Command, Problem
from vincle.listen.models import Connection

from . import leaving, mailing, may_windows, naming, tracking, writing
from .carriers import Item
from .models import Job, Send
from .writing import Skip, Written

Left = tuple[int, str, str]
"""A send that is left out: its key, the code of why, detail."""

PROVIDER = "mail_provider"
EMAIL = "email"


def secret() -> bytes:
    return settings.SECRET_KEY.encode()[:64]


def sender_of(connection: Connection) -> tuple[str, str]:
    """(address, name) that mail of a connection comes from."""
    if connection.channel == PROVIDER:
        address = str(connection.settings.get("address", ""))
    else:
        address = _mail_servers.servers(connection.settings).address or connection.account
    return address, str(connection.settings.get("sender", "")).strip()


def items(job: Job, connection: Connection, sends: Sequence[Send]) -> tuple[list[Item], list[Left]]:
    """What leaves, and what is left out and why. Raises writing.NoWriter and what the writer raises."""
    if not sends:
        return [], []
    found = writing.named(job.writer)(job, sends)
    if len(found) != len(sends):
        raise ValueError(f"the writer {job.writer} wrote {len(found)} of {len(sends)}")
    made, left = list[Item](), list[Left]()
    put = _Mails(job, connection, sends) if job.medium == EMAIL else _Messages(job, connection, sends)
    for send, each in zip(sends, found, strict=True):
        try:
            if isinstance(each, Skip):
                left.append((send.pk, each.code, each.detail))
            else:
                made.append(put.item(send, each))
        except Problem as problem:
            left.append((send.pk, problem.code, problem.detail))
    return made, left


class _Mails:
    """What all mails of a job have in common is worked out once."""

    def __init__(self, job: Job, connection: Connection, sends: Sequence[Send]) -> None:
        self.agreed = tracking.agreed(job, sends)
        self.job, self.is_bytes = job, connection.channel != PROVIDER
        sender, self.name = sender_of(connection)
        self.sender = mailing.address(sender)
        self.domain = self.sender.rpartition("@")[2]
        self.secret = secret()
        self.date = format_datetime(datetime.now(UTC))
        self.feedback = f"{job.public}:{job.kind}:{job.purpose}:{self.domain.replace('.', '-')}"

    def item(self, send: Send, said: Written) -> Item:
        to = mailing.address(said.to_address)
        html = tracking.with_picture(self.job, send, said.html, send.handle in self.agreed)
        mail = mailing.Mail(
            id=naming.message_id(self.secret, send.pk, self.domain), sender=self.sender, to=to, subject=said.subject, text=said.text,
            html=html, date=self.date, from_name=said.from_name or self.name, reply_to=said.reply_to, headers=said.headers,
            feedback=self.feedback, one_click=leaving.one_click(self.job.workspace, send.person, send.handle, send.pk),
        )  # fmt: skip
        content = mailing.written(mail)  # also for providers: what cannot be written here is refused there
        return Item(send, self.job, sender=self.sender, to=to, mail=mail, content=content if self.is_bytes else b"")


class _Messages:
    """Private messages on other media go to the handle as its channel calls it."""

    def __init__(self, job: Job, connection: Connection, sends: Sequence[Send]) -> None:
        self.job = job
        self.connection = connection.pk
        self.talks = may_windows.talks(connection.workspace_id, [(connection.pk, send.handle) for send in sends if send.handle])

    def item(self, send: Send, said: Written) -> Item:
        about = self.talks.get((self.connection, send.handle or 0))
        if about is None or not said.text.strip():
            raise Problem("permanent", "no_address" if about is None else "nothing_to_say")
        command = Command(deed="message", about=about, text=said.text, subject=said.subject, to=(said.to_address,))
        return Item(send, self.job, to=said.to_address, command=command)
