from django.urls import path

from . import views_imports, views_preview, views_stream

app_name = "listen"
urlpatterns = [
    path("", views_stream.stream, name="stream"),
    path("total/", views_stream.total, name="stream_total"),
    path("stream.csv", views_stream.stream_csv, name="stream_csv"),
    path("imports/", views_imports.imports, name="imports"),
    path("imports/upload/", views_preview.upload, name="upload"),
    path("imports/new/<str:token>/", views_preview.preview, name="preview"),
    path("imports/new/<str:token>/trial/", views_preview.trial, name="trial"),
    path("imports/new/<str:token>/start/", views_preview.start, name="start"),
    path("imports/new/<str:token>/drop/", views_preview.drop, name="drop"),
    path("imports/<int:pk>/", views_imports.show, name="import"),
    path("imports/<int:pk>/progress/", views_imports.progress, name="import_progress"),
    path("imports/<int:pk>/cancel/", views_imports.cancel, name="cancel_import"),
    path("imports/<int:pk>/undo/", views_imports.undo, name="undo_import"),
    path("imports/<int:pk>/rejected.csv", views_imports.rejected_csv, name="rejected_csv"),
]
