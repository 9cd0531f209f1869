"""Notifications of Bluesky, walked through once each; and what became of the posts they told of."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from . import _json as js
from ._answers import dumped, quota
from ._atproto import address, get, judged_here, signed
from ._bluesky_words import POST, made, taken_back
from .live import Line, Problem, Pulled

Json = dict[str, Any]
_LIST = "app.bsky.notification.listNotifications"
_OVERLAP = 5 * 60_000
_NEAR, _POSTS, _AT_ONCE = 70, 20, 5
_LOOK = timedelta(minutes=10)


def notifications(line: Line, page: str, limit: int) -> tuple[list[Json], str, float | None]:
    """(notifications, where the next page begins, what is left of the quota), newest first."""
    answer = signed(line, "GET", _LIST, query={"limit": str(limit), **({"cursor": page} if page else {})})
    value = js.obj(judged_here(answer, line))
    return js.objs(value.get("notifications")), js.text(value.get("cursor")), quota(answer)


def news(line: Line, state: Json) -> Pulled:
    """Walk back from the newest to what is known; a few minutes more, for what was indexed late, leaving out what was told already.

    Changes `state`, moments in milliseconds since 1970. `seen`: the newest one of the last finished walk. `near`: what was told of the
    minutes before it. `page`, `top`, `floor`: of the walk under way. `posts`, `looked`: see `_looked_again`.
    """
    page, seen = js.text(state.get("page")), _number(state.get("seen"))
    near = {name: _number(moment) for name, moment in js.obj(state.get("near")).items()}
    floor = _number(state.get("floor")) if page else _floor(seen, near)
    found, onward, left = notifications(line, page, 50)
    dates = [(_moment(each, line), each) for each in found]
    fresh = [(moment, each) for moment, each in dates if moment >= floor and _name(each) not in near]
    near |= {_name(each): moment for moment, each in fresh}
    top = max([_number(state.get("top")) if page else 0, seen, *(moment for moment, _ in dates)])
    is_reached = not seen or not dates or min(moment for moment, _ in dates) < floor
    is_more = bool(onward) and onward != page and not is_reached
    state["posts"] = _remembered([each for _, each in fresh], js.obj(state.get("posts")))
    items = tuple(dumped({"notifications": [each]}) for _, each in fresh)
    if is_more:
        state |= {"page": onward, "top": top, "floor": floor, "near": near}
    else:
        items += _looked_again(line, state)
        state |= {"seen": top, "near": _nearest(near, top)}
        for name in ("page", "top", "floor"):
            state.pop(name, None)
    return Pulled(items=items, more=is_more, quota=left)


def _floor(seen: int, near: dict[str, int]) -> int:
    """How far back is looked again: a few minutes, or as far as is remembered of a busy while."""
    return seen - _OVERLAP if len(near) < _NEAR else max(seen - _OVERLAP, min(near.values()))


def _nearest(near: dict[str, int], top: int) -> dict[str, int]:
    kept = sorted(((moment, name) for name, moment in near.items() if moment >= top - _OVERLAP), reverse=True)[:_NEAR]
    return {name: moment for moment, name in kept}


def _number(value: Any) -> int:
    return int(js.number(value) or 0)


def _moment(notification: Json, line: Line) -> int:
    return int(js.when(notification.get("indexedAt"), line.now).timestamp() * 1000)


def _name(notification: Json) -> str:
    return js.digest(notification.get("uri"), notification.get("reason"), notification.get("cid"))[:12]


def _remembered(fresh: list[Json], known: Json) -> Json:
    """The last posts of others that notifications told of: address -> content, newest last."""
    for each in reversed(fresh):
        uri = js.text(each.get("uri"))
        if address(uri)[1] == POST:
            known.pop(uri, None)
            known[uri] = js.text(each.get("cid"))
    return dict(list(known.items())[-_POSTS:])


def _looked_again(line: Line, state: Json) -> tuple[bytes, ...]:
    """Every so often: what became of these posts, as the live stream would tell it to those who listen to it."""
    known, looked, now = js.obj(state.get("posts")), _number(state.get("looked")), int(line.now.timestamp() * 1000)
    if not looked or (known and now - looked >= _LOOK.total_seconds() * 1000):
        state["looked"] = now
    if not looked or not known or state["looked"] == looked:
        return ()
    try:
        answer = js.obj(get(line, f"app.bsky.feed.getPosts?{urlencode([('uris', uri) for uri in known])}"))
    except Problem as problem:
        if problem.kind in ("auth", "quota"):
            raise
        return ()  # what is new is not held up by what is old
    found = {js.text(each.get("uri")): each for each in js.objs(answer.get("posts"))}
    items = []
    for uri in list(known):
        cid = js.text(js.obj(found.get(uri)).get("cid"))
        if cid and cid != known[uri]:
            known[uri] = cid
            items.append(made(uri, js.obj(found[uri].get("record")), cid, line.now, "update"))
    missing = [uri for uri in known if uri not in found]
    for uri in missing[-_AT_ONCE:]:
        if _is_gone(line, uri):
            del known[uri]
            items.append(taken_back(uri, line.now, ""))
    return tuple(items)


def _is_gone(line: Line, uri: str) -> bool:
    """A post that was not among the others: only an answer about it alone says that it is gone."""
    owner, collection, key = address(uri)
    try:
        get(line, "com.atproto.repo.getRecord", {"repo": owner, "collection": collection, "rkey": key})
    except Problem as problem:
        return problem.kind == "gone"
    return False
