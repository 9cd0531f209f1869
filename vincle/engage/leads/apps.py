from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LeadsConfig(AppConfig):
    name = "vincle.engage.leads"
    label = "leads"

    def ready(self) -> None:
        from vincle.engage import speaking
        from vincle.engage.journeys import places
        from vincle.engage.preferences import signals

        from . import actions, assigning, confirming

        speaking.register("forms", _("Forms"), "leads:list", 40)
        assigning.register()
        places.offer("form", actions.names)
        signals.confirmed.connect(confirming.confirmed, dispatch_uid="leads.confirmed")
        signals.forgotten.connect(confirming.forgotten, dispatch_uid="leads.forgotten")
