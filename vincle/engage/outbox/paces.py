"""How fast sends leave, and how fast they may. Pure but for the clock."""

import time
from collections.abc import Callable, Hashable

_BURST = 1.0
"""Seconds' worth that may leave at once."""


class Paces:
    """Buckets by name (a job, the lane), filled at their rate; and the speed of late, in sends a second."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: dict[Hashable, tuple[float, float]] = {}
        self.speed = 0.0
        self._marked, self._count = clock(), 0

    def allowed(self, name: Hashable, rate: float | None, most: int) -> int:
        """How many of `most` may leave now, at `rate` a second; None: all. Nothing is saved up beyond a second, or one send.

        >>> at = iter([0.0, 0.0, 10.0]); paces = Paces(lambda: next(at))
        >>> paces.allowed("job", 5.0, 100), paces.allowed("job", None, 100)
        (0, 100)
        >>> paces.allowed("job", 5.0, 100)
        5
        """
        if rate is None:
            self._buckets.pop(name, None)
            return most
        now = self._clock()
        held, since = self._buckets.get(name, (0.0 if rate >= 1 else 1.0, now))
        held = min(held + (now - since) * rate, max(_BURST * rate, 1.0))
        self._buckets[name] = held, now
        return max(0, min(int(held), most))

    def took(self, name: Hashable, count: int) -> None:
        if name in self._buckets:
            held, since = self._buckets[name]
            self._buckets[name] = held - count, since

    def sent(self, count: int) -> None:
        """So many more have left."""
        now = self._clock()
        self._count += count
        if now - self._marked >= (0.4 if self.speed else 0.05):
            fresh = self._count / (now - self._marked)
            self.speed = fresh if not self.speed else 0.5 * self.speed + 0.5 * fresh
            self._marked, self._count = now, 0

    def ahead(self, seconds: float, fewest: int, most: int) -> int:
        """How many leave in so many seconds, within bounds."""
        return int(min(max(self.speed * seconds, fewest), most))
