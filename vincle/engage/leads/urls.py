from django.urls import path

from . import views_cards, views_facebook, views_forms, views_pages, views_submissions

app_name = "leads"
urlpatterns = [
    path("", views_forms.list_forms, name="list"),
    path("new/", views_forms.new, name="new"),
    path("<int:form>/", views_forms.builder, name="form"),
    path("<int:form>/edit/", views_forms.edit, name="form_edit"),
    path("<int:form>/preview/", views_forms.preview, name="form_preview"),
    path("<int:form>/theme.css", views_forms.theme, name="form_theme"),
    path("<int:form>/act/", views_forms.act, name="form_act"),
    path("<int:form>/file/", views_forms.upload, name="form_file"),
    path("<int:form>/share/", views_forms.share, name="share"),
    path("<int:form>/qr.<str:kind>", views_forms.qr, name="qr"),
    path("<int:form>/poster/", views_forms.poster, name="poster"),
    path("<int:form>/report/", views_forms.figures, name="report"),
    path("leads/", views_submissions.list_submissions, name="submissions"),
    path("leads/csv/", views_submissions.download, name="submissions_csv"),
    path("leads/bulk/", views_submissions.bulk, name="submissions_bulk"),
    path("leads/<int:submission>/", views_submissions.submission, name="submission"),
    path("leads/<int:submission>/act/", views_submissions.act, name="submission_act"),
    path("pages/", views_pages.list_pages, name="pages"),
    path("pages/new/", views_pages.new, name="page_new"),
    path("pages/<int:page>/", views_pages.builder, name="page"),
    path("pages/<int:page>/edit/", views_pages.edit, name="page_edit"),
    path("pages/<int:page>/preview/", views_pages.preview, name="page_preview"),
    path("pages/<int:page>/theme.css", views_pages.theme, name="page_theme"),
    path("pages/<int:page>/act/", views_pages.act, name="page_act"),
    path("pages/<int:page>/picture/", views_pages.upload, name="page_picture"),
    path("cards/", views_cards.cards, name="cards"),
    path("cards/<int:submission>/photo/", views_cards.photo, name="card_photo"),
    path("facebook/", views_facebook.list_lead_forms, name="facebook"),
    path("facebook/<int:connection>/<str:key>/", views_facebook.lead_form, name="lead_form"),
]
