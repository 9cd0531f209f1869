"""Pages of the shell itself: errors, choice of language and theme, manifest, gallery."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_POST

from .context import THEMES
from .signals import preference_chosen

View = TypeVar("View", bound=Callable[..., HttpResponse])
YEAR = 365 * 24 * 3600


def public(view: View) -> View:
    """Marks a page as everyone's, in the way the permission check does it (which stands above this folder)."""
    view.access = "public"  # type: ignore[attr-defined]
    return view


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "web/errors/400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "web/errors/403.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "web/errors/404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Drawn without request context: neither the session nor the database is asked, either may be what failed."""
    theme = request.COOKIES.get("theme", "auto")
    return HttpResponse(render_to_string("web/errors/500.html", {"theme": theme if theme in THEMES else "auto"}), status=500)


def _back(request: HttpRequest) -> HttpResponse:
    if request.headers.get("X-Requested-With") == "fetch":
        return HttpResponse(status=204)
    target = request.POST.get("next") or request.headers.get("Referer") or "/"
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(target if safe else "/")


def _choose(request: HttpRequest, name: str, cookie: str, allowed: Any) -> HttpResponse:
    value = request.POST.get(name, "")
    if value not in allowed:
        return bad_request(request)
    response = _back(request)
    response.set_cookie(cookie, value, max_age=YEAR, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE)
    preference_chosen.send(sender=None, request=request, name=name, value=value)
    return response


@public
@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """POST language=es, optional next. Kept in a cookie; accounts keeps it in the profile."""
    return _choose(request, "language", settings.LANGUAGE_COOKIE_NAME, dict(settings.LANGUAGES))


@public
@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    """POST theme=auto|light|dark, optional next."""
    return _choose(request, "theme", "theme", THEMES)


@public
@require_GET
@cache_control(max_age=3600, public=True)
def manifest(request: HttpRequest) -> JsonResponse:
    icons = [{"src": static("mark.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"}]
    words = {
        "name": "Vincle",
        "short_name": "Vincle",
        "description": _("Know the people who speak about you."),
        "lang": request.LANGUAGE_CODE,
    }
    look = {"start_url": "/", "display": "standalone", "background_color": "#FAF8F5", "theme_color": "#0F766E"}
    return JsonResponse({**words, **look, "icons": icons}, content_type="application/manifest+json")


@public
@require_GET
@cache_control(max_age=86400, public=True)
def favicon(request: HttpRequest) -> HttpResponse:
    return HttpResponseRedirect(static("mark.svg"))


@public
def gallery(request: HttpRequest) -> HttpResponse:
    """Every component in every state; only while developing."""
    if not settings.DEBUG:
        raise Http404
    from .gallery import samples

    values = samples(request)
    if "card" in request.GET:
        return render(request, "web/parts/person_card.html", values["card"])
    if request.headers.get("HX-Target") == "search-results":
        return render(request, "web/search_results.html", values["found"])
    return render(request, "web/gallery.html", values)
