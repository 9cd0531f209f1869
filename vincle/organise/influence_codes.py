"""Codes that people hand on, told by the stage that gave them out: by handle, so that people who are merged keep them all."""

from collections.abc import Callable, Iterable

from vincle.accounts.models import Workspace
from vincle.store import bulk
from vincle.store.folding import fold

Source = Callable[[Workspace], Iterable[tuple[str, int]]]
"""(code, key of the handle it was given to)."""
_sources: dict[str, Source] = {}


def register(name: str, source: Source) -> None:
    """In `ready()` of the app that gives codes out."""
    _sources[name] = source


def owners(workspace: Workspace, longest: int) -> dict[str, int]:
    """Folded code -> the person who has it now. A query a source, and one for all handles."""
    given = [(fold(code)[:longest], handle) for source in _sources.values() for code, handle in source(workspace)]
    sql = "SELECT handle, person FROM identify_belonging WHERE workspace_id = %s AND handle IN ({})"
    now = dict(bulk.select(sql, {handle for _code, handle in given}, [workspace.pk]))
    return {code: now[handle] for code, handle in given if handle in now}
