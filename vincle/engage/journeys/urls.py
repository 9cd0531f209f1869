from django.urls import path

from . import views, views_build, views_people

app_name = "journeys"
urlpatterns = [
    path("", views.list_journeys, name="list"),
    path("new/", views_build.new, name="new"),
    path("shape/", views_build.shape, name="shape"),
    path("step/", views_build.step, name="step"),
    path("try/", views_people.try_draft, name="try"),
    path("tasks/", views_people.list_tasks, name="tasks"),
    path("tasks/<int:task>/", views_people.act_on_task, name="task_act"),
    path("ways/<int:walk>/", views_people.way, name="way"),
    path("<slug:journey>/", views.detail, name="journey"),
    path("<slug:journey>/edit/", views_build.edit, name="edit"),
    path("<slug:journey>/act/", views.act, name="act"),
    path("<slug:journey>/live/", views.live, name="live"),
    path("<slug:journey>/try/", views_people.try_kept, name="try_kept"),
    path("<slug:journey>/people/", views_people.people, name="people"),
    path("<slug:journey>/people.csv", views_people.people_csv, name="people_csv"),
    path("<slug:journey>/versions/", views.versions, name="versions"),
]
