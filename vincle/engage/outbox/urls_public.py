"""Addresses that stand in what leaves by us: links, pictures, reports of providers."""

from django.urls import URLPattern

app_name = "outbox_public"
urlpatterns: list[URLPattern] = []
