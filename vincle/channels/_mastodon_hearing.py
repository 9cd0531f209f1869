"""What reaches us on Mastodon: notifications, our own posts, the home timeline and hashtags, page by page or as they happen."""

import json
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from . import _json as js
from ._answers import dumped, judged, quota
from ._mastodon_again import looked_again, remembered
from ._mastodon_items import OVERHEARD
from ._mastodon_server import account, ask, base, instance, links, newest
from .base import FileError
from .live import Line, Problem, Pulled

Json = dict[str, Any]
Events = Iterator[tuple[str, Any]]
NOTIFICATIONS, OWN, HOME, HASHTAGS = "notifications", "own", "home", "hashtags"
_RING, _TOLD = 10, 150
_PAGE = "40"
_LOOK = timedelta(minutes=10)


def pull(line: Line, stream: str, cursor: str) -> Pulled:
    """The next page of a stream. Raises Problem."""
    state = _state(cursor)
    if stream == HASHTAGS:
        return _tagged(line, state)
    if stream == HOME and not is_on(line.settings.get("home", "")):
        return Pulled(cursor=cursor)
    told = js.texts(state.get("told"))
    items, ring, left = _fresh(line, _path(line, stream, state), list(js.texts(state.get("ids"))))
    is_more = bool(items and state.get("ids"))
    if told:
        items = tuple(item for item in items if js.text(json.loads(item).get("id")) not in told)
        state |= {} if is_more else {"told": []}
    if stream == HOME:
        items = _told_apart(line, state, items)
    if stream == NOTIFICATIONS:
        state["posts"] = remembered(items, js.obj(state.get("posts")))
        if not is_more and (looked := looked_again(line, state)) is not None:
            items += looked
    return Pulled(items=items, cursor=_text(state | {"ids": ring}), more=is_more, quota=left)


def is_on(value: str) -> bool:
    return value.strip().lower() in ("1", "on", "true", "yes")


def tags(line: Line) -> list[str]:
    """The hashtags to listen to, as the settings name them."""
    words = line.settings.get("hashtags", "").replace(",", " ").replace("#", " ").split()
    return list(dict.fromkeys(word.lower() for word in words))


def _path(line: Line, stream: str, state: Json) -> str:
    if stream == NOTIFICATIONS:
        return "/api/v1/notifications"
    if stream == HOME:
        return "/api/v1/timelines/home"
    if not state.get("account"):
        state["account"] = js.text(account(line).get("id"))
    return f"/api/v1/accounts/{quote(js.text(state['account']), safe='')}/statuses"


def _fresh(line: Line, path: str, ring: list[str]) -> tuple[tuple[bytes, ...], list[str], float | None]:
    """What is newer than what is known. The last few known ones are asked for again: what was given its id earlier and kept later."""
    query = {"limit": _PAGE, **({"min_id": ring[-1]} if ring else {})}
    answer = ask(line, "GET", path, query=query)
    found = [each for each in js.objs(judged(answer, line.now)) if js.text(each.get("id"))]
    names = [js.text(each.get("id")) for each in found]
    items = tuple(dumped(each) for each, name in zip(found, names, strict=True) if name not in ring)
    return items[::-1], newest([*ring, *names], _RING), quota(answer)


def _tagged(line: Line, state: Json) -> Pulled:
    """One hashtag at a time, each to its end."""
    wanted, known, at = tags(line), js.obj(state.get("tags")), int(js.number(state.get("at")) or 0)
    if not wanted:
        return Pulled(cursor=_text(state))
    tag = wanted[at if at < len(wanted) else 0]
    ring = list(js.texts(known.get(tag)))
    items, kept, left = _fresh(line, f"/api/v1/timelines/tag/{quote(tag, safe='')}", ring)
    items = _told_apart(line, state, items)
    onward = at if items and ring else at + 1
    rings = {name: value for name, value in (known | {tag: kept}).items() if name in wanted}
    is_more = onward < len(wanted)
    ours = {"account": state["account"]} if state.get("account") else {}
    return Pulled(items=items, cursor=_text({"tags": rings, "at": onward if is_more else 0} | ours), more=is_more, quota=left)


