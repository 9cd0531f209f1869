"""Asking by telephone: whom to call next, what became of a call."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace
from vincle.listen.models import Handle
from vincle.organise import members
from vincle.organise.models import Profile
from vincle.vocabulary import public_id

from . import collector_kinds, rounds
from .collectors import Refused
from .models import Collector, Invitation

PAGE, LOOKED = 40, 400
OUTCOMES = ("no_answer", "later", "declined")
Asked = Invitation.State


class Call(NamedTuple):
    """`tried`: how many times nobody was reached."""

    person: int
    public: str
    name: str
    phone: str
    language: str
    tried: int
    last_at: Any


def listed(way: Collector, after: int = -(2**63)) -> tuple[list[Call], int | None]:
    """The next people to call, and behind whom the list goes on (None: it ends)."""
    segment = members.found(way.workspace, collector_kinds.settings_of("phone", way.settings)["segment"])
    if segment is None:
        return [], None
    some = sorted(int(each) for each in members.members(segment) if int(each) > after)[:LOOKED]
    before = {row.person: row for row in Invitation.objects.of(way.workspace_id).filter(collector=way, person__in=some)}
    fresh = [person for person in some if person not in before or before[person].state in (Asked.WAITING, Asked.FAILED)]
    handles = _reached(way, fresh)
    chosen = sorted(handles)[:PAGE]
    rows = _calls(way, {person: handles[person] for person in chosen}, before)
    more = chosen[-1] if len(handles) > PAGE else some[-1] if len(some) == LOOKED else None
    return rows, more


def _calls(way: Collector, handles: dict[int, int], before: dict[Any, Invitation]) -> list[Call]:
    values = dict(Handle.objects.filter(key__in=handles.values()).values_list("key", "value"))
    profiles = {row.person: row for row in Profile.objects.of(way.workspace_id).filter(person__in=handles)}
    found = []
    for person, handle in handles.items():
        profile, row = profiles.get(person), before.get(person)
        language = str(next(iter((profile.traits or {}).get("language") or []), "")) if profile else ""
        tried = row.reminders if row else 0
        found.append(Call(person, public_id(person), profile.name if profile else "", values.get(handle, ""), language, tried,
                          row.asked_at if row else None))  # fmt: skip
    return sorted(found, key=lambda call: (call.tried, call.name))


def one(way: Collector, person: int) -> tuple[Call, Invitation]:
    """The person to be called, who from now on counts as asked. Raises Refused where they may not be called."""
    segment = members.found(way.workspace, collector_kinds.settings_of("phone", way.settings)["segment"])
    if segment is None or person not in {int(each) for each in members.members(segment)}:
        raise Refused(_("They are not on the list."))
    row = Invitation.objects.of(way.workspace_id).filter(collector=way, person=person).first()
    if row is not None and row.state not in (Asked.WAITING, Asked.FAILED):
        raise Refused(_("They were asked already."))
    handle = _reached(way, [person]).get(person)
    if handle is None:
        raise Refused(_("They may not be called now."))
    row = row or Invitation(workspace=way.workspace, survey=way.survey, collector=way, person=person, handle=handle)
    return _calls(way, {person: handle}, {person: row})[0], row


def _reached(way: Collector, people: Sequence[int]) -> dict[int, int]:
    """The telephone of each who may be called now: whoever was tried before may have refused since."""
    return rounds.reached(way.survey, people, "phone", calls=way.pk).handles


def keep(row: Invitation) -> Invitation:
    """The row of somebody who is spoken with, stored."""
    if row._state.adding:
        row.save()
    return row


def outcome(workspace: Workspace, user: User, way: Collector, person: int, what: str) -> None:
    """Nobody answered, they want to be called later, or not at all. Raises Refused."""
    if what not in OUTCOMES:
        raise Refused(_("Choose what came of it."))
    with transaction.atomic():
        _call, row = one(way, person)
        row.asked_at, row.reminders = timezone.now(), row.reminders + 1
        row.state, row.why = (Asked.DECLINED, "") if what == "declined" else (Asked.FAILED, what)
        row.save()
        audit.record(workspace, user, "called", "survey call", row.pk, way.survey.name, outcome=what)
