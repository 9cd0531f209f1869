from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LettersConfig(AppConfig):
    name = "vincle.engage.letters"
    label = "letters"

    def ready(self) -> None:
        from vincle.engage import speaking
        from vincle.engage.outbox import writing
        from vincle.organise import segment_uses

        from . import segments_named, sending

        speaking.register("letters", _("Letters"), "letters:list", 50)
        writing.register(sending.NAME, sending.writer)
        segment_uses.register("letter", segments_named.look)
