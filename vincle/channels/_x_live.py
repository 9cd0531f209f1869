"""X, live: who we are there, and what is read within a budget.

https://docs.x.com/x-api. X charges for what it returns: each stream has its share of a month's reads, counted in its cursor, and
stops with a clear word when that is spent; imports of the past have a share of their own.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from msgspec import Struct

from vincle.vocabulary import HandleRef

from . import _json as js
from ._answers import dumped, judged, problem, quota, told
from ._meta import stamp
from ._x import Json
from .live import Line, Problem, Pulled, Standing, Stream

API = "https://api.x.com/2"
SCOPES = ("tweet.read", "tweet.write", "users.read", "like.read", "like.write", "dm.read", "dm.write", "media.write", "offline.access")
STREAMS = (
    Stream(name="mentions", every=900, has_past=True), Stream(name="search", every=3600, has_past=True),
    Stream(name="posts", every=3600, has_past=True), Stream(name="messages", every=900, has_past=True),
)  # fmt: skip
SHARES: Mapping[str, float] = {"mentions": 0.5, "search": 0.25, "posts": 0.1, "messages": 0.15}
"""Of the month's reads; without a search its share is nobody's."""
PAST_SHARE = 0.3
READS = 10_000
FEWEST = 10
"""X returns no smaller page."""
RECHECK, MOST_SEEN = timedelta(hours=24), 100
ASK = {
    "tweet.fields": "author_id,conversation_id,created_at,in_reply_to_user_id,referenced_tweets,entities,lang,public_metrics,note_tweet",
    "expansions": "author_id,referenced_tweets.id.author_id",
    "user.fields": "name,username,description,location,profile_image_url,public_metrics,url,entities",
}  # fmt: skip
_ASK_MESSAGES = {
    "dm_event.fields": "id,text,event_type,created_at,dm_conversation_id,sender_id,participant_ids", "event_types": "MessageCreate",
    "expansions": "sender_id", "user.fields": "name,username,description,profile_image_url",
}  # fmt: skip


class Meter(Struct, omit_defaults=True):
    """Where a stream stands, and what was read this month. `seen` are our newest ids, looked at again for what was deleted."""

    since: str = ""
    newest: str = ""
    token: str = ""
    month: str = ""
    reads: int = 0
    done: int = 0
    seen: list[str] = []
    checked: str = ""


class XLine:
    """Questions to X through a line. Raises Problem."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.quota: float | None = None
        if not line.secrets.get("access_token"):
            raise Problem("auth", "no_token")
        self.base = f"{line.settings.get('server')}/2" if line.settings.get("server") else API

    def ask(self, method: str, path: str, query: Mapping[str, str] | None = None, **more: Any) -> Json:
        headers = {"authorization": f"Bearer {self.line.secrets['access_token']}"}
        answer = self.line.send(method, f"{self.base}/{path}", query=query, headers=headers, **more)
        left = quota(answer)
        self.quota = left if self.quota is None or left is None else min(left, self.quota)
        if answer.status == 402 or (answer.status in (403, 429) and b"usage-capped" in answer.body):
            raise Problem("quota", "budget_spent", told(answer), _to_next_month(self.line.now))
        if method != "GET" and answer.status == 403:
            said = told(answer)
            raise Problem("permanent", "said_before" if "duplicate" in said.lower() else "not_allowed", said)
        if answer.status == 403 and b"client-not-enrolled" not in answer.body and problem(answer, self.line.now).kind == "auth":
            raise Problem("permanent", "not_allowed", told(answer))
        return js.obj(judged(answer, self.line.now))


def check(line: Line) -> Standing:
    asking = XLine(line)
    me = js.obj(asking.ask("GET", "users/me", {"user.fields": "name,username,verified_type"}).get("data"))
    found, name = js.text(me.get("id")), js.text(me.get("username"))
    line.renew({"account_id": found})
    own = (HandleRef("x", found, js.text(me.get("name"))), *((js.username("x", name),) if name else ()))
    return Standing(account=f"@{name}", own=own, quota=asking.quota)


def account_of(asking: XLine) -> str:
    """Our own id there: known since the connection was looked at, else asked for."""
    known = asking.line.secrets.get("account_id", "")
    return known or js.text(js.at(asking.ask("GET", "users/me"), "data", "id"))


def budget(settings: Mapping[str, str], stream: str, *, past: bool) -> int:
    """Reads a month of one stream."""
    whole = js.number(settings.get("reads") or READS)
    return int((READS if whole is None else whole) * SHARES.get(stream, 0) * (PAST_SHARE if past else 1 - PAST_SHARE))


