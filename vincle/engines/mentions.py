"""What others said and did, held in memory by column: an engine in our process answers the questions about it from here.

Files of the open table never change, so each is read once and only what is new is read later.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock, RLock
from time import monotonic
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ._columns import Column, Flags, Ints, Names, Part, Rows, joined, one
from ._mentions_files import MOODS, NAMED, NOT_ACTS, SCORES, WORDS, Uneven, read_done, read_said
from .table import MOMENT, OpenTable

__all__ = [
    "LEFT_ALONE", "MOODS", "NAMED", "NOT_ACTS", "SCORES", "Column", "Flags", "Ints", "Memory", "Mentions", "Names", "Part", "Rows",
    "TooMany", "one",
]  # fmt: skip

LEFT_ALONE = 600
"""Seconds after which it is tried again to hold a workspace that had too many mentions."""

ACTS_A_MENTION = 4
"""So many times as many acts may be held as mentions: they have fewer columns."""

SELECTIONS = 4
_SECOND, _NEVER = 1_000_000, 1 << 62
Files = tuple[str, ...]


class TooMany(ValueError):
    """More than may be held."""


@dataclass
class Mentions:
    """One workspace at one version of the tables.

    `said`: its mentions (`read_said`). `names`: what the numbers of each column of words stand for. `most`: acts that may be held.
    """

    said: Part
    names: Mapping[str, Names]
    handles: Files
    matches: Files
    persons: Files
    most: int
    stood: Part | None = None
    _kept: "OrderedDict[Hashable, Any]" = field(default_factory=OrderedDict)
    _lock: Any = field(default_factory=RLock)

    @cached_property
    def done(self) -> Part:
        """All that others did, mentions among it (`read_done`); read at the first question. TooMany."""
        with self._lock:
            try:
                return _brought(self.stood, self.said.files, self.names, self.most, read_done)
            except TooMany:
                self.most = -1
                raise
            finally:
                self.stood = None

    @cached_property
    def people(self) -> tuple[Ints, Ints]:
        """(for each mention the place in the second of who spoke, -1: nobody known; ids of people)."""
        return self._owners(self.said, "actor")

    @cached_property
    def doers(self) -> tuple[Ints, Ints]:
        """`people` of all that was done."""
        return self._owners(self.done, "actor")

    @cached_property
    def targets(self) -> tuple[Ints, Ints]:
        """Whom it was done to, likewise."""
        return self._owners(self.done, "target")

    @cached_property
    def known(self) -> tuple[Ints, Ints]:
        """Of each person that is known: the place among those of `doers` (-1: did nothing), since when (seconds since 1970)."""
        columns = {"id": pa.int64(), "known_since": MOMENT}
        table = _table(self.persons, columns)
        places = pc.index_in(table["id"].combine_chunks(), value_set=pa.array(self.doers[1]))
        since = pc.fill_null(table["known_since"].cast(pa.int64()), _NEVER).to_numpy()
        return pc.fill_null(places, -1).to_numpy(zero_copy_only=False), since // _SECOND

    def _owners(self, part: Part, name: str) -> tuple[Ints, Ints]:
        """Who handles belong to; one that is nobody's yet stands for itself."""
        owned = _table(self.handles, {"key": pa.int64(), "person": pa.int64()})
        handles = pa.array(part[name], mask=~part[f"has_{name}"])
        found = pc.index_in(handles, value_set=owned["key"].combine_chunks())
        owner = pc.coalesce(owned["person"].combine_chunks().take(found), handles).dictionary_encode()
        return pc.fill_null(owner.indices, -1).to_numpy(zero_copy_only=False), owner.dictionary.to_numpy()

    @cached_property
    def matched(self) -> tuple[Ints, Ints]:
        """(query, number of the row of the log that it asks for), one pair a match."""
        table = _table(self.matches, {"listening": pa.int64(), "seq": pa.int64()})
        return table["listening"].to_numpy(), table["seq"].to_numpy()

    @cached_property
    def matched_said(self) -> tuple[Ints, Ints]:
        """(query, place of a mention that it asks for), one pair a match."""
        queries, seqs = self.matched
        found = pc.index_in(pa.array(seqs), value_set=pa.array(self.said["seq"]))
        there = found.is_valid()
        return queries[there.to_numpy(zero_copy_only=False)], found.filter(there).to_numpy()

    def asked_by(self, part: Part, listening: int) -> Flags:
        """Which rows a query of the team asks for."""
        if part is self.said:
            queries, places = self.matched_said
            found = np.zeros(len(part), bool)
            found[places[queries == listening]] = True
            return found
        queries, seqs = self.matched
        asked = pc.is_in(pa.array(part["seq"]), value_set=pa.array(seqs[queries == listening]))
        return asked.to_numpy(zero_copy_only=False)  # type: ignore[no-any-return]

    def kept(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """What was made under this key not long ago, or is made now."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        found = make()
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > SELECTIONS:
                self._kept.popitem(last=False)
        return found


class Memory:
    """Mentions by workspace, `most` of them over all; those of workspaces that nobody asks about go first. Safe for several threads."""

    def __init__(self, tables: Mapping[str, OpenTable], most: int) -> None:
        self._tables, self._most = tables, most
        self._held: OrderedDict[int, Mentions] = OrderedDict()
        self._locks: dict[int, Lock] = {}
        self._lock = Lock()
        self._until: dict[int, float] = {}

    def of(self, workspace: int) -> Mentions | None:
        """The mentions of a workspace as the tables have them now; None when nothing is there, or more than may be held.

        FileNotFoundError.
        """
        with self._lock:
            lock = self._locks.setdefault(workspace, Lock())
        with lock:
            files = {name: _ours(self._tables[name].files()[1], workspace) for name in ("activity", "handle", "match", "person")}
            stood = self._held.get(workspace)
            if not files["activity"] or (stood is None and monotonic() < self._until.get(workspace, 0)):
                return None
            try:
                found = self._as_now(stood, files)
            except (TooMany, Uneven):
                with self._lock:
                    self._held.pop(workspace, None)
                self._until[workspace] = monotonic() + LEFT_ALONE
                return None
            self._note(workspace, found)
            return found

    def _as_now(self, stood: Mentions | None, files: Mapping[str, Files]) -> Mentions:
        names = stood.names if stood else {name: Names() for name in WORDS}
        is_same = stood is not None and stood.said.files == files["activity"]
        beside = (files["handle"], files["match"], files["person"])
        if stood and is_same and (stood.handles, stood.matches, stood.persons) == beside:
            return stood
        said = stood.said if stood and is_same else _brought(stood.said if stood else None, files["activity"], names, self._most, read_said)
        done = vars(stood).get("done", stood.stood) if stood else None
        most = stood.most if stood else self._most * ACTS_A_MENTION
        found = Mentions(said, names, *beside, most, done)
        if stood and is_same:
            _carry(stood, found)
        return found

    def _note(self, workspace: int, found: Mentions) -> None:
        with self._lock:
            self._held[workspace] = found
            self._held.move_to_end(workspace)
            while len(self._held) > 1 and sum(len(each.said) for each in self._held.values()) > self._most:
                self._held.popitem(last=False)


def _brought(stood: Part | None, files: Files, names: Mapping[str, Names], most: int, read: Callable[..., Part]) -> Part:
    """The columns of these files, of which those that stood are not read again."""
    if stood and stood.files == files:
        return stood
    before = stood.by_file() if stood else {}
    parts, count = list[Part](), 0
    if most < 0:
        raise TooMany
    for path in files:
        parts.append(before[path] if path in before else read(path, names))
        count += len(parts[-1])
        if count > most:
            raise TooMany
    return joined(parts)


def _carry(stood: Mentions, found: Mentions) -> None:
    """What was worked out of the same mentions and the same files beside them need not be again."""
    same = dict.fromkeys(("people", "doers", "targets"), stood.handles == found.handles)
    same["known"] = (stood.handles, stood.persons) == (found.handles, found.persons)
    same |= dict.fromkeys(("matched", "matched_said"), stood.matches == found.matches)
    for name, is_same in same.items():
        if is_same and name in vars(stood):
            vars(found)[name] = vars(stood)[name]


def _ours(files: Sequence[str], workspace: int) -> Files:
    return tuple(path for path in files if f"/workspace={workspace}/" in path)


def _table(files: Files, columns: Mapping[str, pa.DataType]) -> pa.Table:
    """These columns of some files."""
    empty = pa.schema(list(columns.items())).empty_table()
    return pa.concat_tables([empty, *(pq.ParquetFile(path).read(list(columns)) for path in files)])
