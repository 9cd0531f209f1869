from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "vincle.api"
    label = "api"
