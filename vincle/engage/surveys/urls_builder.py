from django.urls import path

from . import previewing, views_definition, views_editor, views_list

urlpatterns = [
    path("", views_list.list_surveys, name="list"),
    path("new/", views_list.new, name="new"),
    path("import/", views_list.bring, name="bring"),
    path("<int:survey>/", views_editor.edit, name="edit"),
    path("<int:survey>/change/", views_editor.change, name="change"),
    path("<int:survey>/undo/", views_editor.undo, name="undo"),
    path("<int:survey>/preview/", previewing.preview, name="preview"),
    path("<int:survey>/imported/", views_list.brought, name="brought"),
    path("<int:survey>/translate/", views_definition.translate, name="translate"),
    path("<int:survey>/checks/", views_definition.check, name="checks"),
    path("<int:survey>/versions/", views_definition.versions, name="versions"),
    path("<int:survey>/export/", views_definition.exported, name="exported"),
    path("<int:survey>/export/<slug:key>/", views_definition.export, name="export"),
    path("<int:survey>/act/", views_list.act, name="act"),
    path("<int:survey>/turn/", views_list.turn, name="turn"),
    path("<int:survey>/delete/", views_list.delete, name="delete"),
    path("<int:survey>/undelete/", views_list.undelete, name="undelete"),
]
