from django.urls import path

from . import views, views_change, views_figure
from .registry import kpis

app_name = "kpis"
_OF_ONE = {
    "": ("figure", views_figure.figure), "split/": ("split", views_figure.split), "people/": ("people", views_figure.people),
    "people.csv": ("people_csv", views_figure.people_csv), "series.csv": ("series_csv", views_figure.series_csv),
    "target/": ("target", views_change.target),
}  # fmt: skip
urlpatterns = [
    path("", views.board, name="board"),
    path("figures.csv", views.board_csv, name="csv"),
    path("figures.xlsx", views.board_xlsx, name="xlsx"),
    path("rules/", views_change.rules, name="rules"),
    path("spend/", views_change.spend, name="spend"),
    # One address for each figure, not one with its name as a value: figures are code, the same for every workspace.
    *(path(f"figures/{kpi}/{end}", view, {"kpi": kpi}, name=name) for kpi in kpis() for end, (name, view) in _OF_ONE.items()),
]
