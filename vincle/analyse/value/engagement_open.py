"""What is open with a person when somebody answers them: codes they may still use, and leads somebody looks after."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from django.db.models import Q

from vincle.accounts.models import Workspace
from vincle.engage.campaigns.models import PromoCode, PromoGift
from vincle.engage.leads.models import Submission
from vincle.organise.models import Score

MOST: Final = 3


class Code(NamedTuple):
    """`shared`: one code for all."""

    code: str
    promotion: int
    name: str
    words: str
    ends_at: datetime | None


def codes(workspace: Workspace, people: Sequence[int], now: datetime) -> list[Code]:
    """Of these ids of one person; given to them, not used yet, of a promotion that still runs."""
    runs = Q(promotion__archived_at=None) & (Q(promotion__ends_at=None) | Q(promotion__ends_at__gt=now))
    own = PromoCode.objects.of(workspace).filter(runs, person__in=people, used_at=None, given_at__isnull=False)
    found = [_code(row.code, row.promotion) for row in own.select_related("promotion").order_by("-given_at")[:MOST]]
    gifts = PromoGift.objects.of(workspace).filter(runs, person__in=people).exclude(promotion__uses__handle__in=people)
    shared = list(gifts.select_related("promotion").order_by("-at")[:MOST])
    if shared:
        words = dict(
            PromoCode.objects.of(workspace).filter(promotion__in=[row.promotion_id for row in shared], person=None).order_by("-pk")
            .values_list("promotion", "code")
        )  # fmt: skip
        found += [_code(words[row.promotion_id], row.promotion) for row in shared if row.promotion_id in words]
    return found[:MOST]


def _code(code: str, promotion: object) -> Code:
    return Code(code, promotion.pk, promotion.name, promotion.words, promotion.ends_at)  # type: ignore[attr-defined]


def leads(workspace: Workspace, handles: Sequence[int]) -> list[Submission]:
    """Forms they sent that are still to be looked after, newest first."""
    stages = (Submission.Stage.OPEN, Submission.Stage.CONTACTED)
    rows = Submission.objects.of(workspace).filter(handle__in=handles, stage__in=stages).exclude(state=Submission.State.SPAM)
    return list(rows.select_related("form").order_by("-at")[:MOST])


def scores(workspace: Workspace, person: int) -> dict[str, Score]:
    """The expected value of their purchases, and how sure it is that they are still a customer."""
    return {row.name: row for row in Score.objects.of(workspace).filter(person=person, name__in=("value", "alive"))}
