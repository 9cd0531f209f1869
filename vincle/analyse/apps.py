from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AnalyseConfig(AppConfig):
    name = "vincle.analyse"
    label = "analyse"

    def ready(self) -> None:
        from vincle.identify import forgetting
        from vincle.organise import tabs
        from vincle.web import nav

        from . import erasing

        nav.register(nav.Item("pulse", _("Pulse"), "activity-heartbeat", "analyse:pulse", order=10))
        below = ("analyse:reports", "analyse:accounts")
        nav.register(nav.Item("board", _("Board"), "chart-histogram", "analyse:board", order=15, also=below))
        nav.register(nav.Item("ask", _("Ask"), "database", "analyse:ask", order=80))
        forgetting.register("analyse", erasing.erase)
        tabs.register("ladder", _("Ladder"), "analyse:ladder", 30)
