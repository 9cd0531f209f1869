"""What the page of touchpoints shows: models side by side, ways as flows, paths, stages, money."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

import numpy as np
from django.utils.translation import gettext as _

from vincle.science.attribution import MODELS, Paths, agreeing, budget, sankey
from vincle.web.tags.flows import Flow
from vincle.web.tags.formats import number, percent

from . import words
from .channels import kind_of
from .reading import Found
from .rules import Rules
from .spending import Spent

DEPTH, MOST_NAMED, MOST_PATHS, MOST_HEAT = 3, 6, 12, 12
_TONES: Final = ("rung-spectator", "rung-semi-active", "rung-creator", "rung-inactive", "neu")


def rows(found: Found) -> list[dict[str, Any]]:
    """By touchpoint, that of the most credit first; shares of the purchases that had a touchpoint."""
    told, sure = found.told, found.sure
    whole = told.conversions or 1.0
    parts = _parts(found.built.paths)
    said = {each.channel: each for each in agreeing.said(told, sure)}
    made = []
    for row in told.rows():
        if not row.touched:
            continue
        at = told.channels.index(row.channel)
        models = []
        for model in MODELS:
            low, high = sure.of(row.channel, model) if sure else (None, None)
            share = getattr(row, model) / whole
            models.append({
                "model": model, "share": share, "said": percent(share), "credit": getattr(row, model),
                "low": None if low is None else percent(low / whole), "high": None if high is None else percent(high / whole),
                "value": row.values.get(model),
            })  # fmt: skip
        removal = (sure.removal_low[at], sure.removal_high[at]) if sure else (row.removal_effect, row.removal_effect)
        made.append({
            "kind": row.channel, "name": words.name(row.channel), "touched": row.touched, "part": parts[at] / whole, "models": models,
            "least": row.least / whole, "most": row.most / whole, "markov": row.markov / whole, "said": words.said(said[row.channel]),
            "removal": words.removal(row.channel, row.removal_effect, float(removal[0]), float(removal[1])), "credit": row.markov,
        })  # fmt: skip
    return made


def _parts(paths: Paths) -> Any:
    """Conversions whose way met each channel at least once."""
    owners = paths.owners()
    pairs = np.unique(owners * len(paths.channels) + paths.steps) if paths.size else np.zeros(0, np.int64)
    return np.bincount(
        pairs % max(len(paths.channels), 1), weights=paths.conversions[pairs // max(len(paths.channels), 1)], minlength=len(paths.channels)
    )


def heat(table: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Shares in percent: touchpoints down, those of most credit; ways of counting across."""
    return {
        "columns": ["", *(str(words.MODELS[model]) for model in MODELS)], "unit": "%",
        "rows": [[row["name"], *(round(100 * each["share"], 1) for each in row["models"])] for row in table[:MOST_HEAT]],
    }  # fmt: skip


def flows(found: Found) -> dict[str, Any] | None:
    """The last touches before a purchase, for the component `flows`."""
    if not found.told.conversions:
        return None
    flow = sankey.flow(found.built.paths, depth=DEPTH, most=MOST_NAMED)
    keys: dict[str, str] = {}
    made = []
    for link in flow.links:
        before, after = flow.nodes[link.source], flow.nodes[link.target]
        names = [_node(each) for each in (before, after)]
        keys |= dict(names)
        values = {"n": number(round(link.journeys)), "before": names[0][1], "after": names[1][1]}
        said = _("%(n)s ways: %(before)s, then %(after)s") % values
        made.append(Flow(before.column, names[0][0], names[1][0], round(link.journeys), said))
    steps = [str(_("earlier")), *(str(_("%(n)s before")) % {"n": number(n)} for n in range(DEPTH, 1, -1)), str(_("just before")), ""]
    ordered = sorted(keys.items(), key=lambda each: (each[0] in ("*", "+"), each[1]))
    return {
        "columns": steps[: flow.columns] if flow.columns <= len(steps) else [""] * flow.columns, "rows": made,
        "names": [(key, label, _TONES[at % len(_TONES)]) for at, (key, label) in enumerate(ordered)],
        "headings": [_("Before"), _("Then"), _("Ways")],
    }  # fmt: skip


