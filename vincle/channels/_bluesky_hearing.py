"""What reaches us on Bluesky: notifications, our own posts, the live stream; where a server knows no notifications, its repositories."""

import json
from collections.abc import Iterator
from datetime import timedelta
from hashlib import blake2b
from typing import Any
from urllib.parse import urlencode

from . import _json as js
from ._answers import dumped, quota
from ._atproto import did, judged_here, signed
from ._bluesky_neighbours import authors, neighbours
from ._bluesky_news import news, notifications
from ._bluesky_words import FOLLOW, LIKE, POST, REPOST, made
from .live import Line, Problem, Pulled

Json = dict[str, Any]
NOTIFICATIONS, OWN, LIVE = "notifications", "own", "live"
_NEAR = 70
_KNOWN = 250
_PEOPLE = 120
_REWIND = 2_000_000
_MICROSECONDS = 10**15  # a cursor above is a moment, one below a number in a sequence
_BREATH = timedelta(seconds=5)


def pull(line: Line, stream: str, cursor: str) -> Pulled:
    """The next page of a stream. Raises Problem."""
    state = _state(cursor)
    if stream == LIVE:
        return Pulled(cursor=cursor)  # nothing to ask for: what it would tell comes with the notifications
    if stream == OWN:
        return _own_news(line, state)
    try:
        page = news(line, state)
        return Pulled(items=page.items, cursor=_text(state), more=page.more, quota=page.quota)
    except Problem as problem:
        if problem.code != "not_offered":
            raise
    return neighbours(line, state)


def probe(line: Line) -> None:
    """Problem `not_offered` where the server knows no notifications."""
    notifications(line, "", 1)


def past(line: Line, stream: str, cursor: str) -> Pulled:
    """What was there before, newest first. Raises Problem."""
    state = _state(cursor)
    try:
        if stream == NOTIFICATIONS:
            items, onward, left = notifications(line, js.text(state.get("page")), 100)
            found = tuple(dumped({"notifications": [each]}) for each in items)
        elif stream == OWN:
            found, onward, left = _own(line, js.text(state.get("page")))
        else:
            return Pulled(cursor=cursor)
    except Problem as problem:
        if problem.code != "not_offered":
            raise
        return Pulled(cursor=cursor)  # repositories of neighbours are read from their beginning anyway
    is_more = bool(onward) and onward != state.get("page")
    done = int(js.number(state.get("done")) or 0) + len(found)
    return Pulled(items=found, cursor=_text({"page": onward, "done": done}), more=is_more, done=done, quota=left)


def _state(cursor: str) -> Json:
    try:
        return js.obj(json.loads(cursor)) if cursor else {}
    except ValueError:
        return {}


def _text(state: Json) -> str:
    return json.dumps(state, separators=(",", ":"))


def _own(line: Line, page: str) -> tuple[tuple[bytes, ...], str, float | None]:
    query = {"repo": did(line), "collection": POST, "limit": "100", **({"cursor": page} if page else {})}
    answer = signed(line, "GET", "com.atproto.repo.listRecords", query=query)
    value = js.obj(judged_here(answer, line))
    found = tuple(
        made(js.text(each.get("uri")), js.obj(each.get("value")), js.text(each.get("cid")), line.now)
        for each in js.objs(value.get("records")) if js.text(each.get("uri"))
    )  # fmt: skip
    return found, js.text(value.get("cursor")), quota(answer)


def _own_news(line: Line, state: Json) -> Pulled:
    """What we posted elsewhere: back from the newest until a page holds something known."""
    page, near = js.text(state.get("page")), list(js.texts(state.get("near")))
    items, onward, left = _own(line, page)
    names = [_short(each) for each in items]
    fresh = tuple(item for item, name in zip(items, names, strict=True) if name not in near)
    is_more = bool(state.get("near")) and bool(onward) and onward != page and len(fresh) == len(items) > 0
    kept = [*names, *(name for name in near if name not in names)][:_NEAR]
    return Pulled(items=fresh, cursor=_text({"near": kept, **({"page": onward} if is_more else {})}), more=is_more, quota=left)


def _short(content: bytes | str) -> str:
    return blake2b(content.encode() if isinstance(content, str) else content, digest_size=5).hexdigest()


def listen(line: Line, stream: str, cursor: str) -> Iterator[Pulled]:
    """Frames of the live stream that concern us, each at once; where we are, every few seconds. Raises Problem."""
    place, reach = line.settings.get("jetstream", "").strip(), line.settings.get("reach", "known") or "known"
    if stream != LIVE or not place or reach == "none":
        raise Problem("permanent", "not_live")
    hearing = _Hearing(did(line), _state(cursor))
    wanted = [("wantedCollections", each) for each in (POST, LIKE, REPOST, FOLLOW)]
    if reach == "known":
        wanted += [("wantedDids", each) for each in dict.fromkeys([hearing.own, *authors(line, _PEOPLE)])]
    if hearing.at:
        wanted.append(("cursor", str(hearing.at - (_REWIND if hearing.at > _MICROSECONDS else 0))))
    hearing.at = hearing.at or int(line.now.timestamp() * 1_000_000)
    with line.socket(f"{place}?{urlencode(wanted)}") as messages:
        told = line.now
        for message in messages:
            items = hearing.heard(message)
            if items or not message or line.now - told > _BREATH:
                told = line.now
                yield Pulled(items=items, cursor=hearing.cursor())
            if line.stopping:
                return


class _Hearing:
    """Which frames concern us: those of our own, those that name us, and what later happens to one of these and to its author."""

    def __init__(self, own: str, state: Json) -> None:
        self.own = own
        self.at = int(js.number(state.get("at")) or 0)
        self.known = dict.fromkeys(js.texts(state.get("known")))

    def cursor(self) -> str:
        return _text({"at": self.at, "known": list(self.known)[-_KNOWN:]})

    def heard(self, message: str | bytes) -> tuple[bytes, ...]:
        if not message:
            return ()
        text = message if isinstance(message, str) else message.decode("utf-8", "replace")
        try:
            frame = js.obj(json.loads(text))
        except ValueError:
            return ()
        owner, commit = js.text(frame.get("did")), js.obj(frame.get("commit"))
        self.at = int(js.number(frame.get("cursor")) or js.number(frame.get("time_us")) or self.at)
        uri = f"at://{owner}/{js.text(commit.get('collection'))}/{js.text(commit.get('rkey'))}"
        if not commit:
            return (text.encode(),) if owner == self.own or _short(owner) in self.known else ()
        if commit.get("operation") == "delete":
            return (text.encode(),) if owner == self.own or _short(uri) in self.known else ()
        if owner != self.own and self.own not in text and _short(uri) not in self.known:
            return ()
        for name in (_short(owner), _short(uri)):
            self.known.pop(name, None)
            self.known[name] = None
        return (text.encode(),)
