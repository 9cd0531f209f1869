"""What codes stand for: the one of the Christmas letter, those that friends hand on, and one that nobody has yet."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from django.utils import timezone

from vincle.accounts.models import User, Workspace
from vincle.engage.campaigns import promotions, promotions_reading
from vincle.engage.campaigns.models_promotions import Promotion
from vincle.engage.campaigns.promotions import Terms
from vincle.listen.models import Activity

from ..tell import CHRISTMAS_CODE

_FRIENDS = re.compile(r'"(AMIC-[^"]+)"')


class Offers(NamedTuple):
    christmas: Promotion
    back: Promotion


def make(workspace: Workspace, user: User) -> Offers:
    """Purchases that carried a code are found by the reading that finds them as they arrive."""
    christmas = Terms(name="Christmas blend, a tenth less", kind="shared", words="10 % off the Christmas blend", percent=Decimal(10))
    friends = Terms(name="From friend to friend", words="A bag for whoever brings someone", draws=False)
    back = Terms(
        name="Five euros to come back",
        words="5 € off",
        amount=Decimal(5),
        currency="EUR",
        prefix="TORNA",
        ends_at=timezone.now() + timedelta(days=45),
    )
    made = Offers(promotions.save(workspace, user, christmas, code=CHRISTMAS_CODE), promotions.save(workspace, user, back))
    rows = Activity.objects.of(workspace).filter(verb="Purchase", props__contains='"codes"').order_by("seq")
    found = [promotions_reading.Row(*row) for row in rows.values_list("seq", *promotions_reading.COLUMNS)]
    if codes := sorted({code for row in found for code in _FRIENDS.findall(row.props)}):
        handed = promotions.save(workspace, user, friends)
        promotions.add_codes(workspace, user, handed, "\n".join(codes))
    promotions_reading.follow(found)
    return made
