"""Reading archives without unpacking them: names are checked, sizes are counted as they come, nothing touches the disk."""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from .base import FileError

MAX_MEMBERS = 200_000
MAX_MEMBER = 512 * 1024 * 1024
MAX_TOTAL = 4 * 1024 * 1024 * 1024
MAX_RATIO = 200
_CHUNK = 1 << 20
_LOCAL = re.compile(rb"PK\x03\x04.{22}", re.DOTALL)


def names_at_start(head: bytes) -> list[str]:
    """Names of the members whose headers stand in the first bytes of an archive."""
    found = []
    for matched in _LOCAL.finditer(head):
        (length,) = struct.unpack_from("<H", head, matched.start() + 26) if matched.start() + 28 <= len(head) else (0,)
        found.append(head[matched.start() + 30: matched.start() + 30 + length].decode("utf-8", "replace"))
    return found


def members(file: BinaryIO, wanted: "re.Pattern[str]") -> Iterator[tuple[str, bytes]]:
    """(name, content) of the members whose whole name matches, in the archive's order. Raises FileError."""
    file.seek(0)
    try:
        archive = zipfile.ZipFile(file)
        entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, struct.error) as fault:
        raise FileError("broken_archive", str(fault)[:100]) from fault
    if len(entries) > MAX_MEMBERS:
        raise FileError("too_many_members", str(len(entries)))
    total = 0
    for entry in entries:
        name = entry.filename.replace("\\", "/")
        if name.startswith("/") or ".." in name.split("/"):
            raise FileError("unsafe_member_name", entry.filename[:100])
        if wanted.search(name) and not entry.is_dir():
            content = _content(archive, entry)
            total += len(content)
            if total > MAX_TOTAL:
                raise FileError("archive_too_large", entry.filename[:100])
            yield name, content


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """A member's bytes, given up as soon as they are more than honest text ever packs into so little."""
    limit = min(MAX_MEMBER, max(entry.compress_size, 50_000) * MAX_RATIO)
    pieces, size = [], 0
    try:
        with archive.open(entry) as member:
            while piece := member.read(_CHUNK):
                size += len(piece)
                if size > limit:
                    raise FileError("member_too_large", entry.filename[:100])
                pieces.append(piece)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, OSError, NotImplementedError, ValueError) as fault:
        raise FileError("broken_member", f"{entry.filename[:100]}: {fault}"[:200]) from fault
    return b"".join(pieces)
