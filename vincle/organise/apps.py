from django.apps import AppConfig


class OrganiseConfig(AppConfig):
    name = "vincle.organise"
    label = "organise"
