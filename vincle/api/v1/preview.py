"""What joining two people would change."""

from typing import Literal

from vincle.accounts.models import Workspace
from vincle.identify import consent
from vincle.identify.joining import ranked
from vincle.identify.models import Person
from vincle.identify.review import name_of
from vincle.listen.models import Handle
from vincle.organise import portrait, ruling
from vincle.organise.survivors import Rule, choose
from vincle.vocabulary import public_id

from . import decisions, reach


def preview_of(workspace: Workspace, left: Person, right: Person) -> decisions.Preview:
    """Raises ValueError when the two are one already."""
    if left.pk == right.pk:
        raise ValueError("a merge needs two different people")
    sides = [portrait.handles_of(workspace, person.pk) for person in (left, right)]
    stands, joins = ranked(left, right)
    one, other = (_party(workspace, person, side) for person, side in zip((left, right), sides, strict=True))
    return decisions.Preview(
        id=public_id(stands.pk), joined=public_id(joins.pk), left=one, right=other,
        fields=_differing(workspace, left, right), consents=_consents(workspace, *([handle.key for handle in side] for side in sides)),
    )  # fmt: skip


def _party(workspace: Workspace, person: Person, handles: list[Handle]) -> decisions.Party:
    known = reach.profile(workspace, person.pk)
    name = known.name if known else name_of(handles)
    return decisions.Party(public_id(person.pk), name, [f"{each.kind}:{each.value}" for each in handles], known.activities if known else 0)


def _differing(workspace: Workspace, left: Person, right: Person) -> list[decisions.Differing]:
    one, other = (reach.traits(workspace, reach.profile(workspace, person.pk)) for person in (left, right))
    rules, said = ruling.rules_of(workspace.pk), ruling.stated([left.pk, right.pk])
    found = []
    for name in sorted({*one, *other}):
        if name in one and name in other and one[name].value == other[name].value:
            continue
        words = [said.get(person.pk, {}).get(name, []) for person in (left, right)]
        won = choose([*words[0], *words[1]], rules.of_field.get(name, Rule.NEWEST), rules.order)
        stands: Literal["left", "right"] = "right" if name not in one or (won in words[1] and won not in words[0]) else "left"
        found.append(decisions.Differing(name, one.get(name), other.get(name), stands))
    return found


def _consents(workspace: Workspace, left: list[int], right: list[int]) -> list[decisions.ConsentRow]:
    one, other, both = (consent.of_person(workspace, keys) for keys in (left, right, [*left, *right]))
    return [
        decisions.ConsentRow(channel, purpose, *(side.get((channel, purpose), "unknown") for side in (one, other, both)))
        for channel, purpose in sorted(both)
    ]
