"""Addresses outside of workspaces, for people who sign in nowhere."""

from django.urls import URLPattern

app_name = "leads_public"
urlpatterns: list[URLPattern] = []
