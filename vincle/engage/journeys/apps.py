from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JourneysConfig(AppConfig):
    name = "vincle.engage.journeys"
    label = "journeys"

    def ready(self) -> None:
        from vincle.engage import speaking
        from vincle.engage.campaigns import plan_journeys
        from vincle.engage.outbox import writing
        from vincle.engage.surveys import naming
        from vincle.identify import forgetting as forgets
        from vincle.organise import segment_uses

        from . import forgetting, places, plan_making, posting, segments_named, telling, texts

        speaking.register("journeys", _("Journeys"), "journeys:list", 20)
        writing.register(posting.TEXT, texts.writer)
        forgets.register("journeys", forgetting.erase)
        telling.register()
        plan_journeys.register(plan_making.make, plan_making.tell)
        segment_uses.register("journey", segments_named.look)
        places.offer("survey", naming.names)
