"""Random journeys: every kind of step, nested a few deep, about few words, so that they meet."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tests.organise.segments.strategies import acts, clauses, predicates
from vincle.organise.segments.predicate import Act
from vincle.organise.segments.writing import act, write

_ODD = ("vip", "Café", 'say "hi"', "a\\b", "they", "or", "1 day", "日本\u2028語", "{x}", "a:b [c]")
TEXTS = st.sampled_from(_ODD) | st.text(min_size=1, max_size=40).filter(lambda text: bool(text.strip()) and "\x00" not in text)
KEYS = st.sampled_from(("12", "k3f", "n-1_x", "odd id", "é", "77"))
TIMES = st.sampled_from(("00:00", "09:00", "23:59"))
SPANS = st.builds(lambda number, unit: {unit: number}, st.integers(1, 400), st.sampled_from(("minutes", "hours", "days", "weeks")))
_MEDIUM = {
    "medium": st.sampled_from(("email", "telegram", "x.com")), "topic": TEXTS, "purpose": st.sampled_from(("marketing", "service")),
}  # fmt: skip
_MORE = {"connection": KEYS}
_acts = acts().filter(lambda each: each != Act()).map(act)
EVENTS: SearchStrategy[Any] = st.one_of(
    st.fixed_dictionaries({"event": _acts}),
    *(st.fixed_dictionaries({kind: st.one_of(KEYS, st.just("*")) if kind in ("form", "survey") else KEYS}) for kind in
      ("enters", "leaves", "form", "survey")),
)  # fmt: skip
TRIGGERS: SearchStrategy[Any] = st.one_of(
    EVENTS, st.fixed_dictionaries({"date": TEXTS, "days": st.integers(-30, 30), "time": TIMES, "yearly": st.booleans()})
)
_RESULTS = st.sampled_from(("sent", "skipped", "delivered", "bounced", "opened", "clicked", "replied", "unsubscribed"))
_DATES = st.fixed_dictionaries({"date": TEXTS, "days": st.integers(-9, 9), "time": TIMES})
_VALUES = st.one_of(TEXTS, st.booleans(), st.none(), st.sampled_from((1, 2.5)))
_SIMPLE: SearchStrategy[Any] = st.one_of(
    st.fixed_dictionaries({"do": st.just("send"), "letter": KEYS, **_MEDIUM}, optional={**_MORE, "promotion": KEYS, "subject": TEXTS}),
    st.fixed_dictionaries({"do": st.just("send"), "text": TEXTS, **_MEDIUM}, optional=_MORE),
    st.fixed_dictionaries({"do": st.just("survey"), "survey": st.one_of(KEYS, st.just("https://x.example/s")), "letter": KEYS, **_MEDIUM}),
    st.fixed_dictionaries({"do": st.just("wait"), "for": SPANS}),
    st.fixed_dictionaries({"do": st.just("wait"), "until": st.sampled_from(({"time": "09:00"}, {"time": "18:30", "on": ["mon", "sun"]}))}),
    st.fixed_dictionaries({"do": st.just("wait"), "until": _DATES}),
    st.fixed_dictionaries({"do": st.just("tag"), "add": TEXTS}),
    st.fixed_dictionaries({"do": st.just("tag"), "remove": TEXTS}),
    st.fixed_dictionaries({"do": st.just("field"), "field": TEXTS, "to": _VALUES}),
    st.fixed_dictionaries({"do": st.just("score"), "field": TEXTS, "add": st.sampled_from((5, -2.5, 0, 1e-7))}),
    st.fixed_dictionaries({"do": st.just("stage"), "field": TEXTS, "to": TEXTS}),
    st.fixed_dictionaries({"do": st.just("task"), "text": TEXTS}, optional={"to": TEXTS, "due": SPANS}),
    st.just({"do": "webhook", "url": "https://example.org/a?b=1#c"}),
    st.just({"do": "leave"}),
)  # fmt: skip


@st.composite
def definitions(draw: st.DrawFn) -> dict[str, Any]:
    """The JSON of a journey, as `reading.read` takes it."""
    made: dict[str, Any] = {"start": draw(st.lists(TRIGGERS, min_size=1, max_size=3)), "steps": _Maker(draw).steps(1)}
    if draw(st.booleans()):
        made["only"] = draw(predicates().map(write))
    may = draw(st.sampled_from(("never", "ended", "always")))
    made["again"] = {"may": may} | ({"days": draw(st.integers(0, 60))} if may == "ended" else {})
    made |= {name: draw(st.lists(EVENTS, max_size=2)) for name in ("goal", "leave")}
    return made | {"late": {"hours": draw(st.integers(1, 99)), "then": draw(st.sampled_from(("go_on", "skip", "leave")))}}


class _Maker:
    """Makes steps; what is asked of messages is asked behind them."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw, self.number, self.messages = draw, 0, list[str]()

    def steps(self, depth: int) -> list[Any]:
        return [self.step(depth) for _ in range(self.draw(st.integers(0, 3 if depth == 1 else 2)))]

    def step(self, depth: int) -> Any:
        kind = self.draw(st.sampled_from(("simple", "simple", "until", "branch", "split"))) if depth < 4 else "simple"
        self.number += 1
        key = self.draw(st.sampled_from((f"s{self.number}", f"{self.number}-a_b", f"it-{self.number}")))
        made = {"id": key} | ({"note": self.draw(TEXTS)} if self.draw(st.integers(0, 4)) == 0 else {})
        if kind == "simple":
            made |= self.draw(_SIMPLE)
            self.messages += [key] if made["do"] in ("send", "survey") else []
            return made
        return made | {"until": self.until, "branch": self.branch, "split": self.split}[kind](depth + 1)

    def got(self) -> Any:
        return {"got": self.draw(_RESULTS), "step": self.draw(st.sampled_from(self.messages))}

    def until(self, depth: int) -> Any:
        event = self.got() if self.messages and self.draw(st.booleans()) else self.draw(EVENTS)
        return {"do": "wait", "until": event, "most": self.draw(SPANS), "came": self.steps(depth), "missed": self.steps(depth)}

    def branch(self, depth: int) -> Any:
        conditions = [self.condition() for _ in range(self.draw(st.integers(1, 2)))]
        return {"do": "branch", "paths": [{"if": each, "steps": self.steps(depth)} for each in conditions], "else": self.steps(depth)}

    def condition(self, depth: int = 0) -> Any:
        kind = self.draw(st.sampled_from(("got", "predicate", "not", "all", "any")))
        if kind == "got" and self.messages:
            return self.got()
        if kind == "not":
            return {"not": self.condition(depth + 1)} if depth < 3 else self.draw(clauses.map(write))
        if kind in ("all", "any") and depth < 3:
            return {kind: [self.condition(depth + 1) for _ in range(self.draw(st.integers(0, 3)))]}
        return self.draw(predicates().map(write))

    def split(self, depth: int) -> Any:
        share = self.draw(st.integers(0, 100))
        return {
            "do": "split",
            "arms": [{"name": self.draw(TEXTS), "share": each, "steps": self.steps(depth)} for each in (share, 100 - share)],
        }
