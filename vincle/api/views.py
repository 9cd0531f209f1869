"""Whether this installation is alive and ready, for load balancers and for `vincle up`."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse

from vincle import __version__
from vincle.accounts.access import public


@public
def alive(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "alive", "version": __version__})


@public
def ready(request: HttpRequest) -> JsonResponse:
    """The process answers and its database does too."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "no database"}, status=503)
    return JsonResponse({"status": "ready"})
