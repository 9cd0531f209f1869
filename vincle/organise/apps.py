from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrganiseConfig(AppConfig):
    name = "vincle.organise"
    label = "organise"

    def ready(self) -> None:
        from vincle.identify.review import open_cases
        from vincle.web import nav

        spaces = ("organise", "identify")
        nav.register(nav.Item("people", _("People"), "users", "organise:people", order=30, badge=open_cases, namespaces=spaces))
        nav.register_search("organise:search")
        nav.register_settings(nav.Item("tags", _("Tags"), "tags", "organise:tags", order=40))
        nav.register_settings(nav.Item("fields", _("Custom fields"), "list-details", "organise:fields", order=50))
