from django.urls import path

from . import views_promotions as views

urlpatterns = [
    path("promotions/", views.list_promotions, name="promotions"),
    path("promotions/new/", views.new, name="promotion_new"),
    path("promotions/keep/", views.save, name="promotion_save"),
    path("promotions/<int:promotion>/", views.detail, name="promotion"),
    path("promotions/<int:promotion>/edit/", views.edit, name="promotion_edit"),
    path("promotions/<int:promotion>/codes/", views.add_codes, name="promotion_codes"),
    path("promotions/<int:promotion>/codes.csv", views.download, name="promotion_csv"),
    path("promotions/<int:promotion>/act/", views.act, name="promotion_act"),
]
