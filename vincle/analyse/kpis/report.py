"""Key figures as a section of a report: frozen as words and numbers, in the report's language."""

from typing import Any

from vincle.accounts.models import Workspace
from vincle.analyse.choice import Choice

from . import reading, words
from .reading import Asked
from .spans import Span, number


def frozen(workspace: Workspace, choice: Choice, days: str) -> list[dict[str, Any]]:
    """A row for each figure of the report's days: name, value, how it differs from before, interval, light; or why there is none."""
    first, last = number(choice.period.first), number(choice.period.last)
    over = Span("month" if days == "month" else str(last - first + 1), first, last, last)
    what = Asked(over, choice.today, choice.period.last)
    currency = workspace.currency
    try:
        found = reading.board(workspace, what, with_series=False)
    except reading.Nothing:
        return []
    rows = []
    for told in found:
        value, light = told.figure.value, words.light(told, currency)
        shown = words.shown(told.kpi, value, currency)
        if value is not None and told.kpi.unit in ("people", "points"):
            shown += f" {words.unit(told.kpi, currency)}"
        rows.append({
            "id": told.kpi.id, "name": str(told.kpi.name), "value": shown, "change": words.change(told, currency)["note"],
            "between": words.between(told, currency), "light": light.get("reason", ""), "state": light.get("state", ""),
            "lack": str(words.MISSING[told.figure.why].sentence) if told.figure.why else "",
        })  # fmt: skip
    return rows
