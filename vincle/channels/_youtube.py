"""Asking YouTube within a day's units, and reading what it answers: threads, replies, what is to be refreshed.

https://developers.google.com/youtube/v3/docs, .../getting-started#quota, .../terms/developer-policies#e.-handling-youtube-data-and-content
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from vincle.vocabulary import Activity, Direction, HandleRef, Item, ObjectType, Op, Verb

from . import _json as js
from ._answers import dumped, judged, told
from ._meta import stamp
from .live import Command, Context, Line, Problem, Pulled, Receipt

Json = dict[str, Any]
API = "https://www.googleapis.com/youtube/v3"
SCOPE = "https://www.googleapis.com/auth/youtube.force-ssl"
LONGEST, UNITS, READ, WRITE = 10_000, 10_000, 1, 50
FOR_WRITING = 0.2
"""Of a day's units, kept for answers."""
REFRESH, LONGEST_KEPT = timedelta(days=25), 3000
_PACIFIC = ZoneInfo("America/Los_Angeles")
_QUOTA = ("quotaExceeded", "dailyLimitExceeded")
_FAST = ("rateLimitExceeded", "userRateLimitExceeded")
_FOR_GOOD = ("commentsDisabled", "forbidden", "processingFailure", "commentTextTooLong", "insufficientPermissions", "operationNotSupported")


class Sight(Struct, omit_defaults=True):
    """Where the list of comments stands. `seen`: id -> day it was last heard of (days since 1970); `open`: threads with more replies."""

    mark: str = ""
    high: str = ""
    token: str = ""
    open: list[list[str]] = []
    seen: dict[str, int] = {}
    day: str = ""
    units: int = 0


PLAIN = {"textFormat": "plainText"}
ONE = ("youtube#comment", "youtube#commentThread")


def ask(line: Line, method: str, path: str, query: Mapping[str, str], json: Any = None) -> Json:
    """Raises Problem; Google tells the reason of a 403 by a word."""
    token = line.secrets.get("access_token", "")
    if not token:
        raise Problem("auth", "no_token")
    headers = {"authorization": f"Bearer {token}"}
    answer = line.send(method, f"{line.settings.get('server') or API}/{path}", query=query, headers=headers, json=json)
    if answer.status in (400, 403):
        text = js.decoded(answer.body)
        if any(word in text for word in _QUOTA):
            raise Problem("quota", "budget_spent", told(answer), to_midnight(line.now))
        if any(word in text for word in _FAST):
            raise Problem("quota", "too_fast", told(answer), 60)
        if word := next((word for word in _FOR_GOOD if f'"{word}"' in text), ""):
            raise Problem("permanent", {"insufficientPermissions": "scope_missing"}.get(word, "not_allowed"), f"{word}: {told(answer)}")
    return js.obj(judged(answer, line.now))


def channel(line: Line) -> str:
    known = line.secrets.get("channel_id", "")
    return known or js.text(next(iter(js.objs(ask(line, "GET", "channels", {"part": "id", "mine": "true"}).get("items"))), {}).get("id"))


def sight(cursor: str, now: datetime) -> Sight:
    try:
        sight = msgspec.json.decode(cursor, type=Sight) if cursor else Sight()
    except msgspec.DecodeError:
        sight = Sight()
    day = now.astimezone(_PACIFIC).date().isoformat()
    if sight.day != day:
        sight.day, sight.units = day, 0
    return sight


def to_midnight(now: datetime) -> float:
    """The day of the quota ends at midnight in California."""
    here = now.astimezone(_PACIFIC)
    return (datetime.combine(here.date() + timedelta(days=1), datetime.min.time(), _PACIFIC) - here).total_seconds()


