from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "vincle.web"
    label = "web"
