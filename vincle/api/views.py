"""Whether this installation is alive and ready, for load balancers and for `vincle up`."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from vincle import __version__
from vincle.accounts.access import public

from . import health


@public
@never_cache
@require_safe
def alive(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "alive", "version": __version__})


@public
@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """What was checked, one by one; 503 only when pages cannot be served."""
    serves, checks = health.examine()
    status = "ready" if serves else "not ready" if checks["database"].good else "no database"
    told = {name: {"ok": check.good, "detail": check.said} for name, check in checks.items()}
    return JsonResponse({"status": status, "version": __version__, "checks": told}, status=200 if serves else 503)
