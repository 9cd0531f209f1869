from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProjectConfig(AppConfig):
    name = "vincle.project"
    label = "project"

    def ready(self) -> None:
        from vincle.api import health
        from vincle.listen import aside
        from vincle.web import nav

        from . import state
        from .steps import STEPS
        from .views_health import badge

        for name, step in STEPS.items():
            aside.register(name, step.again)
        health.register("database set-up", state.is_set_up, essential=True)
        health.register("workers", state.has_worker)
        health.register("lag", state.keeps_up)
        place = nav.Item("health", _("Health"), "heartbeat", "health:health", order=80, may="manage", badge=badge)
        nav.register_settings(place)
