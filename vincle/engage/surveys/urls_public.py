"""Addresses outside of workspaces, for people who sign in nowhere."""

from django.urls import include, path, register_converter

from . import views_answer


class WayConverter:
    """The token of a collector: others have addresses of other lengths below /s/."""

    regex = r"[\w-]{20}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(WayConverter, "way")

app_name = "surveys_public"
urlpatterns = [
    path("", include("vincle.engage.surveys.urls_asked_public")),
    path("", include("vincle.engage.surveys.urls_report_public")),
    path("s/<way:token>/", views_answer.survey, name="survey"),
    path("s/<way:token>/theme.css", views_answer.sheet, name="theme"),
    path("s/<way:token>/<str:secret>/", views_answer.page, name="response"),
    path("s/<way:token>/<str:secret>/thanks/", views_answer.thanks, name="thanks"),
]
