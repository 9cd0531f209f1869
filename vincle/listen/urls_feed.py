"""Addresses of feeds: outside of workspaces, for readers that sign in nowhere."""

from django.urls import path

from . import views_feed

app_name = "feeds"
urlpatterns = [path("listen/feed/<str:token>.atom", views_feed.atom, name="atom")]
