"""What the board's figures say, in words: only what was counted, careful where there is little to go by."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vincle.listen.labels import label
from vincle.science.moves import Mover
from vincle.web.tags.formats import number, percent
from vincle.web.tags.people import mark_of

from . import wording
from .board import Board, Four, Mood, Subject

LITTLE = 20
MUCH = 0.15


def headline(board: Board, name: str) -> str:
    """How often, and how that compares with the period before."""
    words = {"name": name, "count": number(board.mood.n), "when": wording.when(board.choice), "change": ""}
    if not board.mood.n:
        return (_("Nothing was said about %(name)s %(when)s") if name else _("Nothing was said %(when)s")) % words
    before = board.mood_before
    if before is None or before.n < LITTLE:
        return _said(board, name, words)
    change = (board.mood.n - before.n) / before.n
    if abs(change) < 0.05:
        words["change"] = _("as often as in %(before)s") % {"before": wording.before(board.choice)}
    else:
        more = _("%(share)s more than in %(before)s") if change > 0 else _("%(share)s less than in %(before)s")
        words["change"] = more % {"share": percent(abs(change)), "before": wording.before(board.choice)}
    return _said(board, name, words)


def _said(board: Board, name: str, words: dict[str, str]) -> str:
    if name and words["change"]:
        text = ngettext(
            "%(name)s: %(count)s mention %(when)s, %(change)s", "%(name)s: %(count)s mentions %(when)s, %(change)s", board.mood.n
        )
    elif name:
        text = ngettext("%(name)s: %(count)s mention %(when)s", "%(name)s: %(count)s mentions %(when)s", board.mood.n)
    elif words["change"]:
        text = ngettext("%(count)s mention %(when)s, %(change)s", "%(count)s mentions %(when)s, %(change)s", board.mood.n)
    else:
        text = ngettext("%(count)s mention %(when)s", "%(count)s mentions %(when)s", board.mood.n)
    return text % words


def sentence(board: Board, with_movers: bool = True) -> str:
    """How it feels, and what drags or lifts it most (`with_movers`: that has to be counted first)."""
    strongest = next((each for each in board.movers if each.is_sure), None) if with_movers else None
    if strongest is None:
        return feeling(board.mood) if board.mood.n else _("Choose other days, or another query.")
    words = {"name": label("aspects", strongest.name), "feeling": feeling(board.mood)}
    if strongest.effect < 0:
        return _("%(feeling)s %(name)s weighs on it most.") % words
    return _("%(feeling)s %(name)s helps it most.") % words


def feeling(mood: Mood) -> str:
    if mood.n < LITTLE:
        return _("Too few mentions to say how they feel.")
    low, high = mood.bad_range
    words = {"share": percent(mood.bad_share), "low": percent(low), "high": percent(high)}
    return _("%(share)s are negative (between %(low)s and %(high)s).") % words


def ratio(mood: Mood) -> str:
    """Positive to negative, as people say it."""
    found = mood.ratio
    if found is None:
        return _("no negative one") if mood.n else "–"
    return (
        _("%(ratio)s : 1") % {"ratio": number(found, 1)}
        if found >= 1
        else _("1 : %(ratio)s") % {"ratio": number(1 / found, 1) if found else "∞"}
    )


def strength(four: Four) -> str:
    words = {"recent": number(four.recent), "possible": number(four.possible)}
    return _("%(recent)s of %(possible)s texts heard in the last 24 hours of these days") % words


def a_day(board: Board) -> str:
    return _("%(count)s mentions a day") % {"count": number(board.mood.n / board.length, 1)}


def mood_over_time(days: Sequence[Mood]) -> str:
    """Whether the share of negative mentions of the second half of the days differs from that of the first by more than chance."""
    halves = [Mood(*(sum(mood[at] for mood in part) for at in range(3))) for part in (days[: len(days) // 2], days[len(days) // 2 :])]
    (_low, early_high), (late_low, late_high), early_low = halves[0].bad_range, halves[1].bad_range, halves[0].bad_range[0]
    if min(half.n for half in halves) < LITTLE:
        return _("How the mood went")
    if late_low > early_high:
        return _("The mood got worse")
    return _("The mood got better") if late_high < early_low else _("The mood stayed as it was")


def passion(four: Four) -> str:
    again = _("%(again)s of %(people)s people spoke more than once") % {"again": number(four.again), "people": number(four.people)}
    if not four.early:
        return again
    back = _("%(back)s of %(early)s spoke again within 28 days") % {"back": number(four.back), "early": number(four.early)}
    return f"{again}; {back}"


def reach(four: Four) -> str:
    return _("%(people)s people made %(count)s mentions") % {"people": number(four.people), "count": number(four.mood.n)}


def what(subjects: Sequence[Subject], rising: Sequence[Subject]) -> str:
    """The finding of the first panel."""
    if rising:
        return _("Rising: %(names)s") % {"names": _names(rising[:2])}
    if subjects:
        return _("Most spoken of: %(names)s") % {"names": _names(subjects[:2])}
    return _("What is spoken of")


def _names(subjects: Sequence[Subject]) -> str:
    first = [label(subject.kind, subject.label) for subject in subjects]
    return first[0] if len(first) == 1 else _("%(one)s and %(other)s") % {"one": first[0], "other": first[1]}


def how(channels: Sequence[tuple[str, Mood]]) -> str:
    """The channel that differs most from the rest in its share of negative words; else the largest."""
    if not channels:
        return _("How it is said")
    total = Mood(*(sum(mood[at] for _name, mood in channels) for at in range(3)))
    for name, mood in channels:
        low, high = mood.bad_range
        words = {"name": mark_of(name)[1], "share": percent(mood.bad_share)}
        if mood.n >= LITTLE and low > total.bad_share + MUCH / 3:
            return _("%(name)s is more negative than the rest: %(share)s") % words
        if mood.n >= LITTLE and high < total.bad_share - MUCH / 3:
            return _("%(name)s is less negative than the rest: %(share)s") % words
    return _("Most is said on %(name)s") % {"name": mark_of(channels[0][0])[1]}


def why(found: Sequence[Mover]) -> str:
    sure = [each for each in found if each.is_sure]
    if not sure:
        return _("No single thing moves the mood by more than chance")
    bad, good = [each for each in sure if each.effect < 0], [each for each in sure if each.effect > 0]
    if bad and good:
        return _("%(bad)s pulls down, %(good)s lifts") % {"bad": label("aspects", bad[0].name), "good": label("aspects", good[0].name)}
    if bad:
        return _("%(name)s pulls the mood down") % {"name": label("aspects", bad[0].name)}
    return _("%(name)s lifts the mood") % {"name": label("aspects", good[0].name)}


def where(countries: Sequence[tuple[str, Mood]], name: str) -> str:
    known = [(code, mood) for code, mood in countries if code]
    total = sum(mood.n for _code, mood in countries)
    if not known or not total:
        return _("Where from is not known")
    words = {"name": name, "share": percent(known[0][1].n / total)}
    return _("%(name)s: %(share)s of all mentions") % words


def who(name: str, echo: int) -> str:
    if not name:
        return _("Who speaks")
    if echo:
        return _("%(name)s is heard most") % {"name": name}
    return _("%(name)s speaks most") % {"name": name}
