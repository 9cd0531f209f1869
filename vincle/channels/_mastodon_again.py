"""Posts looked at again, so that what was edited or deleted is noticed on servers whose streams are not heard."""

import json
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from . import _json as js
from ._answers import dumped
from ._mastodon_server import get
from .live import Line, Problem

Json = dict[str, Any]
EVERY = timedelta(minutes=10)
_KEPT = 20
_AT_ONCE = 5


def remembered(items: tuple[bytes, ...], known: Json) -> Json:
    """The last posts of others that notifications told of: id -> when it was edited last, newest last."""
    for item in items:
        told = js.obj(json.loads(item))
        if js.text(told.get("type")) in ("mention", "status", "quote", "update") and (native := js.text(js.at(told, "status", "id"))):
            known.pop(native, None)
            known[native] = js.text(js.at(told, "status", "edited_at"))
    return dict(list(known.items())[-_KEPT:])


def looked_again(line: Line, state: Json) -> tuple[bytes, ...] | None:
    """Every so often: what became of these posts, as a stream would tell it. None when it is not time; changes `posts` and `looked`."""
    known, looked = js.obj(state.get("posts")), js.text(state.get("looked"))
    if not looked:
        state["looked"] = line.now.isoformat()
        return None
    if not known or line.now - datetime.fromisoformat(looked) < EVERY:
        return None
    state["looked"] = line.now.isoformat()
    found = _together(line, list(known))
    items = []
    for native in [native for native in known if native not in found][-_AT_ONCE:]:
        if _alone(line, native, found):
            del known[native]
            items.append(dumped({"event": "delete", "payload": native}))
    for native, status in found.items():
        if native in known and (edited := js.text(status.get("edited_at"))) != known[native]:
            known[native] = edited
            items.append(dumped({"event": "status.update", "payload": json.dumps(status)}))
    return tuple(items)


def _together(line: Line, natives: list[str]) -> dict[str, Json]:
    """Those that a server hands out in one answer: newer ones can."""
    try:
        answer = get(line, f"/api/v1/statuses?{urlencode([('id[]', native) for native in natives])}")
    except Problem as problem:
        if problem.kind == "quota" or problem.code == "not_authorised":
            raise
        return {}
    return {js.text(each.get("id")): each for each in js.objs(answer)}


def _alone(line: Line, native: str, found: dict[str, Json]) -> bool:
    """Whether a post that was not among the others is gone: only an answer about it alone says so. One that is there joins `found`."""
    try:
        found[native] = js.obj(get(line, f"/api/v1/statuses/{quote(native, safe='')}"))
    except Problem as problem:
        return problem.kind == "gone"
    return False
