"""One process: the collector in front, as raw ASGI; behind it the pages, as WSGI in threads."""

import os
from threading import Thread

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vincle.project.settings")

from a2wsgi import WSGIMiddleware
from a2wsgi.asgi_typing import Receive, Scope, Send
from django.conf import settings

from vincle.project.wsgi import application as pages  # isort: skip  (sets Django up)
from vincle.analyse import measure
from vincle.api.collector.app import Collector, serves
from vincle.project.bodies import FORM, Whole, steady
from vincle.project.crowd_door import CrowdDoor
from vincle.project.held import Held, wanted

_pages = WSGIMiddleware(pages, workers=settings.OPTIONS.page_threads)  # type: ignore[arg-type]
_held, _whole = Held(_pages), Whole(CrowdDoor(_pages), settings.OPTIONS.import_max_bytes + FORM)
_collector = Collector(settings.OPTIONS.proxies)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["type"] == "http":
        if serves(scope["path"]):
            await _collector(scope, steady(receive), send)  # type: ignore[arg-type]
        elif wanted(scope):
            await _held(scope, receive, send)  # type: ignore[arg-type]
        else:
            await _whole(scope, receive, send)  # type: ignore[arg-type]
    else:
        await send({"type": "websocket.close", "code": 1000, "reason": ""})


async def _lifespan(receive: Receive, send: Send) -> None:
    while (await receive())["type"] == "lifespan.startup":
        Thread(target=measure.warm, daemon=True, name="warm").start()  # compiled before the first page asks
        await _collector.start()
        await send({"type": "lifespan.startup.complete"})
    await _collector.stop()
    await send({"type": "lifespan.shutdown.complete"})
