from django.apps import AppConfig


class ProjectConfig(AppConfig):
    name = "vincle.project"
    label = "project"
