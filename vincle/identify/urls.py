from django.urls import path

from . import views, views_quality, views_sure

app_name = "identify"
urlpatterns = [
    path("", views.review, name="review"),
    path("waiting/", views.waiting, name="waiting"),
    path("sure/", views_sure.sure, name="sure"),
    path("sure/join/", views_sure.join_many, name="join_many"),
    path("sure/undo/", views_sure.undo_many, name="undo_many"),
    path("quality/", views_quality.page, name="quality"),
    path("decisions/", views.decisions, name="decisions"),
    path("<int:pk>/decide/", views.decide, name="decide"),
    path("<int:pk>/take-back/", views.take_back, name="take_back"),
    path("of/<str:pid>/", views.of_handle, name="of_handle"),
    path("of/<str:pid>/card/", views.card_of_handle, name="card_of_handle"),
    path("import/<int:pk>/", views.import_people, name="import_people"),
    path("imports/", views.imports_people, name="imports_people"),
]
