from django.urls import include, path

from . import views_files

app_name = "surveys"
urlpatterns = [
    path("", include("vincle.engage.surveys.urls_builder")),
    path("", include("vincle.engage.surveys.urls_asking")),
    path("", include("vincle.engage.surveys.urls_report")),
    path("files/<str:token>/", views_files.download, name="file"),
]
