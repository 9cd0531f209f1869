from django.urls import path

from . import views_asked_public, views_embed

urlpatterns = [
    path("s/embed.js", views_embed.script, name="script"),
    path("s/i/<str:code>/", views_asked_public.invitation, name="invitation"),
    path("s/i/<str:code>/no/", views_asked_public.decline, name="invitation_no"),
    path("s/c/", views_asked_public.code_entry, name="code_entry"),
    path("s/c/<str:code>/", views_asked_public.code, name="code"),
    path("s/x/<str:ticket>/", views_asked_public.raffle, name="raffle"),
    path("s/<str:token>/for/", views_asked_public.asked_for, name="asked_for"),
]
