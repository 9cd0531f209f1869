"""What touchpoints cost in the days that are looked at: months by the days of theirs, and only sums that were said."""

from calendar import monthrange
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from .channels import REST, kind_of

CENT: Final = Decimal("0.01")
Sums = Mapping[str, Mapping[date | None, Decimal]]
"""By touchpoint and month (its first day; None: each that has no sum of its own) what it costs."""


@dataclass(frozen=True)
class Spent:
    """`amount` in days of `months` months, `own` of which have sums of their own and `unsaid` none at all; `typed`: where it was said."""

    amount: Decimal
    months: int
    own: int
    unsaid: int
    typed: tuple[str, ...]


@dataclass(frozen=True)
class Costs:
    """`by`: of each touchpoint shown that costs something; `apart`: of what is known of touchpoints that are not shown."""

    by: Mapping[str, Spent]
    apart: Mapping[str, Decimal]


def months(first: date, last: date) -> Iterator[tuple[date, Decimal]]:
    """(the first day of each month, the share of its days that is looked at).

    >>> [(f"{month:%Y-%m}", str(share)) for month, share in months(date(2026, 2, 15), date(2026, 3, 31))]
    [('2026-02', '0.5'), ('2026-03', '1')]
    """
    month = first.replace(day=1)
    while month <= last:
        days = monthrange(month.year, month.month)[1]
        end = month + timedelta(days=days - 1)
        yield month, Decimal((min(end, last) - max(month, first)).days + 1) / days
        month = end + timedelta(days=1)


def spent(costs: Sums, first: date, last: date, shown: Collection[str]) -> Costs:
    """What was said of a source or campaign counts for the touchpoint it is shown in; what was said of more than is shown stays apart.

    >>> said = {"ad": {None: Decimal(31)}, "ad:x": {date(2026, 3, 1): Decimal(9)}}
    >>> found = spent(said, date(2026, 3, 1), date(2026, 4, 30), ["ad:x", "visit"])
    >>> found.by["ad:x"].amount, found.by["ad:x"].unsaid, found.apart
    (Decimal('9.00'), 1, {'ad': Decimal('62.00')})
    """
    every = list(months(first, last))
    parts: dict[str, list[_Part]] = {}
    apart: dict[str, Decimal] = {}
    for key, said in costs.items():
        part = _Part.of(key, said, every)
        if not part.told:
            continue
        if (where := placed(key, shown)) is None:
            apart[key] = part.amount.quantize(CENT)
        else:
            parts.setdefault(where, []).append(part)
    return Costs({key: _whole(each, len(every)) for key, each in parts.items()}, apart)


class _Part(NamedTuple):
    """What was said of one touchpoint; months with a sum of their own, and with any."""

    key: str
    amount: Decimal
    own: set[date]
    told: set[date]

    @classmethod
    def of(cls, key: str, said: Mapping[date | None, Decimal], every: list[tuple[date, Decimal]]) -> "_Part":
        known = {month: (share, said[month] if month in said else said.get(None)) for month, share in every}
        amount = sum((share * value for share, value in known.values() if value is not None), Decimal(0))
        told = {month for month, (_share, value) in known.items() if value is not None}
        return cls(key, amount, {month for month in known if month in said}, told)


def _whole(parts: list[_Part], every: int) -> Spent:
    own, told = set[date]().union(*(part.own for part in parts)), set[date]().union(*(part.told for part in parts))
    amount = sum((part.amount for part in parts), Decimal(0)).quantize(CENT)
    return Spent(amount, every, len(own), every - len(told), tuple(part.key for part in parts))


def placed(key: str, shown: Collection[str]) -> str | None:
    """The touchpoint that is shown and holds `key`; None where only parts of it are shown, or nothing.

    >>> placed("ad:x:may", ["ad:x", "ad"]), placed("ad:x", ["ad:y", "ad:*"]), placed("ad", ["ad:y"])
    ('ad:x', 'ad:*', None)
    """
    parts = key.split(":")
    for length in range(len(parts), 0, -1):
        if (found := ":".join(parts[:length])) in shown:
            return found
    rest = f"{kind_of(key)}:{REST}"
    return rest if len(parts) > 1 and rest in shown else None
