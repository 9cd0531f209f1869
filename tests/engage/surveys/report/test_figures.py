"""What the answers say, by example and by what must hold; without a database."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from tests.engage.surveys.report.data import answers, definition
from vincle.engage.surveys.definition import model as d
from vincle.engage.surveys.report import figures, looks, words
from vincle.engage.surveys.report.columns import columns, value
from vincle.engage.surveys.report.compare import by_answer, by_time, compare, named
from vincle.engage.surveys.report.frame import Frame, Row

THEN = datetime(2026, 3, 2, tzinfo=UTC)


def _frame(n: int, is_anonymous: bool = False) -> Frame:
    rng = np.random.default_rng(5)
    rows = [Row(place, place % 2, None, "en", THEN + timedelta(days=place // 4), 60, answers(rng)) for place in range(n)]
    return Frame(definition(), rows, "en", is_anonymous=is_anonymous)


def test_columns_of_all_kinds() -> None:
    found = {each.id: each for each in columns(definition(), "en")}
    assert found["parts.care"].label == "Friendly staff"
    assert found["parts.care"].area == "Shop"
    assert found["nps"].measure == "nps"
    assert found["easy"].measure == "csat"
    assert found["mail"].is_personal
    assert value(found["parts.care"], {"parts": {"care": 4}}) == 4
    for broken in ({}, {"parts": "x"}, {"parts": {"care": "na"}}, {"parts": {"care": True}}, {"parts": {"care": [3, 4]}}):
        assert value(found["parts.care"], broken) in (None, 3.0)


def test_columns_of_subjects_and_dual_scales() -> None:
    survey = d.Survey(
        subjects=[d.Subject(id="a", name={"en": "Espresso"}), d.Subject(id="b", name={"en": "Latte"})],
        pages=[d.Page(id="p", by_subject="*", items=[
            d.Stars(id="good", text={"en": "How good is {subject}?"}),
            d.Matrix(id="m", rows=[d.Choice(id="r", text={"en": "Row"})], scales=[d.Scale(points=5), d.Scale(points=7)]),
        ])],
    )  # fmt: skip
    found = columns(survey, "en")
    assert [each.id for each in found] == ["good@a", "m@a.r", "m@a.r.2", "good@b", "m@b.r", "m@b.r.2"]
    assert found[0].label == "How good is Espresso?"
    assert value(found[2], {"m@a": {"r": [2, 7]}}) == 7
    assert looks.of_column(found[0]) == "How good is Espresso?"


def test_what_to_mend_and_what_to_keep() -> None:
    frame = _frame(300)
    why = figures.why(frame)
    assert why is not None
    assert [each.column.id for each in why.of("mend")] == ["parts.delivery"]
    assert [each.column.id for each in why.of("keep")] == ["parts.care"]
    assert sum(each.driver.share for each in why.points) == pytest.approx(1)
    mend = why.of("mend")[0]
    assert 0 < mend.driver.effect_low <= mend.driver.effect <= mend.driver.effect_high
    score = figures.score(frame, frame.main) if frame.main else None
    assert looks.finding(frame, score, why) == "Mend “Delivery on time” first; keep “Friendly staff”"
    assert "rises by about" in looks.expected(mend, why)


def test_little_is_told_as_little() -> None:
    for n in (0, 1, 12):
        frame = _frame(n)
        assert figures.why(frame) is None
        assert looks.why_nothing(frame)
        assert looks.finding(frame, None, None)
        assert figures.carelessness(frame).either == 0
        assert words.opened(frame) == [] or n
    alike = Frame(
        definition(),
        [Row(place, 1, None, "en", None, None, {"nps": 9, "parts": {"care": 3}}) for place in range(50)],
        "en",
        is_anonymous=False,
    )
    assert figures.why(alike) is None


def test_small_groups_of_anonymous_surveys_are_not_shown() -> None:
    frame = _frame(4, is_anonymous=True)
    assert frame.main is not None
    assert figures.score(frame, frame.main) is None
    assert figures.distribution(frame, frame.main) == []
    assert all(each.is_hidden for each in words.opened(frame))
    frame = _frame(40, is_anonymous=True)
    assert frame.main is not None
    labels = ["a"] * 3 + ["b"] * 10 + ["c"] * 27
    found = compare(frame, frame.main, labels)
    # One alone would be told by the others: the next smallest is hidden as well.
    assert [(each.name, each.is_hidden) for each in found.groups] == [("a", True), ("b", True), ("c", False)]
    assert found.counts[:, :2].sum() == 0


def test_groups_differ_by_more_than_chance() -> None:
    frame = _frame(200)
    assert frame.main is not None
    delivery = frame.numbers(frame.by_id["parts.delivery"])
    found = compare(frame, frame.main, ["good" if each > 2 else "bad" for each in delivery])
    assert found.test is not None
    assert found.test.p < 0.001
    assert found.rows == ["promoters", "passives", "detractors"]
    assert sum(each.n for each in found.groups) == 200
    ways = compare(frame, frame.main, named(frame, {0: "link", 1: "kiosk"}))
    assert ways.test is not None
    assert ways.test.p > 0.01
    assert compare(frame, frame.by_id["bought"], by_answer(frame, frame.by_id["often"])).counts.sum() == 400
    labels, unit = by_time(frame, "Europe/Madrid")
    assert unit == "week"
    assert labels[0] == "2026-W10"


def test_hasty_answers_are_found() -> None:
    rows = [Row(place, 1, None, "en", None, 90, answers(np.random.default_rng(place))) for place in range(20)]
    rows += [Row(90, 1, None, "en", None, 10, answers(np.random.default_rng(1)))]
    rows += [Row(91, 1, None, "en", None, 90, {"parts": dict.fromkeys(("care", "delivery", "price", "site"), 5), "nps": 9})]
    frame = Frame(definition(), rows, "en", is_anonymous=False)
    found = figures.carelessness(frame)
    assert found.fast == 1
    assert found.straight >= 1
    assert len(frame.part(~figures.careless(frame))) == 22 - found.either
