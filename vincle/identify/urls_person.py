"""Pages of one person's identity; they stand under the person's own address."""

from django.urls import path

from . import views_person as views

urlpatterns = [
    path("", views.identity, name="identity"),
    path("split/", views.split, name="identity_split"),
    path("moves/<int:move>/undo/", views.undo, name="identity_undo"),
]
