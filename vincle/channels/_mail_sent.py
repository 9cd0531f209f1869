"""The folder of sent mail: a copy of what we send is kept there, and looked up before anything is sent a second time."""

import imaplib
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from . import _mail_servers as setup
from ._mail_box import opened, sent_folder
from ._mail_headers import OWN_HEADER
from ._mail_write import Letter
from .live import Line, Problem


def keep(line: Line, written: Letter) -> None:
    """Put the copy into the folder of sent mail, unless the server does it or it is there. What was sent stays sent when this fails."""
    wish = line.settings.get("sent_copy", "")
    if wish == "never" or (wish != "always" and setup.servers(line.settings).keeps_sent):
        return
    with suppress(Problem), opened(line) as client:
        folder = sent_folder(client, line) or _made(client)
        if wish == "always" or not _uids(client, folder, written.id, line.now):
            client.append(folder, written.kept, (b"\\Seen",), line.now)


def _made(client: Any) -> str:
    """A folder of sent mail where there is none; some servers keep everything below INBOX."""
    try:
        client.create_folder("Sent")
    except imaplib.IMAP4.error:
        client.create_folder("INBOX.Sent")
        return "INBOX.Sent"
    return "Sent"


def find(line: Line, native: str, since: datetime) -> tuple[bytes, datetime] | None:
    """The copy of a message of ours and when it was kept; None when there is none, and it was not sent therefore.

    Problem `maybe_sent` where a missing copy says nothing, for no server keeps one by itself.
    """
    with opened(line) as client:
        folder = sent_folder(client, line)
        uids = _uids(client, folder, native, since) if folder and client.folder_exists(folder) else []
        if not uids and not setup.servers(line.settings).keeps_sent:
            raise Problem("permanent", "maybe_sent")
        if not uids:
            return None
        answer = client.fetch(uids[:1], ["BODY.PEEK[]", "INTERNALDATE"]).get(uids[0], {})
    raw, at = answer.get(b"BODY[]"), answer.get(b"INTERNALDATE")
    return (raw, at.astimezone(UTC) if isinstance(at, datetime) else line.now) if raw else None


def _uids(client: Any, folder: str, native: str, since: datetime) -> list[int]:
    """By its Message-ID, else by the header that stays when a server writes a Message-ID of its own."""
    client.select_folder(folder, readonly=True)
    day = (since - timedelta(days=1)).date()
    for name in ("Message-ID", OWN_HEADER):
        if uids := sorted(client.search(["SINCE", day, "HEADER", name, f"<{native}>"])):
            return uids
    return []
