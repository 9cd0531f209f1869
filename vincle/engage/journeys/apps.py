from django.apps import AppConfig


class JourneysConfig(AppConfig):
    name = "vincle.engage.journeys"
    label = "journeys"
