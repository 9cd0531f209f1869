"""The baseline of the collector: a plain Django view that looks up the key, parses the JSON and does the same durable insert, a request at a time.

Served as the product serves its pages (uvicorn, WSGI in 8 threads), without middleware: `python -m benchmarks.plain PORT`.
"""

import base64
import json
import os
import sys
import threading
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vincle.project.settings")

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.http import HttpRequest, JsonResponse  # noqa: E402
from django.urls import path  # noqa: E402
from django.views.decorators.csrf import csrf_exempt  # noqa: E402

from vincle.listen.models import Source  # noqa: E402
from vincle.listen.shelf import Row, Writer  # noqa: E402

_local = threading.local()


@csrf_exempt
def take(request: HttpRequest) -> JsonResponse:
    key = base64.b64decode(request.headers["Authorization"].partition(" ")[2]).decode().partition(":")[0]
    source = Source.objects.get(write_key=key)
    events = json.loads(request.body).get("batch") or [json.loads(request.body)]
    if not all(event.get("userId") or event.get("anonymousId") for event in events):
        return JsonResponse({"code": "invalid_event"}, status=400)
    if not hasattr(_local, "writer"):
        _local.writer = Writer()
    _local.writer.put([Row(source.connection_id, int(time.time() * 1e6), len(events), request.body)])
    return JsonResponse({"success": True})


urlpatterns = [path("v1/batch", take), path("v1/track", take)]


def main() -> None:
    import uvicorn
    from a2wsgi import WSGIMiddleware
    from django.core.wsgi import get_wsgi_application

    settings.ROOT_URLCONF, settings.MIDDLEWARE = "benchmarks.plain", []
    uvicorn.run(WSGIMiddleware(get_wsgi_application(), workers=8), port=int(sys.argv[1]), log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