def _node(node: sankey.Node) -> tuple[str, str]:
    if node.kind == "converted":
        return "=", str(_("Purchase"))
    if node.kind == "earlier":
        return "<", str(_("Earlier ones"))
    if node.kind == "lost":
        return "-", str(_("No purchase"))
    return ("+", str(_("Others"))) if node.is_other else (node.channel, words.name(node.channel))


def paths(found: Found, most: int | None = MOST_PATHS) -> list[dict[str, Any]]:
    """The ways that led to most purchases."""
    grouped = found.built.paths.grouped()
    order = np.lexsort((-grouped.nulls, -grouped.conversions))[:most]
    made = []
    for at in order.tolist():
        kinds = [grouped.channels[step] for step in grouped.steps[grouped.starts[at] : grouped.starts[at + 1]]]
        if most is not None and not grouped.conversions[at]:
            break
        made.append({
            "key": ">".join(kinds), "names": [words.name(kind) for kind in kinds], "kinds": kinds, "won": round(grouped.conversions[at]),
            "lost": round(grouped.nulls[at]), "value": Decimal(str(round(float(grouped.value[at]), 2))),
        })  # fmt: skip
    return made


def stages(found: Found, rules: Rules) -> list[dict[str, Any]]:
    """Of the touches on ways to a first purchase and to a later one, the share of each stage."""
    built = found.built
    owners, won = built.paths.owners(), built.won
    stage_of = np.array([list(words.STAGES).index(rules.stages[kind_of(key)]) for key in built.paths.channels] or [0])
    made = []
    for stage_at, (stage, label) in enumerate(words.STAGES.items()):
        is_here = stage_of[built.paths.steps] == stage_at if built.paths.size else np.zeros(0, bool)
        shares = []
        for which in (built.is_first, ~built.is_first):
            chosen = (won & which)[owners] if built.paths.size else np.zeros(0, bool)
            shares.append(float(is_here[chosen].mean()) if chosen.any() else None)
        made.append({"stage": stage, "name": label, "first": shares[0], "later": shares[1]})
    return made


def pace(found: Found) -> dict[str, Any]:
    """Of ways that ended in a purchase: the middle number of touches, and of days from the first touch."""
    paths_, won = found.built.paths, found.built.won
    if not won.any() or paths_.days_before is None:
        return {}
    return {"touches": int(np.median(paths_.lengths[won])), "days": round(float(np.median(paths_.days_before[paths_.starts[:-1]][won])))}


def money(table: Sequence[Mapping[str, Any]], costs: Mapping[str, Spent], found: Found) -> dict[str, Any] | None:
    """Cost per purchase and a suggestion for as many days, for touchpoints that cost something; None where nothing is said of costs."""
    paid = [row for row in table if row["kind"] in costs and costs[row["kind"]].amount]
    if not paid:
        return None
    spent, credit = [float(costs[row["kind"]].amount) for row in paid], [row["credit"] for row in paid]
    sure = found.sure
    suggested = None
    if len(paid) > 1 and sum(credit):
        ends = [sure.of(row["kind"], "markov") if sure else (row["credit"], row["credit"]) for row in paid]
        low, high = ([end[side] for end in ends] for side in (0, 1))
        suggested = budget.suggest([row["kind"] for row in paid], credit, spent, low=low, high=high)
    made = []
    for at, row in enumerate(paid):
        least, most = row["least"] * found.told.conversions, row["most"] * found.told.conversions
        each = suggested.channels[at] if suggested else None
        made.append({
            "name": row["name"], "cost": costs[row["kind"]].amount, "from": words.spent(costs[row["kind"]]), "credit": credit[at],
            "each": _each(spent[at], credit[at]), "each_least": _each(spent[at], most), "each_most": _each(spent[at], least),
            "spend": None if each is None else _money(each.spend), "spend_low": None if each is None else _money(each.spend_low),
            "spend_high": None if each is None else _money(each.spend_high), "is_sure": bool(each and each.is_sure),
        })  # fmt: skip
    return {"rows": made, "total": sum((costs[row["kind"]].amount for row in paid), Decimal(0)), "suggested": suggested}


def _each(spent: float, credit: float) -> Decimal | None:
    return _money(spent / credit) if credit > 0 else None


def _money(value: float) -> Decimal:
    return Decimal(str(round(value, 2)))
