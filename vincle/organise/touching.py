"""Who has to be looked at again: of whom something changed that memberships may hang on. The step `segments` works it off.

Rows of the log, joined and parted people, and texts understood otherwise need no word here: the step follows them by itself.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from vincle.accounts.models import Workspace
from vincle.store import bulk

_WATCHED = (
    "(p.workspace_id IN (SELECT workspace_id FROM organise_segment WHERE archived_at IS NULL) "
    "OR p.workspace_id IN (SELECT workspace_id FROM organise_computedtrait WHERE hidden_at IS NULL))"
)
_TOUCH = (
    f"INSERT INTO organise_touched (workspace_id, person, n) SELECT p.workspace_id, p.person, 1 FROM organise_profile p WHERE {_WATCHED} "
    "AND {} ON CONFLICT (person) DO UPDATE SET n = organise_touched.n + 1"
)


def touch(workspace: Workspace | int, people: Iterable[int]) -> None:
    """Have these people looked at again, inside the caller's transaction. Costs nothing where nothing is kept true."""
    touch_where(workspace, "p.person IN ({})", people)


def touch_where(workspace: Workspace | int, condition: str, people: Iterable[Any], before: Sequence[Any] = ()) -> None:
    """The same of those a condition on `organise_profile p` names, with one `IN ({})`."""
    key = workspace.pk if isinstance(workspace, Workspace) else workspace
    own = f"p.workspace_id = {key:d}"
    bulk.execute_in(_TOUCH.replace("{}", f"{own} AND {condition}"), sorted(set(people)), before)


def touch_all(people: Iterable[int]) -> None:
    """`touch` for people of any workspace."""
    bulk.execute_in(_TOUCH.replace("{}", "p.person IN ({})"), sorted(set(people)))
