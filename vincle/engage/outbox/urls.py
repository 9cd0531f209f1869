from django.urls import path

from . import views, views_domains, views_limits

app_name = "outbox"
urlpatterns = [
    path("", views.home, name="home"),
    path("sends/", views.sends, name="sends"),
    path("sends/act/", views.act_on_sends, name="act_on_sends"),
    path("limits/", views_limits.home, name="limits"),
    path("limits/<int:connection>/", views_limits.save, name="limit"),
    path("domains/", views_domains.domains, name="domains"),
    path("domains/add/", views_domains.add, name="domain_add"),
    path("domains/<int:domain>/check/", views_domains.check, name="domain_check"),
    path("domains/<int:domain>/remove/", views_domains.remove, name="domain_remove"),
    path("domains/habits/", views_domains.habits, name="habits"),
    path("jobs/<slug:public>/", views.job, name="job"),
    path("jobs/<slug:public>/act/", views.act, name="act"),
]
