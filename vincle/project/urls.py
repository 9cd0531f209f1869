"""Every address of the product. Pages of a workspace stand under /w/<its short name>/."""

from django.urls import include, path

workspace = [
    path("", include("vincle.analyse.urls")),
    path("people/", include("vincle.organise.urls")),
    path("identity/", include("vincle.identify.urls")),
    path("listen/", include("vincle.listen.urls")),
    path("settings/", include("vincle.accounts.urls_workspace")),
]

urlpatterns = [
    path("", include("vincle.accounts.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("", include("vincle.web.urls")),
    path("", include("vincle.api.urls")),
    path("w/<slug:workspace>/", include(workspace)),
]

handler400 = "vincle.web.views.bad_request"
handler403 = "vincle.web.views.forbidden"
handler404 = "vincle.web.views.not_found"
handler500 = "vincle.web.views.server_error"
