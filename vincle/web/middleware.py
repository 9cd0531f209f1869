"""What every answer carries, and the language it speaks."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

from .staticfiles import is_lasting

CSP = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
FOR_EVER = "max-age=31536000, public, immutable"


def security_headers(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Sets the content policy. Stands before WhiteNoise, so it also lets browsers keep static files whose address holds their version."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if response.status_code in {200, 206, 304} and is_lasting(request.path_info, request.META.get("QUERY_STRING", "")):
            response.headers["Cache-Control"] = FOR_EVER
        return response

    return answer


class UserLocaleMiddleware(LocaleMiddleware):
    """The language someone chose (session, then cookie), else what their browser asks for. A profile's language is applied by accounts."""

    def process_request(self, request: HttpRequest) -> None:
        session: Any = getattr(request, "session", None)
        chosen = session.get("language") if session is not None and session.session_key else None
        if chosen in dict(settings.LANGUAGES):
            translation.activate(chosen)
            request.LANGUAGE_CODE = translation.get_language()
        else:
            super().process_request(request)
