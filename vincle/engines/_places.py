"""Where a lake lies: in a folder, or in a bucket of an S3-compatible store with a mirror of its live files on this machine."""

import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Protocol

import pyarrow.fs
from deltalake import DeltaTable
from deltalake.fs import DeltaStorageHandler

KEPT_HOURS = 1
FETCHERS = 4
# Seconds for which a look at a bucket counts: a question asks several times, and each look is a request.
LOOK = 0.5


@dataclass(frozen=True)
class Bucket:
    """A lake at `url` (s3://bucket/prefix). `mirror`: folder for copies of its live files, as large as they are.

    `options` are those of `deltalake`: the usual AWS_* variables with endpoint, region and keys.
    """

    url: str
    mirror: Path
    options: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.url.startswith("s3://"):
            raise ValueError(f"a lake is in a folder or at s3://bucket/prefix, not at '{self.url}'")


Where = Path | Bucket


class Place(Protocol):
    """Where one table lies."""

    uri: str
    options: dict[str, str] | None
    look_every: float
    files: pyarrow.fs.FileSystem

    def is_table(self) -> bool: ...

    def has_commit(self, version: int) -> bool: ...

    def here(self, uris: Iterable[str]) -> list[str]:
        """Paths on this machine of files of the table; fetches those that are not here yet."""
        ...


def place(where: Where, name: str) -> Place:
    """Where the table of this name lies."""
    return InBucket(where, name) if isinstance(where, Bucket) else InFolder(where / name)


class InFolder:
    def __init__(self, path: Path) -> None:
        self.path, self.uri = path, str(path)
        self.options: dict[str, str] | None = None
        self.look_every = 0.0
        self.files: pyarrow.fs.FileSystem = pyarrow.fs.SubTreeFileSystem(self.uri, pyarrow.fs.LocalFileSystem())

    def is_table(self) -> bool:
        return (self.path / "_delta_log").is_dir() and DeltaTable.is_deltatable(self.uri)

    def has_commit(self, version: int) -> bool:
        return (self.path / _entry(version)).exists()

    def here(self, uris: Iterable[str]) -> list[str]:
        return sorted(uris)


class InBucket:
    """Files of a table never change, so a copy is good for as long as its name is among the live ones."""

    def __init__(self, where: Bucket, name: str) -> None:
        self.uri, self.mirror = f"{where.url.rstrip('/')}/{name}", where.mirror / name
        options = dict(where.options)
        if options.get("AWS_ENDPOINT_URL", "").startswith("http://"):
            options.setdefault("AWS_ALLOW_HTTP", "true")
        self.options: dict[str, str] | None = options
        self.look_every = LOOK
        self.files: pyarrow.fs.FileSystem = pyarrow.fs.PyFileSystem(DeltaStorageHandler(self.uri, options))
        self._left: dict[Path, float] = {}

    def is_table(self) -> bool:
        return DeltaTable.is_deltatable(self.uri, storage_options=self.options)

    def has_commit(self, version: int) -> bool:
        return bool(self.files.get_file_info(_entry(version)).type == pyarrow.fs.FileType.File)

    def here(self, uris: Iterable[str]) -> list[str]:
        names = sorted(uri.removeprefix(f"{self.uri}/") for uri in uris)
        missing = [name for name in names if not (self.mirror / name).exists()]
        with ThreadPoolExecutor(FETCHERS) as pool:
            list(pool.map(self._fetch, missing))
        paths = [self.mirror / name for name in names]
        self._clear(paths)
        return [str(path) for path in paths]

    def _fetch(self, name: str) -> None:
        path = self.mirror / name
        path.parent.mkdir(parents=True, exist_ok=True)
        half = path.with_suffix(f".{os.getpid()}.part")
        with self.files.open_input_stream(name) as source, open(half, "wb") as copy:
            shutil.copyfileobj(source, copy, 1 << 20)
        half.replace(path)

    def _clear(self, live: Sequence[Path]) -> None:
        """Remove copies that have not been live for as long as the table itself keeps old files."""
        now, lives = monotonic(), set(live)
        for path in set(self.mirror.rglob("*.*")) - lives:
            if path.is_file() and now - self._left.setdefault(path, now) > KEPT_HOURS * 3600:
                path.unlink(missing_ok=True)
        self._left = {path: at for path, at in self._left.items() if path not in lives and path.exists()}


def _entry(version: int) -> str:
    return f"_delta_log/{version:020d}.json"
