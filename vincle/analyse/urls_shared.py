"""Addresses of reports that are shared: outside of workspaces, for people who sign in nowhere."""

from django.urls import path

from . import views_shared

app_name = "shared"
urlpatterns = [
    path("r/<str:token>/", views_shared.report, name="report"),
    path("r/<str:token>/report.pdf", views_shared.pdf, name="pdf"),
    path("r/<str:token>/report.png", views_shared.png, name="png"),
]
