"""Static files with their content's hash in the name, straight from the package: no collecting step, no manifest.

`static("css/tokens.css")` gives /static/css/tokens.3f2a9c01b2d4.css. `unhashed` turns such an address back, so that WhiteNoise finds the
file, and says whether a browser may keep it for ever. Folders under vendor/ hold their version in their name instead.
"""

import os
import re
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage

_HASHED = re.compile(r"^(?P<stem>.+)\.(?P<hash>[0-9a-f]{12})(?P<ending>\.[A-Za-z0-9]+)$")


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


def unhashed(path: str) -> tuple[str, bool]:
    """Address on disk of a static address, and whether it never changes.

    >>> unhashed("/elsewhere/a.000000000000.css")
    ('/elsewhere/a.000000000000.css', False)
    """
    prefix = settings.STATIC_URL
    if not path.startswith(prefix):
        return path, False
    name = path[len(prefix) :]
    if name.startswith("vendor/"):
        return path, True
    match = _HASHED.match(name)
    if match is None:
        return path, False
    plain = match["stem"] + match["ending"]
    known = fingerprint(plain)
    return (prefix + plain, known == match["hash"]) if known else (path, False)


class HashedStorage(StaticFilesStorage):
    """Gives hashed addresses; a name without a file is an error, so that a typing mistake is seen at once."""

    def url(self, name: str | None) -> str:
        name = name or ""
        if name.startswith("vendor/") or name.endswith("/"):
            return super().url(name)
        digest = fingerprint(name)
        if digest is None:
            raise ValueError(f"there is no static file '{name}'")
        stem, dot, ending = name.rpartition(".")
        return super().url(f"{stem}.{digest}{dot}{ending}" if dot else name)
