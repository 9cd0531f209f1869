"""The table in which groups are looked for, out of the lake and the profiles: two questions to the engine, one to the store."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import and_
from typing import Any, Final
from zoneinfo import ZoneInfo

import ibis
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from vincle.accounts.models import Workspace
from vincle.engines.base import Query, Tables, Value
from vincle.engines.micros import micros
from vincle.store import bulk

from . import warehouse
from .cluster_features import DAYS, DEEDS, Feature, feature
from .segments.frame import Now
from .segments.labels import NOT_ACTS
from .segments.predicate import Window
from .segments.windows import length, span

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Params = Mapping[str, Any]
MOST: Final = 200_000
"""Of more people about so many are looked at: those whose number falls into the draw."""
LABELS: Final = 10
RARE: Final = 0.03
"""A feature that fewer have, or lack, tells nothing of groups."""
EVENING: Final = (18, 23)
_DAY: Final = length(1)
_HOUR: Final = _DAY // 24
_WIDE: Final = ("acts", "spent", "last", "evening", "weekend", "negative", "positive")


@dataclass(frozen=True)
class Table:
    """`ids` ascend; `raw` [people, features] as counted; `everybody`: how many people there were to draw from."""

    ids: Ints
    features: tuple[Feature, ...]
    raw: Floats
    everybody: int

    @property
    def scaled(self) -> Floats:
        """Counts, money and days by their logarithm: a hundred more mean less to whoever has thousands."""
        found = self.raw.copy()
        for column, each in enumerate(self.features):
            if each.kind in ("count", "money", "days"):
                found[:, column] = np.log1p(np.maximum(found[:, column], 0))
        return found

    @property
    def weights(self) -> Floats:
        """Families count alike, but for those with more features a little more."""
        sizes = Counter(each.family for each in self.features)
        return np.array([sizes[each.family] ** -0.5 for each in self.features])


def table(workspace: Workspace, now: Now) -> Table:
    """Everybody who did something within a year before `now`, as the lake has it."""
    values = _values(workspace, now)
    everybody = _first(_ask(workspace, "groups_everybody", _everybody, values))
    values["parts"] = max(1, -(-everybody // MOST))
    wide = _ask(workspace, "groups_wide", _wide, values)
    order = np.argsort(_column(wide, "person", np.int64))
    ids = _column(wide, "person", np.int64)[order]
    columns = {name: _column(wide, name, np.float64)[order] for name in (*_WIDE, *DEEDS)}
    found = _counted(columns, workspace, now)
    found |= _labelled(ids, _ask(workspace, "groups_labels", _labels, values))
    found |= _known(workspace, ids)
    kept = {name: column for name, column in found.items() if _tells(column)}
    raw = np.stack(list(kept.values()), axis=1) if kept else np.empty((len(ids), 0))
    return Table(ids, tuple(kept), raw, everybody)


def _values(workspace: Workspace, now: Now) -> dict[str, Value]:
    within = span(Window(days=DAYS), now)
    found: dict[str, Value] = {"begin": within.begin, "end": within.end, "currency": workspace.currency, "parts": 1}
    months = [f"{datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at):%Y-%m}" for at in (within.begin, within.end)]
    found |= {"month0": months[0], "month1": months[1]}
    for place, (turn, shift) in enumerate(_shifts(now.zone, within.begin, within.end)):
        found |= {f"turn{place}": turn, f"shift{place}": shift}
    return found


def _shifts(zone: ZoneInfo, begin: int, end: int, most: int = 3) -> list[tuple[int, int]]:
    """(from when, microseconds ahead of UTC) of the zone's clocks, to the hour; always `most` of them, the last ones repeated."""

    def ahead(at: int) -> int:
        moment = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)).astimezone(zone)
        return (moment.utcoffset() or timedelta()) // timedelta(microseconds=1)

    found = [(begin, ahead(begin))]
    for at in range(begin - begin % _HOUR + _HOUR, end, _HOUR):
        if ahead(at) != found[-1][1] and len(found) < most:
            found.append((at, ahead(at)))
    return found + [found[-1]] * (most - len(found))


def _ask(workspace: Workspace, key: str, build: Any, values: Mapping[str, Value]) -> pa.Table:
    return warehouse.engine().run(Query(key, build, values), workspace.pk)


def _first(answer: pa.Table) -> int:
    return int(answer.column(0)[0].as_py() or 0)


def _column(answer: pa.Table, name: str, kind: Any) -> Any:
    return np.asarray(answer.column(name).to_numpy(zero_copy_only=False), kind)


def _acts(tables: Tables, p: Params) -> ibis.Table:
    rows = tables.activity
    kept = rows.filter(
        rows.month.between(p["month0"], p["month1"]), rows.direction == "in", ~rows.is_machine, rows.object_type.notin(NOT_ACTS),
        rows.actor.notnull(),
    )  # fmt: skip
    kept = kept.mutate(us=micros(kept.happened_at))
    return kept.filter(kept.us >= p["begin"], kept.us < p["end"])


def _owned(rows: ibis.Table, tables: Tables, p: Params) -> ibis.Table:
    """With the person of each handle, of the people who are drawn."""
    owner = tables.handle.select(owned="key", person="person")
    owner = owner.filter(owner.person % p["parts"] == 0)
    return rows.inner_join(owner, rows.actor == owner.owned).drop("owned")


