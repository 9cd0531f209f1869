"""What was noticed, as a sentence in the reader's language. Notices hold codes and numbers; names are looked up when they are shown."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vincle.web.tags.formats import percent

from .models import Notice

Values = Mapping[str, Any]


def title(notice: Notice, name: str = "") -> str:
    """One sentence. `name`: of the one it is about; empty where nobody knows it any more."""
    return say(notice.code, notice.values, name)


def say(code: str, values: Values, name: str = "") -> str:
    worded = _SENTENCES.get(code)
    return worded(values, name) if worded else code.replace("_", " ")


def _count(value: Any) -> str:
    return number_format(round(float(value or 0)), decimal_pos=0, use_l10n=True, force_grouping=True)


def _usual(value: Any) -> str:
    """What was expected: small numbers with their half."""
    found = float(value or 0)
    return number_format(round(found, 1), decimal_pos=1) if 0 < found < 10 and round(found, 1) != round(found) else _count(found)


def _spike(values: Values, name: str) -> str:
    hours = int(values.get("hours", 1))
    told = {"count": _count(values["count"]), "expected": _usual(values["expected"]), "hours": hours}
    if hours == 1:
        return _("%(count)s texts within the hour, where %(expected)s are usual") % told
    return _("%(count)s texts within %(hours)s hours, where %(expected)s are usual") % told


def _drop(values: Values, name: str) -> str:
    told = {"share": percent(values["share"]), "expected": percent(values["expected"]), "opinions": _count(values["opinions"])}
    return _("%(share)s of %(opinions)s opinions of a day are negative; in the four weeks before it were %(expected)s") % told


def _crisis(values: Values, name: str) -> str:
    told = {"count": _count(values["count"]), "expected": _usual(values["expected"]), "share": percent(values["share"])}
    return _("%(count)s texts within three hours, where %(expected)s are usual, and %(share)s of the opinions are negative") % told


def _urgent(values: Values, name: str) -> str:
    return _("%(people)s people speak of harm or haste within an hour") % {"people": _count(values["people"])}


def _vip(values: Values, name: str) -> str:
    who = name or _("Someone who matters")
    count = int(values.get("count", 1))
    told = {"name": who, "count": _count(count), "why": _reason(values)}
    return ngettext("%(name)s said something (%(why)s)", "%(name)s said %(count)s things (%(why)s)", count) % told


def _reason(values: Values) -> str:
    value = values.get("value")
    if values.get("reason") == "followers":
        return ngettext("%(n)s follower", "%(n)s followers", int(value or 0)) % {"n": _count(value)}
    if values.get("reason") == "stage":
        from vincle.web.tags.people import STAGES

        return str(STAGES[value][0]) if value in STAGES else str(value)
    if values.get("reason") == "tag":
        return _("tagged “%(tag)s”") % {"tag": value}
    return _("someone of the team looks after them")


def _unanswered(values: Values, name: str) -> str:
    count, hours = int(values["count"]), int(values["hours"])
    told = {"count": _count(count), "hours": _count(hours)}
    return (
        ngettext(
            "A question or complaint has waited for more than %(hours)s hours",
            "%(count)s questions and complaints have waited for more than %(hours)s hours",
            count,
        )
        % told
    )


def _every_match(values: Values, name: str) -> str:
    count = int(values["count"])
    return ngettext("%(count)s new text", "%(count)s new texts", count) % {"count": _count(count)}


def _connection(values: Values, name: str) -> str:
    from .doctor_words import said

    told = {"name": values.get("name", ""), "what": said(values.get("kind", ""), values.get("code", "")).what}
    if values.get("code") != "token_ends":
        return _("%(name)s: %(what)s") % told
    days = int(values.get("days", 0))
    if days < 1:
        return _("%(name)s: the consent ends within a day") % told
    told |= {"days": _count(days)}
    return ngettext("%(name)s: the consent ends in %(days)s day", "%(name)s: the consent ends in %(days)s days", days) % told


_SENTENCES: Final[dict[str, Callable[[Values, str], str]]] = {
    "spike": _spike, "sentiment_drop": _drop, "crisis": _crisis, "urgent": _urgent, "vip": _vip, "unanswered": _unanswered,
    "every_match": _every_match, "connection": _connection,
}  # fmt: skip


def register(code: str, worded: Callable[[Values, str], str]) -> None:
    """The sentence of a later stage's own notices."""
    _SENTENCES[code] = worded
