"""A report in words, computed from its frozen figures alone: what happened, what changed, how people feel, why, who; and what to decide.

No number is written that does not stand in the figures, and where they say too little, that is what is said. The rules behind the
decisions are those of docs/guides/reports.md; each decision names the figures it rests on and the search that shows the words behind.
"""

from collections.abc import Iterator
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from vincle.web.tags.formats import number, percent, signed

from .reports_figures import LITTLE, Figures

Told = dict[str, Any]
PARTS: Final = {
    "happened": gettext_lazy("What happened"),
    "changed": gettext_lazy("What changed"),
    "felt": gettext_lazy("What people liked and disliked"),
    "why": gettext_lazy("Why"),
    "who": gettext_lazy("Who and where"),
    "beside": gettext_lazy("Beside others"),
}
TERMS: Final = {"short": gettext_lazy("This week"), "middle": gettext_lazy("This quarter"), "long": gettext_lazy("This year")}
FEW = 5
"""Fewer mentions than this give no reason to do anything."""
SAME = 0.05
"""A change by less than this share is called none."""
SECOND_TONGUE = 0.1
SELDOM_BACK = 0.2


def told(figures: Figures) -> Told:
    """The whole summary, in the language that is active: `parts` and `decisions`, ready to be kept beside the figures."""
    writers = {"happened": _happened, "changed": _changed, "felt": _felt, "why": _why, "who": _who, "beside": _beside}
    parts = [{"id": name, "title": str(PARTS[name]), "sentences": list(writers[name](figures))} for name in PARTS]
    rules = {"short": _short, "middle": _middle, "long": _long}
    decisions = [{"id": name, "title": str(TERMS[name]), "rows": list(rules[name](figures))} for name in TERMS]
    return {"parts": [each for each in parts if each["sentences"]], "decisions": decisions}


def _happened(figures: Figures) -> Iterator[str]:
    yield figures["title"] + "."
    if not figures["mood"]["n"]:
        return
    four = figures["four"]
    if four["people"]:
        said = ngettext(
            "%(people)s person said it; %(again)s spoke more than once.",
            "%(people)s people said it; %(again)s of them spoke more than once.",
            four["people"],
        )
        yield said % {"people": number(four["people"]), "again": number(four["again"])}
    for each in figures["spikes"]:
        words = {"day": each["words"], "n": number(each["n"]), "high": number(each["high"]), "low": number(each["low"])}
        if each["is_high"]:
            yield _("%(day)s stands out: %(n)s mentions, where at most %(high)s were to be expected.") % words
        else:
            yield _("%(day)s was quiet: %(n)s mentions, where at least %(low)s were to be expected.") % words


def _changed(figures: Figures) -> Iterator[str]:
    change, before, now = figures["change"], figures["before"], figures["mood"]
    if not now["n"]:
        return
    if change is None or before is None:
        yield _("Too little is known of the days before to say what changed.")
        return
    words = {"before": number(before["n"]), "n": number(now["n"]), "days": figures["before_words"]}
    yield _("%(n)s mentions now, %(before)s in %(days)s.") % words
    moved = figures["moved_most"]
    if moved and abs(change["share"]) >= SAME and abs(moved["more"]) >= FEW and (moved["more"] > 0) == (change["n"] > 0):
        said = _("%(name)s made most of the difference: %(n)s mentions now, %(before)s before.")
        yield said % {"name": moved["name"], "n": number(moved["n"]), "before": number(moved["before"])}
    yield from _mood_changed(now, before)
    for rows, said in (
        (figures["rising"], _("Rising by more than chance explains: %(name)s, from %(before)s to %(n)s.")),
        (figures["falling"], _("Falling by more than chance explains: %(name)s, from %(before)s to %(n)s.")),
    ):
        for each in rows[:2]:
            yield said % {"name": each["name"], "before": number(each["before"]), "n": number(each["n"])}


