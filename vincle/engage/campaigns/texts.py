"""What figures of a campaign say, in sentences."""

from collections.abc import Mapping
from math import inf, isnan
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from vincle.science.lift import Lift
from vincle.science.sequential import Reading
from vincle.web.tags.formats import money, number, percent

from .models import Campaign

CODES: Mapping[str, Any] = {
    "never_agreed": gettext_lazy("never agreed"),
    "wrong_basis": gettext_lazy("agreed to something else"),
    "consent_ended": gettext_lazy("agreed for a time that is over"),
    "denied": gettext_lazy("refused"),
    "withdrawn": gettext_lazy("took it back"),
    "unsubscribed": gettext_lazy("unsubscribed"),
    "suppressed": gettext_lazy("on the list of those not written to"),
    "bounced": gettext_lazy("their address does not take mail"),
    "complained": gettext_lazy("complained of spam"),
    "forgotten": gettext_lazy("asked to be forgotten"),
    "objected": gettext_lazy("objected"),
    "team": gettext_lazy("taken out by the team"),
    "no_address": gettext_lazy("have no e-mail address"),
    "shared_address": gettext_lazy("an address that several share"),
    "ourselves": gettext_lazy("our own addresses"),
    "paused": gettext_lazy("paused for longer"),
    "cap": gettext_lazy("had enough already"),
    "own_wish": gettext_lazy("wish to be written to less often"),
    "quiet_hours": gettext_lazy("quiet hours where they live"),
    "window_closed": gettext_lazy("the channel does not let us write now"),
    "never_wrote": gettext_lazy("never wrote to us"),
    "letter_broken": gettext_lazy("the letter could not be filled in for them"),
    "had_it_lately": gettext_lazy("heard of this plan not long ago"),
    "not_for_them": gettext_lazy("not in the segment the promotion is for"),
    "letter_gone": gettext_lazy("the letter is gone"),
}
GOALS: Mapping[str, Any] = {
    Campaign.Goal.PURCHASE: gettext_lazy("bought"),
    Campaign.Goal.VISIT: gettext_lazy("visited the site"),
    Campaign.Goal.CLICK: gettext_lazy("followed a link"),
    Campaign.Goal.REPLY: pgettext_lazy("a letter", "answered"),
}
STATES: Mapping[str, tuple[str, str]] = {
    Campaign.State.DRAFT: ("plain", "pencil"),
    Campaign.State.ASKED: ("warn", "hourglass"),
    Campaign.State.APPROVED: ("", "clock"),
    Campaign.State.SENDING: ("", "send"),
    Campaign.State.PAUSED: ("warn", "player-pause"),
    Campaign.State.STOPPED: ("plain", "player-stop"),
    Campaign.State.DONE: ("plain", "check"),
}


def reasons(left_out: Mapping[str, int]) -> list[tuple[str, int]]:
    """(why, how many), the most frequent first."""
    rows = sorted(left_out.items(), key=lambda each: (-each[1], each[0]))
    return [(str(CODES.get(code, code.replace("_", " "))), count) for code, count in rows if count]


def reach_said(members: int, reach: int, left_out: Mapping[str, int]) -> str:
    """ "412 of 500 may be written to; 60 never agreed; 28 paused for longer"."""
    head = ngettext("%(reach)s of %(n)s person may be written to", "%(reach)s of %(n)s people may be written to", members)
    parts = [head % {"reach": number(reach), "n": number(members)}]
    parts += [f"{number(count)} {why}" for why, count in reasons(left_out)[:4]]
    return "; ".join(parts)


def outlook_said(campaign: Campaign, outlook: Mapping[str, Any]) -> list[str]:
    """What the measurement will be able to tell."""
    base, goal = outlook.get("base") or 0.0, GOALS[campaign.goal]
    words = {"goal": goal, "base": share(base), "days": campaign.window_days, "held": percent(campaign.held_out / 100)}
    said = []
    if campaign.goal in (Campaign.Goal.PURCHASE, Campaign.Goal.VISIT):
        said.append(_("%(base)s of them %(goal)s in the last %(days)s days without it.") % words)
    elif outlook.get("is_supposed"):
        said.append(_("Supposed that %(base)s %(goal)s: there are no earlier letters to say so.") % words)
    else:
        said.append(_("Of earlier letters, %(base)s of readers %(goal)s.") % words)
    if not campaign.held_out:
        said.append(_("Nobody is held out: what it changes cannot be told from what would have happened anyway."))
    elif gap := outlook.get("gap"):
        said.append(_("With %(held)s held out it will show if that rises to %(to)s or more.") % {**words, "to": share(base + gap)})
    elif campaign.goal in (Campaign.Goal.PURCHASE, Campaign.Goal.VISIT):
        said.append(_("So few people cannot show what it changes, whatever it is. It can be sent all the same."))
    if needed := outlook.get("needed"):
        said.append(_("To show a rise by a fifth it takes about %(n)s people.") % {"n": number(_round(needed))})
    if len(campaign.arms) > 1 and (gap := outlook.get("arms_gap")):
        said.append(_("One letter will be found better if %(to)s %(goal)s instead of %(base)s.") % {**words, "to": share(base + gap)})
    return said


def _round(people: int) -> int:
    """Two figures are enough of what is only foreseen."""
    scale = 10 ** max(0, len(str(people)) - 2)
    return -(-people // scale) * scale


def share(value: float | None) -> str:
    """A share, with a decimal where there would be too little left without."""
    if value is None or isnan(value):
        return "–"
    return str(percent(value, 1 if 0 < value < 0.1 else 0))


def finding(campaign: Campaign, lift: Lift | None, acted: int) -> str:
    """The one sentence above a report."""
    goal = GOALS[Campaign.Goal.PURCHASE if campaign.goal in (Campaign.Goal.CLICK, Campaign.Goal.REPLY) else campaign.goal]
    if lift is None or isnan(lift.because.value):
        told = ngettext("%(n)s person %(goal)s so far", "%(n)s people %(goal)s so far", acted)
        return told % {"n": number(acted), "goal": GOALS[campaign.goal]}
    if lift.times.low > 1:
        return _("About %(n)s people %(goal)s because of it; %(low)s at least") % {
            "n": number(round(lift.because.value)),
            "goal": goal,
            "low": number(max(1, int(lift.because.low))),
        }
    if lift.times.high < 1:
        return _("It did harm: about %(n)s fewer people %(goal)s than without it") % {"n": number(round(-lift.because.value)), "goal": goal}
    return _("It cannot be told yet whether it changed anything")


def between(reading: Reading, currency: str = "") -> str:
    """An interval in words; empty where it has no end on either side."""

    def told(value: float) -> str:
        return str(money(round(value), currency)) if currency else str(number(round(value)))

    if isnan(reading.value) or (reading.low == -inf and reading.high == inf):
        return ""
    if reading.high == inf:
        return _("%(low)s or more") % {"low": told(reading.low)}
    if reading.low == -inf:
        return _("%(high)s or less") % {"high": told(reading.high)}
    return _("%(low)s to %(high)s") % {"low": told(reading.low), "high": told(reading.high)}


def times(reading: Reading) -> str:
    """ "1.4 times as often (1.1 to 1.9)"; empty while nothing happened."""
    if isnan(reading.value):
        return ""

    def told(value: float) -> str:
        return "∞" if value == inf else str(number(value, 2 if value < 10 else 0))

    words = {"value": told(reading.value), "low": told(reading.low), "high": told(reading.high)}
    return _("%(value)s times as often (%(low)s to %(high)s)") % words
