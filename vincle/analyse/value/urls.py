from django.urls import path

from . import views, views_engagement

app_name = "value"
urlpatterns = [
    path("customers/", views.customers, name="customers"),
    path("engagement/", views_engagement.engagement, name="engagement"),
    path("engagement/csv/", views_engagement.download, name="engagement_csv"),
    path("engagement/again/", views_engagement.again, name="engagement_again"),
    path("engagement/<str:pid>/", views_engagement.person, name="engagement_person"),
    path("engagement/<str:pid>/card/", views_engagement.card, name="engagement_card"),
    path("engagement/<str:pid>/beside/", views_engagement.beside, name="engagement_beside"),
]
