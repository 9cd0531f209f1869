from django.urls import path

from . import views, views_costs, views_experiments

app_name = "touchpoints"
urlpatterns = [
    path("", views.touchpoints, name="touchpoints"),
    path("touchpoints.csv", views.table_csv, name="csv"),
    path("paths.csv", views.paths_csv, name="paths_csv"),
    path("transitions.csv", views.transitions_csv, name="transitions_csv"),
    path("people/", views.people, name="people"),
    path("rules/", views.save_rules, name="rules"),
    path("costs/", views_costs.table, name="costs"),
    path("costs.csv", views_costs.costs_csv, name="costs_csv"),
    path("experiments/", views_experiments.create, name="experiment_new"),
    path("experiments/<int:pk>/", views_experiments.settle, name="experiment"),
    path("experiments/<int:pk>/campaign/", views_experiments.campaign, name="experiment_campaign"),
    path("experiments/<int:pk>/delete/", views_experiments.delete, name="experiment_delete"),
]
