"""Addresses outside of workspaces, for people who sign in nowhere."""

from django.urls import path

from . import views_embed, views_pages_public, views_public

app_name = "leads_public"
urlpatterns = [
    path("forms.js", views_embed.script, name="script"),
    path("f/<slug:slug>/", views_public.form, name="form"),
    path("f/<slug:slug>/theme.css", views_public.theme, name="theme"),
    path("f/<slug:slug>/began/", views_public.began, name="began"),
    path("f/<slug:slug>/thanks/<str:token>/", views_public.thanks, name="thanks"),
    path("f/<slug:slug>/file/<str:token>/", views_public.file, name="file"),
    path("f/<slug:slug>/stand/", views_embed.stand, name="stand"),
    path("f/<slug:slug>/stand/send/", views_embed.stand_send, name="stand_send"),
    path("f/<slug:slug>/stand/worker.js", views_embed.stand_worker, name="stand_worker"),
    path("p/<slug:slug>/", views_pages_public.page, name="page"),
    path("p/<slug:slug>/theme.css", views_pages_public.theme, name="page_theme"),
    path("lp/<str:token>/", views_pages_public.picture, name="picture"),
]
