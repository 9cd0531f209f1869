from django.apps import AppConfig


class AnalyseConfig(AppConfig):
    name = "vincle.analyse"
    label = "analyse"
