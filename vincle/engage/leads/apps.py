from django.apps import AppConfig


class LeadsConfig(AppConfig):
    name = "vincle.engage.leads"
    label = "leads"