def _told_apart(line: Line, state: Json, items: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """What strangers say without speaking to us is marked as overheard: nobody there waits for our answer."""
    if items and not state.get("account"):
        state["account"] = js.text(account(line).get("id"))
    return tuple(_marked(js.obj(json.loads(item)), js.text(state.get("account"))) for item in items)


def _marked(status: Json, own: str) -> bytes:
    return dumped(status if _is_ours(status, own) else status | {OVERHEARD: True})


def past(line: Line, stream: str, cursor: str) -> Pulled:
    """What was there before, newest first. Raises Problem."""
    state = _state(cursor)
    if stream not in (NOTIFICATIONS, OWN):
        return Pulled(cursor=cursor)
    if stream == OWN and "total" not in state:
        ours = account(line)
        state |= {"account": js.text(ours.get("id")), "total": int(js.number(ours.get("statuses_count")) or 0)}
    before = js.text(state.get("max_id"))
    answer = ask(line, "GET", _path(line, stream, state), query={"limit": _PAGE, **({"max_id": before} if before else {})})
    found = [each for each in js.objs(judged(answer, line.now)) if js.text(each.get("id"))]
    onward = links(answer).get("next", {}).get("max_id", "") or (js.text(found[-1].get("id")) if found else "")
    state |= {"max_id": onward, "done": int(js.number(state.get("done")) or 0) + len(found)}
    total = int(js.number(state.get("total")) or 0)
    return Pulled(
        items=tuple(dumped(each) for each in found), cursor=_text(state), more=bool(found) and onward not in ("", before),
        done=state["done"], total=max(total, state["done"]) if total else None, quota=quota(answer),
    )  # fmt: skip


def _state(cursor: str) -> Json:
    try:
        return js.obj(json.loads(cursor)) if cursor else {}
    except ValueError:
        return {}


def _text(state: Json) -> str:
    return json.dumps(state, separators=(",", ":"))


def listen(line: Line, stream: str, cursor: str) -> Iterator[Pulled]:
    """First what came while nobody listened, then events as they happen. Raises Problem; `not_live` where the server has no stream."""
    if stream != NOTIFICATIONS:
        raise Problem("permanent", "not_live")
    own, state = js.text(account(line).get("id")), _state(cursor)
    with _opened(line, js.text(state.get("via"))) as (via, events):
        state["via"] = via
        cursor = yield from _caught_up(line, _text(state))
        looked = line.now
        for event, payload in events:
            if line.now - looked > _LOOK:  # a stream may drop an event without breaking
                cursor = yield from _caught_up(line, cursor)
                looked = line.now
            items, cursor = _heard(line, own, event, payload, cursor)
            if items or not event:
                yield Pulled(items=items, cursor=cursor)
            if line.stopping:
                return


def _caught_up(line: Line, cursor: str) -> Generator[Pulled, None, str]:
    """Pages until nothing is new; returns the cursor behind them."""
    is_more = True
    while is_more and not line.stopping:
        page = pull(line, NOTIFICATIONS, cursor)
        cursor, is_more = page.cursor, page.more
        yield page
    return cursor


def _heard(line: Line, own: str, event: str, payload: Any, cursor: str) -> tuple[tuple[bytes, ...], str]:
    """The event as a delivery, when it concerns us and is not known yet.

    What a stream tells does not move the place from which pages are asked: it may have left something out before it.
    """
    item = dumped({"event": event, "payload": payload})
    if event == "delete" and js.text(payload):
        return (item,), cursor
    try:
        value = js.obj(js.load_text(payload) if isinstance(payload, str) else payload)
    except FileError:
        return (), cursor
    name = js.text(value.get("id"))
    if event == "notification" and name:
        state = _state(cursor)
        if name in (*js.texts(state.get("ids")), *js.texts(state.get("told"))):
            return (), cursor
        state["told"] = [*js.texts(state.get("told")), name][-_TOLD:]
        state["posts"] = remembered((dumped(value),), js.obj(state.get("posts")))
        return (item,), _text(state)
    if event in ("update", "status.update") and _is_ours(value, own):
        return (item,), cursor
    if event in ("update", "status.update") and is_on(line.settings.get("home", "")):
        return (dumped({"event": event, "payload": value | {OVERHEARD: True}}),), cursor
    return (), cursor


def _is_ours(status: Json, own: str) -> bool:
    """Whether we wrote it, or it speaks to us."""
    named = [js.text(each.get("id")) for each in js.objs(status.get("mentions"))]
    return own in (js.text(js.at(status, "account", "id")), js.text(status.get("in_reply_to_account_id")), *named)


@contextmanager
def _opened(line: Line, last: str) -> Iterator[tuple[str, Events]]:
    """The stream this server has: by web socket or by server-sent events, beginning with what worked last."""
    kinds = sorted(_OPENINGS, key=lambda kind: kind != last)
    streaming, closed = instance(line).streaming, Problem("permanent", "not_live")
    for kind in kinds:
        with ExitStack() as stack:
            try:
                events = stack.enter_context(_OPENINGS[kind](line, streaming))
            except Problem as problem:
                if problem.kind not in ("permanent", "gone", "auth"):
                    raise
                closed = problem
                continue
            yield kind, events
            return
    raise Problem("permanent", "not_live", closed.detail)


def _address(line: Line, streaming: str, secure: str, plain: str, path: str) -> str:
    """Where the stream is: where the server says, else at the server itself."""
    told = urlsplit(streaming or base(line))
    scheme = secure if told.scheme in ("wss", "https") else plain
    root = told.path.rstrip("/").removesuffix("/api/v1/streaming")
    return urlunsplit((scheme, told.netloc, f"{root}{path}", "", ""))


@contextmanager
def _socket(line: Line, streaming: str) -> Iterator[Events]:
    url = _address(line, streaming, "wss", "ws", "/api/v1/streaming")
    with line.socket(f"{url}?stream=user", headers={"authorization": f"Bearer {line.secrets.get('access_token', '')}"}) as messages:
        yield map(_message, messages)


@contextmanager
def _socket_query(line: Line, streaming: str) -> Iterator[Events]:
    """Some servers take the token of a web socket from its address only."""
    url = _address(line, streaming, "wss", "ws", "/api/v1/streaming")
    with line.socket(f"{url}?stream=user&access_token={quote(line.secrets.get('access_token', ''), safe='')}") as messages:
        yield map(_message, messages)


@contextmanager
def _events_home(line: Line, streaming: str) -> Iterator[Events]:
    """Some servers have web sockets at a place of their own, and events at their usual one."""
    with _sent_events(line, "") as events:
        yield events


@contextmanager
def _sent_events(line: Line, streaming: str) -> Iterator[Events]:
    url = _address(line, streaming, "https", "http", "/api/v1/streaming/user")
    with line.events(url, headers={"authorization": f"Bearer {line.secrets.get('access_token', '')}"}) as events:
        yield iter(events)


_OPENINGS: dict[str, Callable[[Line, str], AbstractContextManager[Events]]] = {
    "socket": _socket, "socket_query": _socket_query, "events": _sent_events, "events_home": _events_home,
}  # fmt: skip


def _message(message: str | bytes) -> tuple[str, Any]:
    """(event, payload) of a message; silence and what is none of the protocol are ("", "")."""
    if not message:
        return "", ""
    try:
        value = js.obj(js.load(message if isinstance(message, bytes) else message.encode()))
    except FileError:
        return "", ""
    return js.text(value.get("event")), value.get("payload", "")
