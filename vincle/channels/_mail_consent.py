"""What mailboxes have in common where one signs in at the provider instead of giving a password (XOAUTH2)."""

from collections.abc import Iterator
from typing import BinaryIO

from vincle.vocabulary import Outcome

from ._mail_servers import SETTINGS
from .base import Channel, FileError, Options, Preview, Sample
from .live import Setting
from .mail import MailChannel

_AS_WRITTEN = ("address", "sender", "aliases", "folders", "sent_folder", "sent_copy")


def settings(provider: str, name: str, where: str, *more: Setting) -> tuple[Setting, ...]:
    """Those of a mailbox without password and servers, with the app one signs in by; `where` its ID is found."""
    known = {setting.name: setting for setting in SETTINGS}
    return (
        known["address"],
        Setting(name="client_id", label="Client ID", help=where),
        Setting(name="client_secret", label="Client secret", is_secret=True, help="Beside the client ID."),
        *more,
        *(known[each] for each in _AS_WRITTEN[1:]),
        Setting(
            name="provider", label="Where your mail is", kind="choice", default=provider, is_required=False, choices=((provider, name),)
        ),
    )


class SignedInMail(MailChannel):
    """A mailbox; files of mail are read by `MailChannel` itself."""

    def recognise(self, sample: Sample) -> float:
        return 0.0

    def preview(self, file: BinaryIO, options: Options) -> Preview:
        return Channel.preview(self, file, options)

    def read(self, file: BinaryIO, options: Options) -> Iterator[Outcome]:
        raise FileError("cannot_read_files", self.spec.name)
