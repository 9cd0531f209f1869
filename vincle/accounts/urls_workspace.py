"""The settings of a workspace: its details, its team, its audit log, one's own preferences."""

from django.urls import path

from . import views_api_keys, views_audit, views_workspace

app_name = "settings"
urlpatterns = [
    path("", views_workspace.details, name="workspace"),
    path("preferences/", views_workspace.preferences, name="preferences"),
    path("leave/", views_workspace.leave, name="leave"),
    path("team/", views_workspace.team, name="team"),
    path("team/invite/", views_workspace.invite, name="invite"),
    path("team/invitations/<int:invitation>/renew/", views_workspace.renew_invitation, name="renew_invitation"),
    path("team/invitations/<int:invitation>/revoke/", views_workspace.revoke_invitation, name="revoke_invitation"),
    path("team/<int:member>/role/", views_workspace.change_role, name="change_role"),
    path("team/<int:member>/role/undo/", views_workspace.undo_role, name="undo_role"),
    path("team/<int:member>/remove/", views_workspace.remove_member, name="remove_member"),
    path("team/<int:user>/restore/", views_workspace.restore_member, name="restore_member"),
    path("api-keys/", views_api_keys.api_keys, name="api_keys"),
    path("api-keys/make/", views_api_keys.make, name="make_api_key"),
    path("api-keys/<int:pk>/revoke/", views_api_keys.revoke, name="revoke_api_key"),
    path("audit/", views_audit.audit, name="audit"),
    path("audit.csv", views_audit.audit_csv, name="audit_csv"),
]
