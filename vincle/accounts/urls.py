"""Coming in: first set-up, invitations, one-time links, one's own profile."""

from django.urls.resolvers import URLPattern

app_name = "accounts"
urlpatterns: list[URLPattern] = []
