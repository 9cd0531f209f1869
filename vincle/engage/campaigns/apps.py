from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CampaignsConfig(AppConfig):
    name = "vincle.engage.campaigns"
    label = "campaigns"

    def ready(self) -> None:
        from vincle.engage import speaking
        from vincle.organise import segment_uses

        from . import segments_named, telling

        speaking.register("campaigns", _("Campaigns"), "campaigns:list", 10)
        speaking.register("promotions", _("Promotions"), "campaigns:promotions", 60)
        telling.register()
        segment_uses.register("campaign", segments_named.campaigns)
        segment_uses.register("plan", segments_named.repeated)
        segment_uses.register("promotion", segments_named.promotions)
