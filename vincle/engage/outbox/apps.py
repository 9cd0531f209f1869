from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "vincle.engage.outbox"
    label = "outbox"
