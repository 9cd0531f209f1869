"""Figures of a survey in words, for the screen and for paper alike."""

from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from vincle.web.tags.formats import number, percent, signed

from .columns import Column
from .figures import Bar, Point, Score, Why
from .frame import Frame

MEASURES: Final = {
    "nps": gettext_lazy("NPS"), "csat": gettext_lazy("Satisfied"), "ces": gettext_lazy("How easy it was"), "mean": gettext_lazy("Average"),
}  # fmt: skip
BUCKETS: Final = {
    "promoters": gettext_lazy("Promoters (9 and 10)"), "passives": gettext_lazy("Passives (7 and 8)"),
    "detractors": gettext_lazy("Detractors (0 to 6)"), "high": gettext_lazy("High"), "middle": gettext_lazy("In the middle"),
    "low": gettext_lazy("Low"), "True": gettext_lazy("Yes"), "False": gettext_lazy("No"), "in": gettext_lazy("In the segment"),
    "out": gettext_lazy("Not in it"),
}  # fmt: skip
KINDS: Final = {
    "mend": gettext_lazy("Mend first"), "keep": pgettext_lazy("survey", "Keep"),
    "watch": gettext_lazy("Watch"), "rest": gettext_lazy("Fine as it is"),
}  # fmt: skip


def shown(value: float, measure: str) -> str:
    """A score as people read it."""
    return signed(value) if measure == "nps" else percent(value / 100) if measure == "csat" else number(value, 1)


def between(low: float, high: float, measure: str) -> str:
    return _("%(low)s to %(high)s") % {"low": shown(low, measure), "high": shown(high, measure)}


def bucket(name: str) -> str:
    return str(BUCKETS.get(name, name))


def label(bar: Bar) -> str:
    return str(BUCKETS[bar.key]) if bar.key in ("True", "False") else bar.label


def of_column(column: Column) -> str:
    """A question's words, with what it is asked of."""
    return f"{column.subject}: {column.label}" if column.subject and column.subject not in column.label else column.label


def named(column: Column) -> str:
    """A driver by as few words as tell it: its area where the text is long."""
    words = of_column(column)
    return words if len(words) <= 60 else f"{words[:57].rstrip()}…"


def finding(frame: Frame, score: Score | None, why: Why | None) -> str:
    """The title: what to mend and what to keep, else how satisfied they are, else how many answered."""
    mend, keep = (why.of("mend"), why.of("keep")) if why else ([], [])
    if mend and keep:
        return _("Mend “%(mend)s” first; keep “%(keep)s”") % {"mend": named(mend[0].column), "keep": named(keep[0].column)}
    if mend:
        return _("Mend “%(mend)s” first") % {"mend": named(mend[0].column)}
    if keep:
        return _("Keep “%(keep)s” as it is") % {"keep": named(keep[0].column)}
    if score is not None:
        return _("%(what)s: %(value)s") % {"what": MEASURES[score.measure], "value": shown(score.value, score.measure)}
    return answers(len(frame)) if len(frame) else _("Nobody has answered yet")


def answers(n: int) -> str:
    return ngettext("%(n)s answer", "%(n)s answers", n) % {"n": number(n)}


def sentence(frame: Frame, score: Score | None, why: Why | None) -> str:
    """What stands behind the title."""
    said = [answers(len(frame))]
    if score is not None:
        said.append(f"{MEASURES[score.measure]} {shown(score.value, score.measure)} ({between(score.low, score.high, score.measure)})")
    if why:
        values = {"share": percent(why.found.r2), "n": len(why.found.drivers)}
        said.append(_("%(n)s ratings explain %(share)s of it") % values)
    return " · ".join(said) + "."


def expected(point: Point, why: Why) -> str:
    """What to expect of a driver rated one step better."""
    driver = point.driver
    values = {"by": number(driver.effect, 2), "low": number(driver.effect_low, 2), "high": number(driver.effect_high, 2)}
    if point.kind == "mend":
        text = _("One step better, and the main rating rises by about %(by)s (%(low)s to %(high)s), if one is because of the other.")
    else:
        text = _("One step worse, and the main rating falls by about %(by)s (%(low)s to %(high)s), if one is because of the other.")
    return text % values


def turned(point: Point) -> str:
    """Why a coefficient below nothing does not mean less is better."""
    if not point.driver.is_turned:
        return ""
    text = _("It goes together with other ratings, which turns its coefficient (%(beta)s). That does not mean that less of it is better.")
    return text % {"beta": signed(point.driver.beta, 2)}


def why_nothing(frame: Frame) -> str:
    """Why nothing is said of what to mend."""
    if frame.main is None:
        return _("The survey asks for no rating that stands for the whole.")
    if not frame.drivers:
        return _("Ask people to rate single things (staff, delivery, price …) too, and what moves the whole is worked out here.")
    text = _("From about 30 answers that rate everything, what moves the whole is worked out here. There are %(n)s answers.")
    return text % {"n": number(len(frame))}


def quadrant(why: Why) -> dict[str, Any]:
    """Importance by performance, as a chart takes it."""
    rows = [[named(each.column), round(each.performance, 1), round(100 * each.driver.share, 1)] for each in why.points]
    return {"columns": [_("What"), _("Performance, of 100"), _("Importance, % of what is explained")], "rows": rows}
