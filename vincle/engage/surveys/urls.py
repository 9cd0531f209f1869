from importlib.util import find_spec
from typing import Any

from django.urls import include, path

app_name = "surveys"
_PARTS = ("urls_builder", "urls_asking", "urls_report", "urls_answers")
urlpatterns: list[Any] = [
    path("", include(f"vincle.engage.surveys.{part}")) for part in _PARTS if find_spec(f"vincle.engage.surveys.{part}") is not None
]
