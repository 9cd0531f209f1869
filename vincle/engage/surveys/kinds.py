"""The kinds of questions as the builder offers them: name, picture, what each begins with, and what can be set of it."""

from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from msgspec import Struct

from .definition import model

Words = str | Promise


class Control(Struct, frozen=True):
    """One thing to set. `kind`: text, area (both in the language being written), lines (choices, one a line), labels (of a scale, one a
    line), plain, number, check, select, condition, choice (one of the question's own). `name` may lead below with dots."""

    name: str
    kind: str
    label: Words
    help: Words = ""
    options: tuple[tuple[str, Words], ...] = ()


class Kind(Struct, frozen=True):
    key: str
    icon: str
    name: Words
    group: str
    controls: tuple[Control, ...] = ()
    begins: dict[str, Any] = {}


_CHOICES = Control("choices", "lines", _("Answers"), _("One a line. Empty lines are passed over."))
_OTHER = Control("choices.is_other", "choice", _("With a field for own words"))
_EXCLUSIVE = Control("choices.is_exclusive", "choice", _("Stands alone (“none of these”)"))
_RANDOM = Control("is_random", "check", _("In a random order"))
_LOW = Control("low", "text", _("Words at the low end"))
_HIGH = Control("high", "text", _("Words at the high end"))
_ROWS = Control("rows", "lines", _("Rows"), _("One a line."))
_POINTS = Control("points", "select", _("Points"), options=(("5", "5"), ("7", "7"), ("10", "10")))
_NA = Control("has_na", "check", _("“Does not concern me” may be chosen"))
_UNIT = Control("unit", "text", _("Unit"), _("Stands behind the number."))
_YES_NO = [{"id": "a1"}, {"id": "a2"}]
_ROLES = (
    ("", _("None in particular")), ("overall", _("Satisfaction with the whole")), ("nps", _("Recommendation (NPS)")), ("csat",
    _("Satisfaction (CSAT)")),
    ("ces", _("Effort (CES)")), ("driver", _("May explain the whole (driver)")), ("open", _("Own words, read by topic")),
)  # fmt: skip
_GROUPS: Final = {"choose": _("Choose"), "rate": _("Rate"), "write": _("Write"), "other": _("Other")}


def _scale(prefix: str) -> tuple[Control, ...]:
    """What is set of a scale."""
    return (
        Control(f"{prefix}.points", "select", _("Points"), options=tuple((str(n), str(n)) for n in (2, 3, 4, 5, 6, 7, 10))),
        Control(f"{prefix}.labels", "labels", _("Words of the points"),
            _("One a line, from the lowest on; leave it empty to name only the ends.")),
        Control(f"{prefix}.low", "text", _("Words at the low end")), Control(f"{prefix}.high", "text", _("Words at the high end")),
        Control(f"{prefix}.has_na", "check", _NA.label),
    )  # fmt: skip


