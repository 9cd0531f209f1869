from django.urls import path

from . import views_account

urlpatterns = [
    path("", views_account.accounts, name="accounts"),
    path("<slug:pid>/", views_account.account, name="account"),
    path("<slug:pid>/words/", views_account.words, name="account_words"),
    path("<slug:pid>/<slug:table>.csv", views_account.table_csv, name="account_csv"),
]
