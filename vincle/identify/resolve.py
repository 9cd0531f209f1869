"""A batch of the log -> who it was. Decides in memory, then writes: two queries in, a handful out, whatever the size.

Which order rows come in decides nothing where nobody is asked. Where two identified people meet, a question ties them together;
until it is answered, a handle that both were seen with stays with the one it was seen with first.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.utils import timezone

from vincle.store import bulk
from vincle.vocabulary import FLEETING, public_id
from vincle.vocabulary.roles import is_role_address

from . import cases, shared
from .models import Belonging, Link, Move, Person, SharedHandle
from .rules import IDENTIFYING, Side, anchor_of, decide
from .settling import hold, settle
from .stated import differ, names_of


class Seen(NamedTuple):
    """Handles that one row of the log shows together; one handle for an activity, several for a fact."""

    workspace: int
    handles: Sequence[int]
    event_id: bytes
    at: Any
    delivery: int | None
    kind: str = "person"
    name: str = ""
    received: Any = None


_KNOWN = (
    "SELECT key, listen_handle.kind, is_own, person, is_identified, home, CASE WHEN listen_handle.kind = 'email' AND person IS NULL "
    "THEN value END, identify_sharedhandle.handle IS NOT NULL, lifted_at IS NOT NULL FROM listen_handle "
    "LEFT JOIN identify_belonging ON identify_belonging.handle = key LEFT JOIN identify_person ON id = person "
    "LEFT JOIN identify_sharedhandle ON identify_sharedhandle.handle = key WHERE key IN ({})"
)


class Resolver:
    """People and handles touched by a batch, held in memory until `write`."""

    def __init__(self, seen: Sequence[Seen]) -> None:
        self.seen = seen
        self.workspaces = {row.workspace for row in seen}
        self._begin_anew()

    def _begin_anew(self) -> None:
        self.looked_at = _last_moves(self.workspaces)
        self.kinds: dict[int, str] = {}
        self.own: set[int] = set()
        self.shared: set[int] = set()
        self.new_roles: set[int] = set()
        self.person_of: dict[int, int] = {}
        self.home_of: dict[int, int] = {}
        self.identified: dict[int, bool] = {}
        for key, kind, own, person, identified, home, address, is_listed, is_lifted in bulk.select(
            _KNOWN, {key for row in self.seen for key in row.handles}
        ):
            self.kinds[key] = kind
            if own:
                self.own.add(key)
            if is_listed and not is_lifted:
                self.shared.add(key)
            elif address and not is_listed and is_role_address(address):
                self.shared.add(key)
                self.new_roles.add(key)
            if person is not None:
                self.person_of[key] = person
                self.home_of[key] = home or person
                self.identified[person] = bool(identified)
        self.known_handles = frozenset(self.person_of)
        self.workspace_of: dict[int, int] = {}
        self.new_people: dict[int, tuple[Any, ...]] = {}
        self.newly_identified: set[int] = set()
        self.links: dict[tuple[int, int], tuple[Any, ...]] = {}
        self.cases: dict[tuple[int, int], tuple[int, dict[str, Any]]] = {}
        self.joined: dict[int, int] = {}
        self.moves: list[tuple[int, int, int, tuple[int, int], Seen]] = []
        self.met: dict[int, set[int]] = {}
        self.names: dict[int, str] = {}
        self.apart: dict[int, set[int]] | None = None
        self.apart_then: dict[int, frozenset[int]] = {}

    def run(self) -> None:
        self._read_names()
        for row in self.seen:
            handles = [key for key in row.handles if key in self.kinds and key not in self.own and self.kinds[key] not in FLEETING]
            if handles:
                self._resolve(row, handles)

    def _resolve(self, row: Seen, handles: Sequence[int]) -> None:
        if len(handles) == 1 and handles[0] in self.person_of:
            return
        telling = [key for key in handles if key not in self.shared] if self.shared else handles
        people = list(dict.fromkeys(self._find(self.person_of[key]) for key in telling if key in self.person_of))
        if not telling:  # only handles of several people: each is somebody's, none tells of another
            self._alone(row, handles)
            return
        fresh = [key for key in handles if key not in self.person_of]
        identifies = any(self.kinds[key] in IDENTIFYING for key in (*telling, *fresh))
        if not people:
            people = [self._begin(row, telling[0], identifies)]
        sides = [Side(person, bool(self.identified[person])) for person in people]
        anchor = anchor_of(sides).person
        if len(people) == 1 and row.name and self._is_another(row, anchor, telling):
            return
        asked = self._settle(row, sides, anchor, telling) if len(people) > 1 else set()
        if fresh and identifies:
            self._meet(row, telling, fresh)
        self._attach(row, anchor, [key for key in telling if key not in self.person_of or self._find(self.person_of[key]) not in asked])
        self._attach_shared(row, anchor, telling, fresh)
        if identifies and not self.identified[anchor]:
            self.identified[anchor] = True
            self.newly_identified.add(anchor)

    def _alone(self, row: Seen, handles: Sequence[int]) -> None:
        for key in handles:
            if key not in self.person_of:
                self._attach(row, self._begin(row, key, self.kinds[key] in IDENTIFYING), [key])

    def _attach_shared(self, row: Seen, person: int, telling: Sequence[int], fresh: Sequence[int]) -> None:
        """A handle of several people stays with the first it was seen with; it brings nobody along."""
        if self.shared and (new := [key for key in fresh if key in self.shared]):
            self._attach(row, person, [telling[0], *new])

    def _meet(self, row: Seen, telling: Sequence[int], fresh: Sequence[int]) -> None:
        """Note browsers and phones that were somebody's and on which another identifying handle is seen now."""
        new = {key for key in fresh if self.kinds[key] in IDENTIFYING and key not in self.shared}
        if new:
            for key in telling:
                if key in self.person_of and self.kinds[key] not in shared.EXEMPT:
                    self.met.setdefault(row.workspace, set()).add(key)

    def _is_another(self, row: Seen, anchor: int, handles: Sequence[int]) -> bool:
        """Someone of another name gives a phone that is somebody's: they begin on their own, and the team is asked."""
        new = [key for key in handles if key not in self.person_of]
        if not self._by_phone_only(handles, new) or not differ(self.names.get(anchor, ""), row.name):
            self.names.setdefault(anchor, row.name)
            return False
        founder = self._begin(row, next(key for key in new if self.kinds[key] in IDENTIFYING), True)
        self._attach(row, founder, [founder, *(key for key in new if key != founder)])
        phones = [key for key in handles if key not in new]
        self._ask(row, anchor, founder, phones)
        return True

    def _by_phone_only(self, handles: Sequence[int], new: Sequence[int]) -> bool:
        known = [key for key in handles if key in self.person_of]
        return (
            bool(known)
            and all(self.kinds[key] == "phone" for key in known)
            and any(self.kinds[key] in IDENTIFYING and self.kinds[key] != "phone" for key in new)
        )

    def _read_names(self) -> None:
        """Names of those whose phone someone else may give."""
        owners = set()
        for row in self.seen:
            if row.name and len(row.handles) > 1:
                handles = [key for key in row.handles if key in self.kinds]
                new = [key for key in handles if key not in self.person_of]
                if new and self._by_phone_only(handles, new):
                    owners |= {self.person_of[key] for key in handles if key in self.person_of}
        if owners:
            self.names = names_of(owners)

    def _find(self, person: int) -> int:
        while person in self.joined:
            person = self.joined[person]
        return person

    def _begin(self, row: Seen, founder: int, identifies: bool) -> int:
        self.new_people[founder] = (founder, row.workspace, row.kind, identifies, row.at, row.delivery, None)
        self.identified[founder] = identifies
        if row.name:
            self.names[founder] = row.name
        self.workspace_of[founder] = row.workspace
        return founder

    def _settle(self, row: Seen, sides: Sequence[Side], anchor: int, handles: Sequence[int]) -> set[int]:
        """Join or ask about the other people of a row; returns those that stay apart for now."""
        asked = set()
        for person, decision in decide(sides, self._kept_apart([side.person for side in sides])).items():
            if decision == "link":
                self._join(row, anchor, person, handles)
                continue
            asked.add(person)
            if decision == "ask":
                self._ask(row, anchor, person, [key for key in handles if self._owner(key) in (anchor, person)])
                for key in handles:
                    if self.kinds[key] not in shared.EXEMPT and key in self.person_of:
                        self.met.setdefault(row.workspace, set()).add(key)
        return asked

    def _owner(self, key: int) -> int | None:
        return self._find(self.person_of[key]) if key in self.person_of else None

    def _ask(self, row: Seen, left: int, right: int, between: Sequence[int]) -> None:
        detail = {"evidence": "same row", "handles": [str(key) for key in between], "event": row.event_id.hex()}
        self.cases.setdefault((min(left, right), max(left, right)), (row.workspace, detail))
        self.met.setdefault(row.workspace, set()).update(key for key in between if self.kinds[key] not in shared.EXEMPT)

    def _join(self, row: Seen, anchor: int, person: int, handles: Sequence[int]) -> None:
        ours = next((key for key in handles if self._owner(key) == anchor), handles[0])
        theirs = next(key for key in handles if self._owner(key) == person)
        self.moves.append((row.workspace, anchor, person, (ours, theirs), row))
        self.joined[person] = anchor
        self.workspace_of[person] = row.workspace
        if self.apart and person in self.apart:
            others = self.apart.pop(person)
            self.apart.setdefault(anchor, set()).update(others)
            for other in others:
                self.apart[other].add(anchor)

    def _kept_apart(self, people: Sequence[int]) -> frozenset[frozenset[int]]:
        if self.apart is None:
            self.apart = cases.apart_by_person(self.workspaces)
            self.apart_then = {person: frozenset(others) for person, others in self.apart.items()}
        if not self.apart:
            return frozenset()
        return frozenset(frozenset((one, other)) for one in people for other in people if other in self.apart.get(one, ()))

    def _attach(self, row: Seen, person: int, handles: Sequence[int]) -> None:
        home = next((self.home_of[key] for key in handles if key in self.home_of), person)
        for key in handles:
            if key not in self.person_of:
                self.home_of[key] = home
            self.person_of[key] = person
            self.workspace_of.setdefault(key, row.workspace)
            if key != handles[0]:
                pair = (min(handles[0], key), max(handles[0], key))
                self.links.setdefault(pair, (row.workspace, *pair, "same row", "{}", row.event_id, 1.0, "exact", row.at))

    def write(self) -> None:
        """Write what was found. Should anyone have moved people since we looked, we look again; the graph is held from here on."""
        hold(self.workspaces)
        if _last_moves(self.workspaces) != self.looked_at or (self.moves and cases.apart_by_person(self.workspaces) != self.apart_then):
            self._begin_anew()
            self.run()
        leads = self._begin_people()
        self._write_handles(leads)
        Person.objects.filter(pk__in=self.newly_identified - self.new_people.keys()).update(is_identified=True)
        self._write_joins(leads)
        for (left, right), (workspace, detail) in self.cases.items():
            one, other = self._find(left), self._find(right)
            cases.open_case(workspace, leads.get(one, one), leads.get(other, other), detail)
        shared_rows = [SharedHandle(handle=key, workspace_id=self._workspace(key), reason="role address") for key in sorted(self.new_roles)]
        SharedHandle.objects.bulk_create(shared_rows, ignore_conflicts=True)
        for workspace, met in self.met.items():
            if met:
                shared.notice(workspace, met)

    def _workspace(self, key: int) -> int:
        return self.workspace_of.get(key) or next(row.workspace for row in self.seen if key in row.handles)

    def _begin_people(self) -> dict[int, int]:
        """New people; returns where ids lead that were somebody's before, whose first handle had been let go meanwhile."""
        standing = (
            dict(bulk.select("SELECT id, merged_into FROM identify_person WHERE id IN ({})", self.new_people)) if self.new_people else {}
        )
        columns = ("id", "workspace_id", "kind", "is_identified", "first_seen", "delivery", "merged_into")
        bulk.insert(Person, columns, sorted(row for person, row in self.new_people.items() if person not in standing))
        return {person: into for person, into in standing.items() if into}

    def _write_handles(self, leads: dict[int, int]) -> None:
        fresh = []
        for key, person in self.person_of.items():
            if key not in self.known_handles:
                found, home = self._find(person), self.home_of[key]
                now = leads.get(found, found)
                fresh.append((key, self.workspace_of[key], now, None if home == now else home))
        bulk.insert(Belonging, ("handle", "workspace_id", "person", "home"), sorted(fresh, key=lambda row: row[0]))
        columns = ("workspace_id", "left", "right", "evidence", "detail", "event_id", "probability", "decided_by", "at")
        bulk.insert(Link, tuple(f'"{name}"' for name in columns), sorted(self.links.values(), key=lambda link: (link[1], link[2])))

    def _write_joins(self, leads: dict[int, int]) -> None:
        """Joins of people who stood before are moves, and settled; those begun in this batch as well."""
        if not self.moves:
            return
        moved = self._moved()
        touched: dict[int, set[int]] = {}
        rows = []
        for workspace, anchor, person, between, row in self.moves:
            one, other = leads.get(anchor, anchor), leads.get(person, person)
            reason = {"evidence": "same row", "between": [public_id(key) for key in between], "event": row.event_id.hex()}
            handles = [public_id(key) for key in sorted(moved.get(person, ()))]
            at = bulk.moment(row.received or row.at) or timezone.now()
            rows.append(
                Move(workspace_id=workspace, act="exact", via="data", reason=reason, person=one, other=other, handles=handles, at=at)
            )
            touched.setdefault(workspace, set()).update((one, other))
        Move.objects.bulk_create(rows, batch_size=500)
        for workspace, people in touched.items():
            for part in bulk.chunks(sorted(people), 2000):
                settle(workspace, part)

    def _moved(self) -> dict[int, set[int]]:
        """Handles of those who were joined: what they had, and what came to them in this batch."""
        moved: dict[int, set[int]] = {}
        for handle, person in bulk.select("SELECT handle, person FROM identify_belonging WHERE person IN ({})", self.joined):
            moved.setdefault(person, set()).add(handle)
        for key, home in self.home_of.items():
            if home in self.joined:
                moved.setdefault(home, set()).add(key)
        for person in self.joined:  # in the order they were joined: who was joined to one that was joined goes along
            anchor = self.joined[person]
            if anchor in self.joined:
                moved.setdefault(anchor, set()).update(moved.get(person, ()))
        return moved


def _last_moves(workspaces: set[int]) -> dict[int, int]:
    return {
        workspace: Move.objects.of(workspace).order_by("-pk").values_list("pk", flat=True).first() or 0 for workspace in sorted(workspaces)
    }
