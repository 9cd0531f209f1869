from django.urls import include, path

from . import views, views_ask, views_board, views_ladder, views_reports

app_name = "analyse"
urlpatterns = [
    path("", views.pulse, name="pulse"),
    path("pulse/now/", views.latest, name="now"),
    path("pulse/ladder.csv", views.ladder_csv, name="ladder_csv"),
    path("pulse/authors.csv", views.authors_csv, name="authors_csv"),
    path("board/", views_board.board, name="board"),
    *(path(f"board/{part}/", views_board.panel, {"part": part}, name=f"panel_{part}") for part in views_board.PANELS),
    path("ladder/", views_ladder.ladder, name="ladder"),
    path("accounts/", include("vincle.analyse.urls_account")),
    path("ask/", views_ask.ask_page, name="ask"),
    path("ask/answer/", views_ask.answer, name="answer"),
    path("ask/answer.csv", views_ask.answer_csv, name="answer_csv"),
    path("reports/", views_reports.listing, name="reports"),
    path("reports/new/", views_reports.create, name="report_new"),
    path("reports/back/", views_reports.back, name="report_back"),
    path("reports/<int:pk>/", views_reports.one, name="report"),
    path("reports/<int:pk>/settings/", views_reports.settings_of, name="report_settings"),
    path("reports/<int:pk>/run/", views_reports.run_now, name="report_run"),
    path("reports/<int:pk>/share/", views_reports.share, name="report_share"),
    path("reports/<int:pk>/delete/", views_reports.remove, name="report_delete"),
    path("reports/<int:pk>/report.pdf", views_reports.pdf, name="report_pdf"),
    path("reports/<int:pk>/report.png", views_reports.png, name="report_png"),
    path("reports/shares/<int:pk>/end/", views_reports.revoke, name="report_revoke"),
]
