from django.urls import path

from . import views, views_brand, views_editor, views_versions

app_name = "letters"
urlpatterns = [
    path("", views.list_letters, name="list"),
    path("new/", views.new, name="new"),
    path("ready/", views.ready, name="ready"),
    path("brand/", views_brand.brand, name="brand"),
    path("brand/frame/", views_brand.frame, name="brand_frame"),
    path("pictures/", views_editor.list_pictures, name="pictures"),
    path("pictures/add/", views_editor.add_picture, name="add_picture"),
    path("quotes/", views_editor.quotes, name="quotes"),
    path("<int:letter>/", views_editor.edit, name="edit"),
    path("<int:letter>/save/", views_editor.save, name="save"),
    path("<int:letter>/preview/", views_editor.preview, name="preview"),
    path("<int:letter>/frame/", views_editor.frame, name="frame"),
    path("<int:letter>/people/", views_editor.people, name="people"),
    path("<int:letter>/test/", views_editor.test, name="test"),
    path("<int:letter>/links/", views_editor.links, name="links"),
    path("<int:letter>/act/", views.act, name="act"),
    path("<int:letter>/back/", views.put_back, name="back"),
    path("<int:letter>/keep/", views.keep, name="keep"),
    path("<int:letter>/versions/", views_versions.versions, name="versions"),
    path("<int:letter>/versions/<int:number>/", views_versions.frame, name="version"),
    path("<int:letter>/versions/<int:number>/restore/", views_versions.restore, name="restore"),
]
