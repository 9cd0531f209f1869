"""The figures of a report, frozen: plain values and the names they had. Whatever a sentence says or a page draws is among them.

Of those who spoke no name is kept, but the number of a public text of theirs: their name is read from it when it is shown, so that
someone who was forgotten is forgotten here as well.
"""

from collections.abc import Sequence
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from vincle.accounts.models import Workspace
from vincle.identify.models import Belonging
from vincle.listen import stream
from vincle.listen.followed import is_public
from vincle.listen.labels import label
from vincle.listen.models import Activity
from vincle.listen.models_listening import Listening
from vincle.listen.views_stream import name_of
from vincle.organise.models import Profile
from vincle.science.proportions import wilson
from vincle.web.tags.people import mark_of

from . import board_page, board_words, wording
from .board import Author, Board, Mood, Subject

Figures = dict[str, Any]
SECTIONS: Final = {
    "summary": _("Written summary"),
    "decisions": _("Decisions suggested"),
    "when": _("When"),
    "what": _("What"),
    "why": _("Why"),
    "how": _("How"),
    "where": _("Where"),
    "who": _("Who"),
    "beside": _("Beside others"),
    "worth": _("Key figures"),
}
USUAL: Final = tuple(name for name in SECTIONS if name != "worth")
"""What a report shows unless it is told otherwise: revenue leaves the house only where someone chose that."""
LITTLE: Final = 20
"""Below so many mentions nothing is said of how they feel."""
MOST = 10
PUBLIC_LOOKED_AT = 40


def frozen(board: Board, name: str, beside: Listening | None, brands: Sequence[Listening]) -> Figures:
    """What the board says now, with names in the language that is active. `name`: of the query, "" for everything said."""
    period, before = board.period, board.mood_before
    return {
        "name": name,
        "title": board_words.headline(board, name),
        "first": period.first.isoformat(),
        "last": period.last.isoformat(),
        "days": board.length,
        "when": wording.when(board.choice),
        "before_words": wording.before(board.choice),
        "zone": period.zone,
        "mood": _mood(board.mood),
        "before": _mood(before) if before else None,
        "change": _change(board.mood, before),
        "four": _four(board),
        "people_before": board.people_before,
        **_when(board),
        **_what(board),
        "movers": [_mover(each) for each in board.movers[:MOST]],
        "why": board_words.why(board.movers),
        "intents": [_subject(each) for each in board.subjects("intents", 9)],
        "emotions": [_subject(each) for each in board.subjects("emotions", 8)],
        "channels": [{"id": each, "name": mark_of(each)[1], **_mood(mood)} for each, mood in board.by_channel[:MOST]],
        "kinds": [{"id": each, "name": wording.kind_name("Create", each), **_mood(mood)} for each, mood in board.by_kind],
        "how": board_words.how(board.by_channel),
        **_where(board),
        "authors": _authors(board),
        "most_echo": max((each.echo for each in board.authors), default=0),
        **_beside(board, name, beside, brands),
    }


def _mood(mood: Mood) -> Figures:
    low, high = mood.bad_range
    good = wilson(mood.positive, mood.n)
    return {
        "n": mood.n, "negative": mood.negative, "positive": mood.positive, "neutral": mood.neutral, "bad": mood.bad_share,
        "bad_low": low, "bad_high": high, "good": mood.positive / mood.n if mood.n else 0.0, "good_low": good[0], "good_high": good[1],
    }  # fmt: skip


def _four(board: Board) -> Figures:
    four = board.four
    return {
        "recent": four.recent, "possible": four.possible, "people": four.people, "again": four.again, "early": four.early,
        "back": four.back, "back_share": four.back / four.early if four.early else None,
    }  # fmt: skip


def _change(now: Mood, before: Mood | None) -> Figures | None:
    """Against the days before; None where there is too little to compare with."""
    if before is None or before.n < LITTLE:
        return None
    return {"n": now.n - before.n, "share": (now.n - before.n) / before.n, "bad": now.bad_share - before.bad_share}


def _when(board: Board) -> Figures:
    days = [
        {
            "day": day.isoformat(), "label": wording.short_day(day, with_year=False), "n": mood.n, "negative": mood.negative,
            "neutral": mood.neutral, "positive": mood.positive,
            **({"low": band.low, "middle": band.middle, "high": band.high} if band else {}),
        }
        for day, mood, band in zip(board.drawn, board.daily_moods, board.drawn_bands, strict=True)
    ]  # fmt: skip
    start = len(days) - board.length
    standing = [each for each in board.outliers if each.place >= start]
    return {
        "daily": days,
        "starts": start,
        "spikes": [
            {**days[each.place], "words": wording.on_day(board.drawn[each.place]), "is_high": each.is_high} for each in standing[:3]
        ],
        "hours": [[weekday, hour, n] for (weekday, hour), n in sorted(board.hours.items())],
        "heat": wording.busiest(board.hours),
        "mood_words": board_words.mood_over_time(board.daily_moods[start:]),
    }


def _subject(subject: Subject) -> Figures:
    found = {"id": subject.label, "name": label(subject.kind, subject.label), "before": subject.before, **_mood(subject.mood)}
    return {**found, "kind": subject.kind, "more": subject.mood.n - subject.before if subject.before is not None else None}


