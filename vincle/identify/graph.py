"""Who is whose, worked out from what exact evidence says and the moves that stand. Pure.

Each handle came to a person by exact evidence: its home. Moves are then done again in the order of time: joins by evidence when it
was received, decisions when they were taken. What was undone is left out as if it had never been, so that any move can be taken
back at any time, and a rebuild gives the same people.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple


class Step(NamedTuple):
    """A move, as the replay needs it.

    "evidence" joins the owners of two handles, "join" joins two people, "split" takes `handles` out of `person` as `other`,
    "returned" is a split that was undone: whoever came to `other` since goes with the handles that went back.
    """

    act: Literal["evidence", "join", "split", "returned"]
    person: int
    other: int
    handles: tuple[int, ...] = ()


class Group(NamedTuple):
    """A person: the name it carries (one of its ids), its handles, and every id that leads to it."""

    name: int
    handles: frozenset[int]
    ids: frozenset[int]


class _Cluster:
    __slots__ = ("handles", "ids", "name")

    def __init__(self, name: int) -> None:
        self.name = name
        self.handles: set[int] = set()
        self.ids: set[int] = {name}


def replay(homes: Mapping[int, int], steps: Sequence[Step]) -> list[Group]:
    """Groups of handles after all steps, in the order of their names.

    >>> one, = replay({10: 1, 20: 2}, [Step("join", 1, 2)])
    >>> one.name, sorted(one.handles), sorted(one.ids)
    (1, [10, 20], [1, 2])
    >>> sorted((group.name, sorted(group.handles)) for group in replay({10: 1, 11: 1}, [Step("split", 1, 11, (11,))]))
    [(1, [10]), (11, [11])]
    """
    graph = _Graph(homes)
    begun = {step.other for step in steps if step.act == "split"}
    for step in steps:
        if step.act == "returned" and step.other not in begun:
            begun.add(step.other)
            graph.give_back(step)
    for step in steps:
        if step.act != "returned":
            graph.do(step)
    return graph.groups()


class _Graph:
    def __init__(self, homes: Mapping[int, int]) -> None:
        self.homes = homes
        self.by_home: dict[int, set[int]] = {}
        self.of_id: dict[int, _Cluster] = {}
        self.of_handle: dict[int, _Cluster] = {}
        for handle, home in sorted(homes.items()):
            cluster = self.cluster(home)
            cluster.handles.add(handle)
            self.of_handle[handle] = cluster
            self.by_home.setdefault(home, set()).add(handle)

    def cluster(self, person: int) -> _Cluster:
        found = self.of_id.get(person)
        if found is None:
            found = self.of_id[person] = _Cluster(person)
        return found

    def give_back(self, step: Step) -> None:
        if any(self.homes.get(key) == step.other for key in step.handles):
            return  # it did not begin with the split, but had been someone before
        origin = next((self.of_handle[key] for key in step.handles if key in self.of_handle), None) or self.cluster(step.person)
        self.join(origin, self.cluster(step.other))

    def do(self, step: Step) -> None:
        if step.act == "split":
            self.split(step)
        elif step.act == "join":
            self.join(self.cluster(step.person), self.cluster(step.other))
        else:
            sides = [self.of_handle.get(key) or self.cluster(person) for key, person in zip(step.handles, step[1:3], strict=True)]
            kept = next((side for side in sides if step.person in side.ids), sides[0])
            self.join(kept, sides[1] if kept is sides[0] else sides[0])

    def join(self, kept: _Cluster, joined: _Cluster) -> None:
        if kept is joined:
            return
        name = kept.name
        if len(kept.handles) + len(kept.ids) < len(joined.handles) + len(joined.ids):
            kept, joined = joined, kept
        self._move(joined, kept, set(joined.handles), set(joined.ids))
        kept.name = name

    def split(self, step: Step) -> None:
        leaving = {key for key in step.handles if key in self.of_handle}
        left = {id(self.of_handle[key]): self.of_handle[key] for key in leaving}
        target = self.of_id.get(step.other)
        if target is None or id(target) in left:
            target = _Cluster(step.other)
        for cluster in left.values():
            moved = cluster.handles & leaving
            gone = moved == cluster.handles
            ids = set(cluster.ids) if gone else {known for known in cluster.ids if self.by_home.get(known, {0}) <= leaving}
            if not gone:
                ids -= {step.person} - {step.other}
            self._move(cluster, target, moved, ids)
        elsewhere = self.of_id.get(step.other)
        if elsewhere is not None and elsewhere is not target:
            self._move(elsewhere, target, set(), {step.other})
        target.ids.add(step.other)
        self.of_id[step.other] = target
        target.name = step.other
        for cluster in left.values():
            self._rename(cluster, step.person)

    def _rename(self, cluster: _Cluster, person: int) -> None:
        """A cluster that lost its name takes another of its ids; with none left, the key of a handle that names nobody."""
        if cluster.name in cluster.ids or not cluster.handles:
            return
        if not cluster.ids:
            cluster.ids.add(next((key for key in sorted(cluster.handles) if key not in self.of_id), min(cluster.handles) ^ 1))
            self.of_id.update(dict.fromkeys(cluster.ids, cluster))
        cluster.name = person if person in cluster.ids else min(cluster.ids)

    def _move(self, source: _Cluster, target: _Cluster, handles: Iterable[int], ids: Iterable[int]) -> None:
        for key in handles:
            source.handles.discard(key)
            target.handles.add(key)
            self.of_handle[key] = target
        for known in ids:
            source.ids.discard(known)
            target.ids.add(known)
            self.of_id[known] = target

    def groups(self) -> list[Group]:
        found = {id(cluster): cluster for cluster in self.of_id.values()}
        groups = [Group(cluster.name, frozenset(cluster.handles), frozenset(cluster.ids)) for cluster in found.values()]
        return sorted(groups, key=lambda group: group.name)
