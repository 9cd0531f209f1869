"""Random people, and random predicates about the few things they know and do. Moments lie on a coarse grid, so that edges are met."""

from datetime import UTC, date, datetime, timedelta
from typing import Any as Anything
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from vincle.organise.segments.frame import Now
from vincle.organise.segments.predicate import (
    Act,
    All,
    Any,
    AtStage,
    Behaviour,
    Consented,
    Did,
    InSegment,
    Not,
    Predicate,
    Scored,
    Sequence,
    Share,
    Tagged,
    Top,
    Trait,
    Window,
)

from .plain import Done, Someone

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
ZONES = ("UTC", "Europe/Madrid", "America/Santiago", "Asia/Kathmandu")
VERBS, OBJECTS, STAGES = ("Purchase", "View", "Create"), ("Order", "Page", "Note"), ("inactive", "critic", "creator")
WORDS = {"product": ("tea", "Café"), "channel": ("shop", "web"), "thread": ("t1", "t2")}
TOPS = (("churn", 1), ("churn", 3), ("reach", 2))
TEXTS = ("Girona", "GIRONA ", "Vic", "12", "yes", "Café")
DAYS = (0.5, 1, 7, 30)
DATES = ("2026-03-28", "2026-03-30", "2026-03-31", "2026-04-01", "2026-04-30", "1992-02-29", "1980-03-31")
MOMENTS = ("2026-03-30T23:30:00+00:00", "2026-03-31T12:00:00+00:00", "2026-04-01T00:00:00+02:00", "2026-03-24T12:00:00+00:00")

_WHEN = (-60, -40, -31, -30.5, -30, -29, -14, -8, -7.5, -7, -6.5, -2, -1.5, -1, -0.5, 0, 0, 0.5, 1, 3)
_NOWS = (0, 0, 0, 0, -0.5, 0.5, -0.25, 0.25, -7, 1, 10)
moments = st.sampled_from(_WHEN).map(lambda days: NOON + timedelta(days=days))
nows: SearchStrategy[Now] = st.builds(
    lambda days, zone: Now(NOON + timedelta(days=days), ZoneInfo(zone)), st.sampled_from(_NOWS), st.sampled_from(ZONES)
)
_maybe = st.none()
_amounts = st.integers(-4, 40).map(lambda n: n / 4)
_ratings = st.sampled_from((0.0, 0.5, 1.0))
_labels = st.frozensets(st.sampled_from([(name, word) for name, words in WORDS.items() for word in words]), max_size=4)
acts_done: SearchStrategy[Done] = st.builds(
    Done,
    at=moments,
    verb=st.sampled_from(VERBS),
    object_type=st.sampled_from(OBJECTS),
    by=st.sampled_from(("them", "them", "them", "us")),
    is_reply=st.booleans(),
    sentiment=st.sampled_from(("", "negative", "neutral", "positive")),
    amount=_maybe | _amounts,
    rating=_maybe | _ratings,
    labels=_labels,
)
_values = st.one_of(
    st.sampled_from(("", *TEXTS)), st.sampled_from(DATES), st.sampled_from(MOMENTS), st.booleans(), st.integers(0, 3), st.just(12.0),
    st.sampled_from(MOMENTS).map(datetime.fromisoformat), st.lists(st.sampled_from(TEXTS), max_size=2),
)  # fmt: skip
_traits = st.dictionaries(st.sampled_from(("city", "due", "owner")), st.tuples(_values, _maybe | moments), max_size=3)
_consents = st.dictionaries(
    st.tuples(st.sampled_from(("email", "*")), st.just("marketing")), st.sampled_from(("granted", "denied", "withdrawn")), max_size=2
)
_scores = st.dictionaries(st.sampled_from(("churn", "reach")), st.sampled_from((0.0, 0.25, 0.5, 1.0)), max_size=2)


def someone(ident: int) -> SearchStrategy[Someone]:
    return st.builds(
        Someone,
        id=st.just(ident),
        stage=st.sampled_from(STAGES),
        traits=_traits,
        tags=st.frozensets(st.sampled_from(("VIP", "Café")), max_size=2),
        consents=_consents,
        scores=_scores,
        acts=st.lists(acts_done, max_size=8).map(tuple),
    )


people: SearchStrategy[list[Someone]] = st.lists(st.integers(1, 2**62), min_size=0, max_size=5, unique=True).flatmap(
    lambda idents: st.tuples(*(someone(ident) for ident in idents)).map(list)
)


def _some(words: Anything) -> SearchStrategy[tuple[Anything, ...]]:
    return st.one_of(st.just(()), st.lists(st.sampled_from(words), min_size=1, max_size=2, unique=True).map(tuple))


def _limits(values: SearchStrategy[Anything]) -> SearchStrategy[tuple[Anything, Anything]]:
    """At least one of the two, the lower one first."""
    both = st.lists(values, min_size=2, max_size=2).map(lambda pair: (min(pair), max(pair)))
    return st.one_of(st.tuples(values, st.none()), st.tuples(st.none(), values), both)


