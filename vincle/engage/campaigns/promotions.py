"""What the team does with promotions: make, change, put away, bring codes in. `promo_giving` gives them out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace
from vincle.organise import members
from vincle.store import bulk

from . import promo_codes
from .models_promotions import PromoCode, Promotion

Kind = Promotion.Kind
_PIECE = 5_000


class Refused(ValueError):
    """Something that cannot be done; its text is for the one who asked."""


class OutOfCodes(Refused):
    """There are fewer codes than people. `missing`: how many codes it lacks."""

    def __init__(self, missing: int) -> None:
        super().__init__(_("There are not enough codes: %(missing)s more are needed.") % {"missing": missing})
        self.missing = missing


class Added(NamedTuple):
    """What became of a list of codes."""

    added: int
    known: int
    bad: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What someone of the team says a promotion is. Exactly one of `percent` and `amount` may be given; neither is fine too."""

    name: str
    kind: str = Kind.SINGLE
    words: str = ""
    percent: Decimal | None = None
    amount: Decimal | None = None
    currency: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    limit: int | None = None
    segment: str = ""
    draws: bool = True
    prefix: str = ""


def listed(workspace: Workspace, *, archived: bool = False) -> "QuerySet[Promotion]":
    """Promotions of a workspace, newest first."""
    rows: QuerySet[Promotion] = Promotion.objects.of(workspace).filter(archived_at__isnull=not archived).order_by("-created_at", "-pk")
    return rows


def choices(workspace: Workspace) -> list[tuple[int, str]]:
    """(primary key, name) of those that may be given out now: for campaigns and journeys."""
    now = timezone.now()
    rows = listed(workspace).exclude(ends_at__lte=now)
    return list(rows.values_list("pk", "name")[:500])


def save(workspace: Workspace, user: User | None, terms: Terms, code: str = "", pk: int | None = None) -> Promotion:
    """Make a promotion, or change one. `code`: the one for all of a shared one. Raises Refused."""
    values = _checked(workspace, terms)
    with transaction.atomic():
        if pk is None:
            made: Promotion = Promotion.objects.create(workspace=workspace, by=user, **values)
            if made.kind == Kind.SHARED:
                _shared_code(made, code or promo_codes.draw(made.prefix, 4))
        else:
            made = _changed(workspace, pk, values)
            if made.kind == Kind.SHARED and code:
                _shared_code(made, code)
        audit.record(workspace, user, "created" if pk is None else "changed", "promotion", made.pk, made.name)
    return made


def _changed(workspace: Workspace, pk: int, values: dict[str, Any]) -> Promotion:
    """A promotion keeps its kind: codes were given out."""
    values.pop("kind")
    if not Promotion.objects.of(workspace).filter(pk=pk, archived_at=None).update(**values):
        raise Refused(_("There is no such promotion any more."))
    found: Promotion = Promotion.objects.of(workspace).get(pk=pk)
    return found


def _checked(workspace: Workspace, terms: Terms) -> dict[str, Any]:
    name = " ".join(terms.name.replace("\x00", "").split())[:120]
    if not name:
        raise Refused(_("A promotion needs a name."))
    if terms.kind not in Kind.values:
        raise Refused(_("Choose a code for each person, or one code for all."))
    if terms.percent is not None and not 0 < terms.percent <= 100:
        raise Refused(_("A share is more than 0 and at most 100 %."))
    if terms.amount is not None and (not 0 < terms.amount < 10**9 or len(terms.currency) != 3):
        raise Refused(_("An amount is more than nothing and has a currency."))
    if terms.percent is not None and terms.amount is not None:
        raise Refused(_("Say a share or an amount, not both."))
    if terms.starts_at and terms.ends_at and terms.ends_at <= terms.starts_at:
        raise Refused(_("It ends before it begins."))
    if terms.limit is not None and not 0 < terms.limit < 2**31:
        raise Refused(_("A limit is a whole number of purchases, at least 1."))
    if terms.segment and members.found(workspace, terms.segment) is None:
        raise Refused(_("There is no such segment any more."))
    return {
        "name": name, "kind": terms.kind, "words": " ".join(terms.words.replace("\x00", "").split())[:200], "percent": terms.percent,
        "amount": terms.amount, "currency": terms.currency.upper() if terms.amount is not None else "", "starts_at": terms.starts_at,
        "ends_at": terms.ends_at, "limit": terms.limit, "segment": terms.segment, "draws": terms.draws,
        "prefix": promo_codes.fold(terms.prefix)[:10], "changed_at": timezone.now(),
    }  # fmt: skip


