"""Dates as files hold them: many spellings, the order of day and month told by the column's own evidence, never guessed."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache

from msgspec import Struct

from ._identifiers import fold
from .base import Question


class DateError(ValueError):
    """A value that is no date: `code` is `invalid_date` or `ambiguous_date`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Stamp(Struct, frozen=True):
    """A date taken apart. With a `separator`, `first` and `second` are day and month in an order still to be told."""

    first: int
    second: int
    year: int
    separator: str = ""
    clock: tuple[int, int, int, int] = (0, 0, 0, 0)
    offset: int | None = None


_TIME = re.compile(
    r"[T,\s]*(?<!\d)(\d{1,2})(?::|h)(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(?:([ap])\.?\s?m\.?(?![a-z]))?"
    r"\s*(?:(?:UTC|GMT)?([+-]\d{1,2}(?::?\d{2})?)(?!\d)|(Z|[A-Z]{3,4})\b)?", re.IGNORECASE)
_ZONES = {"Z": 0, "UTC": 0, "GMT": 0, "WET": 0, "WEST": 60, "BST": 60, "CET": 60, "CEST": 120, "EET": 120, "EEST": 180, "EST": -300,
          "EDT": -240, "CST": -360, "CDT": -300, "MST": -420, "MDT": -360, "PST": -480, "PDT": -420, "MSK": 180, "IST": 330, "JST": 540}
_NUMERIC = re.compile(r"(\d{1,4})\s?([-/.])\s?(\d{1,2})\s?\2\s?(\d{1,4})\.?").fullmatch
_DIGITS = re.compile(r"\d{5,17}(?:\.\d+)?").fullmatch
_TOKENS = re.compile(r"\d+|[^\W\d_]+")
_MONTH_NAMES = (
    "january jan enero ene gennaio gen gener janvier janv januar janeiro",
    "february feb febrero febbraio febrer fevrier fevr fev februar fevereiro",
    "march mar marzo març marc mars marz mrz marco",
    "april apr abril abr aprile avril avr",
    "may mayo maggio mag maig mai maio",
    "june jun junio giugno giu juny juin juni junho",
    "july jul julio luglio lug juliol juillet juil juli julho",
    "august aug agosto ago agost aout aou",
    "september sep sept septiembre setiembre settembre set setembre septembre setembro",
    "october oct octubre ottobre ott octobre oktober okt outubro out",
    "november nov noviembre novembre novembro",
    "december dec diciembre dic dicembre desembre des decembre dezember dez dezembro",
)
_MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES, 1) for name in names.split()}
_DAY_NAMES = (
    "monday mon lunes lun lunedi dilluns lundi montag mo tuesday tue tues martes martedi mardi dimarts dienstag di wednesday wed miercoles "
    "mie mercoledi mer dimecres mercredi mittwoch mi thursday thu thur thurs jueves jue giovedi gio dijous jeudi jeu donnerstag do "
    "friday fri viernes vie venerdi ven divendres vendredi freitag fr saturday sat sabado sab sabato dissabte samedi sam samstag sa "
    "sunday sun domingo dom domenica diumenge dimanche dim sonntag so"
)
_FILLERS = frozenset(f"{_DAY_NAMES} de del d of th st nd rd at le el la il lo den der er a o the alle ore um".split())
_EXCEL_EPOCH = datetime(1899, 12, 30)


def take_apart(text: str) -> Stamp | None:
    """The parts of a date in any known spelling, or None.

    >>> take_apart("12 Mar 2025"), take_apart("4/5/2018 6:00").separator, take_apart("n/a")
    (Stamp(first=12, second=3, year=2025, separator='', clock=(0, 0, 0, 0), offset=None), '/', None)
    """
    return _take_apart(text.strip()) if 5 <= len(text) <= 64 else None


@lru_cache(maxsize=65536)
def _take_apart(text: str) -> Stamp | None:
    if len(text) < 5:
        return None
    if _DIGITS(text):
        return _number(text)
    clock, offset = (0, 0, 0, 0), None
    if found := _TIME.search(text):
        time = _clock(found)
        if time is None:
            return None
        clock, offset = time
        text = f"{text[:found.start()]} {text[found.end():]}".strip(" ,")
    if numeric := _NUMERIC(text.split(",")[-1].strip() if "," in text else text):
        return _numeric(numeric, clock, offset)
    return _named(text, clock, offset)


