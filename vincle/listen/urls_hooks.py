"""Addresses that platforms deliver to. With and without the last slash: a redirect would be taken for a delivery."""

from django.urls import re_path

from . import views_hooks

app_name = "hooks"
urlpatterns = [re_path(r"^hooks/(?P<token>[A-Za-z0-9_-]{1,40})/?$", views_hooks.receive, name="receive")]
