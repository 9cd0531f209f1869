"""Static files addressed by their content, straight from the package: no collecting step, no manifest.

`static("css/tokens.css")` gives /static/css/tokens.css?v=3f2a9c01b2d4. The path is the file's own, so any server of files finds it; the
version lets a browser keep it for ever. Folders under vendor/ hold their version in their name instead.
"""

import os
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage


def found(name: str) -> str | None:
    """Where a static file lies."""
    path = finders.find(name)
    return path if isinstance(path, str) else None


@lru_cache(maxsize=1024)
def _kept_path(name: str) -> str | None:
    return found(name)


@lru_cache(maxsize=1024)
def _digest(path: str, changed: int) -> str:
    return blake2b(Path(path).read_bytes(), digest_size=6).hexdigest()


def fingerprint(name: str) -> str | None:
    """12 hexadecimal digits of the content of a static file; None when there is no such file."""
    path = found(name) if settings.DEBUG else _kept_path(name)
    return _digest(path, os.stat(path).st_mtime_ns) if path else None


def is_lasting(path: str, query: str) -> bool:
    """Whether what stands at this address never changes.

    >>> is_lasting("/elsewhere/a.css", "v=000000000000"), is_lasting("/static/vendor/htmx-2.0.11/htmx.min.js", "")
    (False, True)
    """
    if not path.startswith(settings.STATIC_URL):
        return False
    name = path[len(settings.STATIC_URL) :]
    return name.startswith("vendor/") or (query.startswith("v=") and fingerprint(name) == query[2:])


class HashedStorage(StaticFilesStorage):
    """Gives addresses with the content's hash; a name without a file is an error, so that a typing mistake is seen at once."""

    def url(self, name: str | None) -> str:
        name = name or ""
        if name.startswith("vendor/") or name.endswith("/"):
            return super().url(name)
        digest = fingerprint(name)
        if digest is None:
            raise ValueError(f"there is no static file '{name}'")
        return f"{super().url(name)}?v={digest}"
