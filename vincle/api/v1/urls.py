"""Addresses of the API, one for each endpoint."""

from django.urls import path

from . import attribution, campaigns, cases, consent, forms, journeys, kpis, letters, links, listening, moves, people, posts, segments  # noqa: F401  (they register themselves)
from .answering import nowhere, view_of
from .endpoint import ENDPOINTS
from .openapi import openapi

app_name = "v1"
urlpatterns = [
    path("openapi.json", openapi, name="openapi"),
    *(path(each.path, view_of(each), name=each.name) for each in ENDPOINTS.values()),
    path("", nowhere, name="root"),
    path("<path:rest>", nowhere, name="nowhere"),
]
