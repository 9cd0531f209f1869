"""People and what they did out of the store, by column, as predicates are evaluated on them: a number of queries that never grows."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
from django.utils import timezone

from vincle.accounts.models import Workspace
from vincle.identify.rules import Statement, standing
from vincle.store import bulk
from vincle.vocabulary.fields import TRAITS

from . import computed, history
from . import cutoffs as ends
from .cutoffs import Cutoffs
from .history import Histories
from .segments import packed
from .segments.frame import Acts, Bools, Floats, Frame, Ints, Now, micros
from .segments.needs import Needs

NOBODY = "none"
"""The owner of someone whom nobody looks after."""

_COLUMNS = (
    "person", "stage", "traits", "name", "kind", "email", "phone", "is_identified", "known_since", "first_at", "last_at", "activities",
    "purchases", "channels", "country", "city", "company",
)  # fmt: skip
_PEOPLE = (
    f"SELECT {', '.join(f'p.{name}' for name in _COLUMNS)}, u.email AS owner FROM organise_profile p "
    "LEFT JOIN accounts_user u ON u.id = p.owner_id WHERE p.workspace_id = %s AND p.person IN ({})"
)
_TAGS = (
    "SELECT g.person, t.folded FROM organise_tagging g JOIN organise_tag t ON t.id = g.tag_id "
    "WHERE t.workspace_id = %s AND g.at <= %s AND (g.removed_at IS NULL OR g.removed_at > %s) AND g.person IN ({})"
)
_CONSENTS = (
    "SELECT b.person, c.channel, c.purpose, c.permit, c.source, c.at FROM identify_belonging b JOIN identify_consent c "
    "ON c.handle = b.handle WHERE b.workspace_id = %s AND c.at <= %s AND b.person IN ({})"
)
_SCORES = "SELECT person, name, value FROM organise_score WHERE workspace_id = %s AND person IN ({})"
_EVER = datetime(9999, 1, 1, tzinfo=UTC)
_decode = msgspec.json.Decoder().decode


def now_of(workspace: Workspace, at: datetime) -> Now:
    """The moment, and where the workspace's days begin."""
    return Now(at, ZoneInfo(workspace.timezone))


def load(
    workspace: Workspace, people: Iterable[int], needs: Needs, histories: Histories | None = None, cutoffs: Cutoffs | None = None,
    *, as_of: datetime | None = None,
) -> Frame:  # fmt: skip
    """What is known of those of these people who are there; `histories` come up to the place of the step where none are given.

    `as_of`: tags and consents as they were at a moment; acts and traits carry their own moments, stage and scores are those of today.
    """
    rows = _rows(workspace, people)
    ids = np.array([row["person"] for row in rows], np.int64)
    traits, known_at = _traits(rows, needs.traits)
    traits |= _computed(workspace, ids, needs.traits)
    return Frame(
        ids=ids, acts=_acts(workspace, ids, needs, histories), stage=[row["stage"] for row in rows], traits=traits, known_at=known_at,
        tags=_tags(workspace, ids, needs.tags, as_of), consents=_consents(workspace, ids, needs.consents, as_of),
        scores=_scores(workspace, ids, needs.scores), cutoffs=ends.of(workspace, needs.tops) if cutoffs is None else cutoffs,
    )  # fmt: skip


def _rows(workspace: Workspace, people: Iterable[int]) -> list[dict[str, Any]]:
    found = bulk.select(_PEOPLE, set(people), [workspace.pk])
    return sorted((dict(zip((*_COLUMNS, "owner"), row, strict=True)) for row in found), key=itemgetter("person"))


def _traits(rows: Sequence[dict[str, Any]], names: Iterable[str]) -> tuple[dict[str, list[Any]], dict[str, Ints]]:
    """Values and since when they are known; what the profile itself says is known since it is there."""
    wanted = sorted(names)
    values: dict[str, list[Any]] = {name: [] for name in wanted}
    moments: dict[str, list[int]] = {name: [] for name in wanted}
    for row in rows if wanted else ():
        stated = _decode(row["traits"]) if isinstance(row["traits"], str | bytes) else row["traits"]
        since = _micros(row["known_since"])
        for name in wanted:
            if name in OWN:
                value, at = OWN[name](row), since
            else:
                entry = stated.get(name)
                value, at = (entry[0], _micros(entry[1])) if entry else (None, since)
            values[name].append(None if value == "" else value)
            moments[name].append(at)
    return values, {name: np.array(each, np.int64) for name, each in moments.items()}