def page_of(line: Line, stream: str, cursor: str, *, past: bool) -> Pulled:
    """One page, and what it cost. Raises Problem("quota", "budget_spent") before the page that the budget does not cover."""
    meter, asking = _meter(cursor, line.now), XLine(line)
    reader = _PATHS.get(stream)
    if reader is None:
        raise Problem("permanent", "no_such_stream", stream)
    if stream == "search" and not line.settings.get("query", "").strip():
        return Pulled(cursor=_written(meter))
    left = budget(line.settings, stream, past=past) - meter.reads
    if left < FEWEST:
        spent = f"{meter.reads} of {meter.reads + max(left, 0)} reads in {meter.month}"
        raise Problem("quota", "budget_spent", spent, _to_next_month(line.now))
    account = account_of(asking)
    if not past and stream == "mentions" and (gone := _recheck(asking, meter, left)) is not None:
        item = {"source": "x", "account": account, "gone": gone, "at": stamp(line.now)}
        return Pulled(items=(dumped(item),) if gone else (), cursor=_written(meter), more=True, quota=_left(asking, meter, stream, past))
    if not past and not meter.since and not meter.token:
        return _begun(line, stream, meter)
    path, query = reader(account, line.settings)
    # Half of what is left: with each post its author comes along, and is charged for.
    query |= {"max_results": str(min(100, max(FEWEST, left // 2)))} | _from_here(meter, stream, past)
    answer = asking.ask("GET", path, query)
    item, count = _kept(answer, account, meter, stream, past)
    meter.reads += _cost(answer)
    meter.done += count
    return Pulled(
        items=(dumped(item),) if count else (), cursor=_written(meter), more=bool(meter.token), done=meter.done if past else None,
        quota=_left(asking, meter, stream, past),
    )  # fmt: skip


def _begun(line: Line, stream: str, meter: Meter) -> Pulled:
    """From now on costs nothing to begin: ids hold their time."""
    meter.since = str((int((line.now - timedelta(hours=1)).timestamp() * 1000) - 1288834974657) << 22)
    return Pulled(cursor=_written(meter), more=True)


def _from_here(meter: Meter, stream: str, past: bool) -> dict[str, str]:
    page = {("next_token" if stream == "search" else "pagination_token"): meter.token} if meter.token else {}
    return page | ({} if past or stream == "messages" or not meter.since else {"since_id": meter.since})


def _kept(answer: Json, account: str, meter: Meter, stream: str, past: bool) -> tuple[Json, int]:
    """What is new of an answer; messages know no since_id, so their walk ends where it stood before."""
    rows = js.objs(answer.get("data"))
    ids = [int(found) for each in rows if (found := js.text(each.get("id"))).isascii() and found.isdigit() and len(found) < 20]
    meter.newest = str(max([*ids, int(meter.newest or 0)]))
    meter.token = js.text(js.at(answer, "meta", "next_token"))
    if stream == "messages" and not past:
        known = int(meter.since or 0)
        rows = [each for each in rows if not js.text(each.get("id")).isdigit() or int(js.text(each.get("id"))) > known]
        meter.token = meter.token if rows and len(rows) == len(js.objs(answer.get("data"))) else ""
    if not past and stream == "mentions":
        meter.seen = [*(str(each) for each in sorted(ids, reverse=True)), *meter.seen][:MOST_SEEN]
    if not meter.token and not past:
        meter.since, meter.newest = str(max(int(meter.since or 0), int(meter.newest or 0))), ""
    whole = {"source": "x", "account": account, "data": rows, "includes": js.obj(answer.get("includes"))}
    return whole, len(rows)


def _cost(answer: Json) -> int:
    """Everything returned is charged for: posts, messages and people, those that came along too."""
    return len(js.objs(answer.get("data"))) + sum(len(js.objs(each)) for each in js.obj(answer.get("includes")).values())


def _recheck(asking: XLine, meter: Meter, left: int) -> list[str] | None:
    """Once a day the newest mentions are looked at again, for X wants what was deleted there to go here too. None: not now."""
    now = asking.line.now
    if asking.line.settings.get("deletions_delivered") or not meter.seen or left < 2 * len(meter.seen):
        return None
    if meter.checked and now - js.when(meter.checked, now) < RECHECK:
        return None
    meter.checked = now.isoformat()
    answer = asking.ask("GET", "tweets", {"ids": ",".join(meter.seen)})
    meter.reads += _cost(answer)
    gone = [js.first(each, "resource_id", "value") for each in js.objs(answer.get("errors")) if "not-found" in js.text(each.get("type"))]
    gone = [each for each in gone if each in meter.seen]
    meter.seen = [each for each in meter.seen if each not in gone]
    return gone


def _left(asking: XLine, meter: Meter, stream: str, past: bool) -> float:
    """What is left of this stream's share of the month, or of the rate window where that is less."""
    whole = budget(asking.line.settings, stream, past=past) or 1
    share = max(0.0, 1 - meter.reads / whole)
    return share if asking.quota is None else min(share, asking.quota)


def _meter(cursor: str, now: datetime) -> Meter:
    try:
        meter = msgspec.json.decode(cursor, type=Meter) if cursor else Meter()
    except msgspec.DecodeError:
        meter = Meter()
    month = now.astimezone(UTC).strftime("%Y-%m")
    if meter.month != month:
        meter.month, meter.reads = month, 0
    return meter


def _written(meter: Meter) -> str:
    return msgspec.json.encode(meter).decode()


def _to_next_month(now: datetime) -> float:
    first = now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return ((first + timedelta(days=32)).replace(day=1) - now).total_seconds()


_PATHS: dict[str, Callable[[str, Mapping[str, str]], tuple[str, dict[str, str]]]] = {
    "mentions": lambda account, settings: (f"users/{account}/mentions", dict(ASK)),
    "posts": lambda account, settings: (f"users/{account}/tweets", ASK | {"exclude": "retweets"}),
    "search": lambda account, settings: ("tweets/search/recent", ASK | {"query": settings.get("query", "").strip()}),
    "messages": lambda account, settings: ("dm_events", dict(_ASK_MESSAGES)),
}  # fmt: skip
