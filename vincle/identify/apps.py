from django.apps import AppConfig


class IdentifyConfig(AppConfig):
    name = "vincle.identify"
    label = "identify"

    def ready(self) -> None:
        from vincle.listen import expiry, forgotten, stream

        from . import forgetting
        from .actions import handles_held, handles_of_person

        stream.register_people(handles_of_person)
        expiry.register_holder(handles_held)
        forgotten.register(forgetting.among)