def _mood_changed(now: Figures, before: Figures) -> Iterator[str]:
    if min(now["n"], before["n"]) < LITTLE:
        return
    words = {"before": percent(before["bad"]), "now": percent(now["bad"])}
    if now["bad_low"] > before["bad_high"]:
        yield _("The mood got worse: %(now)s are negative, %(before)s were before.") % words
    elif now["bad_high"] < before["bad_low"]:
        yield _("The mood got better: %(now)s are negative, %(before)s were before.") % words
    else:
        yield _("The mood stayed as it was, as far as can be said: %(now)s are negative, %(before)s were before.") % words


def _felt(figures: Figures) -> Iterator[str]:
    mood = figures["mood"]
    if not mood["n"]:
        return
    if mood["n"] < LITTLE:
        yield _("How people feel cannot be said: there are too few mentions.")
        return
    words = {"bad": percent(mood["bad"]), "low": percent(mood["bad_low"]), "high": percent(mood["bad_high"]), "good": percent(mood["good"])}
    yield _("%(bad)s of the mentions are negative (between %(low)s and %(high)s), %(good)s are positive.") % words
    for each in figures["liked"][:2]:
        said = _("%(name)s is liked: %(share)s of %(n)s mentions are positive.")
        yield said % {"name": each["name"], "share": percent(each["good"]), "n": number(each["n"])}
    for each in figures["disliked"][:2]:
        said = _("%(name)s is disliked: %(share)s of %(n)s mentions are negative.")
        yield said % {"name": each["name"], "share": percent(each["bad"]), "n": number(each["n"])}
    if not figures["liked"] and not figures["disliked"]:
        yield _("No topic is liked or disliked more than the rest by more than chance explains.")


def _sure(figures: Figures) -> list[Figures]:
    return [each for each in figures["movers"] if each["sure"]]


def _why(figures: Figures) -> Iterator[str]:
    if not figures["mood"]["n"]:
        return
    if not figures["movers"]:
        yield _("Why cannot be said: too few texts name the same things.")
        return
    if not _sure(figures):
        yield _("Why cannot be said: no single thing moves the mood by more than chance explains.")
        return
    said = _("Where %(name)s is named, the mood differs by %(points)s points of 100 (between %(low)s and %(high)s; %(n)s mentions).")
    for each in _sure(figures)[:3]:
        yield said % {"name": each["name"], **_points(each), "n": number(each["n"])}
    yield _("What goes together is not yet a cause: an answer, a change or an experiment shows it.")


def _points(mover: Figures) -> dict[str, str]:
    return {name: signed(mover[name]) for name in ("points", "low", "high")}


def _who(figures: Figures) -> Iterator[str]:
    if not figures["mood"]["n"]:
        return
    if figures["most_echo"]:
        said = _("The words that were taken up most are those of one person: %(echo)s shares, reactions and answers.")
        yield said % {"echo": number(figures["most_echo"])}
    elif figures["authors"]:
        yield _("Nobody's words were shared, reacted to or answered.")
    yield figures["how"] + "."
    yield figures["where"] + "."


def _beside(figures: Figures) -> Iterator[str]:
    if other := figures["beside"]:
        words = {"name": other["name"], "n": number(other["n"]), "own": number(figures["mood"]["n"])}
        yield _("%(name)s: %(n)s mentions in the same days, beside %(own)s here.") % words
        if min(other["n"], figures["mood"]["n"]) >= LITTLE:
            said = _("%(share)s of them are negative, %(own)s here.")
            yield said % {"share": percent(other["bad"]), "own": percent(figures["mood"]["bad"])}
    own = next((each for each in figures["voices"] if each["own"]), None)
    if own and len(figures["voices"]) > 1:
        said = _("%(name)s has %(share)s of the %(n)s mentions of brands and competitors.")
        yield said % {"name": own["name"], "share": percent(own["share"]), "n": number(figures["voices_n"])}


# what to decide


def _decision(what: str, because: str, *conditions: str, day: str = "") -> Figures:
    """`conditions` of a search that shows the words behind, on `day` or in the days of the report."""
    return {"text": what, "because": because, "conditions": list(conditions), "day": day}


