"""Walking through something that grows, newest first, page by page, and again from where one stood."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import msgspec
from msgspec import Struct

from . import _json as js
from ._answers import dumped
from .live import Problem, Pulled

_PLAIN, _NEAR, _MOST_KNOWN = "%Y-%m-%dT%H:%M:%S", timedelta(minutes=2), 1000


class Walk(Struct, omit_defaults=True):
    """Where a walk through something that grows stands, newest first: `mark` is up to where it was seen before, `high` the newest of now.

    `page` asks for the page after, `queue` holds what is still to be asked below what was seen. `known` names what was seen in
    the last two minutes before `mark`: platforms tell whole seconds, and of one second some may come later.
    """

    is_past: bool = False
    mark: str = ""
    high: str = ""
    page: dict[str, str] = {}
    queue: list[list[str]] = []
    has_begun: bool = False
    known: list[str] = []
    fresh: list[str] = []
    done: int = 0

    def takes(self, moment: Any, name: str) -> bool:
        """Whether something of this moment is to be taken: all of the past; of the present what was not seen before."""
        if self.is_past:
            return True
        when = plain(moment)
        named = f"{when} {name}"
        self.high = max(self.high, when)
        is_new = when > _before(self.mark) and named not in self.known
        if when > _before(self.high):
            self.fresh.append(named)
        return is_new

    @property
    def since(self) -> str:
        """What happened from here on is to be asked for, in UTC; "" for all there is."""
        return _before(self.mark)

    def ended(self) -> "Walk":
        mark = max(self.mark, self.high)
        near = {each for each in (*self.known, *self.fresh) if each[:19] > _before(mark)}
        return Walk(is_past=self.is_past, mark=mark, known=sorted(near)[-_MOST_KNOWN:], done=self.done if self.is_past else 0)

    @property
    def cursor(self) -> str:
        return msgspec.json.encode(self).decode()


def walk(cursor: str, now: datetime, *, past: bool) -> Walk:
    """The walk that a cursor stands for. A new one of the present begins an hour ago, so that nothing falls between it and the past."""
    if cursor:
        try:
            return msgspec.json.decode(cursor, type=Walk)
        except msgspec.DecodeError:
            pass
    return Walk(is_past=True) if past else Walk(mark=plain((now - timedelta(hours=1)).isoformat()))


class Asking(Protocol):
    """Whoever asks a platform, and what it said was left."""

    quota: float | None
    pause: float | None


def pulled(asking: Asking, place: Walk, item: dict[str, Any], count: int) -> Pulled:
    """One page of a walk, `item` (empty: nothing new) and how many things it holds; it goes on while something is left to ask."""
    place.done += count
    more = bool(place.page or place.queue)
    done = place.done if place.is_past else None
    cursor = (place if more else place.ended()).cursor
    return Pulled(items=(dumped(item),) if item else (), cursor=cursor, more=more, done=done, quota=asking.quota, pause=asking.pause)


def several(asking: Asking, place: Walk, things: list[Any], total: int | None = None) -> Pulled:
    """As `pulled`, with an item for each thing."""
    found = pulled(asking, place, {}, len(things))
    return msgspec.structs.replace(found, items=tuple(dumped(each) for each in things), total=total)


class Asked:
    """One answer, and what it told was left."""

    def __init__(self, value: Any, headers: Mapping[str, str], quota: float | None = None, pause: float | None = None) -> None:
        self.value, self.headers, self.quota, self.pause = value, headers, quota, pause


def rows(value: Any) -> list[Any]:
    """The objects of a list; a server that answers anything else is not the one that was meant. Raises Problem."""
    if not isinstance(value, list):
        raise Problem("transient", "not_json", f"a list was expected, not {type(value).__name__}")
    return js.objs(value)


def plain(moment: Any) -> str:
    """A moment as text that sorts by time, in whole seconds of UTC; "" when it is none."""
    found = js.when(moment, datetime.fromtimestamp(0, UTC))
    return found.strftime(_PLAIN) if found.timestamp() > 0 else ""


def _before(mark: str) -> str:
    return (datetime.strptime(mark, _PLAIN) - _NEAR).strftime(_PLAIN) if mark else ""
