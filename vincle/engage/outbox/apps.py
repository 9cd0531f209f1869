from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OutboxConfig(AppConfig):
    name = "vincle.engage.outbox"
    label = "outbox"

    def ready(self) -> None:
        from vincle.engage import speaking

        speaking.register("outbox", _("Outbox"), "outbox:home", 70)
