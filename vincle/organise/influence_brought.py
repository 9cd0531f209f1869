"""Who brought whom: said by the team, said by the newcomer's data (recommended by ...), or shown by a code they came or bought with."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec
from django.db import connection

from vincle.accounts.models import Workspace
from vincle.store import bulk
from vincle.store.folding import fold

from . import influence_codes
from .models import Profile, Relation

RELATION, SAID, CODE = "relation", "said", "code"
EVIDENCE: Final = (RELATION, SAID, CODE)
"""How it is known, surest first."""
_BY: Final = frozenset(
    {
        *("recommended by", "referred by", "referrer", "referral", "invited by", "brought by"),
        *("recomendado por", "recomendada por", "referido por", "invitado por", "traido por"),
        *("consigliato da", "consigliata da", "presentato da", "invitato da", "segnalato da"),
        *("recomanat per", "recomanada per", "convidat per", "portat per"),
    }
)
_CODE: Final = frozenset(
    {
        *("referral code", "ref code", "invite code", "invitation code", "friend code", "coupon"),
        *("codigo de recomendacion", "codigo de referido", "codigo amigo", "codice invito", "codice amico"),
        *("codi d amic", "codi de recomanacio"),
    }
)
"""Traits, folded: whom someone was brought by (an e-mail, a name or a code), and the code that someone hands on."""
_PROPS: Final = ("ref", "referral", "referral_code", "coupon", "utm_content")
_LONGEST = 60
_decode = msgspec.json.Decoder().decode


class Brought(NamedTuple):
    """`newcomer` came because of `bringer`; `at`: since when that is known."""

    newcomer: int
    bringer: int
    evidence: str
    at: datetime


def read(workspace: Workspace, now: datetime, ours: set[int]) -> list[Brought]:
    """One bringer for each newcomer, the surest and then the earliest; nobody brought someone who brought them."""
    found = [*_related(workspace), *_stated(workspace, now)]
    found = [each for each in found if each.newcomer != each.bringer and not {each.newcomer, each.bringer} & ours]
    found.sort(key=lambda each: (EVIDENCE.index(each.evidence), each.at, each.newcomer, each.bringer))
    bringer: dict[int, int] = {}
    kept = []
    for each in found:
        if each.newcomer not in bringer and not _leads_back(bringer, each):
            bringer[each.newcomer] = each.bringer
            kept.append(each)
    return kept


def _leads_back(bringer: Mapping[int, int], new: Brought) -> bool:
    """Whether the newcomer stands somewhere above the one who is said to have brought them."""
    at: int | None = new.bringer
    while at is not None and at != new.newcomer:
        at = bringer.get(at)
    return at is not None


def _related(workspace: Workspace) -> Iterator[Brought]:
    kept = Relation.objects.of(workspace).filter(kind=Relation.Kind.RECOMMENDED, removed_at=None)
    rows = list(kept.values_list("person", "other", "at"))
    ends = {end for row in rows for end in row[:2]}
    now = dict(bulk.select("SELECT handle, person FROM identify_belonging WHERE handle IN ({})", ends))
    for person, other, at in rows:
        yield Brought(now.get(other, other), now.get(person, person), RELATION, at)


def _stated(workspace: Workspace, now: datetime) -> Iterator[Brought]:
    """What traits and codes say."""
    names = _names_of_traits(workspace)
    by, codes = [name for name, folded in names if folded in _BY], [name for name, folded in names if folded in _CODE]
    owner = _owners(workspace, codes) | influence_codes.owners(workspace, _LONGEST)
    said = list(_values(workspace, by))
    whom = _whom(workspace, {fold(value) for _person, value, _at in said}) | owner
    for person, value, at in said:
        if (bringer := whom.get(fold(value))) is not None:
            yield Brought(person, bringer, SAID, at or now)
    if owner:
        for person, code, at in _used(workspace, set(owner)):
            yield Brought(person, owner[code], CODE, at)


def _names_of_traits(workspace: Workspace) -> list[tuple[str, str]]:
    """Names of all traits in use, as they are and folded."""
    each = "json_each(traits) AS each" if connection.vendor == "sqlite" else "jsonb_object_keys(traits) AS each(key)"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT each.key FROM organise_profile, {each} WHERE workspace_id = %s", [workspace.pk])
        return [(name, " ".join(re.split(r"[\W_]+", fold(name)))) for (name,) in cursor.fetchall()]


def _values(workspace: Workspace, names: list[str]) -> Iterator[tuple[int, str, datetime | None]]:
    """(person, value, known since) of everybody who has one of these traits."""
    for name in names:
        rows = Profile.objects.of(workspace).filter(traits__has_key=name).values_list("person", "traits", "known_since")
        for person, traits, since in rows.iterator():
            value = str((traits.get(name) or [""])[0]).strip()
            if value:
                yield person, value[:320], since


def _owners(workspace: Workspace, names: list[str]) -> dict[str, int]:
    """Whose a code is; one that two people have is nobody's."""
    owner: dict[str, int] = {}
    double: set[str] = set()
    for person, value, _at in _values(workspace, names):
        code = fold(value)[:_LONGEST]
        if owner.setdefault(code, person) != person:
            double.add(code)
    return {code: person for code, person in owner.items() if code not in double}


def _whom(workspace: Workspace, values: set[str]) -> dict[str, int]:
    """People by their address, or by a name that only one person has."""
    sql = (
        "SELECT h.value, b.person FROM listen_handle h JOIN identify_belonging b ON b.handle = h.key "
        "WHERE h.workspace_id = %s AND h.kind IN ('email', 'phone') AND h.value IN ({})"
    )
    found: dict[str, int] = {fold(value): person for value, person in bulk.select(sql, sorted(values), [workspace.pk])}
    names: dict[str, set[int]] = {}
    if rest := values - set(found):
        named = "SELECT person, name FROM organise_profile WHERE workspace_id IN ({}) AND kind = 'person' AND name <> ''"
        for person, name in bulk.select(named, [workspace.pk]):
            if (folded := fold(name)) in rest:
                names.setdefault(folded, set()).add(person)
    return found | {name: next(iter(people)) for name, people in names.items() if len(people) == 1}


def _used(workspace: Workspace, codes: set[str]) -> Iterator[tuple[int, str, datetime]]:
    """(person, code, when) of acts that carry a code somebody hands on: as their campaign, or in what a shop or page noted."""
    like = " OR ".join(["a.props LIKE %s"] * len(_PROPS))
    sql = (
        "SELECT b.person, a.campaign_key, a.props, a.happened_at FROM listen_activity a JOIN identify_belonging b ON b.handle = a.actor "
        f"WHERE a.workspace_id = %s AND NOT a.superseded AND a.op <> 'retract' AND a.direction = 'in' AND (a.campaign_key <> '' OR {like}) "
        "ORDER BY a.happened_at"
    )
    for person, campaign, props, at in _rows(sql, [workspace.pk, *(f'%"{name}"%' for name in _PROPS)]):
        told: dict[str, Any] = _decode(props) if isinstance(props, str | bytes) else props
        words = [campaign, *(told[name] for name in _PROPS if isinstance(told.get(name), str))]
        for word in words:
            for code in (fold(word)[:_LONGEST], *map(fold, word.split())):
                if code in codes:
                    yield person, code, bulk.moment(at) or at


def _rows(sql: str, parameters: list[Any]) -> Iterator[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        yield from cursor