def _clock(found: re.Match[str]) -> tuple[tuple[int, int, int, int], int | None] | None:
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    if found[5]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found[5].lower() == "p" else 0)
    if hour == 24 and minute == second == 0:
        hour = 0
    if hour > 23 or minute > 59 or second > 60:
        return None
    offset: int | None = None
    if found[6]:
        digits = found[6][1:].replace(":", "")
        minutes = int(digits[:-2]) * 60 + int(digits[-2:]) if len(digits) > 2 else int(digits) * 60
        offset = -minutes if found[6][0] == "-" else minutes
        if minutes >= 24 * 60:
            return None
    elif found[7]:
        if found[7].upper() not in _ZONES:
            return None
        offset = _ZONES[found[7].upper()]
    return (hour, minute, min(second, 59), int((found[4] or "0").ljust(6, "0")[:6])), offset


def _numeric(found: re.Match[str], clock: tuple[int, int, int, int], offset: int | None) -> Stamp | None:
    first, separator, second, third = found[1], found[2], found[3], found[4]
    if len(first) >= 3:
        return Stamp(int(third), int(second), int(first), "", clock, offset) if len(first) == 4 and len(third) <= 2 else None
    if len(third) == 3 or len(third) == 1:
        return None
    if len(third) == 2 and int(first) > 31:
        return Stamp(int(third), int(second), _century(int(first)), "", clock, offset)
    year = int(third) if len(third) == 4 else _century(int(third))
    return Stamp(int(first), int(second), year, separator, clock, offset)


def _century(year: int) -> int:
    """Two digits stand for a year not after 2030: years of birth and of sign-up both lie before."""
    return 2000 + year if year <= 30 else 1900 + year


def _named(text: str, clock: tuple[int, int, int, int], offset: int | None) -> Stamp | None:
    month = 0
    numbers: list[str] = []
    for token in _TOKENS.findall(text):
        if token.isdecimal():
            numbers.append(token)
            continue
        word = fold(token)
        if word in _MONTHS and not month:
            month = _MONTHS[word]
        elif word not in _FILLERS:
            return None
    if not month or len(numbers) != 2:
        return None
    day, year = (numbers[1], numbers[0]) if len(numbers[0]) == 4 else (numbers[0], numbers[1])
    if len(day) > 2 or len(year) not in (2, 4):
        return None
    return Stamp(int(day), month, int(year) if len(year) == 4 else _century(int(year)), "", clock, offset)


