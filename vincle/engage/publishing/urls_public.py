"""Short links on our own domain."""

from django.urls import URLPattern

app_name = "publishing_public"
urlpatterns: list[URLPattern] = []
