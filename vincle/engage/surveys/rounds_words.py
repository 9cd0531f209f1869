"""Why somebody is not asked, in words."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from vincle.engage.outbox import words

_OWN: Final[Mapping[str, Any]] = {
    "asked_lately": _("was asked lately, or has answered"), "no_surveys": _("does not want to be asked"),
    "no_address": _("has no address there"), "answered_already": _("had answered already"), "survey_closed": _("the survey had closed"),
    "declined": _("does not want to answer"), "cancelled": _("the round was stopped"),
}  # fmt: skip


def why(code: str) -> str:
    return str(_OWN[code]) if code in _OWN else words.short(code)


def left_out(found: Mapping[str, int]) -> list[tuple[str, int]]:
    """(why, how many), most first."""
    return [(why(code), many) for code, many in sorted(found.items(), key=lambda pair: -pair[1]) if many]
