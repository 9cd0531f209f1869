from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "vincle.accounts"
    label = "accounts"

    def ready(self) -> None:
        from vincle.web import nav

        from . import signals  # noqa: F401

        nav.register_settings(nav.Item("workspace", _("Workspace"), "building-store", "settings:workspace", order=10, may="manage"))
        nav.register_settings(nav.Item("team", _("Team"), "users", "settings:team", order=20))
        nav.register_settings(nav.Item("preferences", _("My preferences"), "user-cog", "settings:preferences", order=30))
        nav.register_settings(nav.Item("api_keys", _("API keys"), "key", "settings:api_keys", order=80, may="manage"))
        nav.register_settings(nav.Item("audit", _("Audit log"), "history", "settings:audit", order=90, may="manage"))
        nav.register_account(nav.Item("profile", _("My preferences"), "user-cog", "accounts:profile", order=10))
        nav.register_account(nav.Item("new-workspace", _("New workspace"), "plus", "accounts:new_workspace", order=20))
