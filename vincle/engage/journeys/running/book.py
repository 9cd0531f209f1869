"""The journeys that run, as they are read once for a batch."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import msgspec

from vincle.accounts.models import Workspace

from ..definition.flow import Flow, flow
from ..definition.reading import read
from ..models import Journey, JourneyVersion


@lru_cache(maxsize=2_048)
def _flow(text: bytes) -> Flow:
    return flow(read(msgspec.json.decode(text)))


class Running:
    """A journey with its workspace and the wordings people follow in it."""

    def __init__(self, row: Journey, workspace: Workspace) -> None:
        self.row, self.workspace = row, workspace
        self._flows: dict[int, Flow] = {}

    @property
    def live(self) -> Flow:
        return self.flow(self.row.live or self.row.version)

    def flow(self, version: int) -> Flow:
        """A wording; the live one where that version is gone."""
        if version not in self._flows:
            found: Any = JourneyVersion.objects.of(self.workspace).filter(journey=self.row, number=version).values_list("definition")
            (definition,) = found.first() or (None,)
            self._flows[version] = _flow(msgspec.json.encode(definition)) if definition else self.live
        return self._flows[version]

    def place(self, version: int, node: str) -> tuple[int, Flow]:
        """By which wording someone who stands there goes on: the live one where it still has their step."""
        live = self.row.live or version
        if version == live or not node or node in self.live.steps:
            return live, self.live
        return version, self.flow(version)


def running(pks: Iterable[int] | None = None) -> list[Running]:
    """Those that run, all or among these. Two queries, and one for each that runs."""
    rows = Journey.objects.filter(state=Journey.State.RUNNING, archived_at=None)
    found = list((rows if pks is None else rows.filter(pk__in=pks)).order_by("pk"))
    there = Workspace.objects.in_bulk({row.workspace_id for row in found})
    return [Running(row, there[row.workspace_id]) for row in found]
