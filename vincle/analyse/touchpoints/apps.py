from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from vincle.engage.campaigns.models import Campaign
    from vincle.engage.campaigns.whence import Cause


class TouchpointsConfig(AppConfig):
    name = "vincle.analyse.touchpoints"
    label = "touchpoints"

    def ready(self) -> None:
        from vincle.analyse import worth_tabs
        from vincle.engage.campaigns import whence

        worth_tabs.register("touchpoints", _("Touchpoints"), "touchpoints:touchpoints", 40)
        whence.register(_causes)


def _causes(campaign: "Campaign") -> "Sequence[Cause]":
    from . import experiments  # at first use: it brings numpy

    return experiments.of_campaign(campaign)
