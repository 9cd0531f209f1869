"""Addresses outside of workspaces, for people who sign in nowhere."""

from django.urls import URLPattern

app_name = "preferences_public"
urlpatterns: list[URLPattern] = []
