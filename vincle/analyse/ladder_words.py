"""The Ladder in words."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vincle.listen.phrases import phrase
from vincle.vocabulary import Stage
from vincle.web.tags.formats import number, percent
from vincle.web.tags.people import mark_of, stage_name

from .ladder_figures import STAGES, Ladder, Ratio, Rise, Voice

NEW = "new"


def headline(figures: Ladder) -> str:
    rose, fell = figures.rose, figures.fell
    if not rose and not fell:
        return _("Nobody moved on the ladder in these days")
    up = ngettext("%(n)s person climbed", "%(n)s people climbed", rose) % {"n": number(rose)}
    return _("%(up)s, %(down)s stepped down") % {"up": up, "down": number(fell)}


def flow_names() -> list[tuple[str, str, str]]:
    """(state, words, tone) from the top of the ladder down; those who were not known yet come last."""
    return [*((stage, stage_name(stage), f"rung-{stage}") for stage in reversed(STAGES)), (NEW, _("Not known yet"), "neu")]


def moved(before: str, after: str, people: int) -> str:
    """A band of the picture: `Spectator to critic: 12 people`."""
    told = {"before": stage_name(before) if before != NEW else _("Not known yet"), "after": stage_name(after), "n": number(people)}
    return ngettext("%(before)s to %(after)s: %(n)s person", "%(before)s to %(after)s: %(n)s people", people) % told


def flow_title(figures: Ladder) -> str:
    """The way that most who climbed went."""
    ways = {way: n for way, n in figures.whole.items() if way[0] and STAGES.index(way[1]) > STAGES.index(way[0])}
    if not ways:
        return _("Nobody climbed in these days")
    (before, after), n = max(ways.items(), key=lambda pair: (pair[1], pair[0]))
    told = {"share": percent(n / figures.rose), "before": stage_name(before), "after": stage_name(after)}
    return _("Of those who climbed, %(share)s went from %(before)s to %(after)s") % told


def thing(rise: Rise) -> str:
    """What went before a rise."""
    if rise.kind == "channel":
        return _("They were active on %(channel)s") % {"channel": mark_of(rise.what)[1]}
    verb, _space, kind = rise.what.partition(" ")
    did = phrase(verb, kind)
    return _("We: %(did)s") % {"did": did} if rise.kind == "us" else _("They: %(did)s") % {"did": did}


def times(found: Ratio) -> str:
    told = {"n": number(found.value, 1), "low": number(found.low, 1), "high": number(found.high, 1)}
    return _("%(n)s times as often (%(low)s to %(high)s)") % told


def rises_title(rises: list[Rise]) -> str:
    first = next((each for each in rises if each.ratio.low > 1), None)
    if first is None:
        return _("Nothing stands out before a rise")
    return _("Before a rise: %(thing)s, %(n)s times as often") % {"thing": thing(first), "n": number(first.ratio.value, 1)}


def voices_title(voices: list[Voice]) -> str:
    """Which brand turns most of those it reaches into people who speak for themselves."""
    known = [each for each in voices if each.reached]
    if not known:
        return _("Brands beside each other")
    best = max(known, key=lambda each: each.share(Stage.CREATOR)[0])
    told = {"brand": best.name, "share": percent(best.share(Stage.CREATOR)[0])}
    return _("%(brand)s turns most of its reach into creators: %(share)s") % told


def flags_said(flags: tuple[int, ...]) -> str:
    """`Semi-active + critic`."""
    return " + ".join(stage_name(stage) for stage, reached in zip(STAGES[1:], flags, strict=True) if reached)


def shares(voice: Voice) -> list[dict[str, Any]]:
    """Of each rung from semi-active up: the share of those reached who stood there or higher, with its interval."""
    found = []
    for stage in (Stage.SEMI_ACTIVE, Stage.CRITIC, Stage.CREATOR):
        share, low, high = voice.share(stage)
        found.append({"share": percent(share), "range": f"{percent(low)} – {percent(high)}", "n": voice.at_least(stage)})
    return found
