"""Numbers, money and times as the reader's language writes them."""

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from django.template import Library
from django.utils import formats, timezone, translation
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

register = Library()
THIN = "\u202f"
HARD = "\u00a0"
MINUS = "\u2212"
LARGEST = Decimal(10) ** 20
SYMBOLS = {
    "EUR": "€",
    "USD": "$",
    "GBP": "£",
    "JPY": "¥",
    "CHF": "CHF",
    "INR": "₹",
    "KRW": "₩",
    "PLN": "zł",
    "BRL": "R$",
    "MXN": "MX$",
    "CAD": "CA$",
    "AUD": "A$",
}
NO_CENTS = {"JPY", "KRW", "CLP", "VND", "HUF"}


def _decimal(value: Any) -> Decimal | None:
    try:
        found = Decimal(str(value))
    except (InvalidOperation, ValueError):
        return None
    return found if found.is_finite() else None


def _written(value: Decimal, places: int) -> str:
    # Django cuts decimals off; a figure is rounded, as people do it.
    rounded = abs(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP) if abs(value) < LARGEST else abs(value)
    text: str = formats.number_format(rounded, decimal_pos=places, use_l10n=True, force_grouping=True)
    return text if value >= 0 or not rounded else MINUS + text


@register.filter
def number(value: Any, places: int = 0) -> str:
    """Thousands separated, no decimals unless asked: {{ 12840|number }} 12,840. Nothing for None.

    >>> number(None), number("x")
    ('', 'x')
    """
    found = _decimal(value)
    return ("" if value is None else str(value)) if found is None else _written(found, places)


@register.filter
def signed(value: Any, places: int = 0) -> str:
    """A change, always with its sign: {{ 19|signed }} +19."""
    found = _decimal(value)
    if found is None:
        return number(value)
    return ("+" if round(found, places) > 0 else "") + _written(found, places)


@register.filter
def compact(value: Any) -> str:
    """At most four characters and a unit: 1,284 stays, 18,420 is 18.4 k, 2,100,000 is 2.1 M."""
    found = _decimal(value)
    if found is None:
        return number(value)
    size = abs(found)
    for limit, unit in (
        (10**9, pgettext("thousand million, as in 1.2 bn", "bn")),
        (10**6, pgettext("million, as in 1.2 M", "M")),
        (10**3, pgettext("thousand, as in 1.2 k", "k")),
    ):
        if size >= limit and size >= 10000:
            scaled = found / limit
            return f"{_written(scaled, 0 if abs(scaled) >= 100 else 1)}{HARD}{unit}"
    return _written(found, 0)


@register.filter
def percent(value: Any, places: int = 0) -> str:
    """A share of 1: {{ 0.41|percent }} 41 %."""
    found = _decimal(value)
    return number(value) if found is None else f"{_written(found * 100, places)}{THIN}%"


@register.filter
def money(amount: Any, currency: str = "EUR") -> str:
    """Amount with its currency, cents only where there are some: € 18,420 in English, 27,80 € in Spanish."""
    found = _decimal(amount)
    if found is None:
        return number(amount)
    whole = currency in NO_CENTS or found == found.to_integral_value() or abs(found) >= 1000
    text, symbol = _written(found, 0 if whole else 2), SYMBOLS.get(currency, currency)
    if (translation.get_language() or "en").startswith("en"):
        return f"{symbol}{HARD}{text}"
    return f"{text}{HARD}{symbol}"


def _local(value: datetime | date) -> datetime | date:
    return timezone.localtime(value) if isinstance(value, datetime) and timezone.is_aware(value) else value


def _elapsed(gap: timedelta) -> str | None:
    """Short words for less than a day; None for more."""
    minutes = int(gap.total_seconds() // 60)
    if minutes < 1:
        return _("now")
    if minutes < 60:
        return ngettext("%(count)d min", "%(count)d min", minutes) % {"count": minutes}
    if minutes < 24 * 60:
        return ngettext("%(count)d h", "%(count)d h", minutes // 60) % {"count": minutes // 60}
    return None


@lru_cache(maxsize=4096)
def _day_text(day: date, today: date, language: str | None) -> str:
    """Kept per language: lists say the same days again and again."""
    if day == today:
        return _("Today")
    if day == today - timedelta(days=1):
        return _("Yesterday")
    if timedelta(0) < today - day < timedelta(days=14):
        return formats.date_format(day, pgettext("date format of a day in the last two weeks", "D j"))
    if day.year == today.year:
        return formats.date_format(day, pgettext("date format of a day of this year", "j M"))
    return formats.date_format(day, pgettext("date format of a day of another year", "j M Y"))


def _day_of(local: date | datetime) -> str:
    return _day_text(local.date() if isinstance(local, datetime) else local, timezone.localdate(), translation.get_language())


def _clock_of(local: datetime) -> str:
    return formats.date_format(local, pgettext("time of day", "H:i"))


@lru_cache(maxsize=4096)
def _date_in_full(day: date, language: str | None) -> str:
    return formats.date_format(day, pgettext("full date", "l j F Y"))


def _in_full(local: date | datetime) -> str:
    language = translation.get_language()
    if not isinstance(local, datetime):
        return _date_in_full(local, language)
    return f"{_date_in_full(local.date(), language)}, {_clock_of(local)}"


@register.filter
def day(value: date | datetime | None) -> str:
    """The day as people say it: Today, Yesterday, Fri 14, 3 Nov, 3 Nov 2025."""
    return "" if value is None else _day_of(_local(value))


@register.filter
def clock(value: datetime | None) -> str:
    """Hour and minute: 09:14."""
    local = None if value is None else _local(value)
    return _clock_of(local) if isinstance(local, datetime) else ""


def axis_day(day: date) -> str:
    """A day on the axis of a chart: Tue 17 Nov."""
    return formats.date_format(day, pgettext("date format on an axis, with the weekday", "D j M"))


@register.filter
def full_time(value: date | datetime | None) -> str:
    """Date and time without any doubt, for titles: Tuesday 17 November 2026, 09:14."""
    return "" if value is None else _in_full(_local(value))


def _time_element(local: datetime | date, text: str) -> SafeString:
    return format_html('<time datetime="{}" title="{}">{}</time>', local.isoformat(), _in_full(local), text)


@register.simple_tag
def ago(value: datetime | None) -> SafeString | str:
    """`{% ago activity.happened_at %}`: 12 min, 3 h, then Yesterday, Fri 14, 3 Nov; the full time in its title."""
    if value is None:
        return ""
    gap, local = timezone.now() - value, _local(value)
    elapsed = _elapsed(gap) if gap >= timedelta(0) else None
    return _time_element(local, elapsed or _day_of(local))


@register.simple_tag
def when(value: datetime | date | None) -> SafeString | str:
    """`{% when activity.happened_at %}`: the day, and within two days the hour: Today 09:14, Yesterday 18:02, Fri 14."""
    if value is None:
        return ""
    local = _local(value)
    if isinstance(local, datetime) and abs(timezone.localdate() - local.date()) <= timedelta(days=1):
        return _time_element(local, f"{_day_of(local)} {_clock_of(local)}")
    return _time_element(local, _day_of(local))
