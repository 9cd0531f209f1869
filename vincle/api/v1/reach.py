"""From ids of addresses and bodies to rows of the caller's workspace. An id of another workspace is not there."""

from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.utils.dateparse import parse_datetime

from vincle.accounts.models import Workspace
from vincle.identify.actions import person_of
from vincle.identify.models import Person
from vincle.organise.models import Profile
from vincle.organise.portrait import Sources
from vincle.vocabulary import from_public_id, public_id

from .faults import missing
from .shapes import Trait


class Reached(NamedTuple):
    """The living person behind an id, and the id that was asked for when it is that of someone joined to them."""

    person: Person
    redirected_from: str | None

    @property
    def id(self) -> str:
        return public_id(self.person.pk)


def key_of(text: str, what: str, field: str | None = None) -> int:
    try:
        return from_public_id(text)
    except ValueError as error:
        raise missing(what, field) from error


def person(workspace: Workspace, pid: str, field: str | None = None) -> Reached:
    key = key_of(pid, "person", field)
    found = person_of(workspace, key)
    if found is None:
        raise missing("person", field)
    return Reached(found, public_id(key) if found.pk != key else None)


def profile(workspace: Workspace, key: int) -> Profile | None:
    """None for a moment after someone began to be a person: profiles follow a second later."""
    found: Profile | None = Profile.objects.of(workspace).filter(person=key).select_related("owner").first()
    return found


def traits(workspace: Workspace, known: Profile | None) -> dict[str, Trait]:
    """Each value that stands, with its source."""
    stated = known.traits if known else {}
    sources = Sources(workspace, [entry[2] for entry in stated.values()])
    return {name: Trait(value, sources.name(delivery), _moment(at)) for name, (value, at, delivery, *_by) in sorted(stated.items())}


def _moment(text: Any) -> datetime | None:
    found = parse_datetime(text) if isinstance(text, str) else None
    return found.replace(tzinfo=found.tzinfo or UTC) if found else None
