from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ValueConfig(AppConfig):
    name = "vincle.analyse.value"
    label = "value"

    def ready(self) -> None:
        from vincle.analyse import worth_tabs
        from vincle.identify import forgetting as forgets

        from . import forgetting

        forgets.register("value", forgetting.erase)
        worth_tabs.register("customers", _("Customers"), "value:customers", 20)
        worth_tabs.register("engagement", _("Engagement"), "value:engagement", 30)
