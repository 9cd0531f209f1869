"""Addresses outside of workspaces, for people who sign in nowhere."""

from django.urls import path

from . import addresses, views_public

app_name = "letters_public"
urlpatterns = [
    path(addresses.VIEW.format("<str:token>"), views_public.view, name="view"),
    path("letter-picture/<slug:token>", views_public.picture, name="picture"),
]
