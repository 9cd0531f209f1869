from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PreferencesConfig(AppConfig):
    name = "vincle.engage.preferences"
    label = "preferences"

    def ready(self) -> None:
        from vincle.engage import speaking
        from vincle.identify import forgetting as forgets

        from . import forgetting, mails

        forgets.register("preferences", forgetting.erase)
        mails.connect()
        speaking.register("consent", _("Consent"), "preferences:overview", 80)
