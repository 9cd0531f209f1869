from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PublishingConfig(AppConfig):
    name = "vincle.engage.publishing"
    label = "publishing"

    def ready(self) -> None:
        from vincle.engage import speaking
        from vincle.engage.letters import recipients
        from vincle.identify import forgetting as forgets
        from vincle.organise import influence_codes

        from . import forgetting, sharing, telling

        speaking.register("posts", _("Posts"), "publishing:calendar", 30)
        telling.register()
        recipients.register("share_url", sharing.extra)
        influence_codes.register("publishing", sharing.codes)
        forgets.register("publishing", forgetting.erase)
