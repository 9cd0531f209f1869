from django.urls import path

from . import views, views_person, views_suppressed

app_name = "preferences"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("limits/", views.limits, name="limits"),
    path("topics/new/", views.topic, name="new_topic"),
    path("topics/<int:pk>/", views.topic, name="topic"),
    path("topics/<int:pk>/archive/", views.archive, name="archive"),
    path("confirmations/send/", views.send_waiting, name="send_waiting"),
    path("suppressed/", views_suppressed.listed, name="suppressed"),
    path("suppressed/add/", views_suppressed.add, name="suppress"),
    path("suppressed/export/", views_suppressed.export, name="export"),
    path("suppressed/<int:pk>/lift/", views_suppressed.lift, name="lift"),
    path("person/<str:pid>/", views_person.ledger, name="ledger"),
    path("person/<str:pid>/forget/", views_person.forget, name="forget"),
]
