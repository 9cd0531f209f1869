from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "vincle.engage.campaigns"
    label = "campaigns"
