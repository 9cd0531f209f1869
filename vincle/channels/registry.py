"""Finds the channels: every module of this package that has a `channel`."""

import pkgutil
from functools import cache
from importlib import import_module
from typing import BinaryIO

import vincle.channels as package

from .base import Channel, FileError, Sample

HEAD = 65536
WHOLE = 64 * 1024**2
_ZIP = b"PK\x03\x04"


@cache
def channels() -> dict[str, Channel]:
    """Every channel by its id."""
    found: dict[str, Channel] = {}
    for module in pkgutil.iter_modules(package.__path__):
        channel = getattr(import_module(f"{package.__name__}.{module.name}"), "channel", None)
        if isinstance(channel, Channel):
            found[channel.spec.id] = channel
    return found


def recognise(file: BinaryIO, name: str = "") -> Channel:
    """The channel that reads this file best, told by its content. FileError `empty_file` or `unknown_format`."""
    file.seek(0, 2)
    size = file.tell()
    file.seek(0)
    head = file.read(HEAD)
    if head.startswith(_ZIP) and size <= WHOLE:  # an archive's table of contents stands at its end
        head += file.read()
    sample = Sample(head=head, size=size, name=name)
    file.seek(0)
    if not sample.head.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise FileError("empty_file")
    readers = [channel for channel in channels().values() if "file" in channel.spec.capabilities]
    best = max(readers, key=lambda channel: channel.recognise(sample))
    if best.recognise(sample) <= 0:
        raise FileError("unknown_format")
    return best
