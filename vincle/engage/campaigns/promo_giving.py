"""Codes given to people: only while the promotion holds, to whom it is for, and never more of them than it may."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import F, Q
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from vincle.accounts.models import Workspace
from vincle.organise import members
from vincle.store import bulk

from . import promo_codes
from .models_promotions import PromoCode, PromoGift, Promotion, PromoUse
from .promotions import OutOfCodes, Refused, insert, shared_code

NOT_FOR_THEM, NONE_LEFT = "not_for_them", "none_left"
_PIECE = 5_000


class LimitReached(Refused):
    """It holds for fewer purchases than there are people. `missing`: how many more it would take."""

    def __init__(self, promotion: Promotion, missing: int) -> None:
        words = {"name": promotion.name, "limit": promotion.limit, "missing": missing}
        super().__init__(_("“%(name)s” holds for %(limit)s purchases: %(missing)s too few for all of them.") % words)
        self.missing = missing


class Granted(NamedTuple):
    """`codes` by person; of everybody else why not: NOT_FOR_THEM or NONE_LEFT."""

    codes: dict[int, str]
    refused: dict[int, str]


def closed(promotion: Promotion, now: datetime | None = None) -> str:
    """Why nobody is given a code of it at that moment, as a sentence; "" while it is given out."""
    now, name = now or timezone.now(), {"name": promotion.name}
    if promotion.archived_at:
        return _("“%(name)s” was put away.") % name
    if promotion.ends_at and promotion.ends_at <= now:
        return _("“%(name)s” is over.") % name
    if promotion.starts_at and promotion.starts_at > now:
        day = formats.date_format(timezone.localtime(promotion.starts_at), "DATE_FORMAT")
        return _("“%(name)s” begins on %(day)s; no code is given before.") % {**name, "day": day}
    if promotion.segment:
        segment = members.found(Workspace(pk=promotion.workspace_id), promotion.segment)
        if segment is None or segment.archived_at:
            return _("The segment “%(name)s” is for is not there any more.") % name
    return ""


def is_for(promotion: Promotion, persons: Collection[int]) -> set[int]:
    """Those of these people who are in the segment it is for: all of them where it is for everybody."""
    if not promotion.segment:
        return set(persons)
    segment = members.found(Workspace(pk=promotion.workspace_id), promotion.segment)
    return members.inside(segment, persons) if segment is not None and segment.archived_at is None else set()


def left(promotion: Promotion) -> int | None:
    """How many codes may still be given; of one for all, how many purchases it still holds for. None: any number."""
    if promotion.limit is None:
        return None
    if promotion.kind == Promotion.Kind.SHARED:
        gone = PromoUse.objects.filter(promotion=promotion).values("root").distinct().count()
    else:
        gone = PromoCode.objects.filter(promotion=promotion).filter(Q(person__isnull=False) | Q(used_at__isnull=False)).count()
    return max(promotion.limit - gone, 0)


def give(promotion: Promotion, persons: Collection[int], source: str = "") -> dict[int, str]:
    """The code of each person, given now to those who have none: {person: code}. Again, it gives the same.

    `source`: who gives it ("campaign:12"). Whoever is not in its segment is left out. Raises Refused where it is not given out now,
    LimitReached or OutOfCodes where there are too few: then nobody is given one.
    """
    with transaction.atomic():
        row, known, wanting = _opened(promotion, persons)
        _enough(row, len(wanting))
        return {**known, **_given(row, wanting, source[:40])}


def grant(promotion: Promotion, persons: Collection[int], source: str = "") -> Granted:
    """The same to as many as may have one, in their order, and why the others have none. Raises Refused where it is not given out now."""
    with transaction.atomic():
        row, known, wanting = _opened(promotion, persons)
        room = _room(row)
        going = wanting if room is None else wanting[:room]
        codes = {**known, **_given(row, going, source[:40])}
    wanted = set(wanting)
    return Granted(codes, {each: NONE_LEFT if each in wanted else NOT_FOR_THEM for each in persons if each not in codes})


def check(promotion: Promotion, persons: Collection[int]) -> None:
    """Whether all of these could be given one now. Raises what `give` would; gives nothing."""
    with transaction.atomic():
        row, _known, wanting = _opened(promotion, persons)
        _enough(row, len(wanting))


def _opened(promotion: Promotion, persons: Collection[int]) -> tuple[Promotion, dict[int, str], list[int]]:
    """The promotion as it stands, held: (it, the codes people have, who is still to be given one, in the order of `persons`)."""
    # Whoever gives codes of this promotion waits for the others; what they did is seen afterwards.
    Promotion.objects.filter(pk=promotion.pk).update(kind=F("kind"))
    row: Promotion = Promotion.objects.get(pk=promotion.pk)
    if why := closed(row):
        raise Refused(why)
    known = _known(row, persons)
    meant = is_for(row, persons)
    return row, known, [each for each in dict.fromkeys(persons) if each in meant and each not in known]


def _known(row: Promotion, persons: Collection[int]) -> dict[int, str]:
    if row.kind == Promotion.Kind.SINGLE:
        sql = "SELECT person, code FROM campaigns_promocode WHERE promotion_id = %s AND person IN ({})"
        return dict(bulk.select(sql, set(persons), [row.pk]))
    code = shared_code(row)
    sql = "SELECT person FROM campaigns_promogift WHERE promotion_id = %s AND person IN ({})"
    return {person: code.code for (person,) in bulk.select(sql, set(persons), [row.pk])} if code else {}


def _free(row: Promotion) -> Any:
    return PromoCode.objects.of(row.workspace_id).filter(promotion=row, person=None, used_at=None).order_by("pk")


def _room(row: Promotion) -> int | None:
    """How many more could be given one now; None: any number. Of a code for all, the limit is of purchases: it is open or not."""
    if row.kind == Promotion.Kind.SHARED:
        return 0 if left(row) == 0 or shared_code(row) is None else None
    room = left(row)
    if row.draws:
        return room
    codes: int = _free(row).count()
    return codes if room is None else min(room, codes)


def _enough(row: Promotion, wanted: int) -> None:
    if not wanted:
        return
    room = left(row)
    if room is not None and room < (1 if row.kind == Promotion.Kind.SHARED else wanted):
        raise LimitReached(row, wanted - room)
    if row.kind == Promotion.Kind.SHARED:
        if shared_code(row) is None:
            raise OutOfCodes(1)
    elif not row.draws and (codes := _free(row).count()) < wanted:
        raise OutOfCodes(wanted - codes)


def _given(row: Promotion, wanting: list[int], source: str) -> dict[int, str]:
    if not wanting:
        return {}
    if row.kind == Promotion.Kind.SINGLE:
        return _given_own(row, wanting, source)
    code = shared_code(row)
    gifts = [PromoGift(workspace_id=row.workspace_id, promotion=row, person=person, source=source) for person in sorted(wanting)]
    for piece in bulk.chunks(gifts, _PIECE):
        PromoGift.objects.bulk_create(piece, ignore_conflicts=True)
    return dict.fromkeys(wanting, code.code) if code else {}


def _given_own(row: Promotion, wanting: list[int], source: str) -> dict[int, str]:
    free = _free(row)
    if row.draws:
        _draw_up_to(row, len(wanting))
    codes, now = list(free[: len(wanting)]), timezone.now()
    for person, code in zip(wanting, codes, strict=True):
        code.person, code.given_at, code.source = person, now, source
    for piece in bulk.chunks(codes, 500):
        PromoCode.objects.bulk_update(piece, ["person", "given_at", "source"])
    return {code.person: code.code for code in codes}


def _draw_up_to(row: Promotion, wanted: int) -> None:
    """New ones until `wanted` are free; two of 55 thousand million that are the same are drawn again."""
    while (missing := wanted - _free(row).count()) > 0:
        drawn = [promo_codes.draw(row.prefix) for _each in range(missing)]
        insert(row, [(promo_codes.fold(code), code) for code in drawn])
