from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InboxConfig(AppConfig):
    name = "vincle.engage.inbox"
    label = "inbox"

    def ready(self) -> None:
        from vincle.engage.outbox import actions as outbox
        from vincle.identify import forgetting as forgets
        from vincle.web import nav

        from . import calling, fold, forgetting
        from .threads import waiting_now

        outbox.register_followers(fold.after_send)
        calling.register()
        forgets.register("inbox", forgetting.erase)
        nav.register(nav.Item("engage", _("Engage"), "message-circle", "inbox:list", order=40, badge=waiting_now))
