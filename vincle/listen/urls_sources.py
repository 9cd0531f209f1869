"""Addresses of the screen of sources, below listen/sources/."""

from django.urls import path

from . import views_sources as views

urlpatterns = [
    path("", views.listing, name="sources"),
    path("new/", views.new, name="new_source"),
    path("<int:pk>/", views.show, name="source"),
    path("<int:pk>/live/", views.live, name="source_live"),
    path("<int:pk>/change/", views.change, name="change_source"),
    path("<int:pk>/turn/", views.turn, name="turn_source"),
    path("<int:pk>/key/", views.renew, name="renew_source_key"),
    path("<int:pk>/remove/", views.remove, name="remove_source"),
]