def _today(now: datetime) -> int:
    return int(now.timestamp() // 86400)


def raw(ours: str, **said: Any) -> bytes:
    return dumped({"source": "youtube", "channel": ours} | said)


def _pulled(sight: Sight, line: Line, ours: str, found: list[Json], gone: list[str], *, more: bool) -> Pulled:
    """A page; what no longer fits into the list of what can be refreshed has to go."""
    today = _today(line.now)
    for each in found:
        for native in _ids(each):
            sight.seen.pop(native, None)
            sight.seen[native] = today
    over = list(sight.seen)[: max(0, len(sight.seen) - LONGEST_KEPT)]
    for native in (*over, *gone):
        sight.seen.pop(native, None)
    gone = [*gone, *over]
    said = ({"items": found} if found else {}) | ({"gone": gone, "at": line.now.isoformat()} if gone else {})
    whole = js.number(line.settings.get("units") or UNITS) or 1
    left = max(0.0, 1 - sight.units / whole)
    return Pulled(items=(raw(ours, **said),) if said else (), cursor=msgspec.json.encode(sight).decode(), more=more, quota=left)


def _ids(thread: Json) -> Iterator[str]:
    top = js.obj(js.at(thread, "snippet", "topLevelComment"))
    for each in ([top] if top else [thread]) + js.objs(js.at(thread, "replies", "comments")):
        if native := js.text(each.get("id")):
            yield native


def threads(line: Line, sight: Sight, ours: str) -> Pulled:
    query = {"part": "snippet,replies", "allThreadsRelatedToChannelId": ours, "order": "time", "maxResults": "100"} | PLAIN
    said = ask(line, "GET", "commentThreads", query | ({"pageToken": sight.token} if sight.token else {}))
    found, new = js.objs(said.get("items")), []
    for each in found:
        newest, told_of = _newest(each), js.objs(js.at(each, "replies", "comments"))
        sight.high = max(sight.high, newest)
        native = js.text(each.get("id"))
        if newest <= sight.mark and native in sight.seen:
            continue
        new.append(each)
        if (js.number(js.at(each, "snippet", "totalReplyCount")) or 0) > len(told_of):
            sight.open.append([native, js.text(js.at(each, "snippet", "videoId"))])
    oldest = min((js.text(js.at(each, "snippet", "topLevelComment", "snippet", "publishedAt")) for each in found), default="")
    after = js.text(said.get("nextPageToken"))
    sight.token = after if after and (not sight.mark or oldest > sight.mark) else ""
    if not sight.token:
        sight.mark, sight.high = max(sight.mark, sight.high), ""
    return _pulled(sight, line, ours, new, [], more=bool(sight.token or sight.open))


def _newest(thread: Json) -> str:
    """When something of a thread was last written or changed, as YouTube writes times: they sort as text."""
    top = js.obj(js.at(thread, "snippet", "topLevelComment"))
    return max(js.text(js.at(each, "snippet", "updatedAt")) for each in (top, *js.objs(js.at(thread, "replies", "comments"))))


def replies(line: Line, sight: Sight, ours: str) -> Pulled:
    """The replies that a list of threads leaves out."""
    thread, video, *page = sight.open.pop()
    query = {"part": "snippet", "parentId": thread, "maxResults": "100"} | PLAIN
    said = ask(line, "GET", "comments", query | ({"pageToken": page[0]} if page else {}))
    if after := js.text(said.get("nextPageToken")):
        sight.open.append([thread, video, after])
    found = [each | {"video": video} for each in js.objs(said.get("items")) if js.text(each.get("id")) not in sight.seen]
    return _pulled(sight, line, ours, found, [], more=bool(sight.token or sight.open))


def old(sight: Sight, now: datetime) -> list[str]:
    until = _today(now) - REFRESH.days
    return [native for native, day in sight.seen.items() if day <= until][:50]


def refreshed(line: Line, sight: Sight, ours: str, old: list[str]) -> Pulled:
    said = ask(line, "GET", "comments", {"part": "snippet", "id": ",".join(old)} | PLAIN)
    found = js.objs(said.get("items"))
    there = {js.text(each.get("id")) for each in found}
    for native in there:
        sight.seen[native] = _today(line.now)
    changed = [each for each in found if js.text(js.at(each, "snippet", "updatedAt")) > js.text(js.at(each, "snippet", "publishedAt"))]
    return _pulled(sight, line, ours, changed, [native for native in old if native not in there], more=True)


def top(about: Context) -> str:
    """Replies stand below the first comment of a thread only; the id of a reply begins with that of its thread."""
    return (about.object_key or about.native_id).partition(".")[0]


def reply(line: Line, command: Command, ours: str, target: str) -> Receipt:
    if not command.text.strip() or len(command.text) > LONGEST:
        raise Problem("permanent", "too_long" if command.text.strip() else "empty")
    body = {"snippet": {"parentId": top(command.about), "textOriginal": command.text}}
    said = ask(line, "POST", "comments", {"part": "snippet"}, json=body)
    snippet = js.obj(said.get("snippet")) | {"parentId": top(command.about)}
    snippet.setdefault("textDisplay", command.text)
    snippet.setdefault("publishedAt", line.now.isoformat())
    snippet.setdefault("authorChannelId", {"value": ours})
    native = js.text(said.get("id"))
    kept = raw(ours, items=[{"id": native, "snippet": snippet, "video": command.about.thread_key}])
    return Receipt(native_id=native, happened_at=js.when(snippet["publishedAt"], line.now), raw=kept)


def thread(each: Json, ours: str, received_at: datetime) -> Iterator[Item]:
    """A thread with its first comment and replies, or one comment alone."""
    top = js.obj(js.at(each, "snippet", "topLevelComment"))
    video = js.text(js.at(each, "snippet", "videoId")) or js.text(each.get("video"))
    if not top:
        yield _comment(each, ours, video, received_at)
        return
    yield _comment(top, ours, video, received_at)
    for reply in js.objs(js.at(each, "replies", "comments")):
        yield _comment(reply, ours, video, received_at)


def _comment(comment: Json, ours: str, video: str, received_at: datetime) -> Item:
    native, said = js.text(comment.get("id")), js.obj(comment.get("snippet"))
    if not native or not said:
        return js.unknown("comment", comment, received_at)
    moment = js.when(said.get("publishedAt"), received_at)
    changed = js.when(comment.get("shown") or said.get("updatedAt"), moment)
    who, name = js.text(js.at(said, "authorChannelId", "value")), js.text(said.get("authorDisplayName"))
    is_ours = bool(ours) and who == ours
    video = js.text(said.get("videoId")) or video
    parent = js.text(said.get("parentId"))
    kept = {"likes": int(js.number(said.get("likeCount")) or 0), "ours": is_ours, "account": ours,
            "hidden": js.text(said.get("moderationStatus")) in ("heldForReview", "rejected")}  # fmt: skip
    return Activity(
        verb=Verb.CREATE, object_type=ObjectType.NOTE, native_id=native, happened_at=moment,
        actor=HandleRef("youtube", who, name) if who else None, op=Op.CORRECT if changed > moment else Op.ASSERT,
        version=stamp(changed) if changed > moment else "", object_key=native,
        parent_key=parent or video, thread_key=video or parent or native, direction=Direction.OUT if is_ours else Direction.IN,
        text=js.first(said, "textOriginal", "textDisplay"), props={key: value for key, value in kept.items() if value},
        url=f"https://www.youtube.com/watch?v={video}&lc={native}" if video else "",
    )  # fmt: skip
