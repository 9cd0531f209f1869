"""The answer of `vincle attribute`: for a program, for a spreadsheet, for a person."""

from collections.abc import Iterator
from typing import Any

from vincle.science.attribution import MODELS, Attribution, Intervals, Row

SHOWN = 40
_HEADINGS = ("first", "last", "linear", "position", "time", "Markov", "Shapley")


def facts(found: Attribution, sure: Intervals | None) -> dict[str, Any]:
    """Credits in conversions; `*_value` in value."""
    said: dict[str, Any] = {
        "conversions": _whole(found.conversions), "value": found.value if found.values else None, "journeys": _whole(found.journeys),
        "rate": found.rate, "order": found.order, "agreement": found.agreement,
        "channels": [_channel(row, sure) for row in found.rows()],
        "transitions": [
            {"from": each.origin, "to": each.target, "probability": each.probability, "count": each.seen} for each in found.transitions
        ],
        "untouched": found.untouched,
    }  # fmt: skip
    if sure:
        said["intervals"] = {"level": sure.level, "draws": sure.draws, "agreement": list(sure.agreement)}
    return said


def _channel(row: Row, sure: Intervals | None) -> dict[str, Any]:
    said = {each: getattr(row, each) for each in ("channel", *MODELS[:6], "markov_share", "removal_effect", "shapley", "touched")}
    said |= {f"{model}_value": value for model, value in row.values.items()}
    if sure:
        at = sure.channels.index(row.channel)
        said["intervals"] = {model: list(sure.of(row.channel, model)) for model in MODELS} | {
            "removal_effect": [float(sure.removal_low[at]), float(sure.removal_high[at])]
        }
    return said


def table(found: Attribution, sure: Intervals | None) -> tuple[list[str], Iterator[list[Any]]]:
    """(headings, rows) of a CSV file."""
    headings = ["channel", *MODELS[:6], "markov_share", "removal_effect", "shapley", "touched"]
    headings += [f"{model}_value" for model in found.values]
    headings += [f"{model}_{end}" for model in MODELS for end in ("low", "high")] if sure else []
    return headings, (_cells(row, headings, sure) for row in found.rows())


def _cells(row: Row, headings: list[str], sure: Intervals | None) -> list[Any]:
    said = _channel(row, sure)
    for model, (low, high) in said.pop("intervals", {}).items():
        said |= {f"{model}_low": low, f"{model}_high": high}
    return [said[heading] for heading in headings]


def text(found: Attribution, sure: Intervals | None, notes: list[str]) -> str:
    """A table for the eye."""
    rows = list(found.rows())
    lines = [_summary(found, sure)]
    wide = min(max((len(row.channel) for row in rows), default=7), 32)
    size = max(9, len(f"{found.conversions:,.1f}") + 2)
    lines.append(f"  {'channel':<{wide}}" + "".join(f"{each:>{size}}" for each in _HEADINGS) + f"{'lost without':>14}")
    lines += [_line(row, wide, size) for row in rows[:SHOWN]]
    if len(rows) > SHOWN:
        lines.append(f"  and {len(rows) - SHOWN:,} more (--json or --out have all)")
    if sure:
        lines += ["", f"  By Markov, {sure.level:.0%} of the time between:"]
        lines += [f"  {row.channel[:wide]:<{wide}}{_between(sure, row.channel)}" for row in rows[:SHOWN]]
    return "\n".join([*lines, *(f"  Note: {note}." for note in notes)])


def _summary(found: Attribution, sure: Intervals | None) -> str:
    between = f" ({sure.agreement.low:.0%} to {sure.agreement.high:.0%})" if sure else ""
    worth = f", worth {found.value:,.2f}" if found.values else ""
    return (
        f"{amount(found.conversions)} conversions of {amount(found.journeys)} journeys ({found.rate:.1%}){worth}. "
        f"All models agree on {found.agreement:.0%}{between} of the credit."
    )


def _line(row: Row, wide: int, size: int) -> str:
    credits = "".join(f"{getattr(row, model):>{size},.1f}" for model in MODELS)
    return f"  {row.channel[:wide]:<{wide}}{credits}{row.removal_effect:>13.1%}"


def _between(sure: Intervals, channel: str) -> str:
    low, high = sure.of(channel, "markov")
    return f"{low:>14,.1f} and {high:,.1f}"


def amount(count: float) -> str:
    """A number of conversions or journeys, which may be weighed."""
    return f"{count:,.0f}" if count.is_integer() else f"{count:,.2f}"


def _whole(count: float) -> int | float:
    return int(count) if count.is_integer() else count
