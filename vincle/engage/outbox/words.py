"""Why someone may not be written to, in a sentence for a person."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from vincle.web.tags.formats import day

from .rules import Reason, Verdict

_PLAIN: Final[dict[str, Any]] = {
    "no_address": lazy("We know no address of theirs for this."),
    "bounced": lazy("Mails to this address come back."),
    "complained": lazy("They marked a letter of ours as unwanted."),
    "suppressed": lazy("Someone of the team put this address on the suppression list."),
    "forgotten": lazy("They asked to be forgotten."),
    "never_wrote": lazy("They never wrote to us there: nobody is answered who did not ask."),
    "never_agreed": lazy("They never agreed to this."),
    "ourselves": lazy("This address is our own."),
    "shared_address": lazy("Several people use this address, and nobody who answers it agreed in person."),
    "window_closed": lazy("The channel does not let us write to them now."),
    "withdrawn": lazy("They took their permission back."),
    "denied": lazy("They said no to this."),
    "objected": lazy("They want to hear nothing of this kind from us."),
}
SHORT: Final[dict[str, Any]] = {
    "no_address": lazy("no address"), "bounced": lazy("mails come back"), "complained": lazy("complained"),
    "suppressed": lazy("suppressed"),
    "forgotten": lazy("forgotten"), "never_wrote": lazy("never wrote"), "never_agreed": lazy("never agreed"),
    "consent_ended": lazy("permission ended"), "wrong_basis": lazy("no permission for this"), "ourselves": lazy("ourselves"),
    "shared_address": lazy("shared address"), "window_closed": lazy("channel closed"), "withdrawn": lazy("took it back"),
    "denied": lazy("said no"), "objected": lazy("objected"), "paused": lazy("paused"), "own_wish": lazy("wants less"),
    "cap": lazy("had enough lately"), "quiet_hours": lazy("quiet hours"),
}  # fmt: skip
"""For counts and columns."""

CODES: Final = frozenset(SHORT)


def short(code: str) -> str:
    """A code in two words; the code itself where nothing is known of it."""
    return str(SHORT.get(code, code))


def said(reason: Reason) -> str:
    """One reason as a sentence.

    >>> said(Reason("cap", {"most": 2, "days": 7}))
    'They had 2 messages in 7 days; more would be too many.'
    """
    if reason.code in _WITH:
        return _WITH[reason.code](reason.params)
    words = str(_PLAIN.get(reason.code, reason.code))
    return f"{words} {_('They said so at another address of theirs.')}" if reason.params.get("is_elsewhere") else words


def sentences(verdict: Verdict) -> list[str]:
    """All reasons of a verdict; with when it may be, where it may be later."""
    found = [said(reason) for reason in verdict.reasons]
    if verdict.not_before:
        at = timezone.localtime(verdict.not_before)
        found.append(_("It may be sent from %(day)s, %(time)s on.") % {"day": day(at), "time": f"{at:%H:%M}"})
    return found


def _ended(params: Mapping[str, Any]) -> str:
    return _("Their permission ended on %(day)s.") % {"day": day(params.get("day"))}


def _basis(params: Mapping[str, Any]) -> str:
    names = {"contract": _("a contract"), "legitimate interest": _("legitimate interest"), "consent": _("consent")}
    return _("What we have from them rests on %(basis)s, which does not allow this.") % {"basis": names.get(params.get("basis", ""), "?")}


def _paused(params: Mapping[str, Any]) -> str:
    return _("They asked for a pause until %(day)s.") % {"day": day(params.get("day"))}


def _wish(params: Mapping[str, Any]) -> str:
    days = int(params.get("days") or 0)
    words = ngettext("They want a day between two messages.", "They want %(days)d days between two messages.", days)
    return words % {"days": days}


def _cap(params: Mapping[str, Any]) -> str:
    most = int(params.get("most") or 0)
    words = ngettext(
        "They had %(most)d message in %(days)d days; more would be too many.",
        "They had %(most)d messages in %(days)d days; more would be too many.",
        most,
    )  # fmt: skip
    return words % {"most": most, "days": int(params.get("days") or 0)}


def _quiet(params: Mapping[str, Any]) -> str:
    return _("These are quiet hours where they live (%(zone)s).") % {"zone": str(params.get("zone", "")).replace("_", " ")}


_WITH: Final[dict[str, Callable[[Mapping[str, Any]], str]]] = {
    "consent_ended": _ended, "wrong_basis": _basis, "paused": _paused, "own_wish": _wish, "cap": _cap, "quiet_hours": _quiet,
}  # fmt: skip
