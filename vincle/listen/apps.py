from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ListenConfig(AppConfig):
    name = "vincle.listen"
    label = "listen"

    def ready(self) -> None:
        from vincle.web import nav

        from .notices import unseen

        nav.register(nav.Item("listen", _("Listen"), "ear", "listen:stream", order=20))
        nav.register_bell("listen:alerts", unseen)
        nav.register_settings(nav.Item("learnt", _("What we learnt from you"), "language", "listen:learnt", order=70))
        nav.register_settings(nav.Item("words", _("Your words"), "tags", "listen:words", order=71))
        nav.register_settings(nav.Item("readers", _("Who reads"), "books", "listen:readers", order=72, may="manage"))
        nav.register_settings(nav.Item("retention", _("Retention"), "hourglass", "listen:retention", order=80, may="manage"))