def _computed(workspace: Workspace, ids: Ints, names: Iterable[str]) -> dict[str, list[Any]]:
    """Traits that are counted from what people did, as they were kept last."""
    own = {name for name in names if name not in OWN and name not in TRAITS}
    return computed.values(workspace, ids, own, now_of(workspace, timezone.now())) if own else {}


def _channels(row: Mapping[str, Any]) -> list[str]:
    return [channel for channel in row["channels"].split() if channel != "team"]


def _column(name: str) -> Callable[[Mapping[str, Any]], Any]:
    return lambda row: row[name]


def _moment(name: str) -> Callable[[Mapping[str, Any]], str | None]:
    def read(row: Mapping[str, Any]) -> str | None:
        at = bulk.moment(row[name])
        return at.isoformat() if at else None

    return read


OWN: dict[str, Callable[[Mapping[str, Any]], Any]] = {
    **{name: _column(name) for name in ("name", "kind", "email", "phone", "country", "city", "company", "activities", "purchases")},
    **{name: _moment(name) for name in ("known_since", "first_at", "last_at")},
    "is_identified": lambda row: bool(row["is_identified"]), "owner": lambda row: row["owner"] or NOBODY,
    "channels": _channels, "met_on": _channels,
}  # fmt: skip


def _micros(value: Any) -> int:
    """A moment as the store or a trait has it; one that cannot be read was always known."""
    try:
        at = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return 0
    return micros(at.replace(tzinfo=UTC) if at.tzinfo is None else at)


def _acts(workspace: Workspace, ids: Ints, needs: Needs, histories: Histories | None) -> Acts:
    if needs.verbs is not None and not needs.verbs:
        return packed.frame([], [], len(ids))
    place = {person: at for at, person in enumerate(ids.tolist())}
    sql = "SELECT handle, person FROM identify_belonging WHERE person IN ({})"
    owners = {handle: place[person] for handle, person in bulk.select(sql, place)}
    found = (histories or Histories(history.place())).read(workspace.pk, owners)
    pairs = [(part, owners[handle]) for handle, parts in found.items() for part in parts]
    return packed.frame([part for part, _ in pairs], [owner for _, owner in pairs], len(ids))


def _tags(workspace: Workspace, ids: Ints, names: Iterable[str], as_of: datetime | None) -> dict[str, Bools]:
    found = {name: np.zeros(len(ids), np.bool_) for name in names}
    place = {person: at for at, person in enumerate(ids.tolist())}
    at = bulk.stamp(as_of or _EVER)
    for person, folded in bulk.select(_TAGS, place if found else (), [workspace.pk, at, bulk.stamp(as_of) or at]):
        if folded in found:
            found[folded][place[person]] = True
    return found


def _consents(
    workspace: Workspace, ids: Ints, wanted: Iterable[tuple[str, str]], as_of: datetime | None
) -> dict[tuple[str, str], list[str]]:
    found = {each: [""] * len(ids) for each in wanted}
    place = {person: at for at, person in enumerate(ids.tolist())}
    said: dict[tuple[int, tuple[str, str]], list[Statement]] = defaultdict(list)
    for person, channel, purpose, permit, source, at in bulk.select(
        _CONSENTS, place if found else (), [workspace.pk, bulk.stamp(as_of or _EVER)]
    ):
        if (channel, purpose) in found:
            said[person, (channel, purpose)].append(Statement(permit, source, at.isoformat()))
    for (person, what), statements in said.items():
        found[what][place[person]] = standing(statements)
    return found


def _scores(workspace: Workspace, ids: Ints, names: Iterable[str]) -> dict[str, Floats]:
    found = {name: np.full(len(ids), np.nan) for name in names}
    place = {person: at for at, person in enumerate(ids.tolist())}
    for person, name, value in bulk.select(_SCORES, place if found else (), [workspace.pk]):
        if name in found:
            found[name][place[person]] = value
    return found
