from django.apps import AppConfig


class IdentifyConfig(AppConfig):
    name = "vincle.identify"
    label = "identify"
