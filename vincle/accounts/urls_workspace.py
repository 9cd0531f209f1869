"""The settings of a workspace: its details, its team, its audit log."""

from django.urls.resolvers import URLPattern

app_name = "settings"
urlpatterns: list[URLPattern] = []