_ALL: Final = (
    Kind("single", "circle-check", _("One of several"), "choose", (_CHOICES, _OTHER, _RANDOM), {"choices": _YES_NO}),
    Kind("multiple", "square-check", _("Several of them"), "choose", (_CHOICES, _OTHER, _EXCLUSIVE, Control("least", "number",
    _("At least")),
         Control("most", "number", _("At most")), _RANDOM), {"choices": _YES_NO}),
    Kind("dropdown", "chevron-down", _("From a list"), "choose", (_CHOICES, _OTHER, _RANDOM), {"choices": _YES_NO}),
    Kind("image_choice", "photo", _("Pictures"), "choose", (_CHOICES, Control("several", "check", _("Several may be chosen")), _RANDOM),
    {"choices": _YES_NO}),
    Kind("ranking", "sort-ascending", _("Put in order"), "choose", (_CHOICES, Control("most", "number", _("Only the first so many")),
    _RANDOM),
         {"choices": _YES_NO}),
    Kind("constant_sum", "chart-pie", _("Share out points"), "choose", (_CHOICES, Control("total", "number", _("Points to share out")),
    _UNIT),
         {"choices": _YES_NO}),
    Kind("nps", "thumb-up", _("0 to 10 (NPS)"), "rate", (_LOW, _HIGH), {"role": "nps"}),
    Kind("stars", "star", _("Stars"), "rate", (Control("most", "select", _("Stars"), options=tuple((str(n), str(n)) for n in range(3,
    11))), _LOW, _HIGH)),
    Kind("smileys", "mood-smile", _("Faces"), "rate", (_LOW, _HIGH)),
    Kind("ces", "bolt", _("Effort (CES)"), "rate", (Control("points", "select", _("Points"), options=(("5", "5"), ("7", "7"))), _LOW,
    _HIGH), {"role": "ces"}),
    Kind("likert", "adjustments-horizontal", _("Scale"), "rate", _scale("scale"), {"scale": {"points": 5}}),
    Kind("matrix", "table", _("Table of ratings"), "rate",
         (_ROWS, *_scale("scales.0"), Control("dual", "check", _("A second scale"), _("For importance beside satisfaction.")),
         *_scale("scales.1"), _RANDOM),
         {"rows": _YES_NO, "scales": [{"points": 5}]}),
    Kind("slider", "ruler", _("Slider"), "rate", (Control("low", "number", _("From")), Control("high", "number", _("To")),
         Control("step", "number", _("Step")), Control("low_text", "text", _LOW.label), Control("high_text", "text", _HIGH.label), _UNIT)),
    Kind("text", "pencil", _("A line"), "write", (Control("most", "number", _("At most so many characters")), Control("placeholder",
    "text", _("Example in the field")))),
    Kind("long_text", "file-text", _("A text"), "write", (Control("most", "number", _("At most so many characters")),
    Control("placeholder", "text", _("Example in the field"))),
         {"role": "open"}),
    Kind("number", "hash", _("Number"), "write", (Control("least", "number", _("Smallest")), Control("most", "number", _("Largest")),
         Control("decimals", "number", _("Digits after the point")), _UNIT)),
    Kind("date", "calendar", _("Date"), "write", (Control("least", "day", _("Earliest")), Control("most", "day", _("Latest")))),
    Kind("email", "mail", _("E-mail address"), "write"),
    Kind("phone", "phone", _("Telephone"), "write"),
    Kind("file", "paperclip", _("File"), "write", (Control("endings", "words", _("Kinds of files"),
    _("Endings such as pdf, jpg; empty: pictures, PDF and documents.")),
         Control("most_mb", "number", _("At most so many MB")))),
    Kind("consent", "shield-check", _("Agreement"), "other", (Control("topic", "plain", _("Topic"), _("As it is called in the consents.")),
         Control("channel", "select", _("By"), options=(("email", _("E-mail")), ("sms", _("Message")), ("phone", _("Telephone")))))),
    Kind("note", "note", _("Only a text"), "other"),
    Kind("hidden", "eye-off", _("From the address"), "other", (Control("parameter", "plain", _("Part of the address"),
    _("?till=3 is “till”.")),
         Control("value", "plain", _("Else this value")))),
    Kind("computed", "percentage", _("Worked out"), "other", (Control("formula", "condition", _("Formula"),
    _("For example: {q1} + {q2}")),)),
)  # fmt: skip
KINDS: Final = {kind.key: kind for kind in _ALL}
SHARED: Final = (
    Control(
        "required",
        "select",
        _("Answer"),
        options=(("no", _("May be left out")), ("soft", _("Asked for once more")), ("yes", _("Has to be given"))),
    ),
    Control("help", "text", _("Help"), _("Stands under the question.")),
    Control("role", "select", _("In the report"), options=_ROLES),
)


def groups() -> list[tuple[Words, list[Kind]]]:
    return [(name, [kind for kind in _ALL if kind.group == key]) for key, name in _GROUPS.items()]


def controls(kind: str) -> tuple[Control, ...]:
    """What can be set of a question of this kind, beside its text, short name and condition."""
    if kind in ("note", "hidden", "computed"):
        return KINDS[kind].controls
    rated = kind in {str(each.__struct_config__.tag) for each in (*model.RATED, *model.OPEN, model.Single, model.Slider)}
    return (*KINDS[kind].controls, *(each for each in SHARED if each.name != "role" or rated))
