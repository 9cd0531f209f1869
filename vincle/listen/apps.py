from django.apps import AppConfig


class ListenConfig(AppConfig):
    name = "vincle.listen"
    label = "listen"
