from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SurveysConfig(AppConfig):
    name = "vincle.engage.surveys"
    label = "surveys"

    def ready(self) -> None:
        from vincle.engage import speaking
        from vincle.identify import forgetting as forgets

        from . import connecting, forgetting

        connecting.connect()
        forgets.register("surveys", forgetting.erase)
        speaking.register("surveys", _("Surveys"), "surveys:list", 45)