_FIELDS: dict[str, SearchStrategy[Anything]] = {
    "verb": _some(VERBS), "object_type": _some(OBJECTS), **{name: _some(words) for name, words in WORDS.items()},
    "sentiment": _some(("negative", "positive")), "is_reply": st.booleans(), "amount": _limits(_amounts), "rating": _limits(_ratings),
    "by": st.just("us"),
}  # fmt: skip


@st.composite
def acts(draw: st.DrawFn) -> Act:
    """Two fields at most are asked for, so that some acts meet them."""
    names = draw(st.lists(st.sampled_from(("verb", "verb", *_FIELDS)), max_size=2))
    return Act(**{name: draw(_FIELDS[name]) for name in names})


_dates = st.integers(-40, 3).map(lambda n: date(2026, 3, 31) + timedelta(days=n))
windows: SearchStrategy[Window] = st.one_of(
    st.just(Window()),
    st.sampled_from(DAYS).map(lambda days: Window(days=days)),
    st.sampled_from(("day", "week", "month", "quarter", "year")).map(lambda since: Window(since=since)),
    _limits(_dates).map(lambda pair: Window(first=pair[0], last=pair[1])),
)


def _did(measure: Anything, values: SearchStrategy[Anything]) -> SearchStrategy[Did]:
    of = st.sampled_from(tuple(WORDS)) if measure == "kinds" else st.just("")
    return st.builds(
        lambda act, limits, window, of: Did(act, measure, limits[0], limits[1], window, of), acts(), _limits(values), windows, of
    )


dids: SearchStrategy[Did] = st.one_of(
    _did("count", st.integers(0, 4)), _did("kinds", st.integers(0, 3)), _did("sum", _amounts), _did("mean", _amounts),
    _did("largest", _amounts), _did("first", st.sampled_from(DAYS)), _did("last", st.sampled_from(DAYS)),
)  # fmt: skip
sequences: SearchStrategy[Sequence] = st.builds(
    Sequence, st.lists(acts(), min_size=2, max_size=3).map(tuple), st.sampled_from((0, *DAYS)), windows, st.booleans()
)
behaviours: SearchStrategy[Behaviour] = st.one_of(dids, dids, sequences)
_names = st.sampled_from(("city", "due", "owner", "nothing"))
_scalars = st.one_of(st.sampled_from((*TEXTS, "none")), st.booleans(), st.sampled_from((0, 1, 12, 12.5)))
traits: SearchStrategy[Trait] = st.one_of(
    st.builds(Trait, _names, st.sampled_from(("is", "is_not")), _scalars),
    st.builds(Trait, _names, st.just("one_of"), st.lists(_scalars, min_size=1, max_size=3).map(tuple)),
    st.builds(Trait, _names, st.sampled_from(("contains", "starts")), st.sampled_from(("gi", "GIRO", "e", "é", "2026-03"))),
    st.builds(Trait, _names, st.sampled_from(("more", "less", "at_least", "at_most")), st.sampled_from((0, 1, 2.5, 12))),
    st.builds(Trait, _names, st.sampled_from(("before", "after")), st.sampled_from(DATES)),
    st.builds(Trait, _names, st.sampled_from(("in_last", "in_next", "birthday_in_next")), st.sampled_from((0, *DAYS))),
    st.builds(Trait, _names, st.sampled_from(("known", "unknown"))),
)
clauses: SearchStrategy[Predicate] = st.one_of(
    behaviours,
    behaviours,
    traits,
    st.sampled_from(("vip", "cafe", "gone")).map(Tagged),
    st.builds(Consented, st.sampled_from(("granted", "denied", "none")), st.sampled_from(("email", "phone"))),
    _some(STAGES).filter(bool).map(AtStage),
    st.builds(lambda name, pair: Scored(name, *pair), st.sampled_from(("churn", "reach")), _limits(st.sampled_from((0.0, 0.25, 0.5)))),
    st.builds(Share, st.sampled_from((0, 0.5, 1)), st.integers(0, 3)),
    st.sampled_from(TOPS).map(lambda top: Top(top[1], top[0])),
)


def predicates(of: SearchStrategy[Predicate] = clauses) -> SearchStrategy[Predicate]:
    """Groups of such clauses, a few deep."""
    return st.recursive(
        of,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3).map(lambda parts: All(tuple(parts))),
            st.lists(inner, max_size=3).map(lambda parts: Any(tuple(parts))),
            inner.map(Not),
        ),
        max_leaves=6,
    )


SEGMENTS: dict[str, Predicate] = {
    "buyers": Did(Act(verb=("Purchase",)), "count", 1, None, Window(days=7)),
    "strangers": Not(InSegment("buyers")),
}
with_segments = predicates(clauses | st.sampled_from(sorted(SEGMENTS)).map(InSegment))
