from django.urls import path

from . import views_customers, views_engagement

app_name = "value"
urlpatterns = [
    path("customers/", views_customers.customers, name="customers"),
    path("customers/csv/", views_customers.download, name="customers_csv"),
    path("customers/model/", views_customers.model, name="customers_model"),
    path("terms/", views_customers.terms, name="terms"),
    path("terms/save/", views_customers.set_terms, name="terms_save"),
    path("engagement/", views_engagement.engagement, name="engagement"),
    path("engagement/csv/", views_engagement.download, name="engagement_csv"),
    path("engagement/again/", views_engagement.again, name="engagement_again"),
    path("engagement/<str:pid>/", views_engagement.person, name="engagement_person"),
    path("engagement/<str:pid>/card/", views_engagement.card, name="engagement_card"),
    path("engagement/<str:pid>/beside/", views_engagement.beside, name="engagement_beside"),
]
