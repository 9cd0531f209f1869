"""Every address of the product. Pages of a workspace stand under /w/<its short name>/."""

from django.urls import include, path

from vincle.project.metrics import metrics

workspace = [
    path("", include("vincle.analyse.urls")),
    path("worth/", include("vincle.analyse.kpis.urls")),
    path("worth/", include("vincle.analyse.value.urls")),
    path("worth/touchpoints/", include("vincle.analyse.touchpoints.urls")),
    path("people/", include("vincle.organise.urls")),
    path("identity/", include("vincle.identify.urls")),
    path("listen/", include("vincle.listen.urls")),
    path("inbox/", include("vincle.engage.inbox.urls")),
    path("outbox/", include("vincle.engage.outbox.urls")),
    path("consent/", include("vincle.engage.preferences.urls")),
    path("letters/", include("vincle.engage.letters.urls")),
    path("campaigns/", include("vincle.engage.campaigns.urls")),
    path("posts/", include("vincle.engage.publishing.urls")),
    path("journeys/", include("vincle.engage.journeys.urls")),
    path("forms/", include("vincle.engage.leads.urls")),
    path("surveys/", include("vincle.engage.surveys.urls")),
    path("settings/", include("vincle.accounts.urls_workspace")),
    path("health/", include("vincle.project.urls_health")),
]

urlpatterns = [
    path("", include("vincle.accounts.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("", include("vincle.web.urls")),
    path("", include("vincle.api.urls")),
    path("metrics", metrics, name="metrics"),
    path("", include("vincle.listen.urls_hooks")),
    path("", include("vincle.listen.urls_feed")),
    path("", include("vincle.listen.urls_mails")),
    path("", include("vincle.analyse.urls_shared")),
    path("", include("vincle.engage.surveys.urls_public")),
    path("", include("vincle.engage.inbox.urls_asked")),
    path("", include("vincle.engage.outbox.urls_public")),
    path("", include("vincle.engage.preferences.urls_public")),
    path("", include("vincle.engage.letters.urls_public")),
    path("", include("vincle.engage.publishing.urls_public")),
    path("", include("vincle.engage.leads.urls_public")),
    path("w/<slug:workspace>/", include(workspace)),
]

handler400 = "vincle.web.views.bad_request"
handler403 = "vincle.web.views.forbidden"
handler404 = "vincle.web.views.not_found"
handler500 = "vincle.web.views.server_error"
