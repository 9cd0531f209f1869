"""Predicates as JSON, both ways. What is wrong is said with its place: see `BadPredicate`."""

from collections.abc import Callable, Mapping
from typing import get_args

from vincle.vocabulary import ObjectType, Permit, Stage, Verb

from .checking import At, BadPredicate, day, days, items, limits, mapping, number, only, text, texts, whole, word, yes
from .frame import SENTIMENTS
from .predicate import (
    LABELS,
    Act,
    All,
    Any,
    AtStage,
    Compare,
    Consented,
    Did,
    InSegment,
    Measure,
    Not,
    Predicate,
    Scalar,
    Scored,
    Sequence,
    Share,
    Tagged,
    Top,
    Trait,
    Value,
    Window,
)
from .schema import SCHEMA
from .writing import write

__all__ = ["DEEPEST", "MOST_CLAUSES", "PERIODS", "PERMITS", "SCHEMA", "STEPS", "BadPredicate", "read", "write"]
DEEPEST = 12
MOST_CLAUSES = 200
STEPS = 10
PERIODS = ("day", "week", "month", "quarter", "year")
PERMITS = (*(permit.value for permit in Permit), "none")
MEASURES: tuple[Measure, ...] = get_args(Measure)
COMPARES: tuple[Compare, ...] = get_args(Compare)
_MOST_SEED = 2**53 - 1


def read(value: object) -> Predicate:
    """What JSON like {"all": [{"trait": "city", "is": "Girona"}, {"tag": "vip"}]} asks. Raises BadPredicate."""
    return _Reader().read(At("", value), 1)


class _Reader:
    def __init__(self) -> None:
        self.clauses = 0

    def read(self, at: At, depth: int) -> Predicate:
        if depth > DEEPEST:
            raise at.bad("too_deep", str(DEEPEST))
        given = mapping(at)
        kinds = [key for key in _GROUPS + tuple(_CLAUSES) if key in given]
        if not kinds:
            raise at.bad("unknown_clause", next(iter(given), ""))
        kind = kinds[0]
        if kind not in _GROUPS:
            self._count(at)
            return _CLAUSES[kind](at, given)
        only(at, given, (kind,))
        return self._group(kind, given[kind], depth)

    def _group(self, kind: str, at: At, depth: int) -> Predicate:
        if kind == "not":
            return Not(self.read(at, depth + 1))
        parts = items(at, MOST_CLAUSES)
        if not parts:
            self._count(at)
        found = tuple(self.read(part, depth + 1) for part in parts)
        return All(found) if kind == "all" else Any(found)

    def _count(self, at: At) -> None:
        self.clauses += 1
        if self.clauses > MOST_CLAUSES:
            raise at.bad("too_many_clauses", str(MOST_CLAUSES))


Given = Mapping[str, At]


def _trait(at: At, given: Given) -> Predicate:
    name = text(given["trait"], 120)
    only(at, given, ("trait", *COMPARES))
    asked = [compare for compare in COMPARES if compare in given]
    if len(asked) != 1:
        raise at.bad("one_comparison", asked[1] if asked else "")
    return Trait(name, asked[0], _VALUES[asked[0]](given[asked[0]]))


def _scalar(at: At) -> Scalar:
    if isinstance(at.value, bool):
        return at.value
    return number(at) if isinstance(at.value, int | float) else text(at)


def _scalars(at: At) -> Value:
    found = tuple(_scalar(each) for each in items(at))
    if not found:
        raise at.bad("empty_list")
    return found


def _true(at: At) -> None:
    if not yes(at):
        raise at.bad("only_true")


_VALUES: dict[Compare, Callable[[At], Value]] = {
    "is": _scalar, "is_not": _scalar, "one_of": _scalars, "contains": text, "starts": text, "more": number, "less": number,
    "at_least": number, "at_most": number, "before": lambda at: day(at).isoformat(), "after": lambda at: day(at).isoformat(),
    "in_last": days, "in_next": days, "birthday_in_next": days, "known": _true, "unknown": _true,
}  # fmt: skip


def _tag(at: At, given: Given) -> Predicate:
    only(at, given, ("tag",))
    return Tagged(text(given["tag"]))


def _stage(at: At, given: Given) -> Predicate:
    only(at, given, ("stage",))
    return AtStage(texts(given["stage"], word(stage.value for stage in Stage)))


