"""What a journey would have done over the last days, before it is started."""

from dataclasses import dataclass, field
from datetime import datetime

from vincle.accounts.models import Workspace

from .definition.model import Definition


@dataclass
class Simulation:
    """`reached`: people who would have begun; `starts`: how often. By step: people who came by, and by which way they went on.

    `ends`: how it ended for them (done, goal, left, waiting: still on the way now). `writable`: of those who came to a message, how many
    may be written to as things stand today. `assumed`: how often it hung on a message nobody has sent yet; it was taken as not opened.
    """

    since: datetime
    days: int
    reached: int = 0
    starts: int = 0
    nodes: dict[str, int] = field(default_factory=dict)
    ways: dict[str, dict[int, int]] = field(default_factory=dict)
    ends: dict[str, int] = field(default_factory=dict)
    writable: dict[str, int] = field(default_factory=dict)
    assumed: int = 0
    is_sample: bool = False


def simulate(workspace: Workspace, definition: Definition, days: int = 30, now: datetime | None = None) -> Simulation:
    """On the past `days` (1 to 365). Nothing is written."""
    from .simulation import run  # at first use: it brings numpy

    return run(workspace, definition, days, now)
