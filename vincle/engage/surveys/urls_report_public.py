"""A survey's report for whoever has its address."""

from django.urls import path

from . import views_report_public as views

urlpatterns = [
    path("s/r/<str:token>/", views.report, name="report"),
    path("s/r/<str:token>/report.pdf", views.pdf, name="report_pdf"),
]
