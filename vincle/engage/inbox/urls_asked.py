"""The address of a question how well someone was served: outside of workspaces, for people who sign in nowhere."""

from django.urls import re_path

from . import views_asked

app_name = "asked"
# Exactly the 32 letters of its tokens: surveys answer at shorter ones.
urlpatterns = [re_path(r"^s/(?P<token>[\w-]{32})/$", views_asked.page, name="page")]
