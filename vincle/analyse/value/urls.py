from django.urls import path

from . import views

app_name = "value"
urlpatterns = [
    path("customers/", views.customers, name="customers"),
    path("engagement/", views.engagement, name="engagement"),
]
