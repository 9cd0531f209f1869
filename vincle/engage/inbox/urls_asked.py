"""The address of a question how well someone was served: outside of workspaces, for people who sign in nowhere."""

from django.urls import path

from . import views_asked

app_name = "asked"
urlpatterns = [path("s/<str:token>/", views_asked.page, name="page")]
