from django.urls import path

from . import views

app_name = "analyse"
urlpatterns = [
    path("", views.pulse, name="pulse"),
    path("pulse/now/", views.latest, name="now"),
    path("pulse/<str:name>.csv", views.table, name="table"),
]
