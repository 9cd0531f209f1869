"""Addresses of searching and of kept queries, below listen/."""

from django.urls import path

from . import views_listenings, views_search

urlpatterns = [
    path("search/", views_search.page, name="search"),
    path("search/counts/", views_search.counts, name="search_counts"),
    path("search/preview/", views_search.preview, name="search_preview"),
    path("search/search.csv", views_search.download, name="search_csv"),
    path("search/keep/", views_search.keep, name="keep_query"),
    path("queries/", views_listenings.listing, name="queries"),
    path("queries/back/", views_listenings.back, name="query_back"),
    path("queries/<int:pk>/", views_listenings.one, name="query"),
    path("queries/<int:pk>/away/", views_listenings.put_away, name="query_away"),
    path("queries/<int:pk>/move/", views_listenings.move, name="query_move"),
    path("queries/<int:pk>/feed/", views_listenings.feed, name="query_feed"),
]
