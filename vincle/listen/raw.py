"""Raw files on disk: kept under their content's hash before anything else is done with them."""

import hashlib
import os
import shutil
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from django.conf import settings

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
