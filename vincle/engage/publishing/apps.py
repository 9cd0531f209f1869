from django.apps import AppConfig


class PublishingConfig(AppConfig):
    name = "vincle.engage.publishing"
    label = "publishing"
