"""One port: raw ASGI in front, the pages behind it as WSGI in threads."""

import os
from threading import Thread

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vincle.project.settings")

from a2wsgi import WSGIMiddleware
from a2wsgi.asgi_typing import Receive, Scope, Send
from django.conf import settings

from vincle.project.wsgi import application as pages  # isort: skip  (sets Django up)
from vincle.analyse import measure

_pages = WSGIMiddleware(pages, workers=settings.OPTIONS.page_threads)  # type: ignore[arg-type]


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["type"] == "http":
        await _pages(scope, receive, send)
    else:
        await send({"type": "websocket.close", "code": 1000, "reason": ""})


async def _lifespan(receive: Receive, send: Send) -> None:
    while (await receive())["type"] == "lifespan.startup":
        Thread(target=measure.warm, daemon=True, name="warm").start()  # compiled before the first page asks
        await send({"type": "lifespan.startup.complete"})
    await send({"type": "lifespan.shutdown.complete"})
