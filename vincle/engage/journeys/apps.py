from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JourneysConfig(AppConfig):
    name = "vincle.engage.journeys"
    label = "journeys"

    def ready(self) -> None:
        from vincle.engage import speaking
        from vincle.engage.outbox import writing
        from vincle.engage.surveys import naming
        from vincle.identify import forgetting as forgets

        from . import forgetting, places, posting, texts

        speaking.register("journeys", _("Journeys"), "journeys:list", 20)
        writing.register(posting.TEXT, texts.writer)
        forgets.register("journeys", forgetting.erase)
        places.offer("survey", naming.names)