def _short(figures: Figures) -> Iterator[Figures]:
    """Answer those who ask, complain or want to leave; look at what stood out; speak about what rises and is disliked."""
    intents = {each["id"]: each for each in figures["intents"]}
    asks = {
        "churn_threat": _("Speak first to those who say that they will leave"),
        "complaint": _("Answer the complaints"),
        "question": _("Answer the questions"),
    }
    for name, what in asks.items():
        if name in intents and intents[name]["n"] >= (1 if name == "churn_threat" else FEW):
            because = _("%(name)s: %(n)s mentions.") % {"name": intents[name]["name"], "n": number(intents[name]["n"])}
            yield _decision(what, because, f"intent:{name}")
    for each in [spike for spike in figures["spikes"] if spike["is_high"]][:1]:
        because = _("%(n)s mentions, at most %(high)s were to be expected.") % {"n": number(each["n"]), "high": number(each["high"])}
        yield _decision(_("Find out what happened on %(day)s") % {"day": each["words"]}, because, day=each["day"])
    for each in figures["rising"][:3]:
        if each["kind"] == "topics" and each["n"] >= LITTLE and each["bad_low"] > figures["mood"]["bad"]:
            words = {"before": number(each["before"]), "n": number(each["n"]), "share": percent(each["bad"])}
            because = _("It rose from %(before)s to %(n)s mentions; %(share)s are negative.") % words
            what = _("Say openly what you do about: %(name)s") % {"name": each["name"]}
            yield _decision(what, because, f"topic:{each['id']}", "sentiment:negative")


def _middle(figures: Figures) -> Iterator[Figures]:
    """Mend what weighs most, show what helps most, look after the channel that is worse than the rest."""
    for sign, what in ((-1, _("Mend what weighs most on the mood: %(name)s")), (1, _("Do more of what helps most, and show it: %(name)s"))):
        found = next((each for each in _sure(figures) if each["points"] * sign > 0), None)
        if found:
            because = _("%(points)s points where it is named (between %(low)s and %(high)s); it moves the whole by %(pull)s.")
            words = {**_points(found), "pull": signed(found["pull"], 1)}
            conditions = (f"topic:{found['id']}", f"sentiment:{'negative' if sign < 0 else 'positive'}")
            yield _decision(what % {"name": found["name"]}, because % words, *conditions)
    mood = figures["mood"]
    worse = [each for each in figures["channels"] if each["n"] >= LITTLE and each["bad_low"] > mood["bad_high"]]
    for each in worse[:1]:
        words = {"share": percent(each["bad"]), "all": percent(mood["bad"]), "name": each["name"]}
        because = _("%(share)s of its mentions are negative, %(all)s of all.") % words
        yield _decision(_("Look after %(name)s: it is worse than the rest") % words, because, f"channel:{each['id']}", "sentiment:negative")


def _long(figures: Figures) -> Iterator[Figures]:
    """Give reasons to come back, answer in the languages that are spoken, gain voice beside who is louder."""
    four = figures["four"]
    if four["early"] >= LITTLE and four["back_share"] < SELDOM_BACK:
        words = {"back": number(four["back"]), "early": number(four["early"])}
        because = _("%(back)s of %(early)s spoke again within 28 days.") % words
        yield _decision(_("Give people a reason to speak to you again"), because)
    spoken = [each for each in figures["languages"] if each["id"]]
    for each in spoken[1:2]:
        if each["share"] >= SECOND_TONGUE and each["n"] >= LITTLE:
            because = _("%(share)s of the mentions are in it: %(n)s.") % {"share": percent(each["share"]), "n": number(each["n"])}
            yield _decision(_("Be there in a second language: %(name)s") % {"name": each["name"]}, because, f"lang:{each['id']}")
    own = next((each for each in figures["voices"] if each["own"]), None)
    louder = figures["voices"][0] if figures["voices"] else None
    if own and louder and not louder["own"] and louder["n"] >= LITTLE and louder["n"] > own["n"]:
        words = {"name": louder["name"], "share": percent(louder["share"]), "own": percent(own["share"])}
        yield _decision(_("Gain voice beside %(name)s") % words, _("%(share)s of the mentions are theirs, %(own)s yours.") % words)
    if figures["most_echo"] >= LITTLE:
        because = _("%(echo)s shares, reactions and answers to one person's words.") % {"echo": number(figures["most_echo"])}
        yield _decision(_("Build a lasting tie with those whose words are taken up"), because)
