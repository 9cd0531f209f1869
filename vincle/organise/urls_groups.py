"""Pages of groups, below those of people."""

from django.urls import path

from . import views_clusters

urlpatterns = [
    path("", views_clusters.groups, name="groups"),
    path("look/", views_clusters.look, name="groups_look"),
    path("end/", views_clusters.end, name="groups_end"),
    path("progress/", views_clusters.progress, name="groups_progress"),
    path("<int:number>/", views_clusters.group, name="group"),
    path("<int:number>/rename/", views_clusters.rename, name="group_rename"),
    path("<int:number>/segment/", views_clusters.make_segment, name="group_segment"),
]
