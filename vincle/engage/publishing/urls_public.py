"""Short links on our own domain, and the pictures platforms fetch."""

from django.urls import path

from . import views_public

app_name = "publishing_public"
urlpatterns = [
    path("l/<str:code>", views_public.follow, name="follow"),
    path("l/<str:code>/", views_public.follow, name="follow_slash"),
    path("pictures/<str:token>/", views_public.picture, name="picture"),
]
