"""Mail over one SMTP connection that stays open: the envelope of the next mail leaves with the end of the one before (RFC 2920).

So a mail takes one round trip instead of four. Each answer belongs to one mail; what a server says of a mail never touches another.
"""

import smtplib
from contextlib import suppress
from datetime import UTC, datetime

from vincle.channels._mail_problems import smtp_problem
from vincle.channels.live import Problem
from vincle.listen import credentials, line_mail, oauth
from vincle.listen.models import Connection

from .carriers import WAIT, Item, Result, Road
from .mailing import stuffed

_AT_ONCE = 500
"""Mails after which a connection is begun anew: servers count them."""
_GONE = (421, -1)


class Dropped(Exception):
    """The connection is no more; `problem` says why, and no mail is to blame."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


class Smtp:
    """One signed-in connection, begun anew when it breaks. What it could not carry it gives back."""

    def run(self, road: Road) -> None:
        while not road.stopping.is_set():
            item = road.give(WAIT)
            if item is None:
                continue
            try:
                self._session(road, _signed_in(road.connection), item)
            except Problem as problem:
                road.tell(Result(item, "given back", problem))
                road.trouble(problem)
                return
            except Dropped as dropped:
                road.trouble(dropped.problem)
                return

    def _session(self, road: Road, client: smtplib.SMTP, first: Item) -> None:
        try:
            _Session(road, client).carry(first)
        finally:
            with suppress(OSError, smtplib.SMTPException):
                if client.sock is not None:
                    client.sock.settimeout(1)
                    client.quit()
            client.close()


def _signed_in(connection: Connection) -> smtplib.SMTP:
    """Rights that ran out are renewed once. Raises Problem."""
    for is_last in (False, True):
        try:
            with credentials.line(connection) as line:
                return line_mail.outgoing(line)
        except Problem as problem:
            left = problem if is_last else oauth.mended(connection, problem)
            if left is not None:
                raise left from problem
    raise AssertionError  # the second turn of the loop returns or raises


class _Session:
    def __init__(self, road: Road, client: smtplib.SMTP) -> None:
        self.road, self.client = road, client
        self.is_pipelined = client.has_extn("pipelining")
        self.carried = 0

    def carry(self, first: Item) -> None:
        """From this item on until there is none, or the connection is used up. Raises Dropped."""
        item: Item | None = first
        is_greeted = False
        while item is not None:
            if not self.road.may_begin():
                self.road.tell(Result(item, "given back"))
                return
            item, is_greeted = self._one(item, is_greeted)

    def _one(self, item: Item, is_greeted: bool) -> tuple[Item | None, bool]:
        """Carry one; returns the next one and whether its envelope has left already."""
        try:
            refused = self._refusal(item, is_greeted)
        except (OSError, smtplib.SMTPException) as error:
            raise self._dropped(item, error, is_begun=False) from error
        if refused is not None:
            self.road.journal.refused(item.send.pk)
            self.road.tell(Result(item, "refused", refused))
            return self._next(wait=WAIT), False
        following = self._next(wait=0) if self.is_pipelined else None
        try:
            self.road.journal.begun(item.send.pk)
            self._say(stuffed(item.content) + (b"".join(_envelope(following)) if following else b""))
            code, words = self.client.getreply()
        except (OSError, smtplib.SMTPException) as error:
            if following is not None:
                self.road.tell(Result(following, "given back"))
            raise self._dropped(item, error, is_begun=True) from error
        self._answered(item, following, code, words)
        return following or self._next(wait=WAIT), following is not None

    def _answered(self, item: Item, following: Item | None, code: int, words: bytes) -> None:
        if code == 250:
            at = datetime.now(UTC)
            self.road.journal.taken(item.send.pk, at)
            self.road.tell(Result(item, "sent", at=at))
            return
        self.road.journal.refused(item.send.pk)
        problem = smtp_problem(smtplib.SMTPDataError(code, words))
        self.road.tell(Result(item, "refused", problem))
        if code in _GONE:
            if following is not None:
                self.road.tell(Result(following, "given back"))
            raise Dropped(problem)

    def _replies(self, item: Item, is_greeted: bool) -> list[tuple[int, bytes]]:
        """The answers to an envelope; fewer than three where the server wants one command at a time and refused one."""
        commands = _envelope(item)
        if self.is_pipelined:
            if not is_greeted:
                self._say(b"".join(commands))
            return [self._reply() for _ in commands]
        replies = []
        for command in commands:
            self._say(command)
            replies.append(self._reply())
            if replies[-1][0] not in (250, 251, 354):
                break
        return replies

    def _say(self, words: bytes) -> None:
        if self.client.sock is None:
            raise smtplib.SMTPServerDisconnected("the connection ended")
        self.client.sock.sendall(words)

    def _reply(self) -> tuple[int, bytes]:
        code, words = self.client.getreply()
        if code in _GONE:
            raise smtplib.SMTPServerDisconnected(f"{code} {words.decode('utf-8', 'replace')}")
        return code, words

    def _refusal(self, item: Item, is_greeted: bool) -> Problem | None:
        """Why the server does not take this mail, as it answers its envelope; None when it waits for the mail."""
        replies = self._replies(item, is_greeted)
        sender, recipient, data = [*replies, *[replies[-1]] * (3 - len(replies))]
        if data[0] == 354 and sender[0] == 250 and recipient[0] in (250, 251):
            return None
        if data[0] == 354:  # it waits for a mail that goes to nobody
            self._say(b".\r\n")
            self._reply()
        self._say(b"RSET\r\n")
        self._reply()
        if sender[0] != 250:
            return smtp_problem(smtplib.SMTPSenderRefused(*sender, ""))
        if recipient[0] not in (250, 251):
            return smtp_problem(smtplib.SMTPRecipientsRefused({"": recipient}))
        return smtp_problem(smtplib.SMTPDataError(*data))

    def _next(self, wait: float) -> Item | None:
        self.carried += 1
        if self.carried >= _AT_ONCE or self.road.stopping.is_set() or not self.road.may_begin():
            return None
        return self.road.give(wait)

    def _dropped(self, item: Item, error: Exception, is_begun: bool) -> Dropped:
        problem = smtp_problem(error)
        if isinstance(error, OSError):
            problem = Problem("transient", "smtp_dropped", str(error) or type(error).__name__)
        self.road.tell(Result(item, "untold" if is_begun else "given back", problem))
        return Dropped(problem)


def _envelope(item: Item) -> tuple[bytes, bytes, bytes]:
    return f"MAIL FROM:<{item.sender}>\r\n".encode("ascii"), f"RCPT TO:<{item.to}>\r\n".encode("ascii"), b"DATA\r\n"
