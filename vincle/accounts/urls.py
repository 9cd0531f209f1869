"""Coming in: first set-up, invitations, one-time links, one's own profile."""

from django.urls import path

from . import views

app_name = "accounts"
urlpatterns = [
    path("", views.home, name="home"),
    path("setup/", views.setup, name="setup"),
    path("in/<str:token>/", views.sign_in_link, name="sign_in_link"),
    path("invitation/<str:token>/", views.invitation, name="invitation"),
    path("profile/", views.profile, name="profile"),
    # Before allauth's page of the same address: an account has one e-mail here, the one that was invited.
    path("accounts/email/", views.profile, name="email"),
    path("workspaces/new/", views.new_workspace, name="new_workspace"),
]
