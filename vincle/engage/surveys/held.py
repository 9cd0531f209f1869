"""What a page looks up for everybody who answers at the same moment, held for half a second: a crowd asks the database once."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from time import monotonic
from typing import Generic, TypeVar

_K = TypeVar("_K")
_V = TypeVar("_V")
SECONDS = 0.5
"""A survey that is closed is closed within this time; 0: nothing is held."""


class Held(Generic[_K, _V]):
    """Values by key, at most `most` of them."""

    def __init__(self, find: Callable[[_K], _V], most: int = 500) -> None:
        self._find, self._most, self._lock = find, most, Lock()
        self._known: OrderedDict[_K, tuple[float, _V]] = OrderedDict()

    def get(self, key: _K) -> _V:
        """As it was found at most half a second ago; what `find` raises is raised."""
        now = monotonic()
        with self._lock:
            known = self._known.get(key)
        if known is not None and now - known[0] < SECONDS:
            return known[1]
        found = self._find(key)
        with self._lock:
            self._known[key] = (now, found)
            while len(self._known) > self._most:
                self._known.popitem(last=False)
        return found
