from django.apps import AppConfig


class LettersConfig(AppConfig):
    name = "vincle.engage.letters"
    label = "letters"
