from django.apps import AppConfig


class IdentifyConfig(AppConfig):
    name = "vincle.identify"
    label = "identify"

    def ready(self) -> None:
        from vincle.listen import stream

        from .actions import handles_of_person

        stream.register_people(handles_of_person)
