"""Addresses outside of workspaces, for people who sign in nowhere."""

from django.urls import path

from . import links, views_own, views_public

app_name = "preferences_public"
urlpatterns = [
    path(links.PAGE.format("<str:token>"), views_public.page, name="page"),
    path("preferences/<str:token>/link/", views_public.send_link, name="link"),
    path(links.ONE_CLICK.format("<str:token>"), views_public.one_click, name="one_click"),
    path("confirm/<str:token>/", views_public.confirm, name="confirm"),
    path(links.OWN.format("<str:token>"), views_own.page, name="own"),
    path("about-me/<str:token>/download/", views_own.download, name="download"),
]
