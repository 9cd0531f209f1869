"""Addresses of the screen of connections, below listen/connections/."""

from django.urls import path

from . import views_connect, views_hearing, views_mapping
from . import views_connections as views

urlpatterns = [
    path("", views.listing, name="connections"),
    path("new/", views_connect.new, name="new_connection"),
    path("back/", views_connect.back, name="connection_back"),
    path("<int:pk>/", views.show, name="connection"),
    path("<int:pk>/allow/", views_connect.there, name="connection_allow"),
    path("<int:pk>/test/", views.check, name="connection_check"),
    path("<int:pk>/settings/", views.change, name="connection_settings"),
    path("<int:pk>/secret/", views.secret, name="connection_secret"),
    path("<int:pk>/turn/", views.turn, name="turn_connection"),
    path("<int:pk>/fields/", views_mapping.mapping, name="connection_mapping"),
    path("<int:pk>/past/", views_hearing.past, name="connection_past"),
    path("<int:pk>/past/progress/", views_hearing.progress, name="connection_past_progress"),
    path("<int:pk>/past/stop/", views_hearing.stop, name="connection_past_stop"),
    path("<int:pk>/replay/", views_hearing.replay, name="connection_replay"),
    path("<int:pk>/move/", views.move, name="move_connection"),
    path("<int:pk>/disconnect/", views.disconnect, name="disconnect"),
    path("<int:pk>/restore/", views.restore, name="restore_connection"),
]
