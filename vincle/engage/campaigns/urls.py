from django.urls import path

from . import urls_promotions, views_form, views_list, views_one, views_people, views_plans

app_name = "campaigns"
urlpatterns = [
    *urls_promotions.urlpatterns,
    path("", views_list.list_campaigns, name="list"),
    path("new/", views_form.new, name="new"),
    path("campaigns.csv", views_list.download, name="csv"),
    path("tired/", views_list.tired, name="fatigue"),
    path("reach/", views_form.reached, name="reach"),
    path("arms/", views_form.arms, name="arms"),
    path("plans/", views_plans.list_plans, name="plans"),
    path("plans/begin/", views_plans.begin, name="plan_begin"),
    path("plans/repeat/", views_plans.repeat, name="plan_repeat"),
    path("plans/journey/", views_plans.journey, name="plan_journey"),
    path("<str:campaign>/", views_one.detail, name="one"),
    path("<str:campaign>/edit/", views_form.edit, name="edit"),
    path("<str:campaign>/act/", views_one.act, name="act"),
    path("<str:campaign>/test/", views_one.test, name="test"),
    path("<str:campaign>/progress/", views_one.progress, name="progress"),
    path("<str:campaign>/letter/<int:arm>/", views_one.frame, name="frame"),
    path("<str:campaign>/people/", views_people.people, name="people"),
    path("<str:campaign>/people.csv", views_people.people_csv, name="people_csv"),
    path("<str:campaign>/people/segment/", views_people.people_segment, name="people_segment"),
]