def _consent(at: At, given: Given) -> Predicate:
    only(at, given, ("consent", "channel", "purpose"))
    rest = {key: text(given[key], 60) for key in ("channel", "purpose") if key in given}
    return Consented(word(PERMITS)(given["consent"]), **rest)


def _score(at: At, given: Given) -> Predicate:
    only(at, given, ("score", "at_least", "at_most"))
    name = text(given["score"], 60)
    rest = {key: each.value for key, each in given.items() if key != "score"}
    return Scored(name, *(limits(At(at.path, rest)) if rest else ()))


def _segment(at: At, given: Given) -> Predicate:
    only(at, given, ("segment",))
    return InSegment(text(given["segment"], 40))


def _random(at: At, given: Given) -> Predicate:
    only(at, given, ("random", "seed"))
    return Share(number(given["random"], 0, 1), whole(given["seed"], 0, _MOST_SEED) if "seed" in given else 0)


def _top(at: At, given: Given) -> Predicate:
    only(at, given, ("top", "by"))
    if "by" not in given:
        raise at.bad("missing_key", "by")
    return Top(whole(given["top"], 1, 10**9), text(given["by"], 60))


def _did(at: At, given: Given) -> Predicate:
    only(at, given, ("did", "within", "of", *MEASURES))
    act, window = _act(given["did"]), _window(given.get("within"))
    measures = [measure for measure in MEASURES if measure in given]
    if len(measures) > 1:
        raise at.bad("one_measure", measures[1])
    measure: Measure = measures[0] if measures else "count"
    if (measure == "kinds") != ("of" in given):
        raise at.bad("missing_key" if measure == "kinds" else "unknown_key", "of")
    least, most = limits(given[measure], _BOUNDS.get(measure, number)) if measures else (1, None)
    return Did(act, measure, least, most, window, word(LABELS)(given["of"]) if "of" in given else "")


_BOUNDS: dict[str, Callable[[At], float]] = {"count": whole, "kinds": whole, "first": days, "last": days}


def _did_not(at: At, given: Given) -> Predicate:
    only(at, given, ("did_not", "within"))
    return Did(_act(given["did_not"]), "count", None, 0, _window(given.get("within")))


def _sequence(at: At, given: Given) -> Predicate:
    only(at, given, ("sequence", "within_days", "within", "missing_last"))
    steps = items(given["sequence"], STEPS)
    if len(steps) < 2:
        raise given["sequence"].bad("too_few_steps")
    if "within_days" not in given:
        raise at.bad("missing_key", "within_days")
    acts = tuple(_act(step) for step in steps)
    missing = yes(given["missing_last"]) if "missing_last" in given else False
    return Sequence(acts, days(given["within_days"]), _window(given.get("within")), missing)


def _window(at: At | None) -> Window:
    if at is None:
        return Window()
    given = mapping(at)
    only(at, given, ("days", "from", "to", "since"))
    if len({"from" if key == "to" else key for key in given}) > 1:
        raise at.bad("one_window", sorted(given)[1])
    if "days" in given:
        return Window(days=days(given["days"]))
    if "since" in given:
        return Window(since=word(PERIODS)(given["since"]))
    first, last = (day(given[key]) if key in given else None for key in ("from", "to"))
    if first and last and first > last:
        raise at.bad("turned_range")
    return Window(first=first, last=last)


def _act(at: At) -> Act:
    given = mapping(at)
    only(at, given, _ACT)
    return Act(**{key: _ACT[key](each) for key, each in given.items()})  # type: ignore[arg-type]


_ACT: dict[str, Callable[[At], object]] = {
    "verb": lambda at: texts(at, word(verb.value for verb in Verb)),
    "object_type": lambda at: texts(at, word(kind.value for kind in ObjectType)),
    **dict.fromkeys(LABELS, texts),
    "sentiment": lambda at: texts(at, word(SENTIMENTS)),
    "is_reply": yes, "amount": limits, "rating": lambda at: limits(at, lambda each: number(each, 0, 1)), "by": word(("them", "us")),
}  # fmt: skip

_GROUPS = ("all", "any", "not")
_CLAUSES: dict[str, Callable[[At, Given], Predicate]] = {
    "did": _did, "did_not": _did_not, "sequence": _sequence, "trait": _trait, "tag": _tag, "stage": _stage, "consent": _consent,
    "score": _score, "segment": _segment, "random": _random, "top": _top,
}  # fmt: skip
