"""Addresses outside of workspaces, for people who sign in nowhere."""

from importlib.util import find_spec
from typing import Any

from django.urls import include, path

app_name = "surveys_public"
_PARTS = ("urls_asked_public", "urls_report_public")
urlpatterns: list[Any] = [
    path("", include(f"vincle.engage.surveys.{part}")) for part in _PARTS if find_spec(f"vincle.engage.surveys.{part}") is not None
]
