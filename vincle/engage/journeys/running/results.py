"""What became of messages, and of people: asked for many at once."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from vincle.store import bulk

from ..definition.model import Event, Got
from .book import Running
from .walking import Going, State

_SENDS = (
    "SELECT s.key, s.state, o.delivered_at, o.bounced_at, o.opened_at, o.clicked_at, o.replied_at, o.unsubscribed_at "
    "FROM outbox_send s LEFT JOIN outbox_outcome o ON o.send_id = s.id WHERE s.key IN ({})"
)
_PEOPLE = "SELECT person FROM organise_profile WHERE workspace_id = %s AND person IN ({})"
_LEADS = "SELECT id, merged_into FROM identify_person WHERE merged_into IS NOT NULL AND workspace_id = %s AND id IN ({})"
_FORMER = "SELECT id, merged_into FROM identify_person WHERE merged_into IN ({})"
_LONGEST_LEAD = 20


def key(journey: int, walk: int, node: str) -> str:
    """The key of a message for ever: one step of one walk sends once."""
    return f"j:{journey}:{walk}:{node}"


def of_sends(keys: Iterable[str]) -> dict[str, frozenset[str]]:
    """What is true of these messages: sent, skipped, delivered ... One query a ten thousand."""
    return {name: _true(*rest) for name, *rest in bulk.select(_SENDS, set(keys))}


def _true(
    state: str, delivered: object, bounced: object, opened: object, clicked: object, replied: object, unsubscribed: object
) -> frozenset[str]:
    facts = {
        "sent": state == "sent", "skipped": state in ("skipped", "cancelled", "dead"), "delivered": delivered, "bounced": bounced,
        "opened": opened or clicked, "clicked": clicked, "replied": replied, "unsubscribed": unsubscribed,
    }  # fmt: skip
    return frozenset(name for name, value in facts.items() if value)


def holds(journey: int, event: Event | Got, walks: Sequence[Going]) -> set[int]:
    """For which of these walks it holds now what became of a message; of other events nothing can be looked up."""
    if not isinstance(event, Got) or not walks:
        return set()
    found = of_sends(key(journey, walk.pk, event.step) for walk in walks)
    return {walk.pk for walk in walks if event.result in found.get(key(journey, walk.pk, event.step), ())}


def follow(running: Running, walks: Sequence[Going], now: datetime) -> None:
    """Who was joined to another goes on as that one; who is no more, or would be on the way there twice for one cause, ends."""
    there = set(bulk.pluck(_PEOPLE.replace("%s", f"{running.workspace.pk:d}"), {walk.person for walk in walks}))
    lost = [walk for walk in walks if walk.person not in there]
    if not lost:
        return
    leads = leads_of(running.workspace.pk, {walk.person for walk in lost})
    alive = set(bulk.pluck(_PEOPLE.replace("%s", f"{running.workspace.pk:d}"), set(leads.values())))
    sql = "SELECT person, cause FROM journeys_walk WHERE journey_id = %s AND person IN ({})"
    taken = set(bulk.select(sql, alive, [running.row.pk]))
    for walk in lost:
        person = leads.get(walk.person)
        if person is not None and person in alive and (person, walk.cause) not in taken:
            walk.person = person
            taken.add((person, walk.cause))
        else:
            walk.end(State.LEFT, "gone", now, walk.node)


def former(people: Iterable[int]) -> dict[int, int]:
    """Ids that were joined to one of these people, however far back, and whose they are now."""
    found: dict[int, int] = {}
    asked = {person: person for person in people}
    for _ in range(_LONGEST_LEAD):
        steps = {old: asked[into] for old, into in bulk.select(_FORMER, asked) if old not in found}
        if not steps:
            break
        found |= steps
        asked = steps
    return found


def leads_of(workspace: int, people: Iterable[int]) -> dict[int, int]:
    """Where the ids of people lead who were joined to others."""
    found: dict[int, int] = {}
    asked = {person: person for person in people}
    for _ in range(_LONGEST_LEAD):
        steps = dict(bulk.select(_LEADS, set(asked.values()), [workspace]))
        asked = {person: steps[at] for person, at in asked.items() if at in steps}
        if not asked:
            break
        found |= asked
    return found
