"""Those a letter goes to, with everything it may say of them: a fixed number of queries for as many people as there are."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils import timezone

from vincle.accounts.models import Workspace
from vincle.organise.models import Profile, Segment
from vincle.organise.segments import labels
from vincle.store import bulk

from . import goes_with

Extra = Callable[[Workspace, Sequence[int]], Mapping[int, Mapping[str, Any]]]
"""(workspace, people) -> values of each that stand below `person`."""

MADE: Final = ("name", "first_name", "last_name", "email", "phone", "company", "city", "country", "language", "stage", "purchases", "since")
"""Names below `person` that everybody has, empty or not."""

_extras: dict[str, Extra] = {}


@dataclass(frozen=True, slots=True)
class Recipient:
    """One reader. `values` are what Liquid sees; the three addresses stand among them as unsubscribe_url, preferences_url and view_url."""

    person: int | None
    address: str = ""
    language: str = ""
    send: int | None = None
    values: Mapping[str, Any] = field(default_factory=dict)


def register(name: str, extra: Extra) -> None:
    """In `ready()`: {{ person.NAME }} and its like, asked for only by letters that use `name`."""
    _extras[name] = extra


def offered() -> tuple[str, ...]:
    """Names below `person` that stages above have registered."""
    return tuple(_extras)


def people(workspace: Workspace, ids: Iterable[int], uses: frozenset[str]) -> dict[int, dict[str, Any]]:
    """Person -> values of Liquid (`person`, `segments`, `company`, `data`, `today`), those a letter uses."""
    wanted = list(dict.fromkeys(ids))
    rows = (
        {row.person: row for row in Profile.objects.of(workspace).filter(person__in=wanted)}
        if len(wanted) <= _FEW
        else _many(workspace, wanted)
    )
    within = _segments(workspace, wanted) if "segments" in uses else {}
    bought = _bought(workspace, wanted) if any(path.startswith("person.last_bought") for path in uses) else {}
    beside = goes_with.of(workspace, wanted) if any(path.startswith("person.goes_with") for path in uses) else {}
    extras = [extra(workspace, wanted) for name, extra in _extras.items() if any(path.startswith(f"person.{name}") for path in uses)]
    common = common_values(workspace)
    found = {}
    for person in wanted:
        values = _person(rows.get(person))
        for each in extras:
            values.update(each.get(person, {}))
        if person in bought:
            values["last_bought"] = bought[person]
        if person in beside:
            values["goes_with"] = {"name": beside[person].name, "beside": beside[person].beside}
        found[person] = {**common, "person": values, "segments": within.get(person, [])}
    return found


_FEW: Final = 500


def _many(workspace: Workspace, wanted: list[int]) -> dict[int, Profile]:
    rows: dict[int, Profile] = {}
    for part in bulk.chunks(wanted, _FEW):
        rows |= {row.person: row for row in Profile.objects.of(workspace).filter(person__in=part)}
    return rows


def common_values(workspace: Workspace) -> dict[str, Any]:
    """What is the same for everybody."""
    return {"company": {"name": workspace.name}, "data": {}, "segments": [], "today": timezone.localdate().isoformat()}


def nobody(workspace: Workspace, name: str = "", address: str = "") -> dict[str, Any]:
    """Values of someone of whom nothing is known but these."""
    return {
        **common_values(workspace),
        "person": {**dict.fromkeys(MADE), "name": name or None, "first_name": name.split(" ")[0] or None, "email": address or None},
    }


def _person(row: Profile | None) -> dict[str, Any]:
    if row is None:
        return dict.fromkeys(MADE)
    traits = {name: value[0] for name, value in row.traits.items() if isinstance(value, list) and value}
    name = "" if _is_address(row.name, row) else row.name
    is_someone = row.kind == "person"
    # In Liquid an empty text is something: what is not known is nothing, so that {% if %} asks for it.
    values = {
        **traits,
        "name": name,
        "first_name": traits.get("first_name") or (name.split(" ")[0] if is_someone else ""),
        "last_name": traits.get("last_name") or (name.partition(" ")[2] if is_someone else ""),
        "email": row.email, "phone": row.phone, "company": row.company, "city": row.city, "country": row.country,
        "language": str(traits.get("language") or ""), "stage": row.stage, "purchases": row.purchases,
        "since": row.known_since.date().isoformat() if row.known_since else "",
    }  # fmt: skip
    return {name: None if value == "" else value for name, value in values.items()}


def _is_address(name: str, row: Profile) -> bool:
    """Whether someone is only called by what they are reached at: nobody is greeted so."""
    return "@" in name or name == row.phone or not any(letter.isalpha() for letter in name)


def _segments(workspace: Workspace, wanted: list[int]) -> dict[int, list[str]]:
    names = dict(Segment.objects.of(workspace).values_list("pk", "public"))
    from vincle.organise import members  # at first use: it brings the columnar libraries, which not every process needs

    return {person: [names[each] for each in found if each in names] for person, found in members.of_people(workspace, wanted).items()}


_LAST = (
    "SELECT b.person, a.props, a.happened_at FROM listen_activity a JOIN identify_belonging b ON b.handle = a.actor "
    "WHERE a.workspace_id = %s AND a.verb = 'Purchase' AND a.direction = 'in' AND NOT a.superseded AND NOT a.is_machine "
    "AND a.op <> 'retract' AND b.person IN ({})"
)


def _bought(workspace: Workspace, wanted: list[int]) -> dict[int, dict[str, Any]]:
    """The last thing each bought: {name, at}."""
    last: dict[int, tuple[Any, str]] = {}
    for person, props, at in bulk.select(_LAST, wanted, [workspace.pk]):
        if names := labels.products(props):
            last[person] = max(last.get(person, (at, names[0])), (at, names[0]))
    return {person: {"name": name, "at": str(at)[:10]} for person, (at, name) in last.items()}
