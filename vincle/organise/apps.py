from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class OrganiseConfig(AppConfig):
    name = "vincle.organise"
    label = "organise"

    def ready(self) -> None:
        from django.db.models.signals import post_migrate

        from vincle.identify import forgetting as forgets
        from vincle.identify.joining import survivor_hooks
        from vincle.identify.review import open_cases
        from vincle.listen import texts
        from vincle.listen.alerts_people import register_vips
        from vincle.listen.matching import register_reach
        from vincle.web import nav

        from . import forgetting, places, tabs
        from .corrections import choose
        from .filling import after_migrating
        from .heard import followers_of, who_matters

        post_migrate.connect(after_migrating, sender=self)
        register_reach(followers_of)
        register_vips(who_matters)

        if choose not in survivor_hooks:
            survivor_hooks.append(choose)
        texts.register_places(places.of)
        forgets.register("organise", forgetting.erase)
        spaces = ("organise", "identify")
        nav.register(nav.Item("people", _("People"), "users", "organise:people", order=30, badge=open_cases, namespaces=spaces))
        nav.register_search("organise:search")
        nav.register_settings(nav.Item("tags", _("Tags"), "tags", "organise:tags", order=40))
        nav.register_settings(nav.Item("fields", _("Custom fields"), "list-details", "organise:fields", order=50))
        nav.register_settings(nav.Item("computed", _("Computed fields"), "hash", "organise:computed", order=55))
        nav.register_settings(nav.Item("rules", _("Which value wins"), "scale", "organise:rules", order=60))
        tabs.register("segments", _("Segments"), "organise:segments", 10)
        tabs.register("groups", _("Groups"), "organise:groups", 20)
        tabs.register("scores", pgettext_lazy("of a person", "Scores"), "organise:scores", 50)
        tabs.register("levels", _("Registration"), "organise:levels", 60)
        tabs.register("plans", _("Plans"), "organise:plans", 70)
        tabs.register("network", _("Network"), "organise:network", 40)
