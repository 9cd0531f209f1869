"""Who is forgotten, asked of the stage that knows, whenever something old is read again: a rebuild, a file, a late delivery."""

from collections.abc import Callable, Sequence
from datetime import datetime

Knows = Callable[[int, Sequence[int], datetime], set[int]]
_knows: list[Knows] = []


def register(knows: Knows) -> None:
    """`knows(workspace, handles, received_at)`: those of the handles of which nothing that came at this moment may go in."""
    _knows[:] = [knows]


def among(workspace: int, handles: Sequence[int], received_at: datetime) -> set[int]:
    """Those of the handles of which nothing that came at this moment may go in."""
    return _knows[0](workspace, handles, received_at) if _knows and handles else set()
