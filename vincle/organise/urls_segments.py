"""Pages of segments, below those of people."""

from django.urls import path

from . import views_segment_builder, views_segment_hooks, views_segment_why, views_segments

urlpatterns = [
    path("", views_segments.list_segments, name="segments"),
    path("new/", views_segment_builder.segment_new, name="segment_new"),
    path("shape/", views_segment_builder.segment_shape, name="segment_shape"),
    path("try/", views_segment_builder.segment_try, name="segment_try"),
    path("ready/", views_segments.ready, name="segments_ready"),
    path("<str:segment>/", views_segments.detail, name="segment"),
    path("<str:segment>/edit/", views_segment_builder.segment_edit, name="segment_edit"),
    path("<str:segment>/act/", views_segments.act, name="segment_act"),
    path("<str:segment>/count/", views_segments.count, name="segment_count"),
    path("<str:segment>/apart/", views_segment_why.apart, name="segment_apart"),
    path("<str:segment>/overlap/", views_segments.overlap, name="segment_overlap"),
    path("<str:segment>/hooks/new/", views_segment_hooks.new, name="segment_hook_new"),
    path("<str:segment>/hooks/<int:hook>/", views_segment_hooks.act, name="segment_hook"),
    path("<str:segment>/why/<str:pid>/", views_segment_why.why, name="segment_why"),
]
