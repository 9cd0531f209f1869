"""Addresses outside of workspaces, for people who sign in nowhere."""

from django.urls import path

from . import views_public

app_name = "letters_public"
urlpatterns = [
    path("letter/<str:token>/", views_public.view, name="view"),
    path("letter-picture/<slug:token>", views_public.picture, name="picture"),
]
