"""What an import would do, found out by reading a file and writing nothing."""

from itertools import islice
from time import monotonic
from typing import Any, BinaryIO, NamedTuple

from django.utils import timezone

from vincle.accounts.models import Workspace
from vincle.channels.registry import channels
from vincle.vocabulary import Reject, Warn

from . import log
from .models import Connection
from .opening import chosen_of, close, key, options_for

BATCH = 5_000
MOST_PROBLEMS = 20


class Trial(NamedTuple):
    """What an import would do. `problems`: the first rows and values to be left out; not `complete`: time ran out after `items`."""

    items: int
    new: int
    known: int
    rejected: int
    warned: int
    complete: bool
    problems: list[Reject | Warn]


def dry_run(workspace: Workspace, file: BinaryIO, name: str, digest: str, channel: str, seconds: float = 60, **options: Any) -> Trial:
    """Read a file as its import would, for at most `seconds`, and write nothing. Raises FileError."""
    file.seek(0)
    keys = {"file_key": key(digest, channel), "reading_key": key(digest, channel, chosen_of(options))}
    read = channels()[channel].read(file, options_for(workspace, name, timezone.now(), {**options, **keys}))
    source = Connection.objects.of(workspace).filter(channel=channel, name="").first() or Connection(
        pk=0, workspace=workspace, channel=channel
    )
    source.workspace = workspace
    until, seen, problems = monotonic() + seconds, set[bytes](), list[Reject | Warn]()
    items = new = known = rejected = warned = 0
    while batch := list(islice(read, BATCH)):
        refused = [outcome for outcome in batch if isinstance(outcome, Reject | Warn)]
        problems += refused[: max(0, MOST_PROBLEMS - len(problems))]
        rejects = sum(isinstance(outcome, Reject) for outcome in refused)
        fresh = log.unseen(source, [outcome for outcome in batch if not isinstance(outcome, Reject | Warn)]) - seen
        items, rejected, warned = items + len(batch), rejected + rejects, warned + len(refused) - rejects
        new, known = new + len(fresh), known + len(batch) - len(refused) - len(fresh)
        seen |= fresh
        if monotonic() > until and len(batch) == BATCH:
            close(read)
            return Trial(items, new, known, rejected, warned, False, problems)
    return Trial(items, new, known, rejected, warned, True, problems)