def _what(board: Board) -> Figures:
    """Topics, what of them was liked and disliked more than all that was said, and what rises and falls. No words of people."""
    topics = board.subjects("topics", 60)
    rising, falling = board.moving(("topics", "hashtags"))
    enough = [each for each in topics if each.mood.n >= LITTLE]
    bad, good = board.mood.bad_share, board.mood.positive / board.mood.n if board.mood.n else 0.0
    disliked = sorted((each for each in enough if each.mood.bad_range[0] > bad), key=lambda each: bad * each.mood.n - each.mood.negative)
    praised = [each for each in enough if wilson(each.mood.positive, each.mood.n)[0] > good]
    liked = sorted(praised, key=lambda each: good * each.mood.n - each.mood.positive)
    moved = [each for each in topics if each.before is not None]
    sign = 1 if board.mood_before is None or board.mood.n >= board.mood_before.n else -1
    most = max(moved, key=lambda each: sign * (each.mood.n - (each.before or 0)), default=None)
    return {
        "what": board_words.what(topics, rising),
        "topics": [_subject(each) for each in topics[:MOST]],
        "rising": [_subject(each) for each in rising],
        "falling": [_subject(each) for each in falling],
        "liked": [_subject(each) for each in liked[:3]],
        "disliked": [_subject(each) for each in disliked[:3]],
        "moved_most": _subject(most) if most is not None else None,
    }


def _mover(mover: Any) -> Figures:
    """A driver; points are hundredths of the score, whole as they are shown."""
    return {
        "id": mover.name, "name": label("aspects", mover.name), "n": mover.n, "share": mover.share, "points": round(100 * mover.effect),
        "low": round(100 * mover.low), "high": round(100 * mover.high), "pull": round(100 * mover.pull, 1), "sure": bool(mover.is_sure),
    }  # fmt: skip


def _where(board: Board) -> Figures:
    nations, total = board.where(0), board.mood.n or 1
    known = [code for code, _mood_of in nations if code]
    places = [(each.split("|")[0], mood) for each, mood in board.where(1) if each]
    tongues = [(each, mood) for each, mood in board.where(2)]
    rows = {
        "countries": [(code, board_page.country(code), mood) for code, mood in nations[:8]],
        "places": [(each, each, mood) for each, mood in places[:8]],
        "languages": [(each, board_page.language(each), mood) for each, mood in tongues[:8]],
    }
    found: Figures = {
        what: [{"id": each, "name": name, "share": mood.n / total, **_mood(mood)} for each, name, mood in of] for what, of in rows.items()
    }
    return {**found, "where": board_words.where(nations, board_page.country(next(iter(known), "")))}


def _beside(board: Board, name: str, other: Listening | None, brands: Sequence[Listening]) -> Figures:
    voices = [(each, board.voices.get(each.pk, Mood(0, 0, 0))) for each in brands]
    total = sum(mood.n for _each, mood in voices)
    rows = [
        {"name": each.name, "kind": each.kind, "share": mood.n / total, "own": each.pk == board.listening, **_mood(mood)}
        for each, mood in sorted(voices, key=lambda pair: -pair[1].n)
        if total
    ]
    found: Figures = {"voices": rows, "voices_n": total, "beside": None}
    if other:
        theirs = board.beside(other.pk)
        found["beside"] = {"name": other.name, "people": theirs.four.people, **_mood(theirs.mood)}
    return found


# who


def _authors(board: Board) -> list[Figures]:
    first = board.authors[:MOST]
    known = {each.person: each for each in Profile.objects.of(board.workspace).filter(person__in=[each.person for each in first])}
    return [_author(board, each, known.get(each.person), place) for place, each in enumerate(first, 1)]


def _author(board: Board, author: Author, profile: Profile | None, place: int) -> Figures:
    return {
        "place": place, "stage": profile.stage if profile else "", "customer": bool(profile and profile.purchases), "echo": author.echo,
        "text": _public_text(board, author.person), **_mood(author.mood),
    }  # fmt: skip


def _public_text(board: Board, person: int) -> int | None:
    """The number of a text that this person said in public in these days."""
    handles = list(Belonging.objects.of(board.workspace).filter(person=person).values_list("handle", flat=True)[:50])
    since, until = board.period.since, board.period.until
    said = Activity.objects.of(board.workspace).filter(actor__in=handles, happened_at__gte=since, happened_at__lt=until, superseded=False)
    rows = stream.rows(list(said.order_by("-happened_at").values_list("seq", flat=True)[:PUBLIC_LOOKED_AT]))
    return next((row["seq"] for row in rows if is_public(row)), None)


def names(workspace: Workspace, figures: Figures) -> dict[int, str]:
    """Public names of those who spoke, by their place; of whom there is none any more, none."""
    wanted = {each["text"]: each["place"] for each in figures["authors"] if each["text"] is not None}
    mine = list(Activity.objects.of(workspace).filter(seq__in=wanted, superseded=False).values_list("seq", flat=True))
    return {wanted[row["seq"]]: name_of(row["who"]) for row in stream.rows(mine) if row["who"] is not None}
