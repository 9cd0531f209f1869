"""Numbers, money and times as each language writes them."""

import doctest
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone, translation

from vincle.web import staticfiles
from vincle.web.tags import formats, people


@pytest.fixture(autouse=True)
def _still(monkeypatch: pytest.MonkeyPatch) -> Any:
    now = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
    monkeypatch.setattr(timezone, "now", lambda: now)
    with translation.override("en"), timezone.override("Europe/Madrid"):
        yield


@pytest.mark.parametrize(
    ("language", "value", "text"),
    [
        ("en", 1284567, "1,284,567"),
        ("es", 1284567, "1.284.567"),
        ("it", 1284567, "1.284.567"),
        ("ca", 1284567, "1.284.567"),
        ("en", -3, "−3"),
        ("en", -0.2, "0"),
    ],
)
def test_number(language: str, value: float, text: str) -> None:
    with translation.override(language):
        assert formats.number(value).replace("\xa0", ".") == text


@pytest.mark.parametrize("wrong", ["", "abc", None, float("nan"), float("inf")])
def test_what_is_no_number_is_shown_as_it_is(wrong: Any) -> None:
    for write in (formats.number, formats.compact, formats.percent, formats.money, formats.signed):
        assert write(wrong) == ("" if wrong is None else str(wrong))


@pytest.mark.parametrize(
    ("value", "text"),
    [(999, "999"), (1284, "1,284"), (18420, "18.4\xa0k"), (184200, "184\xa0k"), (2100000, "2.1\xa0M"), (-18420, "−18.4\xa0k")],
)
def test_compact(value: int, text: str) -> None:
    assert formats.compact(value) == text


@pytest.mark.parametrize(("value", "text"), [(19, "+19"), (-2, "−2"), (0, "0"), (0.3, "0")])
def test_signed(value: float, text: str) -> None:
    assert formats.signed(value) == text


@pytest.mark.parametrize(
    ("language", "amount", "currency", "text"),
    [
        ("en", Decimal("18420"), "EUR", "€\xa018,420"),
        ("es", Decimal("27.80"), "EUR", "27,80\xa0€"),
        ("ca", 5, "EUR", "5\xa0€"),
        ("en", "27.8", "GBP", "£\xa027.80"),
        ("en", 1234.5, "JPY", "¥\xa01,235"),
        ("it", 10, "SEK", "10\xa0SEK"),
        ("en", -5, "USD", "$\xa0−5"),
    ],
)
def test_money(language: str, amount: Any, currency: str, text: str) -> None:
    with translation.override(language):
        assert formats.money(amount, currency) == text


def test_figures_are_rounded_not_cut_off() -> None:
    assert formats.percent(0.3874) == "39\u202f%"
    assert formats.number(3.99) == "4"
    assert formats.number(-0.4) == "0"
    assert formats.number(2.345, 2) == "2.35"
    assert formats.number(10**30) == f"{10**30:,}"


def test_percent() -> None:
    assert formats.percent(0.41) == "41\u202f%"
    assert formats.percent(0.999, 1) == "99.9\u202f%"


@pytest.mark.parametrize(
    ("minutes", "text"),
    [
        (0, "now"),
        (12, "12 min"),
        (61, "1 h"),
        (23 * 60, "23 h"),
        (26 * 60, "Yesterday"),
        (6 * 24 * 60, "Sun 15"),
        (90 * 24 * 60, "23 Aug"),
        (400 * 24 * 60, "17 Oct 2025"),
    ],
)
def test_ago(minutes: int, text: str) -> None:
    shown = formats.ago(timezone.now() - timedelta(minutes=minutes))
    assert f">{text}</time>" in shown
    assert 'datetime="2' in shown
    assert 'title="' in shown


def test_days_are_the_readers_days() -> None:
    late = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    assert formats.day(late) == "Today"
    assert ">Today 00:30</time>" in formats.when(late)
    with timezone.override("America/Bogota"):
        assert formats.day(late) == "Yesterday"
    assert formats.day(date(2026, 11, 14)) == "Sat 14"
    assert formats.ago(None) == formats.when(None) == formats.day(None) == formats.clock(None) == formats.full_time(None) == ""


def test_future_is_not_past() -> None:
    assert ">28 Nov</time>" in formats.ago(timezone.now() + timedelta(days=7))


@pytest.mark.parametrize("module", [formats, people, staticfiles])
def test_examples(module: Any) -> None:
    assert doctest.testmod(module).failed == 0
