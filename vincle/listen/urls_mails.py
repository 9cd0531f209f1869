"""Addresses that stand in letters: outside of workspaces, for those who read mail and sign in nowhere."""

from django.urls import path

from . import views_mails

app_name = "mails"
urlpatterns = [path("mails/off/<str:token>/", views_mails.off, name="off")]
