"""Who is what to whom: said by the team, or proposed by the data and confirmed. Each end is named by a handle, so it follows who is who.

A person's id is the key of the handle they began with: a relation goes with that handle when people are joined and taken apart, and
comes back with it, without a row being rewritten.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace
from vincle.identify.models import Belonging
from vincle.store import bulk
from vincle.vocabulary import PersonKind, public_id

from . import team
from .models import Profile, Relation
from .team import Done, Refused

Kind = Relation.Kind
MUTUAL = frozenset({Kind.COLLEAGUE, Kind.FAMILY, Kind.FRIEND})
"""What holds in both directions; the others are read from `person` to `other`."""
LONGEST_NOTE = 200
MOST = 200
SOURCES = frozenset({"team", "traits", "acts"})


class Related(NamedTuple):
    """Someone (`profile`) in what they are to the person asked about; `outward`: the relation is read from that person to them."""

    pk: int
    kind: str
    outward: bool
    profile: Profile
    note: str
    source: str
    evidence: str
    at: datetime
    by: User | None


def relate(
    workspace: Workspace, user: User, person: int, other: int, kind: str, note: str = "", source: str = "team", evidence: str = ""
) -> Done:
    """Say that `person` is `kind` to `other`; saying it twice changes nothing. Raises Refused."""
    _check(workspace, person, other, kind)
    note = " ".join(note.replace("\x00", "").split())[:LONGEST_NOTE]
    with transaction.atomic():
        stood = _rows(workspace, person, other, kind)
        if any(row.removed_at is None for row in stood):
            return Done(0)
        values = {
            "note": note, "source": source if source in SOURCES else "team", "evidence": evidence[:200], "at": timezone.now(), "by": user,
            "removed_at": None,
        }  # fmt: skip
        row, _new = Relation.objects.update_or_create(workspace=workspace, person=person, other=other, kind=kind, defaults=values)
        audit.record(workspace, user, "related", "person", person, kind, other=str(other), source=values["source"])
    return Done(1, team.undo_token(workspace, "relate", relations=[row.pk]))


def part(workspace: Workspace, user: User, person: int, relation: Relation) -> Done:
    """Take a relation back, with every row that says the same of the two as they are now."""
    with transaction.atomic():
        ends = _now_of([relation.person, relation.other])
        rows = _rows(workspace, ends[relation.person], ends[relation.other], relation.kind)
        standing = [row.pk for row in rows if row.removed_at is None]
        Relation.objects.of(workspace).filter(pk__in=standing).update(removed_at=timezone.now())
        audit.record(workspace, user, "unrelated", "person", person, relation.kind, other=str(relation.other))
    return Done(1, team.undo_token(workspace, "part", relations=standing)) if standing else Done(0)


def decline(workspace: Workspace, user: User, person: int, other: int, kind: str) -> Done:
    """What the data proposes does not hold: it is not proposed again."""
    _check(workspace, person, other, kind)
    with transaction.atomic():
        if _rows(workspace, person, other, kind):
            return Done(0)
        now = timezone.now()
        row = Relation.objects.create(
            workspace=workspace, person=person, other=other, kind=kind, source="traits", at=now, by=user, removed_at=now
        )
        audit.record(workspace, user, "declined", "relation", row.pk, kind, person=str(person), other=str(other))
    return Done(1, team.undo_token(workspace, "decline", relations=[row.pk]))


def related(workspace: Workspace, person: int) -> list[Related]:
    """Everyone a person is something to, each relation once: the workplace first, then by name. Three queries."""
    mine = ids_of(workspace, person)
    rows = list(
        Relation.objects.of(workspace)
        .filter(Q(person__in=mine) | Q(other__in=mine), removed_at=None)
        .select_related("by")
        .order_by("at", "pk")[:MOST]
    )
    now = _now_of(end for row in rows for end in (row.person, row.other))
    others = {now[end] for row in rows for end in (row.person, row.other)} - {person}
    profiles = {profile.person: profile for profile in Profile.objects.of(workspace).filter(person__in=others)}
    found: dict[tuple[int, str, bool], Related] = {}
    for row in rows:
        outward = now[row.person] == person
        other = now[row.other] if outward else now[row.person]
        if other not in profiles:  # they are one person now, or unknown
            continue
        key = (other, row.kind, outward or row.kind in MUTUAL)
        found.setdefault(key, Related(row.pk, row.kind, key[2], profiles[other], row.note, row.source, row.evidence, row.at, row.by))
    places = {kind: place for place, kind in enumerate(Kind.values)}
    return sorted(found.values(), key=lambda each: (places[each.kind], not each.outward, each.profile.name.casefold()))


def known_pairs(workspace: Workspace, person: int) -> set[tuple[int, str]]:
    """(other person, kind) of everything once said of a person, taken back or not: what is not to be proposed."""
    mine = ids_of(workspace, person)
    rows = Relation.objects.of(workspace).filter(Q(person__in=mine) | Q(other__in=mine)).values_list("person", "other", "kind")
    ends = _now_of(end for row in rows for end in row[:2])
    return {(ends[other] if ends[one] == person else ends[one], kind) for one, other, kind in rows}


def ids_of(workspace: Workspace, person: int) -> list[int]:
    """The id of a person and those of people who were joined to them: an id is the key of a handle they have now."""
    return [person, *Belonging.objects.of(workspace).filter(person=person).values_list("handle", flat=True)]


def _now_of(ids: Iterable[int]) -> dict[int, int]:
    """Whose these ids are now."""
    keys = set(ids)
    owners: dict[int, int] = dict(bulk.select(_OWNERS, keys))
    return {key: owners.get(key, key) for key in keys}


_OWNERS = "SELECT handle, person FROM identify_belonging WHERE handle IN ({})"


def _check(workspace: Workspace, person: int, other: int, kind: str) -> None:
    if kind not in Kind.values:
        raise Refused(_("There is no such relation."))
    kinds = dict(Profile.objects.of(workspace).filter(person__in=(person, other)).values_list("person", "kind"))
    if person == other or len(kinds) < 2:
        raise Refused(_("A relation needs two different people."))
    if kind == Kind.WORKS_FOR and (kinds[other] != PersonKind.ORGANISATION or kinds[person] == PersonKind.ORGANISATION):
        raise Refused(_("A person works for a company: choose one of each."))
    if kind in {Kind.FAMILY, Kind.FRIEND, Kind.COLLEAGUE} and PersonKind.ORGANISATION in kinds.values():
        raise Refused(_("A company has no family, friends or colleagues: choose a person."))


def _rows(workspace: Workspace, person: int, other: int, kind: str) -> list[Relation]:
    """Every row that says this of the two as they are now, in either direction where that is the same."""
    one, two = ids_of(workspace, person), ids_of(workspace, other)
    there = Q(person__in=one, other__in=two)
    both = there | Q(person__in=two, other__in=one) if kind in MUTUAL else there
    return list(Relation.objects.of(workspace).filter(both, kind=kind))


def _take_back_new(workspace: Workspace, what: dict[str, Any]) -> None:
    Relation.objects.of(workspace).filter(pk__in=what["relations"], removed_at=None).update(removed_at=timezone.now())


def _take_back_part(workspace: Workspace, what: dict[str, Any]) -> None:
    Relation.objects.of(workspace).filter(pk__in=what["relations"]).update(removed_at=None)


def _take_back_decline(workspace: Workspace, what: dict[str, Any]) -> None:
    Relation.objects.of(workspace).filter(pk__in=what["relations"]).exclude(removed_at=None).delete()


team.can_take_back("relate", _take_back_new)
team.can_take_back("part", _take_back_part)
team.can_take_back("decline", _take_back_decline)


class Proposal(NamedTuple):
    """A relation the data speaks for: `person` would be `kind` to `other`; `profile` is the one who is not asked about."""

    person: int
    other: int
    kind: str
    profile: Profile
    evidence: str

    @property
    def public(self) -> str:
        return public_id(self.profile.person)


MOST_PROPOSALS = 4


def proposals(workspace: Workspace, profile: Profile) -> list[Proposal]:
    """What the data speaks for, and nobody has decided: the company named as workplace, and who names the same one."""
    if profile.kind == PersonKind.ORGANISATION or not profile.company_key:
        return []
    known = known_pairs(workspace, profile.person)
    same = Profile.objects.of(workspace).filter(company_key=profile.company_key).exclude(person=profile.person)
    found = []
    for each in same.filter(kind=PersonKind.ORGANISATION).order_by("person")[:MOST_PROPOSALS]:
        evidence = _("%(company)s is named as their company") % {"company": profile.company}
        found.append(Proposal(profile.person, each.person, Kind.WORKS_FOR, each, evidence))
    for each in same.filter(kind=PersonKind.PERSON).order_by("-last_at", "person")[: MOST_PROPOSALS * 3]:
        evidence = _("both name %(company)s as their company") % {"company": profile.company}
        found.append(Proposal(profile.person, each.person, Kind.COLLEAGUE, each, evidence))
    return [each for each in found if (each.profile.person, each.kind) not in known][:MOST_PROPOSALS]
