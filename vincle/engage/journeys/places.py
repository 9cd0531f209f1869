"""By which of our accounts messages leave, and what things are called that journeys name."""

from collections.abc import Callable, Iterable, Mapping

from vincle.accounts.models import Workspace
from vincle.engage.campaigns.models_promotions import Promotion
from vincle.engage.letters.models import Letter
from vincle.engage.outbox import voice
from vincle.engage.outbox.may import medium_of
from vincle.listen.models import Connection
from vincle.organise.models import Segment

from .definition.naming import Kind, Names

Offer = Callable[[Workspace], Mapping[str, str]]
_offers: dict[str, Offer] = {}


def offer(kind: Kind, named: Offer) -> None:
    """What stages above have that journeys name (forms, surveys), id -> name; in `ready()` of their app.

    The id of a form or survey is the `object_key` of the activities that tell of it.
    """
    _offers[kind] = named


def offered(kind: str, workspace: Workspace) -> list[tuple[str, str]]:
    """(id, name) of what a stage above offers; nothing where none does."""
    return sorted(_offers[kind](workspace).items(), key=lambda pair: pair[1].casefold()) if kind in _offers else []


def connections(workspace: Workspace, medium: str | None = None) -> list[Connection]:
    """Accounts by which messages can leave, those of one medium where it is named; the oldest first. One query."""
    rows = Connection.objects.of(workspace).filter(is_enabled=True).exclude(channel="team").order_by("pk")
    return [row for row in rows if voice.can_act(row) and medium in (None, medium_of(row.channel))]


def connection(workspace: Workspace, medium: str, key: str) -> Connection | None:
    """The account a step names; where it names none, the first of that medium. None: there is none."""
    found = connections(workspace, medium)
    return next((row for row in found if not key or str(row.pk) == key), None)


def names(workspace: Workspace) -> Names:
    """What the text form calls things: by kind, id -> name."""
    return Names({
        "segment": dict(Segment.objects.of(workspace).filter(archived_at=None).values_list("public", "name")),
        "letter": _by_key(Letter.objects.of(workspace).filter(archived_at=None).values_list("pk", "name")),
        "connection": _by_key((row.pk, row.name or row.account or row.channel) for row in connections(workspace)),
        **{kind: dict(named(workspace)) for kind, named in _offers.items()},
        "promotion": _by_key(Promotion.objects.of(workspace).filter(archived_at=None).values_list("pk", "name")),
    })  # fmt: skip


def _by_key(pairs: Iterable[tuple[int, str]]) -> dict[str, str]:
    return {str(key): name for key, name in pairs}
