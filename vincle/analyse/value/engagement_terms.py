"""What the team says things are worth, as engagement value needs it. What has no price is counted, and left out of every amount."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from vincle.accounts.models import Workspace
from vincle.engage.inbox.models import ServiceSettings
from vincle.organise.value_terms import terms_of

PRICED: Final = {"ideas": "idea", "reviews": "review", "answers": "answer", "seconds": "hour", "sends": "send"}
"""What is counted, and the price it needs."""


@dataclass(frozen=True)
class Prices:
    """In the workspace's currency; None: the team has not said. `margin` (1 where it has not), `share`: 0 to 1; `months`: of the horizon,
    and looked back."""

    currency: str
    months: int = 12
    margin: Decimal = Decimal(1)
    has_margin: bool = False
    share: Decimal = Decimal("0.1")
    acquisition: Decimal | None = None
    idea: Decimal | None = None
    review: Decimal | None = None
    answer: Decimal | None = None
    hour: Decimal | None = None
    send: Decimal | None = None

    def unpriced(self, counts: Mapping[str, int]) -> tuple[str, ...]:
        """What there is some of, and no price.

        >>> Prices("EUR", idea=Decimal(5)).unpriced({"ideas": 3, "reviews": 2, "answers": 0})
        ('reviews',)
        """
        return tuple(name for name, price in PRICED.items() if counts.get(name) and getattr(self, price) is None)

    def kept(self) -> dict[str, str | int | None]:
        """As JSON: what a round was worked out by."""
        return {
            "currency": self.currency, "months": self.months, "has_margin": self.has_margin,
            **{name: None if (found := getattr(self, name)) is None else format(found.normalize(), "f")
               for name in ("margin", "share", "acquisition", "idea", "review", "answer", "hour", "send")},
        }  # fmt: skip


def prices_of(workspace: Workspace) -> Prices:
    """Two queries."""
    hour = ServiceSettings.objects.of(workspace).values_list("hourly_cost", flat=True).first()
    terms = terms_of(workspace)
    return Prices(
        workspace.currency, terms.months, terms.margin, terms.has_margin, terms.influence_share, terms.acquisition, terms.idea,
        terms.review, terms.answer, hour, terms.send,
    )  # fmt: skip
