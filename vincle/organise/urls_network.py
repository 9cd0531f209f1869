from django.urls import path

from . import views_network

urlpatterns = [
    path("", views_network.network, name="network"),
    path("picture.json", views_network.picture, name="network_picture"),
    path("people.csv", views_network.people, name="network_people"),
    path("look/", views_network.look_again, name="network_look"),
    path("communities/<int:number>/name/", views_network.name_community, name="name_community"),
]
