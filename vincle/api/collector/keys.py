"""Who may send: write keys of all sources, looked up in memory and read anew every two seconds."""

import asyncio
import threading
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2b

import structlog
from django.db import close_old_connections, connection

from vincle.listen import sources
from vincle.listen.models import Source
from vincle.listen.sources import Refused
from vincle.store.blame import said

from .answers import Fault

EVERY = 2.0
SOONEST = 0.2
_MOST_REFUSED = 200
_MOST_STRANGE = 10_000
_PATIENCE = 2.0
logger = structlog.get_logger(__name__)


@dataclass
class Key:
    """A source as the collector knows it. `tokens` are events it may still send now; it may go into debt by one request."""

    connection: int
    name: str
    is_enabled: bool
    origins: frozenset[str]
    rate: int
    tokens: float = 0.0
    filled_at: float = 0.0

    def spend(self, events: int) -> int:
        """0 when the events may come in now, else the seconds to wait."""
        if not self.rate:
            return 0
        now = time.monotonic()
        self.tokens = min(self.rate, self.tokens + (now - self.filled_at) * self.rate)
        self.filled_at = now
        if self.tokens <= 0:
            return int(-self.tokens / self.rate) + 1
        self.tokens -= events
        return 0


class Keyring:
    """Reads sources and salts in a thread of its own: a database that is away stops nothing."""

    def __init__(self) -> None:
        self._keys: dict[str, Key] = {}
        self._salts: dict[date, bytes] = {}
        self._refused: list[Refused] = []
        self._wanted = threading.Event()
        self._strange: dict[str, float] = {}
        self._begun = self._done = 0
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="keys", daemon=True)
        self._thread.start()

    def get(self, key: str) -> Key | None:
        return self._keys.get(key)

    async def ready(self) -> None:
        """Until the sources were read once, or the database has had its chance."""
        until = time.monotonic() + _PATIENCE
        while not self._done and time.monotonic() < until:
            await asyncio.sleep(0.01)

    async def find(self, key: str) -> Key | None:
        """As `get`, for a key that may have been made a moment ago: the sources are read once more before it is refused.

        Raises Fault 503 when they could not be read: a refusal is final for every client, and the key may be good.
        """
        now = time.monotonic()
        if self._strange.get(key, 0.0) > now:
            return None
        target = self._begun + 1
        self._wanted.set()
        while self._done < target and time.monotonic() < now + _PATIENCE:
            await asyncio.sleep(0.02)
        if key not in self._keys:
            if self._done < target:
                raise Fault(503, "overloaded", "The key cannot be looked up just now. Send it again in a moment.", 3)
            if len(self._strange) > _MOST_STRANGE:
                self._strange.clear()
            self._strange[key] = now + EVERY
        return self._keys.get(key)

    def visit(self, connection: int, address: str, agent: bytes) -> str:
        """A visitor without consent, told apart for today: a hash that nobody can make again once the day's salt is gone."""
        salt = self._salts.get(datetime.now(UTC).date())
        if salt is None:
            return ""
        return blake2b(f"{connection}\x1f{address}\x1f".encode() + agent, digest_size=12, key=salt).hexdigest()

    def refuse(self, refused: Refused) -> None:
        """Remember it for the list on the source's screen; of a flood only the first are shown."""
        if len(self._refused) < _MOST_REFUSED:
            self._refused.append(refused)

    def close(self) -> None:
        self._stopping = True
        self._wanted.set()
        self._thread.join(_PATIENCE)

    def _run(self) -> None:
        while not self._stopping:
            self._begun += 1
            try:
                self._read()
                self._done = self._begun
            except Exception as error:  # this thread has to live, whatever it meets
                logger.warning("sources could not be read; the ones known go on", error=said(error))
                close_old_connections()
            self._wanted.wait(EVERY)
            if not self._stopping:
                time.sleep(SOONEST)
            self._wanted.clear()
        connection.close()

    def _read(self) -> None:
        known = self._keys
        found = {}
        for source in Source.objects.all():
            fresh = Key(source.connection_id, source.name, source.is_enabled, frozenset(source.allowed_origins), source.rate_limit)
            old = known.get(source.write_key)
            fresh.tokens, fresh.filled_at = (old.tokens, old.filled_at) if old and old.rate == fresh.rate else (float(fresh.rate), 0.0)
            found[source.write_key] = fresh
        today = datetime.now(UTC).date()
        if today not in self._salts or today + timedelta(days=1) not in self._salts:
            self._salts = sources.salts(today)
        refused, self._refused = self._refused, []
        if refused:
            sources.note(refused)
        self._keys = found
