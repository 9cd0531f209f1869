"""A case as it is put before someone: who the two are, what speaks for one person, and what joining them would change."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vincle.accounts.models import Workspace
from vincle.listen import log
from vincle.listen.models import Activity, Delivery, Handle
from vincle.store import bulk
from vincle.vocabulary import ANONYMOUS, public_id

from . import consent
from .actions import person_of
from .models import Belonging, Case
from .waterfall import PROBABLE, waterfall

PERMITS = {
    "granted": gettext_lazy("yes"),
    "denied": gettext_lazy("no"),
    "withdrawn": gettext_lazy("no, taken back"),
    "bounced": gettext_lazy("no, it bounced"),
    "complained": gettext_lazy("no, they complained"),
    "unknown": gettext_lazy("not known"),
}
PURPOSES = {"marketing": gettext_lazy("Offers"), "profiling": gettext_lazy("Profiling"), "service": gettext_lazy("Service")}
_ACTS = (
    "SELECT actor, COUNT(*) FROM listen_activity WHERE actor IN ({}) AND NOT superseded AND op <> 'retract' "
    "AND object_type NOT IN ('Profile', 'Unknown') GROUP BY actor"
)


_FACTS = (
    "SELECT actor, event_id, happened_at, seq FROM listen_activity WHERE actor IN ({}) AND object_type = 'Profile' "
    "AND NOT superseded AND op <> 'retract'"
)
NOTHING: Mapping[int, str] = {}


class _Named(msgspec.Struct):
    name: str = ""


class Party(NamedTuple):
    """One of the two of a case."""

    person: int
    pid: str
    name: str
    handles: list[Handle]
    activities: int


class Evidence(NamedTuple):
    """Why they may be one: a sentence, and the import that said so."""

    sentence: str
    delivery: Delivery | None


def open_cases(request: Any) -> int:
    """How many cases wait; counted once a request. For the badge of the main menu."""
    if not hasattr(request, "open_cases"):
        request.open_cases = Case.objects.of(request.workspace).filter(state=Case.State.OPEN).count()
    return int(request.open_cases)


def next_case(workspace: Workspace, later: bool = False) -> Case | None:
    """The case that has waited longest; `later`: of those that were put off."""
    state, order = (Case.State.LATER, "decided_at") if later else (Case.State.OPEN, "opened_at")
    found: Case | None = Case.objects.of(workspace).filter(state=state).order_by(order, "pk").first()
    return found


def face(workspace: Workspace, case: Case) -> dict[str, Any] | None:
    """Everything the screen shows of a case; None when the two are no longer two."""
    people = [person_of(workspace, person) for person in (case.left, case.right)]
    if not all(people) or people[0] == people[1]:
        return None
    left, right = (person.pk for person in people if person)
    return {"case": case, "evidence": _evidence(workspace, case), "fall": waterfall(case.evidence), **pair(workspace, left, right)}


def pair(workspace: Workspace, left: int, right: int) -> dict[str, Any]:
    """Two people face to face, and what joining them would change."""
    parties = _parties(workspace, [left, right])
    keys = [[handle.key for handle in party.handles] for party in parties]
    return {
        "left": parties[0],
        "right": parties[1],
        "consents": _consents(workspace, *keys),
        "activities": sum(party.activities for party in parties),
        "handles": sum(map(len, keys)),
    }


def called(workspace: Workspace, person: int) -> str:
    """How a person is called."""
    handles = Handle.objects.of(workspace).in_bulk(Belonging.objects.of(workspace).filter(person=person).values_list("handle", flat=True))
    return name_of(sorted(handles.values(), key=lambda handle: (handle.kind, handle.value)), stated_names(handles))


def survivors_of(form: Mapping[str, str]) -> dict[str, str]:
    """The sides ("left", "right") chosen against the rule, by field: `keep-<field>` where it is not what `rule-<field>` says."""
    chosen = {key.removeprefix("keep-"): value for key, value in form.items() if key.startswith("keep-") and value in ("left", "right")}
    return {field: side for field, side in chosen.items() if form.get(f"rule-{field}") != side}


def _parties(workspace: Workspace, people: Sequence[int]) -> list[Party]:
    """The people, each with their handles, strongest known name first."""
    whose = dict(Belonging.objects.of(workspace).filter(person__in=people).values_list("handle", "person"))
    handles = Handle.objects.of(workspace).in_bulk(whose)
    acts = dict(bulk.select(_ACTS, whose))
    names = stated_names(whose)
    parties = []
    for person in people:
        own = sorted(
            (handles[key] for key in whose if whose[key] == person and key in handles), key=lambda handle: (handle.kind, handle.value)
        )
        parties.append(Party(person, public_id(person), name_of(own, names), own, sum(acts.get(handle.key, 0) for handle in own)))
    return parties


def name_of(handles: Iterable[Handle], stated: Mapping[int, str] = NOTHING) -> str:
    """How the owner of these handles is called: as a source last stated, else as the handles know."""
    known = list(handles)
    said = [stated[handle.key] for handle in known if handle.key in stated]
    named = [handle.name for handle in known if handle.name and handle.kind not in ("email", "phone")]
    shown = [handle.value for handle in known if handle.kind not in ANONYMOUS | {"external"}]
    return (said or named or shown or [handle.value for handle in known] or [_("Someone unknown")])[0]


def stated_names(keys: Iterable[int]) -> dict[int, str]:
    """The latest name that a source gave to the owner of a handle."""
    facts = sorted(bulk.select(_FACTS, keys), key=lambda fact: fact[2:])
    bodies = log.contents(bytes(fact[1]) for fact in facts)
    said = ((actor, bodies[bytes(event)][2]) for actor, event, *_rest in facts if bytes(event) in bodies)
    named = ((actor, msgspec.json.decode(body, type=_Named).name) for actor, body in said)
    return {actor: name for actor, name in named if name}


def _evidence(workspace: Workspace, case: Case) -> list[Evidence]:
    entries = [entry for entry in case.evidence if entry.get("evidence") != PROBABLE]
    events = [bytes.fromhex(entry.get("event", "")) for entry in entries]
    facts = {bytes(row.event_id): row for row in Activity.objects.of(workspace).filter(event_id__in=events).select_related("delivery")}
    keys = {int(key) for entry in entries for key in entry.get("handles", ())}
    handles = Handle.objects.of(workspace).in_bulk(keys)
    return [_said(entry, facts.get(event), handles) for entry, event in zip(entries, events, strict=True)]


def _said(entry: dict[str, Any], fact: Activity | None, handles: dict[int, Handle]) -> Evidence:
    shared = [handles[int(key)] for key in entry.get("handles", ()) if int(key) in handles]
    both = _(" and ").join(
        [", ".join(handle.value for handle in shared[:-1]), shared[-1].value] if len(shared) > 1 else [h.value for h in shared]
    )
    delivery = fact.delivery if fact else None
    row = _row(fact, delivery) if fact and delivery else ""
    values = {"row": row, "file": delivery.name if delivery else "", "both": both or _("handles of both")}
    if row:
        return Evidence(_("Row %(row)s of %(file)s carries both %(both)s") % values, delivery)
    if delivery and delivery.name:
        return Evidence(_("One entry of %(file)s carries both %(both)s") % values, delivery)
    return Evidence(_("One source carries both %(both)s") % values, None)


def _row(fact: Activity, delivery: Delivery) -> str:
    """The row of a table, which stands in the fact's own id behind the file's key."""
    key, _sep, line = fact.native_id.rpartition(":")
    return line if line.isdecimal() and key in (delivery.options.get("reading_key"), delivery.options.get("file_key")) else ""


def _consents(workspace: Workspace, left: Sequence[int], right: Sequence[int]) -> list[dict[str, Any]]:
    """What each allowed, and what would hold for both: no refusal is lost by joining."""
    one, other, both = (consent.of_person(workspace, keys) for keys in (left, right, [*left, *right]))
    rows = []
    for channel, purpose in sorted(both):
        sides = [side.get((channel, purpose), "unknown") for side in (one, other, both)]
        rows.append(
            {
                "channel": channel,
                "purpose": PURPOSES.get(purpose, purpose),
                "sides": [PERMITS.get(side, side) for side in sides],
                "is_yes": sides[2] == "granted",
            }
        )
    return rows


def labels(workspace: Workspace, cases: Sequence[Case]) -> dict[int, tuple[str, str]]:
    """The names of the two of each case, also of those who are one by now. Key: the case's id."""
    people = {person for case in cases for person in (case.left, case.right)}
    whose: dict[int, list[int]] = {person: [] for person in people}
    for handle, person in Belonging.objects.of(workspace).filter(person__in=people).values_list("handle", "person"):
        whose[person].append(handle)
    for case in cases:
        moved = [int(key) for key in case.undo.get("handles", ())]
        if moved:
            kept, joined = int(case.undo["kept"]), int(case.undo["joined"])
            whose[joined] = moved
            whose[kept] = [key for key in whose.get(kept, []) if key not in moved] or whose.get(kept, [])
    # An id is the key of the handle a person began with: what remains when all others went elsewhere.
    handles = Handle.objects.of(workspace).in_bulk({key for keys in whose.values() for key in keys} | people)
    stated = stated_names(handles)
    names = {person: name_of((handles[key] for key in (keys or [person]) if key in handles), stated) for person, keys in whose.items()}
    return {case.pk: (names[case.left], names[case.right]) for case in cases}


def people_of_imports(workspace: Workspace, deliveries: Sequence[int]) -> dict[int, tuple[int, int]]:
    """(new people, people known before of whom the import said or showed something) of each import."""
    mine = f"workspace_id = {workspace.pk:d}"
    fresh = f"SELECT delivery, COUNT(*) FROM identify_person WHERE delivery IN ({{}}) AND merged_into IS NULL AND {mine} GROUP BY delivery"
    touched = (
        "SELECT a.delivery_id, COUNT(DISTINCT b.person) FROM listen_activity a JOIN identify_belonging b ON b.handle = a.actor "
        f"WHERE a.delivery_id IN ({{}}) AND a.{mine} AND NOT a.superseded AND a.op <> 'retract' GROUP BY a.delivery_id"
    )
    new, all_of = dict(bulk.select(fresh, deliveries)), dict(bulk.select(touched, deliveries))
    return {pk: (new.get(pk, 0), max(0, all_of.get(pk, 0) - new.get(pk, 0))) for pk in deliveries}
