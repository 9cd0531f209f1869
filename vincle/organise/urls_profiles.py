"""Addresses of companies, relations, levels of registration, computed fields and communication plans, below those of people."""

from django.urls import path

from . import views_companies, views_computed, views_levels, views_plans, views_relations

urlpatterns = [
    path("companies/", views_companies.list_companies, name="companies"),
    path("levels/", views_levels.levels, name="levels"),
    path("computed/", views_computed.list_computed, name="computed"),
    path("computed/new/", views_computed.new_computed, name="new_computed"),
    path("computed/<int:trait>/", views_computed.edit_computed, name="edit_computed"),
    path("computed/<int:trait>/hide/", views_computed.hide_computed, name="hide_computed"),
    path("plans/", views_plans.list_plans, name="plans"),
    path("plans/<str:public>/", views_plans.plan, name="plan"),
    path("plans/<str:public>/keep/", views_plans.keep_plan, name="keep_plan"),
    path("plans/<str:public>/drop/", views_plans.drop_plan, name="drop_plan"),
    path("plans/<str:public>/result/", views_plans.plan_result, name="plan_result"),
    path("plans/<str:public>/print/", views_plans.plan_print, name="plan_print"),
    path("<str:pid>/company/", views_companies.people_of_company, name="company_people"),
    path("<str:pid>/relations/", views_relations.relations_of, name="relations"),
    path("<str:pid>/relate/", views_relations.relate, name="relate"),
    path("<str:pid>/relations/add/", views_relations.add_relation, name="add_relation"),
    path("<str:pid>/relations/<int:relation>/remove/", views_relations.remove_relation, name="remove_relation"),
]
