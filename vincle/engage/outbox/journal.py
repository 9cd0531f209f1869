"""What a process that sends notes beside the database, so that what it leaves behind when it is killed can be told apart.

A line before the last byte of a mail leaves, a line when it was taken or refused. Written without waiting for the disk: it outlives the
process, not the machine; so a machine that was started anew meanwhile makes what was under way doubtful.
"""

import os
import re
import struct
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal, NamedTuple

from django.conf import settings

End = Literal["taken", "refused", "untold", "never begun"]
_ROW = struct.Struct(">cQd")
_BOOT = Path("/proc/sys/kernel/random/boot_id")
LARGEST: Final = 4 * 1024**2


class Told(NamedTuple):
    """How a send ended as far as a journal tells; `at` where it was taken."""

    end: End
    at: datetime | None = None


def folder() -> Path:
    found: Path = settings.HOME / "outbox"
    found.mkdir(parents=True, exist_ok=True, mode=0o700)
    return found


def path_of(owner: str) -> Path:
    return folder() / (re.sub(r"[^\w.-]", "_", owner)[:120] + ".journal")


def boot() -> bytes:
    """Names the running of this machine since it was last started."""
    try:
        return _BOOT.read_bytes().strip()[:36].ljust(36)
    except OSError:
        return b"?" * 36


class Journal:
    """Of one process; its threads share it. Each line is one write to the end of the file."""

    def __init__(self, owner: str) -> None:
        self.path = path_of(owner)
        self._file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        if not os.fstat(self._file).st_size:
            os.write(self._file, boot())

    def begun(self, send: int) -> None:
        os.write(self._file, _ROW.pack(b"b", send, 0.0))

    def taken(self, send: int, at: datetime) -> None:
        os.write(self._file, _ROW.pack(b"t", send, at.timestamp()))

    def refused(self, send: int) -> None:
        os.write(self._file, _ROW.pack(b"r", send, 0.0))

    def empty(self) -> None:
        """Begin anew, once nothing of it is needed any more."""
        if os.fstat(self._file).st_size > LARGEST:
            os.ftruncate(self._file, len(boot()))

    def close(self) -> None:
        """Nothing was under way: it is not needed any more."""
        os.close(self._file)
        self.path.unlink(missing_ok=True)


def read(owner: str) -> Mapping[int, Told] | None:
    """How the sends of a process ended that is no more; None when nothing can be told. What is not in it never began."""
    try:
        raw = path_of(owner).read_bytes()
    except OSError:
        return None
    start = boot()
    if raw[: len(start)] != start or start.startswith(b"?"):
        return None
    found: dict[int, Told] = {}
    body = raw[len(start) :]
    for mark, send, at in _ROW.iter_unpack(body[: len(body) // _ROW.size * _ROW.size]):
        if mark == b"b":
            found[send] = Told("untold")
        elif mark == b"t":
            found[send] = Told("taken", datetime.fromtimestamp(at, UTC))
        else:
            found[send] = Told("refused")
    return found
