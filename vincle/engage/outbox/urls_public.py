"""Addresses that stand in what leaves by us: links and pictures."""

from django.urls import path

from . import views_public

app_name = "outbox_public"
urlpatterns = [
    path("t/<str:token>/", views_public.follow, name="follow"),
    path("o/<str:token>.gif", views_public.picture, name="picture"),
]
