"""What the team says things are worth: by this it is told what people are worth."""

from typing import Any, ClassVar

from django.db import models

from vincle.store.scope import Scoped


def _price(digits: int = 2) -> "models.DecimalField[Any, Any | None]":
    return models.DecimalField(max_digits=12, decimal_places=digits, null=True)


class ValueTerms(Scoped):
    """One row a workspace, once the team has said anything; prices in its currency, empty: not said. Written by `value_terms`."""

    margin = models.DecimalField(max_digits=5, decimal_places=2, null=True, help_text="Per cent of what is bought that stays.")
    yearly_discount = models.DecimalField(max_digits=5, decimal_places=2, default=10, help_text="Per cent less for each year to wait.")
    months = models.PositiveSmallIntegerField(default=12, help_text="How far ahead is looked.")
    influence_share = models.DecimalField(
        max_digits=5, decimal_places=2, default=10, help_text="Per cent of the value of those influenced that is counted to who did."
    )
    acquisition_cost = _price()
    idea_price = _price()
    review_price = _price()
    answer_price = _price()
    send_cost = _price(4)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace"], name="one_value_terms")]
