"""What each kind of alert asks for, with its bounds and what stands there unless someone chooses."""

from collections.abc import Mapping
from math import isfinite
from typing import Any, Final

from django.utils.translation import gettext as _

from vincle.vocabulary.words import Stage

from .models import Alert

Kind = Alert.Kind
NUMBERS: Final[dict[str, tuple[float, float]]] = {
    "alarms_a_month": (0.1, 10), "people": (2, 50), "hours": (1, 336), "followers": (0, 1_000_000_000),
}  # fmt: skip
DEFAULTS: Final[dict[str, dict[str, Any]]] = {
    Kind.SPIKE: {"alarms_a_month": 1.0},
    Kind.SENTIMENT_DROP: {"alarms_a_month": 1.0},
    Kind.CRISIS: {"alarms_a_month": 0.5, "people": 3},
    Kind.VIP: {"followers": 10_000, "stages": [], "tags": [], "owned": True},
    Kind.UNANSWERED: {"hours": 24},
    Kind.EVERY_MATCH: {},
    Kind.CONNECTION: {},
}
WHOLE: Final = ("people", "hours", "followers")
MOST_TAGS: Final = 20


class Refused(ValueError):
    """What cannot be done, as a sentence; `field` at fault."""

    def __init__(self, sentence: str, field: str = "name") -> None:
        super().__init__(sentence)
        self.field = field


def cleaned(kind: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a kind from what was given; what is left out is as usual. Refused."""
    if kind not in DEFAULTS:
        raise Refused(_("Choose what is to be told."), "kind")
    found = dict(DEFAULTS[kind])
    for name in found:
        if name not in given:
            continue
        if name in NUMBERS:
            found[name] = _number(name, given[name])
        elif name == "owned":
            found[name] = bool(given[name])
        else:
            found[name] = _labels(given[name])
    if set(found.get("stages", ())) - set(Stage):
        raise Refused(_("There is no such stage."), "stages")
    if kind == Kind.VIP and not (found["followers"] or found["stages"] or found["tags"] or found["owned"]):
        raise Refused(_("Say who matters: by followers, stage, tag or owner."), "followers")
    return found


def _number(name: str, given: Any) -> float | int:
    low, high = NUMBERS[name]
    try:
        value = float(str(given).strip().replace(",", "."))
    except ValueError:
        value = float("nan")
    if not isfinite(value) or not low <= value <= high or (name in WHOLE and value != int(value)):
        raise Refused(_("Write a number from %(low)s to %(high)s.") % {"low": f"{low:g}", "high": f"{high:,.0f}"}, name)
    return int(value) if name in WHOLE else value


def _labels(given: Any) -> list[str]:
    names = [given] if isinstance(given, str) else list(given)
    return list(dict.fromkeys(text[:60] for name in names if (text := " ".join(str(name).replace("\x00", "").split()))))[:MOST_TAGS]
