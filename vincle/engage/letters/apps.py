from django.apps import AppConfig


class LettersConfig(AppConfig):
    name = "vincle.engage.letters"
    label = "letters"

    def ready(self) -> None:
        from vincle.engage.outbox import writing

        from . import sending

        writing.register(sending.NAME, sending.writer)
