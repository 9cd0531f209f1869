"""Raw files on disk: kept under their content's hash before anything else is done with them."""

import hashlib
import os
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from django.conf import settings

DAY = 24 * 3600.0
ASIDE = ".aside-"
_BLOCK = 1024 * 1024


def keep(file: BinaryIO, limit: int) -> tuple[str, str, int]:
    """Copy a file into the raw folder, durably; returns (sha256, relative path, size). ValueError when larger than `limit` bytes."""
    folder = _folder()
    part = folder / f"incoming-{uuid4().hex}"
    digest, size = hashlib.sha256(), 0
    try:
        with open(part, "wb") as out:
            while block := file.read(_BLOCK):
                size += len(block)
                if size > limit:
                    raise ValueError(limit)
                digest.update(block)
                out.write(block)
            out.flush()
            os.fsync(out.fileno())
        name = digest.hexdigest()
        place = folder / name[:2] / name
        place.parent.mkdir(exist_ok=True)
        os.replace(part, place)
        _sync(place.parent)
    finally:
        part.unlink(missing_ok=True)
    return name, f"{name[:2]}/{name}", size


def sweep(is_used: Callable[[str], bool], age: float = DAY) -> int:
    """Remove files older than `age` seconds that nothing uses; returns how many.

    A file is set aside first and looked at again: one that was just stored anew, or came into use, is put back.
    """
    limit, removed = time.time() - age, 0
    for file in [*_folder().glob("incoming-*"), *_folder().glob("??/*")]:
        place = file.with_name(file.name.partition(ASIDE)[0])
        relative = place.relative_to(_folder()).as_posix()
        with suppress(FileNotFoundError):
            aside = file
            if file == place:
                if file.stat().st_mtime > limit or is_used(relative):
                    continue
                aside = file.with_name(f"{file.name}{ASIDE}{uuid4().hex}")
                os.rename(file, aside)
            if aside.stat().st_mtime > limit or is_used(relative):
                os.rename(aside, place)
                continue
            aside.unlink()
            removed += 1
    return removed


def path(relative: str) -> Path:
    return _folder() / relative


def free_bytes() -> int:
    return shutil.disk_usage(_folder()).free


def _folder() -> Path:
    folder = Path(settings.HOME) / "raw"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