def _number(text: str) -> Stamp | None:
    """Compact dates (20180422), Unix times in s, ms or us, and Excel's count of days."""
    whole = text.partition(".")[0]
    if len(whole) in (8, 12, 14) and whole[:2] in ("19", "20") and text == whole and (len(whole) != 12 or int(whole[4:6]) <= 12):
        hour, minute, second = (int(whole[at:at + 2] or 0) for at in (8, 10, 12))
        stamp = Stamp(int(whole[6:8]), int(whole[4:6]), int(whole[:4]), "", (hour, minute, second, 0))
        if 1 <= stamp.second <= 12 and 1 <= stamp.first <= 31 and hour < 24 and minute < 60 and second < 60:
            return stamp
    if len(whole) == 5:
        moment = _EXCEL_EPOCH + timedelta(seconds=round(float(text) * 86400))
        return _of(moment, None) if 1930 <= moment.year <= 2100 else None
    scale = {9: 1, 10: 1, 12: 1000, 13: 1000, 15: 1_000_000, 16: 1_000_000}.get(len(whole))
    if not scale:
        return None
    return _of(datetime(1970, 1, 1) + timedelta(microseconds=int(float(text) * (1_000_000 // scale))), 0)


def _of(moment: datetime, offset: int | None) -> Stamp:
    return Stamp(moment.day, moment.month, moment.year, "", (moment.hour, moment.minute, moment.second, moment.microsecond), offset)


def looks_like_date(text: str) -> bool:
    """Whether a value is written as a date (bare numbers are not, though they might be one)."""
    stamp = None if text.replace(".", "").isdecimal() and text.count(".") < 2 else take_apart(text)
    return stamp is not None and 1 <= max(stamp.first, stamp.second) <= 31 and 1 <= min(stamp.first, stamp.second) <= 12


class Dates:
    """The dates of one column: first `see` every value, then read with `moment` or `day`.

    `order` is a person's answer ("dmy" or "mdy") and settles only what the column itself does not prove. Each separator is
    its own spelling. Dotted dates are day first unless the column proves otherwise: no one writes the month first with dots.

    >>> dates = Dates(UTC)
    >>> dates.see(["4/22/2018 6:00", "04-11-2018 04:53"])
    >>> dates.moment("4/5/2018 6:00").isoformat()
    '2018-04-05T06:00:00+00:00'
    >>> dates.question().example
    '04-11-2018 04:53'
    """

    def __init__(self, zone: tzinfo, order: str = "") -> None:
        self.zone, self.order = zone, order
        self._proved: dict[str, set[str]] = {}
        self._open: dict[str, str] = {}

    def see(self, values: Iterable[str]) -> None:
        """Takes values of the column as evidence."""
        for text in values:
            if text[4:5] == "-" or not (stamp := take_apart(text)) or not stamp.separator:
                continue
            if stamp.first > 12 >= stamp.second > 0:
                self._proved.setdefault(stamp.separator, set()).add("dmy")
            elif stamp.second > 12 >= stamp.first > 0:
                self._proved.setdefault(stamp.separator, set()).add("mdy")
            elif stamp.first != stamp.second and 0 < stamp.first <= 12 and 0 < stamp.second <= 12:
                self._open.setdefault(stamp.separator, text)

    def order_of(self, separator: str) -> str:
        """"dmy", "mdy", or "" while undecided."""
        proved = self._proved.get(separator, set())
        if len(proved) == 1:
            return next(iter(proved))
        return self.order if self.order in ("dmy", "mdy") else "dmy" if separator == "." and not proved else ""

    def question(self) -> Question | None:
        """What a person must settle before this column can be read whole, or None."""
        for separator, example in self._open.items():
            if not self.order_of(separator):
                return Question(option="date_order", code="ambiguous_date", choices=("dmy", "mdy"), example=example)
        return None

    def moment(self, text: str) -> datetime:
        """The moment in UTC; a value without an offset is in the column's zone. DateError."""
        if text[4:5] == "-" and text[7:8] == "-":
            try:
                return self._utc(datetime.fromisoformat(text))
            except (ValueError, OverflowError):
                pass
        stamp = take_apart(text)
        if stamp is None:
            raise DateError("invalid_date")
        day = self._date(stamp)
        zone = self.zone if stamp.offset is None else timezone(timedelta(minutes=stamp.offset))
        hour, minute, second, micro = stamp.clock
        return self._utc(datetime(day.year, day.month, day.day, hour, minute, second, micro, tzinfo=zone))

    def day(self, text: str) -> date:
        """The calendar day as it is written, whatever the zone. DateError."""
        if len(text) == 10 and text[4] == "-":
            try:
                return date.fromisoformat(text)
            except ValueError:
                pass
        stamp = take_apart(text)
        if stamp is None:
            raise DateError("invalid_date")
        return self._date(stamp)

    def _date(self, stamp: Stamp) -> date:
        first, second = stamp.first, stamp.second
        if stamp.separator and first != second and 0 < second <= 12:
            order = self.order_of(stamp.separator) if 0 < first <= 12 else "dmy"
            if not order:
                raise DateError("ambiguous_date")
            if order == "mdy":
                first, second = second, first
        elif stamp.separator and 0 < first <= 12 < second:
            first, second = second, first
        try:
            if not 1000 < stamp.year < 3000:
                raise DateError("invalid_date")
            return date(stamp.year, second, first)
        except ValueError:
            raise DateError("invalid_date") from None

    def _utc(self, moment: datetime) -> datetime:
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=self.zone)
        try:
            return moment.astimezone(UTC)
        except OverflowError:
            raise DateError("invalid_date") from None
