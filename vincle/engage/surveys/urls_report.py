"""The report of a survey: page, files, the people behind a number, and its shared addresses."""

from django.urls import path

from . import views_report as views

urlpatterns = [
    path("<int:survey>/report/", views.report, name="report"),
    path("<int:survey>/report/live/", views.live, name="report_live"),
    path("<int:survey>/report/people/", views.people, name="report_people"),
    path("<int:survey>/report/file/<str:kind>/", views.file, name="report_file"),
    path("<int:survey>/report/links/", views.make_link, name="report_link"),
    path("<int:survey>/report/links/<int:link>/end/", views.end_link, name="report_link_end"),
]