def _everybody(tables: Tables, p: Params) -> ibis.Table:
    rows = _owned(_acts(tables, p).select("actor").distinct(), tables, p)
    return rows.agg(n=rows.person.nunique())


def _wide(tables: Tables, p: Params) -> ibis.Table:
    rows = _acts(tables, p)
    shift = p["shift0"]
    for place in (1, 2):
        shift = ibis.ifelse(rows.us >= p[f"turn{place}"], p[f"shift{place}"], shift)
    local = rows.us + shift
    hour, weekday = (local // _HOUR) % 24, (local // _DAY + 3) % 7  # 1970 began on a Thursday
    bought = (rows.verb == DEEDS["purchases"]["verb"]) & (rows.currency == p["currency"])
    sums = {
        "evening": hour.between(*EVENING), "weekend": weekday >= 5,
        "negative": rows.sentiment == "negative", "positive": rows.sentiment == "positive",
        **{name: _is(rows, act) for name, act in DEEDS.items()},
    }  # fmt: skip
    by_handle = rows.group_by("actor").agg(
        acts=rows.count(), last=rows.us.max(), spent=ibis.ifelse(bought, rows.amount.cast("float64"), 0.0).sum(),
        **{name: flag.fill_null(False).cast("int64").sum() for name, flag in sums.items()},
    )  # fmt: skip
    owned = _owned(by_handle, tables, p)
    total = {name: owned[name].sum() for name in ("acts", "spent", *sums)}
    return owned.group_by("person").agg(last=owned["last"].max(), **total)


def _is(rows: ibis.Table, act: Mapping[str, Any]) -> ibis.Value:
    asked = [rows[name] == value for name, value in act.items() if name != "is_reply"]
    if "is_reply" in act:
        reply = rows.parent_key.fill_null("") != ""
        asked.append(reply if act["is_reply"] else ~reply)
    return reduce(and_, asked)


def _labels(tables: Tables, p: Params) -> ibis.Table:
    """(family, label, person, n) of channels and topics."""
    rows = _acts(tables, p)
    each = ibis.union(
        rows.select("actor", family=ibis.literal("channel"), label=rows.channel),
        rows.select("actor", family=ibis.literal("topic"), label=rows.topics.unnest()),
        distinct=False,
    )
    by_handle = each.group_by("actor", "family", "label").agg(n=each.count())
    owned = _owned(by_handle, tables, p)
    return owned.group_by("family", "label", "person").agg(n=owned.n.sum())


def _counted(columns: Mapping[str, Floats], workspace: Workspace, now: Now) -> dict[Feature, Floats]:
    acts = np.maximum(columns["acts"], 1)
    found = {
        feature("acts"): columns["acts"],
        feature("spent", workspace.currency): np.nan_to_num(columns["spent"]),
        feature("days"): np.floor((now.micros - columns["last"]) / _DAY),
    }
    found |= {feature("mood", name): columns[name] for name in ("negative", "positive")}
    found |= {feature("deed", name): columns[name] for name in DEEDS}
    # Of few acts a share says little: it is drawn towards that of all.
    for name in ("evening", "weekend"):
        usual = columns[name].sum() / acts.sum() if len(acts) else 0.0
        found[feature("when", name)] = (columns[name] + 5 * usual) / (acts + 5)
    return found


def _labelled(ids: Ints, answer: pa.Table) -> dict[Feature, Floats]:
    """Counts by channel and topic, of the labels that most people have."""
    found: dict[Feature, Floats] = {}
    families = np.asarray(answer.column("family").to_pylist(), object)
    labels = np.asarray(answer.column("label").to_pylist(), object)
    people, n = _column(answer, "person", np.int64), _column(answer, "n", np.float64)
    for family in ("channel", "topic"):
        mine = families == family
        frequent = sorted(Counter(labels[mine].tolist()).items(), key=lambda pair: (-pair[1], str(pair[0])))
        for label, _people in [pair for pair in frequent if pair[0]][:LABELS]:
            those = mine & (labels == label)
            column = np.zeros(len(ids))
            column[np.searchsorted(ids, people[those])] = n[those]
            found[feature(family, label)] = column
    return found


def _known(workspace: Workspace, ids: Ints) -> dict[Feature, Floats]:
    """What the profiles say: country, town, kind, whether they are identified."""
    sql = "SELECT person, country, city, kind, is_identified FROM organise_profile WHERE workspace_id = %s AND person IN ({})"
    rows = list(bulk.select(sql, ids.tolist(), [workspace.pk]))
    place = np.searchsorted(ids, np.array([row[0] for row in rows], np.int64))
    found: dict[Feature, Floats] = {}
    for column, family in ((1, "country"), (2, "city"), (3, "kind")):
        frequent = Counter(row[column] for row in rows if row[column])
        for label, _n in sorted(frequent.items(), key=lambda pair: (-pair[1], pair[0]))[:LABELS]:
            found[feature(family, label)] = _flag(len(ids), place, [row[column] == label for row in rows])
    found[feature("identified")] = _flag(len(ids), place, [bool(row[4]) for row in rows])
    return found


def _flag(size: int, place: Ints, values: Sequence[bool]) -> Floats:
    found = np.zeros(size)
    found[place] = values
    return found


def _tells(column: Floats) -> bool:
    """Whether enough people have it, and enough have not as much."""
    if not column.size:
        return False
    usual = np.median(column)
    return bool(min((column > column.min()).mean(), max((column > usual).mean(), (column < usual).mean())) >= RARE)
