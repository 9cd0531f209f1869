"""The process on the port: the collector, and whatever is not for it handed on to the pages' process.

Pages that are being rendered hold the interpreter; in a process of its own the collector never waits for them.
"""

import gc
import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vincle.project.settings")

import django
from django.conf import settings

django.setup()

from vincle.api.collector.answers import Fault, refused  # noqa: E402
from vincle.api.collector.app import Collector, serves  # noqa: E402
from vincle.project.bodies import FORM, Whole, steady  # noqa: E402
from vincle.project.crowd_door import CrowdDoor  # noqa: E402
from vincle.project.forward import Forward  # noqa: E402
from vincle.project.held import Held, wanted  # noqa: E402

PAGES = "VINCLE_PAGES_SOCKET"
"""Where the pages' process listens; empty: this process only collects."""

_collector = Collector(settings.OPTIONS.proxies)
_forward = Forward(os.environ[PAGES], settings.OPTIONS.proxies) if os.environ.get(PAGES) else None
_held = Held(_forward) if _forward else None
_pages = Whole(CrowdDoor(_forward), settings.OPTIONS.import_max_bytes + FORM) if _forward else None


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["type"] != "http":
        await send({"type": "websocket.close", "code": 1000, "reason": ""})
    elif serves(scope["path"]):
        await _collector(scope, steady(receive), send)
    elif _held and wanted(scope):
        await _held(scope, receive, send)
    elif _pages:
        await _pages(scope, receive, send)
    else:
        await refused(send, Fault(404, "not_found", "Only events are taken here."), [])


async def _lifespan(receive: Any, send: Any) -> None:
    while (await receive())["type"] == "lifespan.startup":
        await _collector.start()
        gc.collect()
        gc.freeze()  # what stands at the beginning need not be looked at again while events come in
        await send({"type": "lifespan.startup.complete"})
    await _collector.stop()
    await send({"type": "lifespan.shutdown.complete"})
