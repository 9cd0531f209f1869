from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AnalyseConfig(AppConfig):
    name = "vincle.analyse"
    label = "analyse"

    def ready(self) -> None:
        from vincle.web import nav

        nav.register(nav.Item("pulse", _("Pulse"), "activity-heartbeat", "analyse:pulse", order=10))
