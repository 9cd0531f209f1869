from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ListenConfig(AppConfig):
    name = "vincle.listen"
    label = "listen"

    def ready(self) -> None:
        from vincle.web import nav

        nav.register(nav.Item("listen", _("Listen"), "ear", "listen:stream", order=20))
