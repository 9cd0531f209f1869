from django.urls import path

from . import views, views_change, views_figure

app_name = "kpis"
urlpatterns = [
    path("", views.board, name="board"),
    path("figures.csv", views.board_csv, name="csv"),
    path("figures.xlsx", views.board_xlsx, name="xlsx"),
    path("rules/", views_change.rules, name="rules"),
    path("spend/", views_change.spend, name="spend"),
    path("figures/<slug:kpi>/", views_figure.figure, name="figure"),
    path("figures/<slug:kpi>/split/", views_figure.split, name="split"),
    path("figures/<slug:kpi>/people/", views_figure.people, name="people"),
    path("figures/<slug:kpi>/people.csv", views_figure.people_csv, name="people_csv"),
    path("figures/<slug:kpi>/series.csv", views_figure.series_csv, name="series_csv"),
    path("figures/<slug:kpi>/target/", views_change.target, name="target"),
]
