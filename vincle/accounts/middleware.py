"""Each user's own language and time zone, for the length of one request."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone, translation

LAST_WORKSPACE = "vincle_workspace"
_YEAR = 365 * 24 * 3600

View = Callable[[HttpRequest], HttpResponseBase]


def preferences(get_response: View) -> View:
    """Activate what the user chose; remember on this device which workspace was open last."""
    languages = {code for code, _name in settings.LANGUAGES}

    def middleware(request: HttpRequest) -> HttpResponseBase:
        user = request.user
        if user.is_authenticated:
            if user.language in languages:
                translation.activate(user.language)
                request.LANGUAGE_CODE = user.language
            if user.timezone:
                timezone.activate(user.timezone)
        try:
            response = get_response(request)
        finally:
            timezone.deactivate()
        _remember_workspace(request, response)
        return response

    return middleware


def _remember_workspace(request: HttpRequest, response: HttpResponseBase) -> None:
    """A cookie, not a row: opening a page must never wait for the database's writer."""
    workspace = getattr(request, "workspace", None)
    if workspace and request.COOKIES.get(LAST_WORKSPACE) != workspace.slug:
        response.set_cookie(
            LAST_WORKSPACE, workspace.slug, max_age=_YEAR, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
        )
