"""Addresses of what was noticed and of the rules, below listen/alerts/."""

from django.urls import path

from . import views_alerts, views_notices

urlpatterns = [
    path("", views_notices.listing, name="alerts"),
    path("latest/", views_notices.latest, name="alerts_latest"),
    path("read/", views_notices.read, name="alerts_read"),
    path("unread/", views_notices.unread, name="alerts_unread"),
    path("letters/", views_notices.letters, name="alerts_letters"),
    path("<int:pk>/", views_notices.one, name="notice"),
    path("rules/", views_alerts.rules, name="rules"),
    path("rules/new/", views_alerts.new, name="rule_new"),
    path("rules/trial/", views_alerts.trial, name="rule_trial"),
    path("rules/back/", views_alerts.back, name="rule_back"),
    path("rules/<int:pk>/", views_alerts.one, name="rule"),
    path("rules/<int:pk>/away/", views_alerts.put_away, name="rule_away"),
    path("rules/<int:pk>/mute/", views_alerts.mute, name="rule_mute"),
    path("rules/<int:pk>/webhook/", views_alerts.webhook, name="rule_webhook"),
]
