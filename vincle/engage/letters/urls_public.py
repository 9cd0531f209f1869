"""Addresses outside of workspaces, for people who sign in nowhere."""

from django.urls import URLPattern

app_name = "letters_public"
urlpatterns: list[URLPattern] = []
