from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TouchpointsConfig(AppConfig):
    name = "vincle.analyse.touchpoints"
    label = "touchpoints"

    def ready(self) -> None:
        from vincle.analyse import worth_tabs
        from vincle.engage.campaigns import whence

        from . import experiments

        worth_tabs.register("touchpoints", _("Touchpoints"), "touchpoints:touchpoints", 40)
        whence.register(experiments.of_campaign)
