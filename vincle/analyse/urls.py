from django.urls import path

from . import views

app_name = "analyse"
urlpatterns = [
    path("", views.pulse, name="pulse"),
    path("pulse/now/", views.latest, name="now"),
    path("pulse/ladder.csv", views.ladder_csv, name="ladder_csv"),
    path("pulse/authors.csv", views.authors_csv, name="authors_csv"),
]
