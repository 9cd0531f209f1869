from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class KpisConfig(AppConfig):
    name = "vincle.analyse.kpis"
    label = "kpis"

    def ready(self) -> None:
        from vincle.analyse import reports_more, worth_tabs

        worth_tabs.register("kpis", _("Key figures"), "kpis:board", 10)
        reports_more.register("worth", "vincle.analyse.kpis.report:frozen")
