from django.urls import include, path

from . import views

app_name = "api"
urlpatterns = [
    path("healthz", views.alive, name="alive"),
    path("readyz", views.ready, name="ready"),
    path("api/v1/", include("vincle.api.v1.urls")),
]
