"""What the screen and the command show of the last look at the network. No question for each person: names are read at once."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from django.db.models import Q
from django.utils.translation import gettext as _

from vincle.accounts.models import Workspace
from vincle.store import bulk
from vincle.vocabulary import from_public_id, public_id

from . import influence_packed, influence_words
from .influence_brought import EVIDENCE
from .models import Community, Network, Score

ROWS: Final = 20
BRINGERS: Final = 12
DEEP: Final = 6
WIDE: Final = 40
"""Of whom someone brought so many are shown, and so many steps down."""


class Someone(NamedTuple):
    """`kind`: person or organisation."""

    person: int
    name: str
    kind: str

    @property
    def public(self) -> str:
        return public_id(self.person)


class Line(NamedTuple):
    """One of the first by a score: reasons as (words, [those who gave most])."""

    who: Someone
    value: float
    before: float | None
    confidence: float | None
    reasons: list[tuple[str, list[Someone]]]


class Group(NamedTuple):
    """`short` is what the picture has room for; `name` as the team says, if it does."""

    number: int
    label: str
    short: str
    name: str
    people: int
    inside: float
    topics: list[str]
    leaders: list[Someone]


class Branch(NamedTuple):
    """Someone, whom they brought, and how many came `through` them in all. `known`: in words, how it is known that they were brought."""

    who: Someone
    known: str
    at: datetime | None
    through: int
    below: list["Branch"]


def names(workspace: Workspace, people: Iterable[int]) -> dict[int, Someone]:
    """Those of these people who are known (still), by id."""
    sql = "SELECT person, name, kind FROM organise_profile WHERE workspace_id = %s AND person IN ({})"
    found = bulk.select(sql, sorted(set(people)), [workspace.pk])
    return {person: Someone(person, name or _("Someone unknown"), kind) for person, name, kind in found}


def network(workspace: Workspace) -> Network | None:
    """The last look, without its packed parts."""
    found: Network | None = Network.objects.of(workspace).defer("members", "picture", "brought").first()
    return found


def first(workspace: Workspace, score: str, community: int | None = None, most: int = ROWS, wanted: Q | None = None) -> list[Line]:
    """Those with most of a score; of one community, where a number is given."""
    rows = Score.objects.of(workspace).filter(name=score).order_by("-value", "person")
    if wanted is not None:
        rows = rows.filter(wanted)
    if community is not None:
        rows = rows.filter(person__in=Score.objects.of(workspace).filter(name="community", value=community).values("person"))
    found = list(rows.values_list("person", "value", "before", "confidence", "reasons")[:most])
    given = {from_public_id(one) for row in found for each in row[4] for one in each[1].get("who", ())}
    known = names(workspace, {*(row[0] for row in found), *given})
    return [
        Line(known[person], value, before, confidence, [_reason(each, known) for each in reasons])
        for person, value, before, confidence, reasons in found
        if person in known
    ]


def _reason(reason: Sequence[Any], known: dict[int, Someone]) -> tuple[str, list[Someone]]:
    code, values, _weight = reason
    who = [known[key] for one in values.get("who", ()) if (key := from_public_id(one)) in known]
    return influence_words.reason(code, values), who


def groups(workspace: Workspace) -> list[Group]:
    """The communities, largest first."""
    rows = list(Community.objects.of(workspace).filter(is_current=True).order_by("-people", "number"))
    known = names(workspace, {from_public_id(one) for row in rows for one in row.leaders})
    found = [_group(row, known) for row in rows]
    same = Counter(group.label for group in found)
    return [_told_apart(group) if same[group.label] > 1 and group.leaders and not group.name else group for group in found]


def _told_apart(group: Group) -> Group:
    """One of several that speak of the same: told by who leads it."""
    words = {"label": group.label, "name": group.leaders[0].name}
    return group._replace(label=_("%(label)s, around %(name)s") % words, short=_("Around %(name)s") % words)


def _group(row: Community, known: dict[int, Someone]) -> Group:
    leaders = [known[key] for one in row.leaders if (key := from_public_id(one)) in known]
    label = influence_words.community(row.number, row.name, row.topics, leaders[0].name if leaders else "")
    topics = [influence_words.topic_name("topics", str(each[0])) for each in row.topics]
    return Group(row.number, label, label, row.name, row.people, row.inside, topics, leaders)


def picture(workspace: Workspace) -> dict[str, Any]:
    """What the picture draws, as JSON: people who are known no more are left out, with their ties."""
    packed = Network.objects.of(workspace).values_list("picture", flat=True).first()
    columns = influence_packed.unpack(packed or b"")
    if not columns:
        return {"people": [], "ties": [], "places": []}
    people = columns["person"].tolist()
    known = names(workspace, people)
    place: dict[int, int] = {}
    shown: list[list[Any]] = []
    numbers = columns["number"].tolist()
    disc = {number: at for at, number in enumerate(numbers)}
    lists = (columns[name].tolist() for name in ("x", "y", "size", "tone", "community"))
    for at, (person, x, y, size, tone, community) in enumerate(zip(people, *lists, strict=True)):
        if person in known:
            place[at] = len(shown)
            shown.append([public_id(person), known[person].name, round(x, 2), round(y, 2), round(size, 2), round(tone, 2), disc[community]])
    ties = zip(columns["source"].tolist(), columns["target"].tolist(), columns["weight"].tolist(), strict=True)
    labels = {group.number: group for group in groups(workspace)}
    discs = zip(numbers, columns["cx"].tolist(), columns["cy"].tolist(), columns["r"].tolist(), strict=True)
    return {
        "people": shown,
        "ties": [[place[one], place[other], round(weight, 2)] for one, other, weight in ties if one in place and other in place],
        "places": [_place(number, labels.get(number), x, y, r) for number, x, y, r in discs],
    }


def _place(number: int, group: Group | None, x: float, y: float, r: float) -> dict[str, Any]:
    label, short = (group.label, group.short) if group else (_("Many small circles"),) * 2
    where = {"x": round(x, 2), "y": round(y, 2), "r": round(r, 2)}
    return {"number": number, "label": label, "short": short, "people": group.people if group else 0, **where}


def brought(workspace: Workspace) -> tuple[list[Branch], int]:
    """Those who brought most, each with whom they brought, and how many were brought in all."""
    packed = Network.objects.of(workspace).values_list("brought", flat=True).first()
    columns = influence_packed.unpack(packed or b"")
    if not columns or not columns["newcomer"].size:
        return [], 0
    below: dict[int, list[tuple[int, int, int]]] = {}
    rows = zip(*(columns[name].tolist() for name in ("newcomer", "bringer", "evidence", "at")), strict=True)
    for newcomer, bringer, evidence, at in rows:
        below.setdefault(bringer, []).append((newcomer, evidence, at))
    newcomers = set(columns["newcomer"].tolist())
    counts = _counts(below)
    roots = sorted((one for one in below if one not in newcomers), key=lambda one: (-counts[one], one))[:BRINGERS]
    known = names(workspace, _shown(roots, below))
    return [_branch(one, "", None, below, counts, known, DEEP) for one in roots if one in known], len(newcomers)


def _counts(below: dict[int, list[tuple[int, int, int]]]) -> dict[int, int]:
    """How many came through each, directly or by those they brought. Without recursion: a chain may be long."""
    found: dict[int, int] = {}
    for start in below:
        waiting = [start]
        while waiting:
            one = waiting[-1]
            missing = [each for each, _evidence, _at in below.get(one, ()) if each not in found]
            if missing:
                waiting += missing
                continue
            found[one] = sum(1 + found[each] for each, _evidence, _at in below.get(one, ()))
            waiting.pop()
    return found


def _shown(roots: Sequence[int], below: dict[int, list[tuple[int, int, int]]]) -> set[int]:
    found, level = set(roots), list(roots)
    for _step in range(DEEP):
        level = [each for one in level for each, _evidence, _at in below.get(one, ())[:WIDE]]
        found.update(level)
    return found


def _branch(
    one: int, known_by: str, at: datetime | None, below: dict[int, list[tuple[int, int, int]]], counts: dict[int, int],
    known: dict[int, Someone], deep: int,
) -> Branch:  # fmt: skip
    mine = sorted(below.get(one, ()), key=lambda each: (-counts.get(each[0], 0), each[2], each[0]))[:WIDE] if deep else []
    branches = [
        _branch(
            each, str(influence_words.EVIDENCE[EVIDENCE[evidence]]), datetime.fromtimestamp(moment, UTC), below, counts, known, deep - 1
        )
        for each, evidence, moment in mine
        if each in known
    ]
    return Branch(known[one], known_by, at, counts.get(one, 0), branches)


COLUMNS: Final = ("id", "name", "influence", "influence_confidence", "reach", "bridge", "community", "community_name", "brought_by")


def every(workspace: Workspace, most: int | None = None) -> Iterator[tuple[Any, ...]]:
    """A line for everybody with a tie, by influence: what the download and the command give. COLUMNS."""
    scores: dict[str, dict[int, tuple[float, float | None]]] = {}
    rows = Score.objects.of(workspace).filter(name__in=("influence", "reach", "broker", "community"))
    for person, name, value, confidence in rows.values_list("person", "name", "value", "confidence").iterator():
        scores.setdefault(name, {})[person] = (value, confidence)
    packed = Network.objects.of(workspace).values_list("brought", flat=True).first()
    columns = influence_packed.unpack(packed or b"")
    bringer = dict(zip(columns["newcomer"].tolist(), columns["bringer"].tolist(), strict=True)) if columns else {}
    labels = {group.number: group.label for group in groups(workspace)}
    everybody = {person for values in scores.values() for person in values}
    order = sorted(everybody, key=lambda one: (-scores.get("influence", {}).get(one, (0.0, None))[0], one))[:most]
    for part in bulk.chunks(order):
        known = names(workspace, {*part, *(bringer[one] for one in part if one in bringer)})
        for one in part:
            if one in known:
                yield _row(one, known, scores, labels, bringer)


def _row(
    one: int, known: dict[int, Someone], scores: dict[str, dict[int, tuple[float, float | None]]], labels: dict[int, str],
    bringer: dict[int, int],
) -> tuple[Any, ...]:  # fmt: skip
    def of(name: str) -> tuple[float | None, float | None]:
        return scores.get(name, {}).get(one, (None, None))

    value, confidence = of("influence")
    number = of("community")[0]
    by = known.get(bringer.get(one, 0))
    community = None if number is None else int(number)
    label = "" if community is None else labels.get(community, "")
    reach = of("reach")[0]
    return (
        known[one].public, known[one].name, value, confidence, None if reach is None else int(reach), of("broker")[0],
        None if community is None else community + 1, label, by.public if by else "",
    )  # fmt: skip