def _shared_code(promotion: Promotion, code: str) -> None:
    """The one code of a shared promotion. A former one stays, so that purchases with it are still counted."""
    code, folded = code.strip(), promo_codes.fold(code)
    if len(folded) < 3 or len(code) > promo_codes.LONGEST or not code.isprintable():
        raise Refused(_("A code has 3 to 40 letters and digits."))
    own = PromoCode.objects.of(promotion.workspace_id).filter(folded=folded).first()
    if own is None:
        PromoCode.objects.create(workspace_id=promotion.workspace_id, promotion=promotion, code=code, folded=folded)
    elif own.promotion_id != promotion.pk:
        raise Refused(_("“%(code)s” is a code of another promotion.") % {"code": code})
    else:
        PromoCode.objects.filter(pk=own.pk).update(code=code, created_at=timezone.now())


def shared_code(promotion: Promotion) -> PromoCode | None:
    """The code that is given out of a shared promotion."""
    rows = PromoCode.objects.of(promotion.workspace_id).filter(promotion=promotion)
    found: PromoCode | None = rows.order_by("-created_at", "-pk").first()
    return found


def archive(workspace: Workspace, user: User | None, promotion: Promotion, *, back: bool = False) -> bool:
    """Put a promotion away, or bring it back. Purchases with its codes are counted all the same. False when it stood so."""
    with transaction.atomic():
        rows = Promotion.objects.of(workspace).filter(pk=promotion.pk, archived_at__isnull=not back)
        if not rows.update(archived_at=None if back else timezone.now()):
            return False
        audit.record(workspace, user, "brought back" if back else "put away", "promotion", promotion.pk, promotion.name)
    return True


def add_codes(workspace: Workspace, user: User | None, promotion: Promotion, text: str) -> Added:
    """Codes that were made elsewhere, in the shop for instance. Those that some promotion has already are passed over. Raises Refused."""
    if promotion.kind != Kind.SINGLE:
        raise Refused(_("One code for all is changed in the promotion itself."))
    read = promo_codes.read(text)
    if len(read.codes) > promo_codes.MOST:
        raise Refused(_("At most %(most)s codes at a time.") % {"most": promo_codes.MOST})
    if not read.codes:
        raise Refused(_("There is no code in this list."))
    with transaction.atomic():
        before = PromoCode.objects.filter(promotion=promotion).count()
        insert(promotion, read.codes.items())
        added = PromoCode.objects.filter(promotion=promotion).count() - before
        audit.record(workspace, user, "added codes", "promotion", promotion.pk, promotion.name, codes=added)
    return Added(added, read.doubles + len(read.codes) - added, read.bad)


def insert(promotion: Promotion, codes: Iterable[tuple[str, str]]) -> None:
    """(folded, code) pairs that nobody has yet; those that are there already are passed over."""
    rows = [PromoCode(workspace_id=promotion.workspace_id, promotion=promotion, code=code, folded=folded) for folded, code in codes]
    for piece in bulk.chunks(rows, _PIECE):
        PromoCode.objects.bulk_create(piece, ignore_conflicts=True)


def data_of(promotion: Promotion, code: str) -> dict[str, str]:
    """What a letter is told of it: {{ data.code }}, {{ data.offer }}, {{ data.code_ends }} (a date, or "")."""
    ends = timezone.localtime(promotion.ends_at).date().isoformat() if promotion.ends_at else ""
    return {"code": code, "offer": promotion.words, "code_ends": ends}
