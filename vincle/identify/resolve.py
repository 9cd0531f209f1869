"""A batch of the log -> who it was. Decides in memory, then writes: two queries in, a handful out, whatever the size."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec
from django.db.models import Q

from vincle.store import bulk

from .models import Belonging, Case, Change, Link, Person
from .rules import IDENTIFYING, Side, anchor_of, decide


class Seen(NamedTuple):
    """Handles that one row of the log shows together; one handle for an activity, several for a fact."""

    workspace: int
    handles: Sequence[int]
    event_id: bytes
    at: Any
    delivery: int | None
    kind: str = "person"


_KNOWN = (
    "SELECT key, listen_handle.kind, is_own, person, is_identified FROM listen_handle LEFT JOIN identify_belonging ON handle = key "
    "LEFT JOIN identify_person ON id = person WHERE key IN ({})"
)


class Resolver:
    """People and handles touched by a batch, held in memory until `write`."""

    def __init__(self, seen: Sequence[Seen]) -> None:
        self.seen = seen
        keys = {key for row in seen for key in row.handles}
        self.kinds: dict[int, tuple[str, bool]] = {}
        self.person_of: dict[int, int] = {}
        self.identified: dict[int, bool] = {}
        for key, kind, own, person, identified in bulk.select(_KNOWN, keys):
            self.kinds[key] = (kind, bool(own))
            if person is not None:
                self.person_of[key] = person
                self.identified[person] = bool(identified)
        self.known_handles = frozenset(self.person_of)
        self.workspace_of: dict[int, int] = {}
        self.new_people: dict[int, tuple[Any, ...]] = {}
        self.newly_identified: set[int] = set()
        self.links: dict[tuple[int, int], tuple[Any, ...]] = {}
        self.cases: dict[tuple[int, int], tuple[int, dict[str, Any]]] = {}
        self.joined: dict[int, int] = {}
        self.moved: dict[int, int] = {}

    def run(self) -> None:
        for row in self.seen:
            handles = [key for key in row.handles if key in self.kinds and not self.kinds[key][1]]
            if handles:
                self._resolve(row, handles)

    def _resolve(self, row: Seen, handles: Sequence[int]) -> None:
        if len(handles) == 1 and handles[0] in self.person_of:
            return
        people = list(dict.fromkeys(self._find(self.person_of[key]) for key in handles if key in self.person_of))
        identifies = any(self.kinds[key][0] in IDENTIFYING for key in handles)
        if not people:
            people = [self._begin(row, handles[0], identifies)]
        sides = [Side(person, bool(self.identified[person])) for person in people]
        anchor = anchor_of(sides).person
        asked = self._settle(row, sides, anchor, handles) if len(people) > 1 else set()
        self._attach(row, anchor, [key for key in handles if self.person_of.get(key) not in asked])
        if identifies and not self.identified[anchor]:
            self.identified[anchor] = True
            self.newly_identified.add(anchor)

    def _find(self, person: int) -> int:
        while person in self.joined:
            person = self.joined[person]
        return self.moved.get(person, person)

    def _begin(self, row: Seen, founder: int, identifies: bool) -> int:
        self.new_people[founder] = (founder, row.workspace, row.kind, identifies, row.at, row.delivery, None)
        self.identified[founder] = identifies
        self.workspace_of[founder] = row.workspace
        return founder

    def _settle(self, row: Seen, sides: Sequence[Side], anchor: int, handles: Sequence[int]) -> set[int]:
        """Join or ask about the other people of a row; returns those that stay apart for now."""
        apart = _kept_apart([side.person for side in sides])
        asked = set()
        for person, decision in decide(sides, apart).items():
            if decision == "link":
                self.joined[person] = anchor
                self.workspace_of[person] = row.workspace
                continue
            asked.add(person)
            if decision == "ask":
                shared = [key for key in handles if self.person_of.get(key) in (anchor, person)]
                detail = {"evidence": "same row", "handles": [str(key) for key in shared], "event": row.event_id.hex()}
                self.cases.setdefault((min(anchor, person), max(anchor, person)), (row.workspace, detail))
        return asked

    def _attach(self, row: Seen, person: int, handles: Sequence[int]) -> None:
        for key in handles:
            self.person_of[key] = person
            self.workspace_of.setdefault(key, row.workspace)
            if key != handles[0]:
                pair = (min(handles[0], key), max(handles[0], key))
                self.links.setdefault(pair, (row.workspace, *pair, "same row", "{}", row.event_id, 1.0, "exact", row.at))

    def write(self) -> None:
        self._follow_joins()
        bulk.insert(
            Person,
            ("id", "workspace_id", "kind", "is_identified", "first_seen", "delivery", "merged_into"),
            sorted(self.new_people.values()),
        )
        fresh = [
            (key, self.workspace_of[key], self._find(person)) for key, person in self.person_of.items() if key not in self.known_handles
        ]
        bulk.insert(Belonging, ("handle", "workspace_id", "person"), sorted(fresh))
        columns = ("workspace_id", "left", "right", "evidence", "detail", "event_id", "probability", "decided_by", "at")
        bulk.insert(Link, tuple(f'"{name}"' for name in columns), sorted(self.links.values(), key=lambda link: (link[1], link[2])))
        Person.objects.filter(pk__in=self.newly_identified - self.new_people.keys()).update(is_identified=True)
        for old in self.joined:
            join(self.workspace_of[old], old, self._find(old))
        for (left, right), (workspace, detail) in self.cases.items():
            open_case(workspace, self._find(left), self._find(right), detail)

    def _follow_joins(self) -> None:
        """Someone may have joined people by hand since we looked: what we found out is then about the one they became."""
        used = {self._find(person) for key, person in self.person_of.items() if key not in self.known_handles} - self.new_people.keys()
        self.moved = dict(bulk.select("SELECT id, merged_into FROM identify_person WHERE merged_into IS NOT NULL AND id IN ({})", used))


def join(workspace: int, old: int, new: int) -> list[int]:
    """Move every handle of `old` to `new`; the old id leads to the new one for ever. Returns the handles moved."""
    moved = list(Belonging.objects.filter(person=old).values_list("handle", flat=True))
    Belonging.objects.filter(person=old).update(person=new)
    Person.objects.filter(pk=old).update(merged_into=new)
    Person.objects.filter(merged_into=old).update(merged_into=new)
    Change.objects.bulk_create([Change(workspace_id=workspace, person=old), Change(workspace_id=workspace, person=new)])
    for case in Case.objects.filter(state__in=(Case.State.OPEN, Case.State.LATER)).filter(_names(old)):
        _follow(case, old, new)
    return moved


def open_case(workspace: int, left: int, right: int, detail: dict[str, Any]) -> None:
    """Ask whether two people are one; a pair that was asked about before is not asked again."""
    if left == right:
        return
    left, right = min(left, right), max(left, right)
    case, new = Case.objects.get_or_create(left=left, right=right, defaults={"workspace_id": workspace, "evidence": [detail]})
    if not new and detail not in case.evidence and len(case.evidence) < 20:
        case.evidence = [*case.evidence, detail]
        if case.state == Case.State.MOOT:
            case.state = Case.State.OPEN
        case.save(update_fields=["evidence", "state"])


def _follow(case: Case, old: int, new: int) -> None:
    """An open question about someone who was joined is a question about the one they joined."""
    left, right = (new if side == old else side for side in (case.left, case.right))
    Case.objects.filter(pk=case.pk).update(state=Case.State.MOOT)
    for detail in case.evidence:
        open_case(case.workspace_id, left, right, detail)


def _names(person: int) -> Q:
    return Q(left=person) | Q(right=person)


def _kept_apart(people: Iterable[int]) -> frozenset[frozenset[int]]:
    rows = Case.objects.filter(state=Case.State.DIFFERENT, left__in=people, right__in=people).values_list("left", "right")
    return frozenset(frozenset(pair) for pair in rows)


def handles_of(body: str) -> tuple[list[int], str]:
    """The handles and the kind of person of a stored fact."""
    fact = msgspec.json.decode(body)
    return fact["handles"], fact.get("kind", "person")
