"""What promotions came to: given, redeemed, by whom, for how much."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Count, Q, Sum
from django.db.models.query import QuerySet

from vincle.accounts.models import Workspace
from vincle.identify.models import Belonging
from vincle.organise.models import Profile
from vincle.store import bulk

from .models_promotions import PromoCode, PromoGift, Promotion, PromoUse

PAGE = 50


@dataclass
class Figures:
    """`codes` there are, `given` to people, `redeemed` of those given (people's own codes) or people who came with a shared one."""

    codes: int = 0
    given: int = 0
    redeemed: int = 0
    purchases: int = 0
    revenue: dict[str, Decimal] = field(default_factory=dict)

    @property
    def share(self) -> float | None:
        """Of those given, 0 to 1; None where none was."""
        return min(self.redeemed / self.given, 1.0) if self.given else None

    @property
    def free(self) -> int:
        return max(self.codes - self.given, 0)

    def left_of(self, promotion: Promotion) -> int | None:
        """Codes that may still be given; of one for all, purchases it still holds for. None: any number."""
        if promotion.limit is None:
            return None
        return max(promotion.limit - (self.purchases if promotion.kind == Promotion.Kind.SHARED else self.given), 0)


class Use(NamedTuple):
    """A purchase with a code, and who bought (None where nobody knows)."""

    at: datetime
    code: str
    amount: Decimal | None
    currency: str
    person: Profile | None
    is_theirs: bool
    is_late: bool


def figures(promotions: Sequence[Promotion]) -> dict[int, Figures]:
    """Of each promotion, by primary key. Five queries, however many they are."""
    found = {each.pk: Figures() for each in promotions}
    shared = [each.pk for each in promotions if each.kind == Promotion.Kind.SHARED]
    counts = {"given": Count("pk", filter=Q(person__isnull=False)), "used": Count("pk", filter=Q(used_at__isnull=False))}
    rows = PromoCode.objects.filter(promotion__in=found).values_list("promotion").annotate(n=Count("pk"), **counts)
    for pk, all_codes, given, redeemed in rows.values_list("promotion", "n", "given", "used"):
        found[pk].codes, found[pk].given, found[pk].redeemed = all_codes, given, redeemed
    for pk, given in PromoGift.objects.filter(promotion__in=shared).values_list("promotion").annotate(Count("pk")):
        found[pk].given = given
    for pk, handles in PromoUse.objects.filter(promotion__in=shared).values_list("promotion").annotate(Count("handle", distinct=True)):
        found[pk].redeemed = handles
    sums = PromoUse.objects.filter(promotion__in=found).values_list("promotion", "currency").annotate(Count("pk"), Sum("amount"))
    for pk, currency, purchases, amount in sums:
        found[pk].purchases += purchases
        if amount is not None:
            found[pk].revenue[currency] = found[pk].revenue.get(currency, Decimal(0)) + amount
    return found


def uses(promotion: Promotion, before: tuple[datetime, int] | None = None, size: int = PAGE) -> list[tuple[int, Use]]:
    """Purchases with its codes, newest first, as (key, use); `before` is (at, key) of the last one seen."""
    rows = PromoUse.objects.of(promotion.workspace_id).filter(promotion=promotion).select_related("code")
    if before:
        rows = rows.filter(Q(at__lt=before[0]) | Q(at=before[0], pk__lt=before[1]))
    return list(_told(promotion, list(rows.order_by("-at", "-pk")[:size])))


def _told(promotion: Promotion, rows: list[PromoUse]) -> Iterator[tuple[int, Use]]:
    whose = dict(Belonging.objects.filter(handle__in={row.handle for row in rows if row.handle}).values_list("handle", "person"))
    people = Profile.objects.of(promotion.workspace_id).in_bulk(set(whose.values()))
    for row in rows:
        person = whose.get(row.handle) if row.handle else None
        late = (promotion.ends_at and row.at > promotion.ends_at) or (promotion.starts_at and row.at < promotion.starts_at)
        is_theirs = row.code.person is None or person is None or row.code.person == person
        known = people.get(person) if person is not None else None
        yield row.pk, Use(row.at, row.code.code, row.amount, row.currency, known, is_theirs, bool(late))


def codes(promotion: Promotion, state: str = "", words: str = "") -> "QuerySet[PromoCode]":
    """Codes of a promotion; `state` "free", "given", "used" or "" for all; `words` begin a code."""
    rows: QuerySet[PromoCode] = PromoCode.objects.of(promotion.workspace_id).filter(promotion=promotion)
    if state == "free":
        rows = rows.filter(person=None, used_at=None)
    elif state == "given":
        rows = rows.filter(person__isnull=False, used_at=None)
    elif state == "used":
        rows = rows.filter(used_at__isnull=False)
    return rows.filter(folded__startswith=words) if words else rows


def people_of(workspace: Workspace, persons: Iterable[int]) -> dict[int, Profile]:
    """Profiles by person, for pages."""
    found: dict[int, Profile] = Profile.objects.of(workspace).in_bulk(set(persons))
    return found


def by_source(promotion: Promotion) -> list[tuple[str, int, int]]:
    """(what gave them out, given, redeemed) most first; a shared code tells only whom it was given."""
    if promotion.kind == Promotion.Kind.SHARED:
        gifts = PromoGift.objects.filter(promotion=promotion).values_list("source").annotate(n=Count("pk")).order_by("-n")
        return [(source, given, 0) for source, given in gifts]
    used = Count("pk", filter=Q(used_at__isnull=False))
    rows = PromoCode.objects.filter(promotion=promotion, person__isnull=False).values_list("source").annotate(n=Count("pk"), used=used)
    return [(source, given, redeemed) for source, given, redeemed in rows.order_by("-n")]


def csv_rows(promotion: Promotion) -> Iterator[list[Any]]:
    """(code, person, name, given at, given by, last used, purchases, revenue, currency) of each code, in pieces."""
    sums: dict[int, tuple[int, Decimal | None, str]] = {}
    for code, currency, n, amount in (
        PromoUse.objects.filter(promotion=promotion).values_list("code", "currency").annotate(Count("pk"), Sum("amount"))
    ):
        sums[code] = (n, amount, currency)
    last = 0
    while rows := list(codes(promotion).filter(pk__gt=last).order_by("pk")[:2_000]):
        last = rows[-1].pk
        names = _names(row.person for row in rows if row.person is not None)
        for row in rows:
            n, amount, currency = sums.get(row.pk, (0, None, ""))
            public, name = names.get(row.person, ("", "")) if row.person is not None else ("", "")
            given, used = (at.isoformat(timespec="seconds") if at else "" for at in (row.given_at, row.used_at))
            yield [row.code, public, name, given, row.source, used, n, amount, currency]


def _names(persons: Iterable[int]) -> dict[int, tuple[str, str]]:
    found: dict[int, tuple[str, str]] = defaultdict(lambda: ("", ""))
    for piece in bulk.chunks(sorted(set(persons)), 500):
        found.update({each.person: (each.public, each.name) for each in Profile.objects.filter(person__in=piece)})
    return found
