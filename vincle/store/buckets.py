"""How many requests are taken at once, and how many a second."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from time import monotonic


class Buckets:
    """So many at once, so many a second, for each key; counted in this process, for every delivery must not cost a write."""

    def __init__(self, burst: float, rate: float, most: int = 10_000, clock: Callable[[], float] = monotonic) -> None:
        self._burst, self._rate, self._most, self._clock = burst, rate, most, clock
        self._level: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def take(self, key: str) -> bool:
        now = self._clock()
        with self._lock:
            left, since = self._level.pop(key, (self._burst, now))
            left = min(self._burst, left + (now - since) * self._rate)
            taken = left >= 1
            self._level[key] = (left - taken, now)
            if len(self._level) > self._most:
                self._level.popitem(last=False)
        return taken

    def has(self, key: str) -> bool:
        """Whether one could be taken now; takes none."""
        with self._lock:
            left, since = self._level.get(key, (self._burst, 0.0))
            return left + (self._clock() - since) * self._rate >= 1

    def clear(self) -> None:
        with self._lock:
            self._level.clear()
