from django.apps import AppConfig


class PreferencesConfig(AppConfig):
    name = "vincle.engage.preferences"
    label = "preferences"
